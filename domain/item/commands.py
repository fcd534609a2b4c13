"""What can be asked of an item, and the rules."""

from collections.abc import Iterator
from typing import Literal, Protocol, assert_never

from domain.grammar import Code, Day, Decision, Occasion, Prose, Rejected, Ruling
from domain.item.events import (
    ItemCancelled,
    ItemCatalogued,
    ItemStationedAtHall,
    ItemSupervisionScopeSet,
    ItemVersionPublished,
    ItemWithdrawnFromHall,
)
from domain.item.rejections import (
    ItemAlreadyCancelled,
    ItemNotPublished,
    ItemStationedOtherwise,
    ItemVersionFixed,
    ItemVersionsOverlap,
    JointItemWithoutPartners,
    NotStationedThere,
    PromiseBeyondLegalLimit,
    PromisedItemWithoutPromise,
)
from domain.item.values import Item, ItemVersion, Kind, Routing, Stationing
from domain.register import EndsBeforeItBegins, EntryEnded, RegisterCommand, exists, kept, units_exist


class Places(Protocol):
    """The registers an item's rules read."""

    def unit(self, unit_code: str, /) -> object | None: ...
    def window(self, window_id: str, /) -> object | None: ...


class PublishItemVersion(RegisterCommand):
    """Enters the item where it is new, and publishes the version."""

    type: Literal["publish_item_version"] = "publish_item_version"
    item: ItemVersion

    @property
    def identity(self) -> str:
        return self.item.item_code


def publish_item_version(item: Item | None, command: PublishItemVersion, registers: Places) -> Ruling:
    version = command.item
    if item is not None and version in item.versions:
        return
    yield from _fits(item, version)
    yield from _is_sound(version)
    yield from units_exist([version.unit_code, *version.joint_units], registers)
    if item is None:
        yield ItemCatalogued(
            item_code=version.item_code,
            title=version.title,
            class_code=version.class_code,
            unit_code=version.unit_code,
        )
    yield ItemVersionPublished(item=version)


def _fits(item: Item | None, version: ItemVersion) -> Iterator[Rejected]:
    if item is None:
        return
    if item.cancelled_on is not None:
        yield ItemAlreadyCancelled(item_code=item.item_code, cancelled_on=item.cancelled_on.isoformat())
    for other in item.versions:
        if other.version == version.version:
            yield ItemVersionFixed(item_code=item.item_code, version=version.version)
        elif _collide(other, version):
            yield ItemVersionsOverlap(item_code=item.item_code, other=other.version)


def _collide(one: ItemVersion, other: ItemVersion) -> bool:
    """An open version gives way to the next; only stated days can collide."""
    earlier, later = sorted((one, other), key=lambda version: version.valid_from)
    starts_together = earlier.valid_from == later.valid_from
    return starts_together or (earlier.valid_to is not None and later.valid_from <= earlier.valid_to)


def _is_sound(version: ItemVersion) -> Iterator[Rejected]:
    promise, legal = version.promise_days, version.legal_days
    if version.kind is Kind.promised and promise is None:
        yield PromisedItemWithoutPromise(item_code=version.item_code)
    if promise is not None and legal is not None and promise > legal:
        yield PromiseBeyondLegalLimit(item_code=version.item_code, promise_days=promise, legal_days=legal)
    if version.routing is Routing.joint and not set(version.joint_units) - {version.unit_code}:
        yield JointItemWithoutPartners(item_code=version.item_code)


class CancelItem(RegisterCommand):
    """取消: no new case from that day on; running ones finish under their version."""

    type: Literal["cancel_item"] = "cancel_item"
    item_code: Code
    cancelled_on: Day
    basis: Prose

    @property
    def identity(self) -> str:
        return self.item_code


def cancel_item(item: Item | None, command: CancelItem) -> Ruling:
    if item is None or not item.versions:
        yield ItemNotPublished(item_code=command.item_code)
        return
    if command.cancelled_on == item.cancelled_on:
        return
    if item.cancelled_on is not None:
        yield ItemAlreadyCancelled(item_code=item.item_code, cancelled_on=item.cancelled_on.isoformat())
    if command.cancelled_on < item.versions[0].valid_from:
        yield EndsBeforeItBegins(begins=item.versions[0].valid_from.isoformat())
    yield ItemCancelled.as_told(command)


class SetSupervisionScope(RegisterCommand):
    """纳入或移出监管."""

    type: Literal["set_supervision_scope"] = "set_supervision_scope"
    item_code: Code
    is_supervised: bool

    @property
    def identity(self) -> str:
        return self.item_code


def set_supervision_scope(item: Item | None, command: SetSupervisionScope) -> Ruling:
    if item is None:
        yield ItemNotPublished(item_code=command.item_code)
    elif item.is_supervised is not command.is_supervised:
        yield ItemSupervisionScopeSet(item_code=command.item_code, is_supervised=command.is_supervised)


class StationItem(RegisterCommand):
    """进驻: the item is handled at the window."""

    type: Literal["station_item"] = "station_item"
    item_code: Code
    stationing: Stationing

    @property
    def identity(self) -> str:
        return self.item_code


def station_item(item: Item | None, command: StationItem, registers: Places) -> Ruling:
    if item is None:
        yield ItemNotPublished(item_code=command.item_code)
        return
    place = command.stationing
    if place in item.stationings:
        return
    if item.cancelled_on is not None:
        yield ItemAlreadyCancelled(item_code=item.item_code, cancelled_on=item.cancelled_on.isoformat())
    yield from exists("window", place.window_id, registers.window(place.window_id))
    yield from _is_new_there(item, place)
    yield ItemStationedAtHall(item_code=item.item_code, stationing=place)


def _is_new_there(item: Item, place: Stationing) -> Iterator[Rejected]:
    for other in (other for other in item.stationings if other.window_id == place.window_id):
        if other.valid_from == place.valid_from and other.valid_to is not None:
            yield EntryEnded(code=place.window_id, last_day=other.valid_to.isoformat())
        elif other.overlaps(place):
            yield ItemStationedOtherwise(window_id=place.window_id, valid_from=other.valid_from.isoformat())


class WithdrawItem(RegisterCommand):
    """退驻: the item is handled at the window until the end of the last day."""

    type: Literal["withdraw_item"] = "withdraw_item"
    item_code: Code
    window_id: Code
    last_day: Day

    @property
    def identity(self) -> str:
        return self.item_code


def withdraw_item(item: Item | None, command: WithdrawItem) -> Ruling:
    if item is None:
        yield ItemNotPublished(item_code=command.item_code)
        return
    there = [place for place in item.stationings if place.window_id == command.window_id]
    if any(place.valid_to == command.last_day for place in there):
        return
    if not any(place.holds(command.last_day) for place in there):
        yield NotStationedThere(item_code=command.item_code, window_id=command.window_id)
    yield ItemWithdrawnFromHall.as_told(command)


ItemCommand = PublishItemVersion | CancelItem | SetSupervisionScope | StationItem | WithdrawItem


def decide(item: Item | None, command: ItemCommand, occasion: Occasion, registers: Places) -> Decision:
    return kept(_rule(item, command, registers), occasion)


def _rule(item: Item | None, command: ItemCommand, registers: Places) -> Ruling:
    match command:
        case PublishItemVersion():
            return publish_item_version(item, command, registers)
        case CancelItem():
            return cancel_item(item, command)
        case SetSupervisionScope():
            return set_supervision_scope(item, command)
        case StationItem():
            return station_item(item, command, registers)
        case WithdrawItem():
            return withdraw_item(item, command)
        case _:
            assert_never(command)

"""The catalogue: what the master data says on a given day, folded from its streams.

Case rules ask it which version of an item is in force, who may decide what, which days count. It is filled by
applying the facts of the item, unit, window, post, staff, point, authorisation, calendar and policy streams in
the order of the log; asked only in memory, so a rule that reads it stays pure.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from domain.access.accounts import USER, User
from domain.access.keys import API_KEY, IssuedKey
from domain.amendment import FACTS, effective
from domain.authorisation import AUTHORISATION
from domain.authorisation.values import Authorisation, Power
from domain.calendar import WorkingDays
from domain.grammar import EARLIEST, Actor, Aggregate, Circumstances, Duty, Envelope, Fact
from domain.item import ITEM
from domain.item.values import Item, ItemVersion
from domain.point import POINT
from domain.point.values import VillagePoint
from domain.policy import POLICY
from domain.policy.values import DEFAULT, Policy
from domain.staff import STAFF
from domain.staff.values import StaffMember
from domain.stand_in import DELEGATION, TAKEOVER
from domain.stand_in.registers import is_in_force, serves
from domain.stand_in.state import DelegationState
from domain.stand_in.values import Delegation, Takeover
from domain.unit import UNIT
from domain.unit.values import Unit
from domain.window import POST, WINDOW
from domain.window.values import Post, Window
from domain.workdays import CALENDAR
from domain.workdays.state import composed

MASTER_DATA: Final[tuple[Aggregate[Any], ...]] = (
    UNIT,
    STAFF,
    WINDOW,
    POST,
    POINT,
    ITEM,
    AUTHORISATION,
    CALENDAR,
    POLICY,
)
"""Every aggregate the catalogue is folded from; each refers only to those before it, and to its own kind."""

FOLDED: Final[tuple[Aggregate[Any], ...]] = (*MASTER_DATA, USER, API_KEY, TAKEOVER, DELEGATION)
"""What is known at any moment without asking: the master data, who may come in, and who acts for whom. Whoever follows the log hears of a
suspended user and of a revoked key as soon as it stands there."""

_BY_NAME: Final = {aggregate.name: aggregate for aggregate in FOLDED}
_ANY_ENVELOPE: Final = Envelope(EARLIEST, Actor(staff_id="catalogue", role="clock"), Circumstances(), "-")
"""Days of master data stand in the facts; its folds read no envelope."""


@dataclass(frozen=True, slots=True)
class _Past:
    """A fact of a stream, as amendments want it."""

    version: int
    fact: Fact
    envelope: Envelope = _ANY_ENVELOPE


@dataclass(slots=True)
class _Stream:
    aggregate: Aggregate[Any]
    identity: str
    state: Any
    history: list[_Past] = field(default_factory=list)

    def take(self, fact: Fact) -> None:
        self.history.append(_Past(len(self.history) + 1, fact))
        if isinstance(fact, FACTS):
            self.state = self.aggregate.fold(effective(self.history))
        else:
            self.state = self.aggregate.evolve(self.state, fact, _ANY_ENVELOPE)


class Catalogue:
    """The county's master data in force."""

    def __init__(self) -> None:
        self._streams: dict[str, _Stream] = {}
        self._states: dict[str, dict[str, Any]] = {aggregate.name: {} for aggregate in FOLDED}
        self._calendar: WorkingDays | None = None
        self._authorised: dict[tuple[Power, str, str], list[Authorisation]] | None = None
        self.revision = 0
        """Rises whenever something in it changes: what was found out from it before is to be found out anew."""

    # ── filling it ──────────────────────────────────────────────────────────────────────────────────────────

    def apply(self, stream: str, fact: Fact, version: int | None = None) -> None:
        """Takes in one fact of a master-data stream; facts of other streams are passed over.

        `version`, the fact's place in its stream, makes it safe to hear of a fact twice: only the next one is
        taken, an earlier one is known, a later one comes again when the log is followed in order. Left out, the
        fact is the next one.
        """
        name, _, identity = stream.partition(":")
        aggregate = _BY_NAME.get(name)
        if aggregate is None:
            return
        known = self._streams.get(stream) or _Stream(aggregate, identity, aggregate.blank)
        if version not in (None, len(known.history) + 1):
            return
        known.take(fact)
        self._streams[stream] = known
        self._keep(known)

    def _keep(self, stream: _Stream) -> None:
        self.revision += 1
        states = self._states[stream.aggregate.name]
        if stream.state is None:
            states.pop(stream.identity, None)
        else:
            states[stream.identity] = stream.state
        if stream.aggregate is CALENDAR:
            self._calendar = None
        if stream.aggregate is AUTHORISATION:
            self._authorised = None

    def entries(self, aggregate: Aggregate[Any]) -> Mapping[str, Any]:
        """What stands in one register, by code: `entries(UNIT)` holds a Unit under each unit code."""
        return self._states[aggregate.name]

    # ── items ───────────────────────────────────────────────────────────────────────────────────────────────

    def item(self, item_code: str, on: date) -> ItemVersion | None:
        """The version in force on the day; None where the item is unknown, not yet or no longer in force."""
        item = self._item(item_code)
        return item.in_force(on) if item else None

    def item_version(self, item_code: str, version: str) -> ItemVersion | None:
        item = self._item(item_code)
        versions: Iterable[ItemVersion] = item.versions if item else ()
        return next((published for published in versions if published.version == version), None)

    def nearest_version(self, item_code: str, on: date) -> ItemVersion | None:
        """The version last begun by the day, else the first to come, in force or not; None of an unknown item."""
        item = self._item(item_code)
        versions = item.versions if item else ()
        begun = [version for version in versions if version.valid_from <= on]
        return next(iter([*begun[-1:], *versions]), None)

    def knows_item(self, item_code: str) -> bool:
        return item_code in self._states[ITEM.name]

    def is_stationed(self, item_code: str, window_id: str, on: date) -> bool:
        """进驻: whether the window is one where the item is handled on the day."""
        item = self._item(item_code)
        return item is not None and item.is_stationed(window_id, on)

    def _item(self, item_code: str) -> Item | None:
        return self._states[ITEM.name].get(item_code)

    # ── days and parameters ─────────────────────────────────────────────────────────────────────────────────

    def working_days(self) -> WorkingDays:
        """The calendar as last published, provisional beyond its years."""
        if self._calendar is None:
            self._calendar = composed(self._states[CALENDAR.name].values())
        return self._calendar

    def policy(self, on: date) -> Policy:
        """The parameters in force on the day; the shipped defaults where the county published none."""
        policies: Iterable[Policy] = self._states[POLICY.name].get("county", ())
        return max(
            (policy for policy in policies if policy.valid_from <= on),
            key=lambda policy: policy.valid_from,
            default=DEFAULT,
        )

    # ── units, windows, posts, people, points ───────────────────────────────────────────────────────────────

    def unit(self, unit_code: str) -> Unit | None:
        return self._states[UNIT.name].get(unit_code)

    def window(self, window_id: str) -> Window | None:
        return self._states[WINDOW.name].get(window_id)

    def post(self, post_id: str) -> Post | None:
        return self._states[POST.name].get(post_id)

    def post_unit(self, post_id: str) -> str | None:
        """The unit that the post belongs to."""
        post = self.post(post_id)
        return post.unit_code if post else None

    def staff(self, staff_id: str) -> StaffMember | None:
        return self._states[STAFF.name].get(staff_id)

    def is_same_person(self, one: str | None, other: str | None) -> bool:
        """Whether two staff numbers are one person: at two posts, or under two numbers. None is nobody."""
        if one is None or other is None:
            return False
        members = self.staff(one), self.staff(other)
        return one == other or len({each.person_ref if each else object() for each in members}) == 1

    def point(self, point_code: str) -> VillagePoint | None:
        return self._states[POINT.name].get(point_code)

    def points(self) -> Iterable[VillagePoint]:
        return self._states[POINT.name].values()

    def serial_blocks(self, division: str) -> tuple[str, ...]:
        """The blocks of serials that points of the division give out, ended ones included: nobody else may."""
        blocks = (point.serial_block for point in self.points() if point.division_code == division)
        return tuple(sorted(block for block in blocks if block))

    def duty(self, staff_id: str, post_id: str, on: date) -> Duty | None:
        """A or B where the person holds the post on the day, else None: whoever has left holds none."""
        if not serves(self.staff(staff_id), on):
            return None
        post = self.post(post_id)
        for holder in post.assignments if post else ():
            if holder.staff_id == staff_id and holder.holds(on):
                return holder.duty
        return None

    # ── who acts for whom ───────────────────────────────────────────────────────────────────────────────────

    def takeovers(self, post_id: str) -> tuple[Takeover, ...]:
        """Everyone who ever stood in at the post, by the first day."""
        takeovers: tuple[Takeover, ...] = self._states[TAKEOVER.name].get(post_id, ())
        return takeovers

    def delegation(self, delegation_no: str) -> DelegationState | None:
        return self._states[DELEGATION.name].get(delegation_no)

    def delegations(self) -> Iterable[DelegationState]:
        return self._states[DELEGATION.name].values()

    def delegated(self, staff_id: str, post_id: str, on: date) -> Delegation | None:
        """Under which the person acts at another's post on the day."""
        to_them = (
            each
            for each in self.delegations()
            if each.delegation.delegate == staff_id and each.delegation.post_id == post_id
        )
        return next((each.delegation for each in to_them if is_in_force(each, on, self)), None)

    # ── who may come in ─────────────────────────────────────────────────────────────────────────────────────

    def user(self, staff_id: str) -> User | None:
        return self._states[USER.name].get(staff_id)

    def users(self) -> Iterable[User]:
        return self._states[USER.name].values()

    def api_key(self, key_id: str) -> IssuedKey | None:
        return self._states[API_KEY.name].get(key_id)

    def api_keys(self) -> Iterable[IssuedKey]:
        return self._states[API_KEY.name].values()

    def posts_of(self, staff_id: str, on: date) -> list[Post]:
        """The posts that the person holds on the day, as A or B."""
        posts: Iterable[Post] = self._states[POST.name].values()
        return [post for post in posts if self.duty(staff_id, post.post_id, on) is not None]

    def division_of(self, unit_code: str | None) -> str | None:
        """The division code in which the unit lies."""
        unit = self.unit(unit_code) if unit_code else None
        return unit.division_code if unit else None

    def units_in(self, division: str) -> list[str]:
        """The codes of the units that lie where division codes begin so."""
        units: Iterable[Unit] = self._states[UNIT.name].values()
        return [unit.unit_code for unit in units if unit.division_code.startswith(division)]

    def has_division(self, division_code: str) -> bool:
        """Whether some unit lies in the division."""
        units: Iterable[Unit] = self._states[UNIT.name].values()
        return any(unit.division_code == division_code for unit in units)

    # ── who may do what ─────────────────────────────────────────────────────────────────────────────────────

    def authorisation(self, authorisation_no: str) -> Authorisation | None:
        return self._states[AUTHORISATION.name].get(authorisation_no)

    def may(
        self, power: Power, item_code: str, *, unit_code: str | None, post_id: str | None, on: date
    ) -> str | None:
        """The number of the authorisation under which the post, or its unit, may use the power over the item on
        the day: granted, valid, not revoked, its delegation chain whole. None where there is none.
        """
        for holder in (f"post:{post_id}", f"unit:{unit_code}"):
            for authorisation in self._held(power, item_code, holder):
                if self._is_whole(authorisation, on):
                    return authorisation.authorisation_no
        return None

    def _held(self, power: Power, item_code: str, holder: str) -> Iterable[Authorisation]:
        if self._authorised is None:
            self._authorised = _by_use(self._states[AUTHORISATION.name].values())
        return self._authorised.get((power, item_code, holder), ())

    def _is_whole(self, authorisation: Authorisation, on: date) -> bool:
        """Whether it and everything it was delegated from counts on the day; a chain never meets itself."""
        return all(link is not None and link.counts(on) for link in self._chain(authorisation))

    def _chain(self, authorisation: Authorisation) -> Iterator[Authorisation | None]:
        link: Authorisation | None = authorisation
        yield link
        while link is not None and link.delegated_from is not None:
            link = self.authorisation(link.delegated_from)
            yield link


def _by_use(authorisations: Iterable[Authorisation]) -> dict[tuple[Power, str, str], list[Authorisation]]:
    """Under power, item and holder ("post:…" or "unit:…"), in the order of granting."""
    held: dict[tuple[Power, str, str], list[Authorisation]] = {}
    for authorisation in authorisations:
        is_post = authorisation.post_id is not None
        holder = f"post:{authorisation.post_id}" if is_post else f"unit:{authorisation.unit_code}"
        for power in authorisation.powers:
            for item_code in authorisation.item_codes:
                held.setdefault((power, item_code, holder), []).append(authorisation)
    return held

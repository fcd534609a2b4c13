"""One entry of each kind of file, and the commands it stands for.

Most are the values of the registers themselves; where a file says less or more than a value, an entry of its own
stands here.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field

from domain.authorisation import AUTHORISATION
from domain.authorisation.commands import DelegateAuthorisation, GrantAuthorisation, RevokeAuthorisation
from domain.authorisation.values import Authorisation
from domain.catalogue import Catalogue
from domain.grammar import Aggregate, Code, Day, Duty, Label, Prose, Value
from domain.item import ITEM
from domain.item.commands import CancelItem, PublishItemVersion, SetSupervisionScope, StationItem
from domain.item.values import ItemVersion, Stationing
from domain.point import POINT
from domain.point.commands import EstablishPoint
from domain.point.values import VillagePoint
from domain.policy import POLICY
from domain.policy.commands import PublishPolicy
from domain.policy.values import Policy
from domain.register import RegisterCommand, Tenure
from domain.subject.names import visible
from domain.subject.values import Phone
from domain.unit import UNIT
from domain.unit.commands import RegisterUnit
from domain.unit.values import Unit
from domain.window import POST, WINDOW
from domain.window.commands import OpenWindow
from domain.window.posts import AssignPost, EstablishPost
from domain.window.values import Assignment, Role, Window
from domain.workdays import CALENDAR
from domain.workdays.commands import AmendCalendar, PublishCalendar
from domain.workdays.seed import shipped
from domain.workdays.values import Year, YearCalendar

Order = tuple[Aggregate[Any], RegisterCommand]
"""A command and the aggregate it goes to; the command knows the stream."""


class StaffEntry(Tenure):
    """A member of staff by name; the name goes to the vault, the record has the reference."""

    staff_id: Annotated[Code, Field(max_length=58)]
    unit_code: Code
    name: Annotated[Label, AfterValidator(visible)]
    phone: Phone | None = None
    qualifications: tuple[Label, ...] = ()


class PostEntry(Value):
    """A post and its holders: `a` and `b` since `since`, or in `assignments` with days of their own."""

    post_id: Code
    unit_code: Code
    window_id: Code | None = None
    title: Label
    role: Role
    since: Day
    a: Code | None = None
    b: Code | None = None
    assignments: tuple[Assignment, ...] = ()

    def holders(self) -> Iterator[Assignment]:
        for staff_id, duty in ((self.a, Duty.a), (self.b, Duty.b)):
            if staff_id is not None:
                yield Assignment(staff_id=staff_id, duty=duty, valid_from=self.since)
        yield from self.assignments


class StationingEntry(Tenure):
    """Every one of the items is handled at every one of the windows."""

    items: Annotated[tuple[Code, ...], Field(min_length=1)]
    windows: Annotated[tuple[Code, ...], Field(min_length=1)]


class CancellationEntry(Value):
    item_code: Code
    cancelled_on: Day
    basis: Prose


class SupervisionEntry(Value):
    item_code: Code
    is_supervised: bool


class RevocationEntry(Value):
    authorisation_no: Code
    revoked_on: Day
    reason: Prose


class CalendarEntry(Value):
    """A year of the county's own; its days stand in the CSV file `days` beside."""

    year: Year
    version: Code
    source: Label
    published_on: Day | None = None
    is_provisional: bool = False
    days: Label
    amends_because: Prose | None = None
    """Says why, where the year had been published before."""


def _units(unit: Unit) -> Iterable[Order]:
    yield UNIT, RegisterUnit(unit=unit)


def _windows(window: Window) -> Iterable[Order]:
    yield WINDOW, OpenWindow(window=window)


def _posts(post: PostEntry) -> Iterable[Order]:
    fields = {name: getattr(post, name) for name in ("post_id", "unit_code", "window_id", "title", "role")}
    yield POST, EstablishPost(**fields)
    for holder in post.holders():
        yield POST, AssignPost(post_id=post.post_id, assignment=holder)


def _points(point: VillagePoint) -> Iterable[Order]:
    yield POINT, EstablishPoint(point=point)


def _items(version: ItemVersion) -> Iterable[Order]:
    yield ITEM, PublishItemVersion(item=version)


def _stationings(entry: StationingEntry) -> Iterable[Order]:
    for item_code in entry.items:
        for window_id in entry.windows:
            place = Stationing(window_id=window_id, valid_from=entry.valid_from, valid_to=entry.valid_to)
            yield ITEM, StationItem(item_code=item_code, stationing=place)


def _supervision(entry: SupervisionEntry) -> Iterable[Order]:
    yield ITEM, SetSupervisionScope(item_code=entry.item_code, is_supervised=entry.is_supervised)


def _cancellations(entry: CancellationEntry) -> Iterable[Order]:
    yield ITEM, CancelItem(item_code=entry.item_code, cancelled_on=entry.cancelled_on, basis=entry.basis)


def _authorisations(entry: Authorisation) -> Iterable[Order]:
    is_passed_on = entry.delegated_from is not None
    command = DelegateAuthorisation if is_passed_on else GrantAuthorisation
    yield AUTHORISATION, command(authorisation=entry)


def _revocations(entry: RevocationEntry) -> Iterable[Order]:
    yield (
        AUTHORISATION,
        RevokeAuthorisation(
            authorisation_no=entry.authorisation_no, revoked_on=entry.revoked_on, reason=entry.reason
        ),
    )


def _policies(policy: Policy) -> Iterable[Order]:
    yield POLICY, PublishPolicy(policy=policy)


def calendar_order(calendar: YearCalendar, amends_because: str | None) -> Order:
    if amends_because is None:
        return CALENDAR, PublishCalendar(calendar=calendar)
    return CALENDAR, AmendCalendar(calendar=calendar, reason=amends_because)


def shipped_calendars(catalogue: Catalogue) -> Iterable[Order]:
    """The program's own years, where the county has none or has one that is provisional and ours is not."""
    standing = catalogue.entries(CALENDAR)
    for year, calendar in shipped().items():
        own = standing.get(str(year))
        if own is None or (own.is_provisional and not calendar.is_provisional):
            yield CALENDAR, PublishCalendar(calendar=calendar)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of entry: the file's heading, what an entry is, and what it asks for."""

    heading: str
    entry: type[Value]
    orders: Callable[[Any], Iterable[Order]] | None
    """None where more than the entry is needed: a name to enrol, a file beside."""


KINDS: Final = (
    Kind("units", Unit, _units),
    Kind("staff", StaffEntry, None),
    Kind("windows", Window, _windows),
    Kind("posts", PostEntry, _posts),
    Kind("points", VillagePoint, _points),
    Kind("items", ItemVersion, _items),
    Kind("supervision", SupervisionEntry, _supervision),
    Kind("stationings", StationingEntry, _stationings),
    Kind("cancellations", CancellationEntry, _cancellations),
    Kind("authorisations", Authorisation, _authorisations),
    Kind("revocations", RevocationEntry, _revocations),
    Kind("calendars", CalendarEntry, None),
    Kind("policies", Policy, _policies),
)
"""In the order of loading: what is named comes before what names it."""

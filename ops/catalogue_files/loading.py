"""What a folder says goes to the record: each entry as a command, and only what changed is recorded."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Final, Protocol, TypeVar

from domain.application import Keeper
from domain.grammar import Actor, Occasion, Rejected, Value, canonical
from domain.staff import STAFF
from domain.staff.commands import EnrolStaff
from domain.staff.values import StaffMember
from domain.subject.values import IdType, Person
from ops.catalogue_files.entries import KINDS, Kind, Order, StaffEntry, calendar_order, shipped_calendars
from ops.catalogue_files.reading import County, Place, Placed, read

T = TypeVar("T")

LOADER: Final = Actor(staff_id="catalogue-loader", role="catalogue_admin")
AT_ONCE: Final = 64
"""Streams loaded side by side: one commit of the log then carries many commands."""
SHIPPED: Final = Place("(shipped calendars)", 1)
IN_ORDER: Final = frozenset({"units", "points", "authorisations"})
"""Kinds whose entries name each other: one after the other, as the files have them."""


class People(Protocol):
    """Who keeps names."""

    async def enrol(self, person: Person, occasion: Occasion) -> str:
        """The reference under which the person is known; the same document, the same reference."""
        ...


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry that a rule would not have."""

    place: Place
    rejected: Rejected

    def __str__(self) -> str:
        details = ", ".join(f"{name}={value}" for name, value in self.rejected.details.items())
        sentence = (self.rejected.__doc__ or "").strip()
        return f"{self.place.file}:{self.place.line}: {self.rejected.ZH} · {sentence} ({self.rejected.code()}: {details})"


@dataclass(slots=True)
class LoadReport:
    """What came of a folder: entries that recorded something, entries that stood already, entries refused."""

    recorded: int = 0
    unchanged: int = 0
    events: int = 0
    refused: list[Refused] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Task:
    place: Place
    order: Order

    @property
    def stream(self) -> str:
        aggregate, command = self.order
        return aggregate.stream(command.identity)


async def load(
    keeper: Keeper, people: People, folder: Path, *, received_at: datetime, actor: Actor = LOADER
) -> LoadReport:
    """Reads the whole folder, then records what it says beyond what stands already.

    Raises FilesBroken, with every place that is wrong, before anything is recorded. An entry that a rule refuses
    is reported and the others go on; a second run takes up where the first stopped.
    """
    county = read(folder)
    occasion = Occasion(actor=actor, received_at=received_at, correlation=f"load:{folder.name}")
    loading = _Loading(keeper, people, occasion)
    await loading.calendars(county)
    for kind in KINDS:
        await loading.stage(kind, county.entries[kind.heading])
    loading.report.refused.sort(key=lambda refused: (refused.place.file, refused.place.line))
    return loading.report


class _Loading:
    def __init__(self, keeper: Keeper, people: People, occasion: Occasion) -> None:
        self._keeper = keeper
        self._people = people
        self._occasion = occasion
        self.report = LoadReport()

    async def calendars(self, county: County) -> None:
        """The county's own years first: the shipped ones fill what is left."""
        await self._side_by_side(
            _Task(place, calendar_order(year, because)) for place, year, because in county.calendars
        )
        await self._side_by_side(_Task(SHIPPED, order) for order in shipped_calendars(self._keeper.catalogue))

    async def stage(self, kind: Kind, placed: Sequence[Placed]) -> None:
        tasks: list[_Task] = []
        for some in batched(placed, AT_ONCE):
            orders = await asyncio.gather(*(self._orders(kind, each.entry) for each in some))
            tasks.extend(
                _Task(each.place, order) for each, its in zip(some, orders, strict=True) for order in its
            )
        if kind.heading in IN_ORDER:
            await self._one_by_one(tasks)
        else:
            await self._side_by_side(tasks)

    async def _orders(self, kind: Kind, entry: Value) -> Iterable[Order]:
        if isinstance(entry, StaffEntry):
            return [(STAFF, EnrolStaff(member=await self._member(entry)))]
        return kind.orders(entry) if kind.orders else ()

    async def _member(self, entry: StaffEntry) -> StaffMember:
        """The staff number serves as the document, so that a person enrolled twice is one person."""
        person = Person(
            name=entry.name, id_type=IdType.other, id_number=f"staff-{entry.staff_id}", phone=entry.phone
        )
        person_ref = await self._people.enrol(person, self._occasion)
        known = self._keeper.catalogue.staff(entry.staff_id)
        return StaffMember(
            staff_id=entry.staff_id,
            unit_code=entry.unit_code,
            person_ref=known.person_ref if known else person_ref,
            qualifications=entry.qualifications,
            valid_from=entry.valid_from,
            valid_to=entry.valid_to,
        )

    async def _side_by_side(self, tasks: Iterable[_Task]) -> None:
        """Streams side by side, the commands of one stream one by one."""
        by_stream: dict[str, list[_Task]] = {}
        for task in tasks:
            by_stream.setdefault(task.stream, []).append(task)
        for some in batched(by_stream.values(), AT_ONCE):
            await asyncio.gather(*map(self._one_by_one, some))

    async def _one_by_one(self, tasks: Iterable[_Task]) -> None:
        for task in tasks:
            if self._stands(task):
                self.report.unchanged += 1
            else:
                await self._record(task)

    def _stands(self, task: _Task) -> bool:
        """Whether the catalogue shows the entry as it is asked for: then the log need not be."""
        aggregate, command = task.order
        catalogue = self._keeper.catalogue
        state = catalogue.entries(aggregate).get(command.identity, aggregate.blank)
        try:
            return not aggregate.decide(state, command, self._occasion, catalogue).facts
        except Rejected:
            return False

    async def _record(self, task: _Task) -> None:
        aggregate, command = task.order
        digest = sha256(canonical(command.model_dump(mode="json"))).digest()
        try:
            outcome = await self._keeper.handle(
                aggregate, command.identity, command, self._occasion, key=None, digest=digest
            )
        except Rejected as rejected:
            self.report.refused.append(Refused(task.place, rejected))
            return
        facts = outcome.decision.facts if outcome.decision else ()
        self.report.events += len(facts)
        self.report.recorded += bool(facts)
        self.report.unchanged += not facts


def batched(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """The things in their order, `size` at a time."""
    rest = iter(things)
    while some := list(islice(rest, size)):
        yield some

"""Filling a county: the year's deeds go to the record through the same rules as everybody's, in their order.

The rules see each deed at the moment at which it reached the hall in the story; the log stamps it with the time at
which it was really recorded, today. Every event of the demo says so by its correlation, which begins with "demo-".
"""

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Final, Protocol

import structlog

from domain.application import Keeper
from domain.case import CASE
from domain.catalogue import Catalogue
from domain.grammar import CHINA, Actor, Duty, Occasion, Rejected, canonical, local_day
from domain.log import Log
from domain.stand_in import TAKEOVER
from domain.stand_in.taking_over import TakeOverPost
from domain.stand_in.values import Absence
from domain.subject.values import Person as Enrolled
from domain.window.values import Role
from ops.catalogue_files.loading import batched
from ops.demo.cast import Cast
from ops.demo.chance import chance_of
from ops.demo.hours import OfficeHours
from ops.demo.people import Person, invented, is_organisation
from ops.demo.year import Told, Year

CASES: Final = 2400
PEOPLE: Final = 1500
SEED: Final = 2026
AT_ONCE: Final = 256
"""Deeds that are recorded side by side: one commit of the log then carries many."""
MARK: Final = "demo"
CORRELATION: Final = re.compile(
    rf"{MARK}-(?P<seed>[0-9]+)-(?P<day>[0-9]{{8}})-(?P<cases>[0-9]+)-[0-9]+-[0-9]+"
)


REGISTRAR: Final = Actor(staff_id="demo-registrar", role=Role.importer)

_log = structlog.get_logger(__name__)


class People(Protocol):
    async def enrol(self, person: Enrolled, occasion: Occasion) -> str: ...


@dataclass
class DemoReport:
    """What the demo put into the county."""

    seed: int
    last_day: date
    cases: int = 0
    actions: int = 0
    events: int = 0
    troubles: Counter[str] = field(default_factory=Counter)
    """By name of trouble: how many cases have it."""
    flagged: Counter[str] = field(default_factory=Counter)
    """By irregularity code: how many actions were recorded with it."""
    broken_off: dict[int, str] = field(default_factory=dict)
    """Stories that a rule refused to go on with, by number: none with the county's own catalogue."""
    examples: dict[str, str] = field(default_factory=dict)
    """By name of trouble: the number of a case that has it."""
    quiet_window: str | None = None


@dataclass(frozen=True, slots=True)
class Edition:
    """Which demo it is: everything follows from it and the catalogue."""

    seed: int
    last_day: date
    cases: int = CASES

    def name(self, told: Told) -> str:
        """The correlation of a deed's events; `edition_of` reads it back."""
        when = f"{self.last_day:%Y%m%d}"
        return f"{MARK}-{self.seed}-{when}-{self.cases}-{told.story.number:05d}-{told.place:02d}"

    def enrolling(self) -> Occasion:
        """The people of the story are known before it begins."""
        before = datetime.combine(self.last_day - timedelta(days=370), time(9), CHINA)
        return Occasion(actor=REGISTRAR, received_at=before, correlation=f"{MARK}-{self.seed}-people")


def edition_of(correlation: str) -> Edition | None:
    """The demo that an event belongs to, None where it belongs to none."""
    fits = CORRELATION.fullmatch(correlation)
    if fits is None:
        return None
    return Edition(int(fits["seed"]), datetime.strptime(fits["day"], "%Y%m%d").date(), int(fits["cases"]))  # noqa: DTZ007 — a day


@dataclass(frozen=True)
class Filling:
    """A demo that has been told and is to be recorded."""

    edition: Edition
    told: Sequence[Told]
    report: DemoReport

    async def is_recorded(self, log: Log) -> bool:
        """Whether the last deed stands in the log already."""
        last = self.told[-1]
        return await log.earlier(*self._key_and_digest(last)) is not None

    async def record(self, keeper: Keeper, on_deeds: Callable[[int], None] = lambda _: None) -> None:
        """Records what is not recorded yet, in the order in which it reached the hall."""
        for some in batched(self.told, AT_ONCE):
            await self.take_over(keeper, some)
            by_case: dict[str, list[Told]] = {}
            for each in some:
                by_case.setdefault(each.story.case_no, []).append(each)
            async with asyncio.TaskGroup() as tasks:
                for same in by_case.values():
                    tasks.create_task(self._record_in_order(keeper, same))
            on_deeds(len(some))

    async def _record_in_order(self, keeper: Keeper, told: Sequence[Told]) -> None:
        """A story that a rule of this county's catalogue will not have ends there; the others go on."""
        for each in told:
            if each.story.number in self.report.broken_off:
                return
            try:
                await self._record(keeper, each)
            except Rejected as rejected:
                self.report.broken_off[each.story.number] = rejected.code()
                _log.warning("demo_story_broken_off", case_no=each.story.case_no, rejection=rejected.code())

    async def take_over(self, keeper: Keeper, some: Sequence[Told]) -> None:
        """AB 岗: who stands in says so first, each day."""
        first = {
            (each.deed.actor.post_id or "-", each.deed.actor.staff_id, local_day(each.deed.occurred_at)): each
            for each in reversed(some)
            if each.deed.actor.duty is Duty.b
        }
        async with asyncio.TaskGroup() as tasks:
            for (post_id, staff_id, day), told in first.items():
                standing = keeper.catalogue.takeovers(post_id)
                if not any(each.staff_id == staff_id and each.counts(day) for each in standing):
                    tasks.create_task(self._taken_over(keeper, post_id, day, told))

    async def _taken_over(self, keeper: Keeper, post_id: str, day: date, told: Told) -> None:
        actor = told.deed.actor
        key = f"{MARK} {self.edition.seed} {post_id} {actor.staff_id} {day}"
        occasion = Occasion(actor, told.deed.occurred_at, correlation=self.edition.name(told))
        command = TakeOverPost(post_id=post_id, absence=Absence.leave)
        digest = sha256(key.encode()).digest()
        await keeper.handle(TAKEOVER, post_id, command, occasion, key=key, digest=digest)

    async def _record(self, keeper: Keeper, told: Told) -> None:
        key, digest = self._key_and_digest(told)
        circumstances = told.deed.told(told.device)
        occasion = Occasion(told.deed.actor, told.deed.received_at, circumstances, self.edition.name(told))
        outcome = await keeper.handle(
            CASE, told.story.case_no, told.deed.command, occasion, key=key, digest=digest
        )
        self.report.actions += 1
        if outcome.decision is not None:
            self.report.events += len(outcome.decision.facts)
            self.report.flagged.update(outcome.decision.irregularities)

    def _key_and_digest(self, told: Told) -> tuple[str, bytes]:
        said = [
            told.story.case_no,
            told.deed.command.model_dump(mode="json"),
            told.deed.told(told.device).model_dump(mode="json"),
        ]
        return f"{MARK} {self.edition.name(told)}", sha256(canonical(said)).digest()


async def tell(catalogue: Catalogue, people: People, edition: Edition) -> Filling:
    """Tells the year; enrols its people, and records nothing else."""
    cast = Cast(catalogue)
    everybody = await _enrolled(cast, people, edition)
    year = Year(
        cast, OfficeHours(catalogue.working_days()), everybody, edition.seed, edition.last_day, edition.cases
    )
    year.tell()
    told = year.deeds()
    report = DemoReport(edition.seed, edition.last_day, quiet_window=year.quiet_window)
    _count(report, told)
    return Filling(edition, told, report)


async def fill(
    keeper: Keeper, people: People, *, last_day: date, seed: int = SEED, cases: int = CASES
) -> DemoReport:
    """Records a year of cases that ends on `last_day`. Again with the same seed, day and catalogue: nothing new."""
    filling = await tell(keeper.catalogue, people, Edition(seed, last_day, cases))
    await filling.record(keeper)
    return filling.report


async def _enrolled(cast: Cast, people: People, edition: Edition) -> list[Person]:
    """The same people for the same seed: who is enrolled already keeps the reference."""
    points = cast.points(edition.last_day)
    division = points[0].division_code if points else "610999000000"
    villages = [point.title.removesuffix("便民服务代办点").removesuffix("代办点") for point in points] or [
        "城关"
    ]
    chance = chance_of(edition.seed, "people")
    everybody = [invented(number, division, chance.choice(villages), chance) for number in range(PEOPLE)]
    enrolled: list[Person] = []
    for some in batched(everybody, AT_ONCE):
        refs = await asyncio.gather(*(people.enrol(person, edition.enrolling()) for person in some))
        enrolled += [Person(ref, is_organisation(person)) for ref, person in zip(refs, some, strict=True)]
    return enrolled


def _count(report: DemoReport, told: Sequence[Told]) -> None:
    stories = {each.story.number: each.story for each in told}
    report.cases = len(stories)
    for story in stories.values():
        for trouble in story.troubles:
            report.troubles[trouble] += 1
            report.examples.setdefault(trouble, story.case_no)

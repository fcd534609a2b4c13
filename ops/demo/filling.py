"""Filling a county: the year's deeds go to the record through the same rules as everybody's, in their order.

The rules see each deed at the moment at which it reached the hall in the story; the log stamps it with the time at
which it was really recorded, today. Every event of the demo says so by its correlation, which begins with "demo-".
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Final, Protocol

from domain.application import Keeper
from domain.case import CASE
from domain.grammar import Occasion, canonical
from domain.store.people import Person as Enrolled
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


class People(Protocol):
    async def enrol(self, person: Enrolled) -> str: ...


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
    examples: dict[str, str] = field(default_factory=dict)
    """By name of trouble: the number of a case that has it."""
    quiet_window: str | None = None


async def fill(
    keeper: Keeper, people: People, *, last_day: date, seed: int = SEED, cases: int = CASES
) -> DemoReport:
    """Records a year of cases that ends on `last_day`. Again with the same seed, day and catalogue: nothing new."""
    cast = Cast(keeper.catalogue)
    hours = OfficeHours(keeper.catalogue.working_days())
    year = Year(cast, hours, await _enrolled(cast, people, seed, last_day), seed, last_day, cases)
    year.tell()
    report = DemoReport(seed, last_day, quiet_window=year.quiet_window)
    told = year.deeds()
    _count(report, told)
    for some in batched(told, AT_ONCE):
        await _record_side_by_side(keeper, some, report)
    return report


async def _enrolled(cast: Cast, people: People, seed: int, last_day: date) -> list[Person]:
    """The same people for the same seed: who is enrolled already keeps the reference."""
    points = cast.points(last_day)
    division = points[0].division_code if points else "610999000000"
    villages = [point.title.removesuffix("便民服务代办点").removesuffix("代办点") for point in points] or [
        "城关"
    ]
    chance = chance_of(seed, "people")
    everybody = [invented(number, division, chance.choice(villages), chance) for number in range(PEOPLE)]
    enrolled: list[Person] = []
    for some in batched(everybody, AT_ONCE):
        refs = await asyncio.gather(*(people.enrol(person) for person in some))
        enrolled += [Person(ref, is_organisation(person)) for ref, person in zip(refs, some, strict=True)]
    return enrolled


async def _record_side_by_side(keeper: Keeper, some: Sequence[Told], report: DemoReport) -> None:
    by_case: dict[str, list[Told]] = {}
    for each in some:
        by_case.setdefault(each.story.case_no, []).append(each)
    async with asyncio.TaskGroup() as tasks:
        for same in by_case.values():
            tasks.create_task(_record_in_order(keeper, same, report))


async def _record_in_order(keeper: Keeper, told: Sequence[Told], report: DemoReport) -> None:
    for each in told:
        await _record(keeper, each, report)


async def _record(keeper: Keeper, told: Told, report: DemoReport) -> None:
    name = f"{MARK}-{report.seed}-{report.last_day:%Y%m%d}-{told.story.number:05d}-{told.place:02d}"
    circumstances = told.deed.told(told.device)
    said = [
        told.story.case_no,
        told.deed.command.model_dump(mode="json"),
        circumstances.model_dump(mode="json"),
    ]
    outcome = await keeper.handle(
        CASE,
        told.story.case_no,
        told.deed.command,
        Occasion(told.deed.actor, told.deed.received_at, circumstances, name),
        key=f"{MARK} {name}",
        digest=sha256(canonical(said)).digest(),
    )
    report.actions += 1
    if outcome.decision is not None:
        report.events += len(outcome.decision.facts)
        report.flagged.update(outcome.decision.irregularities)


def _count(report: DemoReport, told: Sequence[Told]) -> None:
    stories = {each.story.number: each.story for each in told}
    report.cases = len(stories)
    for story in stories.values():
        for trouble in story.troubles:
            report.troubles[trouble] += 1
            report.examples.setdefault(trouble, story.case_no)

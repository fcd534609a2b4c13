"""监察: what the rules of supervision find on a day, whether or not a signal says so. Nothing is recorded here."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from pydantic import Field, TypeAdapter
from starlette.responses import Response

from api.door import Entrance, door_of
from api.exporting import Format, answers_or_table, export
from api.identity import IDENTIFIED
from api.paging import FILE_ROWS, NEXT_AFTER, PagedQuery, Paging, Word
from api.reading import Answer, answer, reading
from domain.grammar import Code
from domain.signal.values import Light, RuleCode
from projections.exports.tables import Table
from projections.reading import Reading
from projections.watch import FIRST, NEEDED, Found, Sought, Tally, Watch

router = APIRouter(tags=["signals"], route_class=Entrance)
WITHIN_SECONDS: Final = 120.0
"""Where a register has changed since, a whole county is worked out anew: some ten seconds for a hundred thousand events."""
FOUND_TABLE: Final = Table.of("watch", "监察所见", Found)
FINDINGS: Final = Paging(TypeAdapter(tuple[date, Word]), FIRST)


class WatchQuery(PagedQuery):
    """Every condition that is given holds."""

    rule: RuleCode | None = Field(None, description="监察规则 / the rule")
    light: Light | None = Field(None, description="灯色 / the light")
    unit: Code | None = Field(None, description="责任单位 / the responsible unit")
    is_new: bool = Field(False, description="只看尚无预警的 / only what no signal says yet")

    def sought(self) -> Sought:
        return Sought(is_new=self.is_new, rule=self.rule, light=self.light, unit=self.unit)

    def asks(self, rule: str) -> bool:
        return self.rule in (None, rule)

    def wants(self, found: Found) -> bool:
        return self.light in (None, found.light) and self.unit in (None, found.unit_code)


class Findings(Answer):
    """What the rules find on the day. 监察所见。"""

    findings: list[Found] = Field(description="逐件 / in single cases, a page at a time")
    next_after: str | None = Field(description=NEXT_AFTER)
    accepted_twice: list[Found] = Field(description="P07 两头受理 / accepted at two places")
    idle_windows: list[Found] = Field(description="Z01 零办件 / windows that accept nothing")
    silent: list[str] = Field(
        description="其中应视为受理的办件 / of them, cases that the law has accepted (Art. 32(4))"
    )
    tallies: list[Tally] = Field(
        description="逐件所见合计 / how much is found in single cases, by rule and light"
    )


@router.get(
    "/v1/watch",
    summary="监察所见 / what the watch finds",
    responses=answers_or_table(Findings, "findings"),
    dependencies=IDENTIFIED,
)
async def look(request: Request, query: Annotated[WatchQuery, Query()]) -> Response:
    """监察规则在所问之日会指出什么，按当时已知或已发生的记录；只看，不登记。

    What the rules would say on the day that is asked for, of what was known or had happened by then. Nothing is
    recorded.
    """
    after = FINDINGS.behind(query.after)
    if query.format is not Format.json:
        return await export(door_of(request), query, NEEDED, FOUND_TABLE, partial(_behind, query, after))
    async with reading(door_of(request), query, NEEDED, within_seconds=WITHIN_SECONDS) as found:
        watch = Watch(found.connection)
        looked = await watch.look(found.day, query.sought(), after=after, limit=query.limit)
        twice, idle = await _twice(watch, query, found.day), await _idle(watch, query, found.day)
    rows = {
        "findings": looked.findings,
        "next_after": FINDINGS.next_after(looked.findings, query.limit),
        "accepted_twice": twice,
        "idle_windows": idle,
        "silent": looked.silent,
        "tallies": looked.tallies,
    }
    return answer(found, rows)


async def _twice(watch: Watch, query: WatchQuery, day: date) -> list[Found]:
    twice = await watch.accepted_twice(day, is_new=query.is_new) if query.asks("P07") else []
    return [each for each in twice if query.wants(each)]


async def _idle(watch: Watch, query: WatchQuery, day: date) -> list[Found]:
    idle = await watch.idle_windows(day, is_new=query.is_new) if query.asks("Z01") else []
    return [each for each in idle if query.wants(each)]


async def _behind(
    query: WatchQuery, first: tuple[date, str], found: Reading, last: Found | None
) -> Sequence[Found]:
    """For a file: what is found in single cases last, so that the last row is the place to read on from."""
    watch = Watch(found.connection)
    if last is not None:
        return (await watch.look(found.day, query.sought(), after=last.place, limit=FILE_ROWS)).findings
    looked = await watch.look(found.day, query.sought(), after=first, limit=FILE_ROWS)
    return [
        *await _twice(watch, query, found.day),
        *await _idle(watch, query, found.day),
        *looked.findings,
    ]

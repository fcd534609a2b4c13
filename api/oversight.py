"""数据质量, 零办件 and 两头受理: what the record itself shows to be amiss."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, Field, TypeAdapter
from starlette.responses import Response

from api.door import Entrance, door_of
from api.exporting import TableQuery, answer_or_table, answers_or_table
from api.identity import IDENTIFIED
from api.paging import NEXT_AFTER, InPeriod, PagedQuery, Paging, PeriodQuery, Position, Word, answer_page
from api.reading import Answer, reading
from domain.grammar import Code
from projections import acceptances, flaws
from projections.acceptances import ACCEPTANCES, Acceptances, AcceptedTwice, IdleWindow
from projections.exports.tables import Table
from projections.flaws import FLAWS, DataQuality, Flaw, Tally
from projections.places import PLACES
from projections.policies import POLICIES
from projections.reading import Reading
from projections.working_days import WORKING_DAYS

router = APIRouter(tags=["views"], route_class=Entrance)
LISTED: Final = Paging(TypeAdapter(tuple[Position, Word, Word, Word]), flaws.FIRST)
PAIRS: Final = Paging(TypeAdapter(tuple[AwareDatetime, Word, Word]), acceptances.FIRST)
FLAW_TABLE: Final = Table.of("data-quality", "数据质量", Flaw)
TALLY_TABLE: Final = Table.of("data-quality-tallies", "数据质量统计", Tally)
IDLE_TABLE: Final = Table.of("zero-activity", "零办件", IdleWindow)
PAIR_TABLE: Final = Table.of("dual-acceptance", "两头受理", AcceptedTwice)


class OfFlaws(InPeriod):
    """Days are those on which the events happened."""

    code: Code | None = Field(
        None, description="问题代码，如 P08、voided / code of the flaw, as P08 or voided"
    )
    unit: Code | None = Field(None, description="登记单位 / the unit that recorded it")

    def wanted(self) -> flaws.Wanted:
        return flaws.Wanted(
            code=self.code,
            unit=self.unit,
            stream=self.stream,
            first_day=self.first_day,
            last_day=self.last_day,
        )


class FlawsQuery(OfFlaws, PeriodQuery):
    """A page of flaws."""


class Flaws(Answer):
    """What is not as it should be about the record. 数据质量问题。"""

    flaws: list[Flaw]
    next_after: str | None = Field(description=NEXT_AFTER)


@router.get(
    "/v1/data-quality",
    summary="数据质量 / data quality",
    responses=answers_or_table(Flaws, "flaws"),
    dependencies=IDENTIFIED,
)
async def read_data_quality(request: Request, query: Annotated[FlawsQuery, Query()]) -> Response:
    """按登记顺序逐条列出：规则标记（补录 P08 附迟延）、更正与作废、止于起之前、次序颠倒、缺项。

    In the order of recording: what the rules flagged (late records P08 with their lag), corrections and voids, ends
    before beginnings, events out of order, missing fields.
    """

    async def page(found: Reading, place: tuple[int, str, str, str], limit: int) -> Sequence[Flaw]:
        quality = DataQuality(found.connection)
        return await quality.flaws(query.wanted(), found.day, after=place, limit=limit)

    needs = (FLAWS, WORKING_DAYS)
    return await answer_page(door_of(request), query, needs, LISTED, page, FLAW_TABLE, of="flaws")


class FlawTallies(Answer):
    """How often each sort of flaw occurs. 数据质量统计。"""

    tallies: list[Tally]


@router.get(
    "/v1/data-quality/tallies",
    summary="数据质量统计 / data quality in figures",
    responses=answers_or_table(FlawTallies, "flaw_tallies"),
    dependencies=IDENTIFIED,
)
async def read_flaw_tallies(request: Request, query: Annotated[OfFlaws, Query()]) -> Response:
    """各类问题的条数、涉及办件数、其中历史数据数；补录与更正附迟延的中位数与最大值。

    Of each sort the number, the cases concerned, and how many lie in records taken over from another system; with
    the median and the longest lag of what was recorded late.
    """
    async with reading(door_of(request), query, (FLAWS, WORKING_DAYS)) as found:
        tallies = await DataQuality(found.connection).by_code(query.wanted(), found.day)
    return answer_or_table(found, query, {"tallies": tallies}, TALLY_TABLE)


class OfUnit(TableQuery):
    unit: Code | None = Field(None, description="只看此单位 / of this unit alone")


class IdleWindows(Answer):
    """Open windows without a case. 零办件窗口。"""

    windows: list[IdleWindow]


@router.get(
    "/v1/zero-activity",
    summary="零办件 / windows without a case",
    responses=answers_or_table(IdleWindows, "idle_windows"),
    dependencies=IDENTIFIED,
)
async def read_zero_activity(request: Request, query: Annotated[OfUnit, Query()]) -> Response:
    """当日开放而在规则所定工作日数内未受理一件的窗口，空闲最久的在前。

    The windows open on the day that accepted no case in as many working days as the policy says, longest idle first.
    """
    needs = (ACCEPTANCES, PLACES, POLICIES, WORKING_DAYS)
    async with reading(door_of(request), query, needs) as found:
        windows = await Acceptances(found.connection).idle_windows(found.day, unit=query.unit)
    return answer_or_table(found, query, {"windows": windows}, IDLE_TABLE)


class PairsQuery(OfUnit, PagedQuery):
    """A page of pairs."""


class AcceptedTwicePairs(Answer):
    """One matter, accepted at two places. 两头受理。"""

    pairs: list[AcceptedTwice]
    next_after: str | None = Field(description=NEXT_AFTER)


@router.get(
    "/v1/dual-acceptance",
    summary="两头受理 / accepted at two places",
    responses=answers_or_table(AcceptedTwicePairs, "accepted_twice"),
    dependencies=IDENTIFIED,
)
async def read_dual_acceptance(request: Request, query: Annotated[PairsQuery, Query()]) -> Response:
    """同一申请人、同一事项、同一标的，在两个单位或窗口受理，且办理期间相交，或中心已并案。

    Pairs of cases of one applicant, item and object, accepted at two units or windows while both lived, from receipt
    to decision or end, or which the centre has linked.
    """

    async def page(found: Reading, place: tuple[datetime, str, str], limit: int) -> Sequence[AcceptedTwice]:
        acceptances = Acceptances(found.connection)
        return await acceptances.accepted_twice(found.day, unit=query.unit, after=place, limit=limit)

    needs = (ACCEPTANCES,)
    return await answer_page(door_of(request), query, needs, PAIRS, page, PAIR_TABLE, of="pairs")

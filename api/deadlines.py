"""时限看板: which open cases are due when, and with which light."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from pydantic import Field, TypeAdapter
from starlette.responses import Response

from api.door import Entrance, door_of
from api.exporting import TableQuery, answer_or_table, answers_or_table
from api.identity import IDENTIFIED
from api.paging import NEXT_AFTER, PagedQuery, Paging, Word, answer_page
from api.reading import Answer, reading
from domain.grammar import Code
from projections import deadlines
from projections.case_card import CASE_CARD
from projections.clock import CLOCK
from projections.custody import CUSTODY
from projections.deadlines import By, DeadlineBoard, DueCase, Light, Lights
from projections.exports.tables import Table
from projections.items import ITEMS
from projections.places import PLACES
from projections.policies import POLICIES
from projections.reading import Reading
from projections.working_days import WORKING_DAYS

router = APIRouter(tags=["views"], route_class=Entrance)
BOARD: Final = Paging(TypeAdapter(tuple[date, Word]), deadlines.FIRST)
BOARD_TABLE: Final = Table.of("deadlines", "时限看板", DueCase)
LIGHTS_TABLE: Final = Table.of("lights", "灯数", Lights)


class HeldBy(TableQuery):
    """Whose cases."""

    unit: Code | None = Field(None, description="现持件单位 / the unit that holds them")
    window: Code | None = Field(None, description="现持件窗口 / the window that holds them")
    person: Code | None = Field(None, description="现持件人（人员编号） / who holds them, by staff number")


class BoardQuery(HeldBy, PagedQuery):
    """A page of the board."""

    light: Light | None = Field(
        None, description="灯：green 绿，prewarning 预警，yellow 黄，red 红，none 无时限 / the light"
    )
    is_paused: bool | None = Field(None, description="是否挂起 / whether a special procedure is open")

    def wanted(self) -> deadlines.Wanted:
        return deadlines.Wanted(
            unit=self.unit,
            window=self.window,
            person=self.person,
            light=self.light,
            is_paused=self.is_paused,
        )


class Board(Answer):
    """The open cases, what is due first in front. 时限看板。"""

    cases: list[DueCase]
    next_after: str | None = Field(description=NEXT_AFTER)


@router.get(
    "/v1/deadlines",
    summary="时限看板 / the deadline board",
    responses=answers_or_table(Board, "deadlines"),
    dependencies=IDENTIFIED,
)
async def read_board(request: Request, query: Annotated[BoardQuery, Query()]) -> Response:
    """已受理未办结的办件，最先到期的在前：绿；预警（临期，按规则）；黄（超承诺）；红（超法定）；挂起另示。

    The cases accepted and not done on the day: green, prewarning (as the policy says), yellow over the promised day,
    red over the legal one; what a special procedure has paused is shown.
    """

    async def page(found: Reading, place: tuple[date, str], limit: int) -> Sequence[DueCase]:
        board = DeadlineBoard(found.connection)
        return await board.cases(query.wanted(), found.day, after=place, limit=limit)

    needs = (CLOCK, CUSTODY, CASE_CARD, ITEMS, POLICIES, WORKING_DAYS)
    return await answer_page(door_of(request), query, needs, BOARD, page, BOARD_TABLE, of="cases")


class LightsQuery(HeldBy):
    by: By = Field("unit", description="按单位、窗口或人员分组 / by unit, window or person")


class LightsOfHolders(Answer):
    """How many open cases show which light. 各持件单位、窗口、人员的灯数。"""

    lights: list[Lights]


@router.get(
    "/v1/deadlines/lights",
    summary="灯数 / how many cases show which light",
    responses=answers_or_table(LightsOfHolders, "lights"),
    dependencies=IDENTIFIED,
)
async def read_lights(request: Request, query: Annotated[LightsQuery, Query()]) -> Response:
    """各持件单位、窗口或人员手中在办件的灯数。

    Of each unit, window or person the open cases in their hands, by light.
    """
    needs = (CLOCK, CUSTODY, PLACES, POLICIES, WORKING_DAYS)
    async with reading(door_of(request), query, needs) as found:
        wanted = deadlines.Wanted(unit=query.unit, window=query.window, person=query.person)
        lights = await DeadlineBoard(found.connection).lights(wanted, found.day, by=query.by)
    return answer_or_table(found, query, {"lights": lights}, LIGHTS_TABLE)

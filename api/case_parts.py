"""The parts of a case's time: its steps against their budgets, and whom else it waited for."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.cases import CaseNoInPath
from api.door import Entrance, door_of
from api.identity import IDENTIFIED, expect_number
from api.reading import Answer, ReadQuery, answer, answers, reading
from projections.clock import CLOCK
from projections.items import ITEMS
from projections.legs import LEGS, Leg, Legs, Part
from projections.policies import POLICIES
from projections.steps import STEPS, Step, Steps
from projections.working_days import WORKING_DAYS

router = APIRouter(tags=["views"], route_class=Entrance)


class StepsOfCase(Answer):
    """Each step against its longest time. 环节。"""

    case_no: str
    steps: list[Step]


@router.get(
    "/v1/cases/{case_no}/steps",
    summary="环节用时 / steps against their budgets",
    responses=answers(StepsOfCase, "steps", 404),
    dependencies=IDENTIFIED,
)
async def read_steps(
    request: Request, case_no: CaseNoInPath, query: Annotated[ReadQuery, Query()]
) -> Response:
    """各环节起止、扣除特别程序后的用时，与收件所依事项版本公布的环节时限相比。

    From when to when each step was worked on, the days without those of special procedures, and how far that lies
    over the longest time in the item's version under which the case was received.
    """
    expect_number(case_no)
    async with reading(door_of(request), query, (STEPS, CLOCK, ITEMS, WORKING_DAYS), is_narrow=True) as found:
        stream = await found.expect_case(case_no)
        steps = await Steps(found.connection).of_cases([stream], found.day)
    return answer(found, {"case_no": case_no, "steps": steps})


class LegsOfCase(Answer):
    """Whom the case was sent round to, and whom it waited for. 联审、报批、关键路径。"""

    case_no: str
    legs: list[Leg]
    path: list[Part]
    """From acceptance to the end; the parts add up to the whole."""


@router.get(
    "/v1/cases/{case_no}/legs",
    summary="联审、报批与关键路径 / joint review, report to the superior, critical path",
    responses=answers(LegsOfCase, "legs", 404),
    dependencies=IDENTIFIED,
)
async def read_legs(
    request: Request, case_no: CaseNoInPath, query: Annotated[ReadQuery, Query()]
) -> Response:
    """各协办单位、上级机关何时被征询、何时应复、何时答复；受理至办结的每一段时间在等谁，各段之和即为全程。

    When each co-unit or superior was asked, due and answered; and for whom the case waited in each stretch from
    acceptance to its end. The stretches add up to the whole, so the longest says what determined it.
    """
    expect_number(case_no)
    needs = (LEGS, CLOCK, POLICIES, WORKING_DAYS)
    async with reading(door_of(request), query, needs, is_narrow=True) as found:
        stream = await found.expect_case(case_no)
        legs = Legs(found.connection)
        asked = await legs.of_cases([stream], found.day)
        path = await legs.path([stream], found.day)
    return answer(found, {"case_no": case_no, "legs": asked, "path": path})

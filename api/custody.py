"""持件台账: who held a case, from when to when, and how many working days that makes for each."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.cases import CaseNoInPath
from api.door import Entrance, door_of
from api.identity import IDENTIFIED, expect_number
from api.reading import Answer, ReadQuery, answer, answers, reading
from projections.clock import CLOCK
from projections.custody import CUSTODY, AgentLeg, CustodyLedger, Spell, UnitShare
from projections.working_days import WORKING_DAYS

router = APIRouter(tags=["views"], route_class=Entrance)


class Custody(Answer):
    """Who held the case. 持件台账。"""

    case_no: str
    spells: list[Spell]
    by_unit: list[UnitShare]
    agent_legs: list[AgentLeg]


@router.get(
    "/v1/cases/{case_no}/custody",
    summary="持件台账 / who held the case",
    responses=answers(Custody, "custody", 404),
    dependencies=IDENTIFIED,
)
async def read_custody(
    request: Request, case_no: CaseNoInPath, query: Annotated[ReadQuery, Query()]
) -> Response:
    """谁持件、自何时至何时、各占多少工作日；已发出而未签收的计在发出方，另列。

    Who held the case, from when to when, for how many working days; what was sent and not signed for is its
    sender's, and shown apart.
    """
    expect_number(case_no)
    async with reading(door_of(request), query, (CUSTODY, CLOCK, WORKING_DAYS), is_narrow=True) as found:
        stream = await found.expect_case(case_no)
        ledger = CustodyLedger(found.connection)
        spells = await ledger.spells([stream], found.day)
        shares = await ledger.by_unit([stream], found.day)
        legs = await ledger.agent_legs([stream], found.day)
    return answer(found, {"case_no": case_no, "spells": spells, "by_unit": shares, "agent_legs": legs})

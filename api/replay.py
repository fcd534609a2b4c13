"""重演: a case event by event, and the answer to who held it, how long, who was late, on which basis."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from api.answers import Shown
from api.case_reads import TimelineEvent, told_moment
from api.cases import CaseNoInPath
from api.door import Entrance, door_of
from api.evidence import expect_unbroken
from api.identity import IDENTIFIED, expect_number
from api.looks import look_as
from api.reading import Answer, WhatIfQuery, answer, answers, reading
from domain.perusal.commands import RunReplay
from projections.case_card import CASE_CARD
from projections.clock import CLOCK, Standing
from projections.custody import CUSTODY
from projections.policies import POLICIES
from projections.reading import Reading
from projections.replay import Course, Hands, RaisedSignal, Step, Verdict, replay, verdict
from projections.signals import SIGNALS
from projections.watch import WATCH
from projections.working_days import WORKING_DAYS

router = APIRouter(tags=["views"], route_class=Entrance)
NEEDS = (CLOCK, CUSTODY, CASE_CARD, WORKING_DAYS, POLICIES, SIGNALS, WATCH)
PATIENCE_SECONDS = 60.0


class ReplayQuery(WhatIfQuery):
    course: Course = Field(
        Course.happened,
        description=(
            "known：按登记顺序，每步只知当时已登记的；happened：按发生顺序（更正后）"
            " / in the order of the record, each step knowing what was recorded; or of what happened"
        ),
    )


class ReplayStep(Shown):
    """After this event, on its day. 此事件之后的持件与时限。"""

    event: TimelineEvent
    day: date
    hands: Hands
    clock: Standing | None
    signals: list[RaisedSignal] = Field(description="至此已发的预警 / what had been raised by then")


class Replay(Answer):
    """A case, told again. 办件重演。"""

    case_no: str
    course: Course
    steps: list[ReplayStep]
    verdict: Verdict


@router.get(
    "/v1/cases/{case_no}/replay",
    summary="办件重演 / a case, told again",
    responses=answers(Replay, "replay", 404, 409),
    dependencies=IDENTIFIED,
)
async def read_replay(
    request: Request, case_no: CaseNoInPath, query: Annotated[ReplayQuery, Query()]
) -> Response:
    """逐事件重演：每步之后谁持件、时限如何；最后答复谁持件多久、谁超时、依据何在。可假设另一规则或日历版本。

    Event by event: after each, who had the case and how it stood against the clock; in the end who held it how long,
    who was late and on which basis. Under another version of the policy or of the calendar, if asked.
    """
    expect_number(case_no)
    await expect_unbroken(request, case_no)
    async with reading(
        door_of(request),
        query,
        NEEDS,
        is_narrow=True,
        from_definitions=True,
        supposed=query.supposed(),
        within_seconds=PATIENCE_SECONDS,
    ) as found:
        stream = await found.expect_case(case_no)
        steps = await replay(found, stream, query.course)
        told = await verdict(found, stream)
    rows = {"case_no": case_no, "course": query.course, "steps": told_steps(steps), "verdict": told}
    look_as(request, look_at(case_no, query, found, rows))
    return answer(found, rows)


def look_at(case_no: str, query: ReplayQuery, found: Reading, rows: Mapping[str, object]) -> RunReplay:
    """What the record says of this replay: how it was asked, and the hash of its answer."""
    return RunReplay(
        case_no=case_no,
        course=query.course,
        mode=found.asked.mode,
        known_at=query.known_at,
        happened_by=query.happened_by,
        day=found.day,
        what_if_policy=query.what_if_policy,
        what_if_calendar=query.what_if_calendar,
        result_sha256=str(found.basis(rows)["rows_sha256"]),
    )


def told_steps(steps: Sequence[Step]) -> list[dict[str, object]]:
    return [
        {
            "event": told_moment(step.event),
            "day": step.day,
            "hands": step.hands,
            "clock": step.clock,
            "signals": step.signals,
        }
        for step in steps
    ]

"""A case at a glance, event by event, and against the clock."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from api.answers import Shown
from api.cases import CaseNoInPath
from api.door import Entrance, door_of
from api.history import VIEWS, View
from api.identity import IDENTIFIED, expect_number
from api.labels import labels
from api.reading import Answer, ReadQuery, WhatIfQuery, answer, answers, reading
from projections.case_card import CASE_CARD, CaseCard, CaseCards
from projections.clock import CLOCK, Clocks, Lateness, Standing
from projections.clock import Reading as ClockReading
from projections.custody import CUSTODY
from projections.timeline import Moment, timeline
from projections.working_days import WORKING_DAYS

router = APIRouter(tags=["views"], route_class=Entrance)


class Card(Answer):
    """A case at a glance. 办件卡。"""

    case_no: str
    card: CaseCard | None = Field(description="全部事件已作废时为空 / null where every event was voided")


@router.get(
    "/v1/cases/{case_no}/card",
    summary="办件卡 / a case at a glance",
    responses=answers(Card, "card", 404),
    dependencies=IDENTIFIED,
)
async def read_card(
    request: Request, case_no: CaseNoInPath, query: Annotated[ReadQuery, Query()]
) -> Response:
    """办件走到哪一步、结果如何、有过几次补正、挂起、流转。

    Where a case stands and what has become of it: notices, pauses, transfers, fees, the decision.
    """
    expect_number(case_no)
    async with reading(door_of(request), query, (CASE_CARD,), is_narrow=True) as found:
        stream = await found.expect_case(case_no)
        cards = await CaseCards(found.connection).cards([stream])
    return answer(found, {"case_no": case_no, "card": cards[0] if cards else None})


class Order(StrEnum):
    recorded = "recorded"  # 登记顺序
    occurred = "occurred"  # 发生顺序


class TimelineQuery(ReadQuery):
    view: View = Field(View.effective, description=VIEWS)
    order: Order = Field(
        Order.occurred,
        description="recorded 按登记顺序，occurred 按发生顺序 / in the order of the record, or of what happened",
    )


class TimelineEvent(Shown):
    """An event on the timeline. 时间线上的一条事件。"""

    position: int = Field(ge=1)
    version: int = Field(ge=1)
    topic: str
    label: str
    label_en: str
    occurred_at: datetime
    recorded_at: datetime
    lag_days: int | None = Field(
        description="发生至登记的工作日数 / working days from happening to recording"
    )
    fate: str = Field(
        description="as recorded 如登记，corrected 已更正，voided 已作废，amendment 更正或作废记录本身"
    )
    amended_by: list[int] = Field(description="更正、作废它的记录（version） / versions of what amends it")
    envelope: dict[str, Any]
    fact: dict[str, Any]


class Timeline(Answer):
    """A case, event by event. 办件时间线。"""

    case_no: str
    view: View
    order: Order
    events: list[TimelineEvent]


@router.get(
    "/v1/cases/{case_no}/timeline",
    summary="办件时间线 / a case, event by event",
    responses=answers(Timeline, "timeline", 404),
    dependencies=IDENTIFIED,
)
async def read_timeline(
    request: Request, case_no: CaseNoInPath, query: Annotated[TimelineQuery, Query()]
) -> Response:
    """原始或更正后的事件，按登记或按发生的顺序，附登记滞后的工作日数。

    As recorded or as it should be read, in the order of the record or of what happened, with the lag of recording.
    """
    expect_number(case_no)
    async with reading(door_of(request), query, (WORKING_DAYS,), is_narrow=True) as found:
        stream = await found.expect_case(case_no)
        moments = await timeline(
            found,
            stream,
            is_effective=query.view is View.effective,
            is_by_occurred=query.order is Order.occurred,
        )
    events = [told_moment(moment) for moment in moments]
    return answer(found, {"case_no": case_no, "view": query.view, "order": query.order, "events": events})


def told_moment(moment: Moment) -> dict[str, object]:
    label, label_en = labels(moment.topic)
    return {
        "position": moment.position,
        "version": moment.version,
        "topic": moment.topic,
        "label": label,
        "label_en": label_en,
        "occurred_at": moment.occurred_at,
        "recorded_at": moment.recorded_at,
        "lag_days": moment.lag_days,
        "fate": moment.fate,
        "amended_by": moment.amended_by,
        "envelope": moment.envelope,
        "fact": moment.fact,
    }


class CaseClock(Answer):
    """Limits, pauses and last days of a case. 办件时限。"""

    case_no: str
    clock: Standing | None = Field(description="尚无时限事实时为空 / null where nothing of the clock stands")
    readings: list[ClockReading] = Field(
        description=(
            "特别程序的各种读法并列：as ruled 按规则，at face value 照单全收，up to the plan 以批准期限为限，void 不予认可；"
            "as declared 自窗口所称受理之日起算，仅在迟于法定受理日时列出"
            " / the readings of the special procedures side by side; and as declared: counted from the day on which the"
            " window said that it accepts, where that is later than the law's"
        )
    )
    overdue_by: list[Lateness] = Field(
        description="超期各日在谁手中，合计等于超期天数 / in whose hands it was while overdue; adds up to overdue_days"
    )


@router.get(
    "/v1/cases/{case_no}/clock",
    summary="办件时限 / the clock of a case",
    responses=answers(CaseClock, "clock", 404),
    dependencies=IDENTIFIED,
)
async def read_clock(
    request: Request, case_no: CaseNoInPath, query: Annotated[WhatIfQuery, Query()]
) -> Response:
    """承诺与法定期限、扣除日、到期日、已用、剩余、超期及超期在谁手中；特别程序的各种读法并列。

    Promise and legal limit, excluded days, days due, used, remaining, overdue and in whose hands; the readings of the
    special procedures side by side.
    """
    expect_number(case_no)
    async with reading(
        door_of(request), query, (CLOCK, CUSTODY, WORKING_DAYS), is_narrow=True, supposed=query.supposed()
    ) as found:
        stream = await found.expect_case(case_no)
        clocks = Clocks(found.connection)
        standing = await clocks.standing([stream], found.day)
        readings = await clocks.readings([stream], found.day)
        lateness = await clocks.overdue_by([stream], found.day)
    rows = {"clock": standing[0] if standing else None, "readings": readings, "overdue_by": lateness}
    return answer(found, {"case_no": case_no, **rows})

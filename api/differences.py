"""差异: which cases' figures differ between two answers, by which records, how late and by whom."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from api.answers import Shown
from api.door import Entrance, door_of
from api.identity import IDENTIFIED
from api.labels import labels
from api.reading import Answer, Basis, Limit, ReadQuery, answer, answers, reading
from api.refusals.views import AsOfInFuture
from domain.grammar import Instant
from projections.case_card import CASE_CARD
from projections.clock import CLOCK
from projections.custody import CUSTODY
from projections.differences import Comparer, Record
from projections.working_days import WORKING_DAYS

router = APIRouter(tags=["views"], route_class=Entrance)
NEEDS = (CASE_CARD, CLOCK, CUSTODY, WORKING_DAYS)
PATIENCE_SECONDS = 60.0


class DifferencesQuery(ReadQuery):
    """The first answer's times; beside them the second's."""

    and_known_at: Instant | None = Field(
        None,
        description="第二个答复：只看此刻之前登记的；缺省为现在 / the second answer's; now, if not given",
    )
    and_happened_by: Instant | None = Field(
        None, description="第二个答复：只看此刻之前发生的 / the second answer's"
    )
    after: Annotated[str, Field(pattern=r"^[0-9A-Z]{0,26}$")] = Field(
        "", description="从此编号之后读起 / read on after this case number"
    )
    limit: Limit = Field(100, description="至多几件 / at most so many cases")


class ShownRecord(Shown):
    """A record that makes a difference. 造成差异的一条记录。"""

    position: int
    version: int
    topic: str
    label: str
    label_en: str
    occurred_at: datetime = Field(description="发生时间 / when it happened")
    recorded_at: datetime = Field(description="登记时间 / when it was recorded")
    lag_days: int | None = Field(description="滞后工作日数 / working days until it was recorded")
    recorded_by: str | None = Field(description="登记人 / who recorded it")
    post_id: str | None
    unit_code: str | None
    role: str | None
    is_backfill: bool = Field(description="补录 / recorded as a late one, with reasons")
    target_version: int | None = Field(description="更正、作废的对象 / the event that it amends")


class ShownChange(Shown):
    """A figure in the first answer and in the second. 一项数字的两个取值。"""

    figure: str = Field(examples=["overdue_days"])
    first: str | int | bool | None
    second: str | int | bool | None


class ShownDifference(Shown):
    """A case whose figures differ. 数字不同的一件办件。"""

    case_no: str
    changes: list[ShownChange]
    records: list[ShownRecord] = Field(
        description="只在其中一个答复里的事件，及更正、作废 / events in one answer alone, and amendments"
    )


class Differences(Answer):
    """What differs between two answers. 两个答复之间的差异。"""

    and_basis: Basis
    differences: list[ShownDifference]
    master_records: list[ShownRecord] = Field(
        description="只在其中一个答复里的日历、规则记录 / records of calendars and policies in one answer alone"
    )
    compared: int = Field(ge=0, description="比较了多少件 / how many cases could differ and were compared")
    next_after: str | None


@router.get(
    "/v1/differences",
    summary="两个时点的差异 / what differs between two answers",
    responses=answers(Differences, "differences"),
    dependencies=IDENTIFIED,
)
async def read_differences(request: Request, query: Annotated[DifferencesQuery, Query()]) -> Response:
    """同一日、两种所知之下，哪些办件的数字不同，由哪些后来的记录造成，滞后几日，何人登记。

    Counted to the same day: the cases whose figures differ between two answers, by which records, recorded how late
    and by whom.
    """
    door = door_of(request)
    now = door.clock()
    if any(moment and moment > now for moment in (query.and_known_at, query.and_happened_by)):
        raise AsOfInFuture
    async with reading(
        door, query, NEEDS, is_narrow=True, from_definitions=True, within_seconds=PATIENCE_SECONDS
    ) as first:
        other = replace(first.asked, known_at=query.and_known_at, happened_by=query.and_happened_by)
        second = await first.seen_as(other)
        told = await Comparer(first, second).page(after=query.after, limit=query.limit)
    rows = {
        "differences": [
            {
                "case_no": each.case_no,
                "changes": each.changes,
                "records": [_shown(record) for record in each.records],
            }
            for each in told.differences
        ],
        "master_records": [_shown(record) for record in told.master_records],
        "compared": told.compared,
        "next_after": told.next_after,
    }
    return answer(first, rows, and_basis=second.basis(rows))


def _shown(record: Record) -> dict[str, object]:
    label, label_en = labels(record.topic)
    told = {"label": label, "label_en": label_en, **asdict(record)}
    told.pop("stream")
    return told

"""办件清单: which cases answer to what is asked, page by page."""

from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from api.door import Entrance, door_of
from api.exporting import Format, TableQuery, answers_or_table, export
from api.identity import IDENTIFIED
from api.paging import FILE_ROWS
from api.reading import Answer, Limit, answer, reading
from domain.case.state import Status
from domain.grammar import Code, Day, Label
from domain.item.values import Kind
from projections.case_card import CASE_CARD, CaseCard, CaseCards, Wanted
from projections.custody import CUSTODY
from projections.exports.tables import Table
from projections.reading import Reading

router = APIRouter(tags=["views"], route_class=Entrance)
CASES: Final = Table.of("cases", "办件清单", CaseCard)


class CaseListQuery(TableQuery):
    """What the cases must answer to; every condition given holds."""

    status: Status | None = Field(None, description="状态 / where the case stands")
    is_open: bool | None = Field(None, description="是否未结束 / whether it has not ended")
    unit: Code | None = Field(None, description="收件单位 / the unit that received it")
    window: Code | None = Field(None, description="收件窗口 / the window that received it")
    item: Code | None = Field(None, description="事项编码 / item code")
    point: Code | None = Field(None, description="代办点 / the village point it came through")
    kind: Kind | None = Field(None, description="办件类型 / kind of case")
    holder: Code | None = Field(None, description="现持件单位 / the unit that has it in hand")
    received_from: Day | None = Field(None, description="收件日期起 / received on this day or later")
    received_to: Day | None = Field(None, description="收件日期止（含） / received on this day or earlier")
    external_ref: Label | None = Field(None, description="外部编号 / its number in another system")
    receipt_no: Label | None = Field(None, description="收件凭证号 / number of the receipt")
    after: Annotated[str, Field(pattern=r"^[0-9A-Z]{0,26}$")] = Field(
        "", description="从此编号之后读起 / read on after this case number"
    )
    limit: Limit = Field(100, description="至多几件 / at most so many cases")

    def wanted(self) -> Wanted:
        return Wanted(
            status=self.status,
            is_open=self.is_open,
            unit_code=self.unit,
            window_id=self.window,
            item_code=self.item,
            point_code=self.point,
            kind=self.kind,
            received_from=self.received_from,
            received_to=self.received_to,
            external_ref=self.external_ref,
            receipt_no=self.receipt_no,
            holder_unit=self.holder,
        )


class CaseList(Answer):
    """Cards of cases, by case number. 办件清单。"""

    cases: list[CaseCard]
    next_after: str | None = Field(
        description="下一页的 after；为空则已到末尾 / give it as `after` to read on; null at the end"
    )


@router.get(
    "/v1/cases",
    summary="办件清单 / a list of cases",
    responses=answers_or_table(CaseList, "case_list"),
    dependencies=IDENTIFIED,
)
async def list_cases(request: Request, query: Annotated[CaseListQuery, Query()]) -> Response:
    """按编号排列，逐页读取；各条件同时满足。

    By number, a page at a time; every condition that is given holds.
    """
    needs = (CASE_CARD, CUSTODY) if query.holder else (CASE_CARD,)

    async def behind(found: Reading, last: CaseCard | None) -> Sequence[CaseCard]:
        after = last.case_no if last else query.after
        return await CaseCards(found.connection).found(query.wanted(), after=after, limit=FILE_ROWS)

    if query.format is not Format.json:
        return await export(door_of(request), query, needs, CASES, behind)
    async with reading(door_of(request), query, needs) as found:
        cases = await CaseCards(found.connection).found(query.wanted(), after=query.after, limit=query.limit)
    next_after = cases[-1].case_no if len(cases) == query.limit else None
    return answer(found, {"cases": cases, "next_after": next_after})

"""审计轨迹 audit trail, for the discipline commission: every event with its envelope, and what is not in order."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Final

import orjson
from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from api.answers import JSON, Shown, json_answer
from api.door import Entrance, door_of
from api.events import Position, Stream, Topic, open_log
from api.exporting import Format, TableQuery, TableResponse, answers_or_table, asked_of
from api.identity import IDENTIFIED, expect_number
from api.labels import labels
from api.openapi import BASE, problems
from api.reading import Answer, Limit, ReadQuery, answers, reading
from api.refusals.head import ParameterInvalid
from api.refusals.views import ViewNotBuilt
from api.shown import shown
from domain.access.shown import Shown as ShownStreams
from domain.grammar import CHINA, Channel, Code, Day
from projections.audit import (
    AUDIT,
    AuditTrail,
    DeviceGap,
    DeviceRepeat,
    PositionGap,
    VersionGap,
    read_on,
)
from projections.audit.entries import Entry, WorkingDays
from projections.audit.marks import names
from projections.audit.table import AUDIT_TABLE
from projections.audit.wanted import Wanted
from projections.calendar import CALENDAR
from projections.reading import Reading
from projections.view_readers import ViewReaders

router = APIRouter(tags=["views"], route_class=Entrance)

NEEDS: Final = (AUDIT, CALENDAR)
FILE_PAGE: Final = 500
MOST_GAPS: Final = 1000


class Order(StrEnum):
    recorded = "recorded"
    occurred = "occurred"


Mark = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,64}$", examples=["P08"])]


class AuditQuery(TableQuery):
    """Which events; every condition given holds. Periods are days in China, both included."""

    person: Code | None = Field(None, description="办理人 / who acted")
    approver: Code | None = Field(None, description="批准人 / who vouched for it")
    post: Code | None = Field(None, description="岗位 / post")
    window: Code | None = Field(None, description="窗口 / window")
    unit: Code | None = Field(None, description="单位 / unit")
    item: Code | None = Field(None, description="事项编码 / item, as the record had named it by then")
    case_no: str | None = Field(None, description="办件编号 / case number")
    stream: Stream | None = Field(
        None,
        description="任一案卷，如 authorisation:SQ-1 / any record, as authorisation:SQ-1; not with case_no",
    )
    topic: Topic | None = Field(None, description="事件类别 / topic, as event.corrected.v1")
    channel: Channel | None = Field(None, description="办理形式，GB/T 39046 表 A.5 / channel")
    device: Code | None = Field(None, description="设备 / device")
    mark: Mark | None = Field(
        None, description="标记代码，见 /v1/audit/marks / code of a mark, see /v1/audit/marks"
    )
    recorded_from: Day | None = Field(None, description="登记日期起 / recorded on this day or later")
    recorded_to: Day | None = Field(None, description="登记日期止（含） / recorded on this day or earlier")
    occurred_from: Day | None = Field(
        None, description="发生日期起，按登记时所述 / happened on this day or later, as told when recorded"
    )
    occurred_to: Day | None = Field(None, description="发生日期止（含） / happened on this day or earlier")
    order: Order = Field(
        Order.recorded,
        description="recorded 按登记先后（位置），occurred 按所述发生时间 / by position, or by the time that was told",
    )
    after: Position = Field(
        0, description="从此位置的事件之后读起 / read on after the event at this position"
    )
    until: Position | None = Field(
        None,
        description="日志至此位置时的轨迹，其后的更正不计 / the trail as it stood at this position, later amendments left out",
    )
    limit: Limit = Field(100, description="至多几条 / at most so many events")

    def wanted(self) -> Wanted:
        """Raises ParameterInvalid."""
        self._expect_sense()
        return Wanted(
            person=self.person,
            approver=self.approver,
            post=self.post,
            window=self.window,
            unit=self.unit,
            item=self.item,
            stream=f"case:{self.case_no}" if self.case_no else self.stream,
            topic=self.topic,
            channel=self.channel,
            device=self.device,
            mark=self.mark,
            recorded_since=_begins(self.recorded_from),
            recorded_before=_ends(self.recorded_to),
            occurred_since=_begins(self.occurred_from),
            occurred_before=_ends(self.occurred_to),
            happened_by=self.happened_by,
            until=self.until,
            is_by_occurrence=self.order is Order.occurred,
        )

    def _expect_sense(self) -> None:
        if self.case_no is not None:
            expect_number(self.case_no)
            if self.stream is not None:
                raise ParameterInvalid(errors=[BOTH_CASE_AND_STREAM])
        if self.mark is not None and self.mark not in names():
            raise ParameterInvalid(errors=[MARK_UNKNOWN])
        periods = ((self.recorded_from, self.recorded_to), (self.occurred_from, self.occurred_to))
        if any(since and to and since > to for since, to in periods):
            raise ParameterInvalid(errors=[PERIOD_REVERSED])


BOTH_CASE_AND_STREAM: Final = {
    "pointer": "/query/stream",
    "code": "one-of",
    "message": "case_no 与 stream 只能给一个",
    "message_en": "Give case_no or stream, not both",
}
MARK_UNKNOWN: Final = {
    "pointer": "/query/mark",
    "code": "mark-unknown",
    "message": "没有此标记；全部标记见 /v1/audit/marks",
    "message_en": "There is no such mark; /v1/audit/marks lists them all",
}
PERIOD_REVERSED: Final = {
    "pointer": "/query",
    "code": "period-reversed",
    "message": "期间的起日晚于止日",
    "message_en": "A period begins after it ends",
}


def _begins(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), CHINA)


def _ends(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day + timedelta(days=1), time(), CHINA)


class AuditPage(Answer):
    """A page of the audit trail. 审计轨迹的一页。"""

    entries: list[Entry]
    until: int = Field(
        ge=0, description="轨迹截至的位置；翻页时带回 / the trail ends here; give it back with the next page"
    )
    next_after: int | None = Field(
        description="下一页的 after；为空则已到末尾 / give it as `after` to read on; null at the end"
    )


@router.get(
    "/v1/audit",
    summary="审计轨迹 / the audit trail",
    responses=answers_or_table(AuditPage, "audit"),
    dependencies=IDENTIFIED,
)
async def read_audit(request: Request, query: Annotated[AuditQuery, Query()]) -> Response:
    """每一事件：何人、何岗、何时、何处、依据何授权，登记滞后，更正与作废列于原件旁，缺口与异常加标记。

    各条件同时满足。`format` 为 csv、xlsx 或 jsonl 时导出全部，`after`、`until` 仍然有效。

    Every event: who, at which post, when, where, on what authority, how late it was recorded; amendments beside what
    they amend, gaps and irregularities marked. Every condition given holds. With `format` csv, xlsx or jsonl all of
    it comes as a file, of any length.
    """
    wanted = query.wanted()
    if query.format is not Format.json:
        return await _file(request, query, wanted)
    async with reading(door_of(request), query, NEEDS) as found:
        wanted = replace(wanted, shown=await _shown(request))
        trail = await AuditTrail.opened(found, labels)
        entries = await trail.page(wanted, query.after, query.limit)
    told = {
        "entries": entries,
        "until": min(trail.position, query.until or trail.position),
        "next_after": entries[-1].position if len(entries) == query.limit else None,
    }
    return Response(
        orjson.dumps({"basis": trail.basis(told), **told}, option=orjson.OPT_UTC_Z), media_type=JSON
    )


async def _shown(request: Request) -> ShownStreams | None:
    """Which streams whoever asks may know of. Asked within the snapshot that is read: what is opened after it is not in it."""
    return (await open_log(request)).shown


async def _file(request: Request, query: AuditQuery, wanted: Wanted) -> Response:
    """The first page is read before the file begins, so that what cannot be answered is a problem."""
    door = door_of(request)
    async with reading(door, query, NEEDS) as found:
        file = await trail_file(found, query, replace(wanted, shown=await _shown(request)))
    return TableResponse(AUDIT_TABLE, query.format, file.pages(door.views), file.basis)


@dataclass(frozen=True, slots=True)
class TrailFile:
    """A file of the trail whose first page was read: on what it stands, and how it goes on."""

    basis: Mapping[str, object]
    wanted: Wanted
    first: Sequence[Entry]
    days: WorkingDays

    def pages(self, views: ViewReaders | None) -> AsyncGenerator[Sequence[Entry], None]:
        """Raises ViewNotBuilt."""
        if views is None:
            raise ViewNotBuilt(views=[AUDIT.name])
        return read_on(views, self.wanted, self.first, self.days, labels, FILE_PAGE)


async def trail_file(found: Reading, query: AuditQuery, wanted: Wanted) -> TrailFile:
    trail = await AuditTrail.opened(found, labels)
    until = min(trail.position, query.until or trail.position)
    first = await trail.page(wanted, query.after, FILE_PAGE)
    said = {"until": until, "asked": asked_of(query)}
    return TrailFile(trail.basis(()) | said, replace(wanted, until=until), first, trail.days)


class AuditGaps(Answer):
    """What is missing. 缺口。"""

    device_gaps: list[DeviceGap] = Field(description="设备序号缺口 / numbers of devices that never arrived")
    device_repeats: list[DeviceRepeat] = Field(
        description="设备序号重复 / numbers with which a device sent more than one recording"
    )
    position_gaps: list[PositionGap] = Field(
        description="日志位置缺口；无人动过即无 / positions at which nothing stands; none, unless somebody took it away"
    )
    version_gaps: list[VersionGap] = Field(description="案卷版本缺口，同上 / likewise versions of a record")
    recorded: int = Field(ge=0, description="日志中的事件数 / events in the log")
    told: int = Field(ge=0, description="轨迹中的事件数，应与前者相等 / events in the trail: as many")


@router.get(
    "/v1/audit/gaps",
    summary="缺口 / what is missing",
    responses=answers(AuditGaps, "audit_gaps"),
    dependencies=IDENTIFIED,
)
async def read_gaps(request: Request, query: Annotated[ReadQuery, Query()]) -> Response:
    """设备序号、日志位置、案卷版本的缺口与重复，每类至多 1000 条。`happened_by` 不影响缺口。

    Gaps in the numbers of devices, in positions and in versions, and numbers used twice; at most 1000 of each.
    `happened_by` changes nothing here.
    """
    async with reading(door_of(request), query, NEEDS) as found:
        trail = await AuditTrail.opened(found, labels)
        gaps = asdict(await trail.gaps(MOST_GAPS, await _shown(request)))
    return Response(
        orjson.dumps({"basis": trail.basis(gaps), **gaps}, option=orjson.OPT_UTC_Z), media_type=JSON
    )


class NamedMark(Shown):
    """A mark. 标记。"""

    code: str
    zh: str
    en: str


class Marks(Shown):
    """Every mark that an event can have. 标记表。"""

    marks: list[NamedMark]


@router.get(
    "/v1/audit/marks",
    summary="标记表 / the marks",
    responses={**shown(Marks, "audit_marks"), **problems(*BASE)},
    dependencies=IDENTIFIED,
)
async def read_marks() -> Response:
    """登记时由规则标出的异常（如 P05），历史数据所容忍的违规，以及轨迹自身看出的情况。

    What the rules flagged when it was recorded, as P05; what is tolerated in legacy records; what the trail itself sees.
    """
    told = [{"code": code, "zh": zh, "en": en} for code, (zh, en) in sorted(names().items())]
    return json_answer({"marks": told})

"""核查 investigations: opened, acted in, concluded; and who looked into what."""

import re
from collections.abc import Sequence
from enum import StrEnum
from secrets import token_hex
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field, TypeAdapter
from starlette.responses import Response

from api.answers import InvestigationReceipt
from api.bodies import (
    OPEN_INVESTIGATION,
    RECORD_INVESTIGATION_ACT,
    OpeningOfInvestigation,
    RecordInvestigationAct,
)
from api.cases import CaseNoInPath
from api.conditional import expected_version, idempotency_key
from api.door import Door, Entrance, door_of
from api.edge import read_document
from api.examples import INVESTIGATION_EXAMPLES, OPENING_INVESTIGATION_EXAMPLES
from api.exporting import answers_or_table
from api.identity import Identified, expect_number
from api.looks import expect_open_to
from api.openapi import BASE, BODY, IDEMPOTENCY_KEY, IF_MATCH, asked, problems
from api.paging import NEXT_AFTER, PagedQuery, Paging, Position, answer_page
from api.reading import Answer, ReadQuery, answer, answers, reading
from api.recording import Asked, digest_of, record, record_on
from api.refusals.record import InvestigationNumberUsed, InvestigationUnknown
from domain.grammar import Actor, Code, Day, local_day
from domain.investigation import INVESTIGATION
from domain.investigation.state import WATCHERS
from domain.investigation.values import NUMBER
from domain.log import VersionConflict
from projections.exports.tables import Table
from projections.investigations import INVESTIGATIONS, LATEST, Asker, InvestigationRow, Investigations, Wanted
from projections.perusals import FIRST, PERUSALS, PerusalRow, Perusals, Sought
from projections.reading import Reading

router = APIRouter(tags=["investigations"], route_class=Entrance)
LISTED: Final = Paging(TypeAdapter(tuple[Position]), LATEST)
LOOKS: Final = Paging(TypeAdapter(tuple[Position]), FIRST)
INVESTIGATION_TABLE: Final = Table.of("investigations", "核查", InvestigationRow)
PERUSAL_TABLE: Final = Table.of("perusals", "查阅登记", PerusalRow)

InvestigationNoInPath = Annotated[
    str,
    Path(
        description="立案编号 / the investigation's number",
        json_schema_extra={"pattern": NUMBER, "examples": ["HC-2026-3"]},
    ),
]
RECORDED: Final[dict[int | str, dict[str, Any]]] = {
    200: {"model": InvestigationReceipt, "description": "无需登记 / nothing to record"},
    201: {"model": InvestigationReceipt, "description": "已登记 / recorded"},
}


# ── opened, and acted in ────────────────────────────────────────────────────────────────────────────────────


@router.post(
    "/v1/investigations",
    status_code=201,
    summary="立案核查 / open an investigation",
    responses={**RECORDED, **problems(409, *BASE, *BODY)},
    openapi_extra=asked(OpeningOfInvestigation, OPENING_INVESTIGATION_EXAMPLES, IDEMPOTENCY_KEY),
)
async def open_investigation(request: Request, actor: Identified) -> Response:
    """写明核查机关、二名以上核查人员、范围与事由；由监察、纪委岗位立案。

    The organ, two officers or more, the scope and the matter; opened by a post of supervision or of 纪委.
    """
    door = door_of(request)
    document = await read_document(request, limit_bytes=door.limits.single_bytes)
    key = idempotency_key(request, actor.staff_id)
    body = OPEN_INVESTIGATION.read(document.raw)
    digest = digest_of(INVESTIGATION.name, body.investigation_no, document.value)
    number = body.investigation_no or f"HC-{local_day(door.clock()):%Y%m%d}-{token_hex(4)}"
    asked_for = Asked(INVESTIGATION, number, body.action, body.circumstances, digest, key, 0)
    try:
        return (await record(door, actor, asked_for)).response()
    except VersionConflict:
        raise InvestigationNumberUsed from None


@router.post(
    "/v1/investigations/{investigation_no}/actions",
    status_code=201,
    summary="证据保全、解除、结论 / hold, release, conclude",
    responses={**RECORDED, **problems(404, 409, 412, 428, *BASE, *BODY)},
    openapi_extra=asked(RecordInvestigationAct, INVESTIGATION_EXAMPLES, IF_MATCH, IDEMPOTENCY_KEY),
)
async def record_investigation_act(
    request: Request, actor: Identified, investigation_no: InvestigationNoInPath
) -> Response:
    """核查人员办理；保全由一人提出解除，另一人解除。作出结论后仅可解除保全。

    By its officers. One person proposes the release of a hold, another one releases it. After the conclusion holds can
    be released and nothing else.
    """
    door = door_of(request)
    document = await read_document(request, limit_bytes=door.limits.single_bytes)
    _expect_number(investigation_no)
    version = expected_version(request)
    key = idempotency_key(request, actor.staff_id)
    body = RECORD_INVESTIGATION_ACT.read(document.raw)
    await expect_open_to(door.keeper, investigation_no, actor)
    digest = digest_of(INVESTIGATION.name, investigation_no, document.value)
    asked_for = Asked(INVESTIGATION, investigation_no, body.action, body.circumstances, digest, key, version)
    return (await record_on(door, actor, asked_for, unknown=InvestigationUnknown)).response()


# ── read ────────────────────────────────────────────────────────────────────────────────────────────────────


class InvestigationsQuery(PagedQuery):
    """Every condition that is given holds."""

    is_concluded: bool | None = Field(None, description="是否已作结论 / whether it was concluded")
    is_holding: bool | None = Field(None, description="是否有未解除的保全 / whether a hold of it stands")
    officer: Code | None = Field(None, description="核查人员 / an officer of it, by staff number")
    case_no: Code | None = Field(None, description="范围中列明的办件 / a case that its scope names")

    def wanted(self) -> Wanted:
        return Wanted(
            is_concluded=self.is_concluded,
            officer=self.officer,
            case_no=self.case_no,
            is_holding=self.is_holding,
        )


class InvestigationList(Answer):
    """Investigations, the latest first. 核查清单。"""

    investigations: list[InvestigationRow]
    next_after: str | None = Field(description=NEXT_AFTER)


@router.get(
    "/v1/investigations",
    summary="核查清单 / investigations",
    responses=answers_or_table(InvestigationList, "investigations"),
)
async def list_investigations(
    request: Request, actor: Identified, query: Annotated[InvestigationsQuery, Query()]
) -> Response:
    """最近立案的在前；仅列可知悉的：本人担任核查人员的，监察与纪委可见全部，涉及本人的不列。

    The latest first. Shown are those whose officer you are; supervision and 纪委 see all; nobody sees one about
    themselves.
    """
    asker = _asker(door_of(request), actor)

    async def page(found: Reading, place: tuple[int], limit: int) -> Sequence[InvestigationRow]:
        (before,) = place
        return await Investigations(found.connection).page(query.wanted(), asker, before=before, limit=limit)

    return await answer_page(
        door_of(request), query, (INVESTIGATIONS,), LISTED, page, INVESTIGATION_TABLE, of="investigations"
    )


class InvestigationShown(Answer):
    """One investigation. 核查。"""

    investigation: InvestigationRow


@router.get(
    "/v1/investigations/{investigation_no}",
    summary="核查详情 / one investigation",
    responses=answers(InvestigationShown, "investigation", 404),
)
async def read_investigation(
    request: Request,
    actor: Identified,
    investigation_no: InvestigationNoInPath,
    query: Annotated[ReadQuery, Query()],
) -> Response:
    """机关、核查人员、范围、事由、证据保全、结论。

    The organ, the officers, the scope, the matter, the holds and the conclusion.
    """
    door = door_of(request)
    async with reading(door, query, (INVESTIGATIONS,)) as found:
        row = await _one(found, door, actor, investigation_no)
    return answer(found, {"investigation": row})


class Look(StrEnum):
    case_file_viewed = "case_file_viewed"  # 调阅
    replay_run = "replay_run"  # 回放
    evidence_exported = "evidence_exported"  # 证据包导出
    records_searched = "records_searched"  # 检索
    records_exported = "records_exported"  # 导出


class LooksQuery(PagedQuery):
    """Every condition that is given holds."""

    look: Look | None = Field(None, description="查阅方式 / the way of looking")
    person: Code | None = Field(None, description="查阅人 / who looked, by staff number")
    looked_from: Day | None = Field(None, description="查阅日期起 / on this day or later")
    looked_to: Day | None = Field(None, description="查阅日期止（含） / on this day or earlier")

    def sought(self, **further: Any) -> Sought:
        return Sought(
            look=self.look,
            staff_id=self.person,
            looked_from=self.looked_from,
            looked_to=self.looked_to,
            **further,
        )


class PerusalList(Answer):
    """Looks, in the order of recording. 查阅登记。"""

    perusals: list[PerusalRow]
    next_after: str | None = Field(description=NEXT_AFTER)


@router.get(
    "/v1/investigations/{investigation_no}/perusals",
    summary="核查中的查阅 / what was looked into under an investigation",
    responses=answers_or_table(PerusalList, "perusals", 404),
)
async def read_investigation_perusals(
    request: Request,
    actor: Identified,
    investigation_no: InvestigationNoInPath,
    query: Annotated[LooksQuery, Query()],
) -> Response:
    """以该核查名义调阅、回放、导出、检索的全部登记，按登记先后。

    Everything that was read, replayed, exported and searched under it, in the order of recording.
    """
    door = door_of(request)
    needs = (INVESTIGATIONS, PERUSALS)
    async with reading(door, query, needs) as found:
        await _one(found, door, actor, investigation_no)
    sought = query.sought(investigation_no=investigation_no)
    return await answer_page(door, query, needs, LOOKS, _pages_of(sought), PERUSAL_TABLE, of="perusals")


@router.get(
    "/v1/cases/{case_no}/perusals",
    summary="办件的查阅登记 / who looked into a case",
    responses=answers_or_table(PerusalList, "perusals", 404),
)
async def read_case_perusals(
    request: Request, actor: Identified, case_no: CaseNoInPath, query: Annotated[LooksQuery, Query()]
) -> Response:
    """本办件由办理单位以外的人员调阅、由任何人回放或导出的登记；核查名义的仅监察、纪委可见。

    Who of another unit looked into the case, who replayed or exported it. Looks under an investigation are shown to
    supervision and 纪委 alone.
    """
    expect_number(case_no)
    door = door_of(request)
    async with reading(door, query, (PERUSALS,)) as found:
        await found.expect_case(case_no)
    sought = query.sought(case_no=case_no, is_discreet=_is_discreet(actor))
    return await answer_page(door, query, (PERUSALS,), LOOKS, _pages_of(sought), PERUSAL_TABLE, of="perusals")


@router.get(
    "/v1/perusals",
    summary="查阅登记 / who looked into what",
    responses=answers_or_table(PerusalList, "perusals"),
)
async def list_perusals(
    request: Request, actor: Identified, query: Annotated[LooksQuery, Query()]
) -> Response:
    """全县的查阅登记，按登记先后；核查名义的仅监察、纪委可见。

    Every look of the county, in the order of recording. Looks under an investigation are shown to supervision and
    纪委 alone.
    """
    sought = query.sought(is_discreet=_is_discreet(actor))
    return await answer_page(
        door_of(request), query, (PERUSALS,), LOOKS, _pages_of(sought), PERUSAL_TABLE, of="perusals"
    )


def _pages_of(sought: Sought) -> Any:
    async def page(found: Reading, place: tuple[int], limit: int) -> Sequence[PerusalRow]:
        (after,) = place
        return await Perusals(found.connection).page(sought, after=after, limit=limit)

    return page


async def _one(found: Reading, door: Door, actor: Actor, investigation_no: str) -> InvestigationRow:
    """Raises InvestigationUnknown."""
    _expect_number(investigation_no)
    row = await Investigations(found.connection).one(investigation_no, _asker(door, actor))
    if row is None:
        raise InvestigationUnknown
    return row


def _asker(door: Door, actor: Actor) -> Asker:
    member = door.catalogue.staff(actor.staff_id)
    return Asker(actor.staff_id, member.person_ref if member else None, actor.role in WATCHERS)


def _is_discreet(actor: Actor) -> bool:
    return actor.role not in WATCHERS


def _expect_number(investigation_no: str) -> None:
    """What is not an investigation's number names none. Raises InvestigationUnknown."""
    if re.fullmatch(NUMBER, investigation_no) is None:
        raise InvestigationUnknown

"""取证: one case with everything that proves it, to be checked where nobody knows Jiandu."""

import asyncio
from hashlib import sha256
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.responses import Response

from api.cases import CaseNoInPath
from api.door import Entrance, door_of
from api.events import FARTHEST, whole
from api.identity import IDENTIFIED, expect_number
from api.looks import look_as
from api.openapi import BASE, problems
from api.proofs import seal_of
from api.refusals.record import CaseUnknown
from api.refusals.seal import EvidenceNotReady, EvidenceStandsStill, RecordBroken
from domain.case import CASE
from domain.evidence.bundle import Evidence, bundle, complete_as_of
from domain.perusal.commands import ExportEvidence
from domain.proof.checkpoint import Checkpoint
from domain.proof.note import Note
from domain.store.evidence import EvidenceBroken, EvidenceNotYet, EvidenceReader, NoSuchStream

router = APIRouter(tags=["log"], route_class=Entrance)

ZIP: Final = "application/zip"
SEEN_BY: Final = "jiandu-seen-by"
NOT_PROVED: Final = "jiandu-not-proved"
COMPLETE_AS_OF: Final = "jiandu-complete-as-of"
NOBODY: Final = "nobody"
HEADERS: Final = {
    SEEN_BY: {
        "description": "检查点附有哪些见证人的签名，逗号分隔，名称按 RFC 3986 转义；nobody 为尚无见证，仅为本县自己的检查点 / whose lines the"
        " checkpoint bears, percent-encoded; nobody: it is the county's own alone, and an auditor who asks for a quorum will refuse it",
        "schema": {"type": "string"},
        "example": "jiwei.example.gov.cn/qingxi",
    },
    NOT_PROVED: {
        "description": "该办件在检查点之后尚有几条事件：包内仅列其名，未予证明 / so many events of the case stand behind the checkpoint: named in the"
        " bundle, not proved",
        "schema": {"type": "integer", "minimum": 0},
        "example": 0,
    },
    COMPLETE_AS_OF: {
        "description": "截至此位置，该办件的事件无一遗漏；小于所持检查点（since）的，持有者不会认可 / none of the case's events up to here is missing;"
        " less than `since`: who holds that checkpoint will refuse the bundle",
        "schema": {"type": "integer", "minimum": 1},
        "example": 48012,
    },
}


class SinceQuery(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True, extra="forbid")

    since: Annotated[int, Field(ge=1, le=FARTHEST), BeforeValidator(whole)] | None = Field(
        None,
        description="所持检查点的大小：附其后的一致性证明，并齐全至该处 / size of a checkpoint that you hold: the bundle shows that the log continues it, and"
        " is complete to there",
    )


@router.get(
    "/v1/cases/{case_no}/evidence",
    summary="证据包 / the evidence bundle of a case",
    responses={
        200: {
            "description": "zip",
            "headers": HEADERS,
            "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}},
        },
        **problems(404, 409, *BASE, 503),
    },
    response_class=Response,
    dependencies=IDENTIFIED,
)
async def evidence(
    request: Request, case_no: CaseNoInPath, query: Annotated[SinceQuery, Query()]
) -> Response:
    """办件的全部事件及其签名、包含证明、检查点、案头证明、可读重演与单文件离线验证程序；取走一事记入日志。

    All events of the case with signatures, inclusion proofs, checkpoint, case-head proof, a readable replay and the one-file
    offline verifier. That it was taken stands in the log. 见证人沉默逾两分钟的，所给检查点或仅为本县所签：见 `jiandu-seen-by`。 Where witnesses
    have been silent for two minutes the checkpoint may be the county's own alone: `jiandu-seen-by` says so at once.
    """
    expect_number(case_no)
    found = await _gathered(request, case_no, query.since)
    packed = await asyncio.to_thread(bundle, found)
    taken = taking(case_no, found, packed)
    look_as(request, taken)
    name = f"{case_no}-{taken.checkpoint_size}.zip"
    told = {"content-disposition": f'attachment; filename="{name}"', **_what_it_proves(found)}
    return Response(packed, media_type=ZIP, headers=told)


def _what_it_proves(found: Evidence) -> dict[str, str]:
    seen_by = ", ".join(quote(name) for name in witnesses_of(found))
    return {
        SEEN_BY: seen_by or NOBODY,
        NOT_PROVED: str(len(found.later)),
        COMPLETE_AS_OF: str(complete_as_of(found)),
    }


def witnesses_of(found: Evidence) -> list[str]:
    """Whose lines the checkpoint bears beside the log's own."""
    note = Note.from_bytes(found.note)
    origin = Checkpoint.from_text(note.text).origin
    return sorted({line.name for line in note.signatures if line.name != origin})


def taking(case_no: str, found: Evidence, packed: bytes) -> ExportEvidence:
    """What the record says of a bundle that is taken: its digest, and what it is proved against."""
    top = Checkpoint.from_text(Note.from_bytes(found.note).text)
    return ExportEvidence(
        case_no=case_no,
        bundle_sha256=sha256(packed).hexdigest(),
        checkpoint_size=top.size,
        checkpoint_root=top.root.hex(),
    )


async def _gathered(request: Request, case_no: str, since: int | None) -> Evidence:
    reader = EvidenceReader(seal_of(request))
    try:
        return await reader.of(CASE.stream(case_no), since=(since,) if since else ())
    except NoSuchStream:
        raise CaseUnknown from None
    except EvidenceBroken as broken:
        raise RecordBroken(position=broken.position) from None
    except EvidenceNotYet as lacking:
        refusal = EvidenceStandsStill if lacking.is_overdue else EvidenceNotReady
        raise refusal(awaited=lacking.awaited) from None


async def expect_unbroken(request: Request, case_no: str) -> None:
    """Nothing is told from a record that is not what was sealed. Raises RecordBroken."""
    seal = door_of(request).seal
    if seal is None:
        return
    position = await EvidenceReader(seal).first_broken(CASE.stream(case_no))
    if position is not None:
        raise RecordBroken(position=position)

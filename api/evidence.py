"""取证: one case with everything that proves it, to be checked where nobody knows Jiandu."""

import asyncio
from hashlib import sha256
from typing import Annotated, Final

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
from api.refusals.seal import EvidenceNotReady, RecordBroken
from domain.case import CASE
from domain.evidence.bundle import Evidence, bundle
from domain.perusal.commands import ExportEvidence
from domain.proof.checkpoint import Checkpoint
from domain.proof.note import Note
from domain.store.evidence import EvidenceNotYet, EvidenceReader, NoSuchStream

router = APIRouter(tags=["log"], route_class=Entrance)

ZIP: Final = "application/zip"


class SinceQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    since: Annotated[int, Field(ge=1, le=FARTHEST), BeforeValidator(whole)] | None = Field(
        None,
        description="所持检查点的大小：附其后的一致性证明 / size of a checkpoint that you hold: the bundle shows that the log continues it",
    )


@router.get(
    "/v1/cases/{case_no}/evidence",
    summary="证据包 / the evidence bundle of a case",
    responses={
        200: {
            "description": "zip",
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
    offline verifier. That it was taken stands in the log.
    """
    expect_number(case_no)
    found = await _gathered(request, case_no, query.since)
    packed = await asyncio.to_thread(bundle, found)
    taken = taking(case_no, found, packed)
    look_as(request, taken)
    name = f"{case_no}-{taken.checkpoint_size}.zip"
    return Response(packed, media_type=ZIP, headers={"content-disposition": f'attachment; filename="{name}"'})


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
    except EvidenceNotYet:
        raise EvidenceNotReady from None


async def expect_unbroken(request: Request, case_no: str) -> None:
    """Nothing is told from a record that is not what was sealed. Raises RecordBroken."""
    seal = door_of(request).seal
    if seal is None:
        return
    position = await EvidenceReader(seal).first_broken(CASE.stream(case_no))
    if position is not None:
        raise RecordBroken(position=position)

"""What is done with people's data under more than one pair of eyes: seen whole 查看明文, 封存, 解封, 删除."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from api.answers import Shown, json_answer
from api.bodies import RECORD_MEASURE, REVEAL, RecordMeasure, RevealPerson
from api.discretion import keep_quiet
from api.door import Entrance, door_of
from api.edge import read_document
from api.identity import IDENTIFIED, Identified
from api.openapi import BASE, BODY, asked, problems
from api.people import Enrolled, PersonRefInPath, expect_reference, occasion_of
from api.people_shown import expect_shown_person
from api.refusals.record import PersonUnknown
from api.shown import shown
from domain.grammar import Command, Rejected
from domain.people import People
from domain.subject.commands import AgreeToMeasure, RevealData
from domain.subject.rejections import PersonNotEnrolled
from domain.subject.state import Subject
from domain.subject.values import Measure
from domain.vault.fields import Part

router = APIRouter(tags=["people"], route_class=Entrance)


class DataState(StrEnum):
    """在用、已封存、已删除."""

    in_use = "in_use"
    restricted = "restricted"
    erased = "erased"


class ProposedMeasure(Shown):
    """A measure that waits for a second person. 待另一人决定的措施。"""

    measure: Measure
    proposed_by: str = Field(description="提请人工号 / who proposed it")


class PersonStanding(Enrolled):
    """How a person's data stand. 人员资料现状。"""

    state: DataState
    held: list[Part] = Field(description="已登记的项目 / of what something is held")
    proposed: ProposedMeasure | None
    erased_at: datetime | None


class RevealedPerson(Enrolled):
    """The fields asked for, whole. 所要的明文。"""

    values: dict[Part, str]


REVEALS: Final = {
    "phone": {
        "summary": "为联系查看电话 / the telephone, to call",
        "value": {"parts": ["phone"], "purpose": "contact", "note": "通知补正"},
    },
}
MEASURES: Final = {
    "propose_erasure": {
        "summary": "提请删除 / propose to erase",
        "value": {
            "action": {
                "type": "propose_measure",
                "measure": "erase",
                "reason": "保存期限届满，当事人要求删除",
                "retention_ended_on": "2025-12-31",
            }
        },
    },
    "propose_restriction": {
        "summary": "提请封存 / propose to restrict",
        "value": {"action": {"type": "propose_measure", "measure": "restrict", "reason": "当事人撤回同意"}},
    },
    "agree": {
        "summary": "另一人同意 / another person agrees",
        "value": {"action": {"type": "agree_to_measure", "measure": "erase"}},
    },
    "decline": {
        "summary": "不予同意 / declined",
        "value": {"action": {"type": "decline_measure", "measure": "erase", "reason": "尚有在办件"}},
    },
}


@router.post(
    "/v1/persons/{person_ref}/reveal",
    summary="查看明文 / see fields of a person whole",
    responses={200: {"model": RevealedPerson}, **problems(404, 409, *BASE, *BODY)},
    openapi_extra=asked(RevealPerson, REVEALS),
)
async def reveal(request: Request, actor: Identified, person_ref: PersonRefInPath) -> Response:
    """逐项查看，写明目的；何人因何查看何项，先登记后显示。

    Field by field and for a purpose. Who saw what for what is recorded before anything is shown.
    """
    door = door_of(request)
    document = await read_document(request, limit_bytes=door.limits.single_bytes)
    expect_reference(person_ref)
    said = REVEAL.read(document.raw)
    await expect_shown_person(request, person_ref)
    command = RevealData.model_validate(said.__dict__)
    try:
        values = await door.people.revealed(person_ref, command, occasion_of(door, actor))
    except Rejected as rejected:
        raise _answered(rejected, command) from None
    told = {part.value: value for part, value in values.items()}
    return json_answer({"person_ref": person_ref, "values": told})


@router.post(
    "/v1/persons/{person_ref}/measures",
    status_code=201,
    summary="封存、解封、删除 / restrict, release or erase",
    responses={201: {"model": PersonStanding}, **problems(404, 409, *BASE, *BODY)},
    openapi_extra=asked(RecordMeasure, MEASURES),
)
async def record_measure(request: Request, actor: Identified, person_ref: PersonRefInPath) -> Response:
    """一人提请，另一人同意。删除后密文、盐、密钥、索引全部销毁，案卷与各项统计不变。

    One person proposes, another agrees. Erased, sealed values, salts, key and index are gone; cases and figures stay.
    """
    door = door_of(request)
    document = await read_document(request, limit_bytes=door.limits.single_bytes)
    expect_reference(person_ref)
    action = RECORD_MEASURE.read(document.raw).action
    await expect_shown_person(request, person_ref)
    occasion = occasion_of(door, actor)
    try:
        if isinstance(action, AgreeToMeasure):
            await door.people.agree(person_ref, action, occasion)
        else:
            await door.people.propose(person_ref, action, occasion)
    except Rejected as rejected:
        raise _answered(rejected, action) from None
    return json_answer(await _standing(door.people, person_ref), status=201)


@router.get(
    "/v1/persons/{person_ref}/measures",
    summary="资料现状 / how a person's data stand",
    responses={**shown(PersonStanding, "person_standing"), **problems(404, *BASE, 503)},
    dependencies=IDENTIFIED,
)
async def read_standing(request: Request, person_ref: PersonRefInPath) -> Response:
    """在用、已封存或已删除，有无待决的提请。 In use, restricted or erased, and what waits for a second person."""
    expect_reference(person_ref)
    await expect_shown_person(request, person_ref)
    return json_answer(await _standing(door_of(request).people, person_ref))


def _answered(rejected: Rejected, said: Command) -> Exception:
    if isinstance(rejected, PersonNotEnrolled):
        return PersonUnknown()
    keep_quiet(rejected, said)
    return rejected


async def _standing(people: People, person_ref: str) -> dict[str, object]:
    """Raises PersonUnknown."""
    subject = await people.standing(person_ref)
    if not subject.is_enrolled:
        raise PersonUnknown
    proposal = subject.proposal
    return {
        "person_ref": person_ref,
        "state": _state(subject),
        "held": [] if subject.destroyed_at else [part for part in Part if part in subject.digests],
        "proposed": proposal and {"measure": proposal.measure, "proposed_by": proposal.proposed_by},
        "erased_at": subject.destroyed_at,
    }


def _state(subject: Subject) -> DataState:
    if subject.destroyed_at is not None:
        return DataState.erased
    return DataState.restricted if subject.is_restricted else DataState.in_use

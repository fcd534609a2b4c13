"""People 人员: enrolled first, then known to the record by a reference only. Who they are lies in the vault."""

import re
from secrets import token_hex
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from pydantic import Field
from starlette.responses import Response

from api.answers import Shown, json_answer
from api.bodies import PARTICULARS, PERSON, SEARCH_PERSON, SearchPerson
from api.door import Door, Entrance, door_of
from api.edge import read_document
from api.identity import Identified
from api.openapi import BASE, BODY, asked, problems
from api.people_shown import expect_shown_person, seen_from
from api.refusals.record import PersonUnknown
from api.shown import shown
from domain import people
from domain.grammar import Actor, Occasion
from domain.references import PersonRef
from domain.subject.values import IdType, Particulars, Person
from domain.vault.fields import Part

router = APIRouter(tags=["people"], route_class=Entrance)


class Enrolled(Shown):
    """The reference under which the record knows a person. 人员引用号。"""

    person_ref: PersonRef


class MaskedPerson(Enrolled):
    """Enough to recognise somebody by, not enough to learn who it is; `***` where the role sees nothing at all.
    脱敏后的人员资料；岗位无权了解的显示为 ***。"""

    name: str = Field(examples=["李*"])
    id_type: IdType | str | None
    id_number: str | None = Field(examples=["6109**********0022"])
    phone: str | None = Field(examples=["138****5678"])
    address: str | None = Field(examples=["***"])


class FoundPersons(Shown):
    """Who fits and is in use, the longest enrolled first, at most 20. 检索到的在用人员，至多 20 名。"""

    persons: list[MaskedPerson]


EXAMPLES: Final = {
    "citizen": {
        "summary": "公民 / a citizen",
        "value": {
            "name": "李小河",
            "id_type": "111",
            "id_number": "610999198003150022",
            "phone": "13800005678",
            "address": "上河村二组",
        },
    },
    "unknown_document": {"summary": "未出示证件 / without a document", "value": {"name": "王大山"}},
}
CORRECTIONS: Final = {
    "phone": {"summary": "更正电话 / another telephone", "value": {"phone": "13900001234"}},
}
SEARCHES: Final = {
    "document": {
        "summary": "按证件 / by document",
        "value": {"id_type": "111", "id_number": "610999198003150022", "purpose": "handling"},
    },
    "phone": {"summary": "按电话 / by telephone", "value": {"phone": "13800005678", "purpose": "contact"}},
    "name": {
        "summary": "按姓名，须一致 / by the exact name",
        "value": {"name": "王大山", "purpose": "contact"},
    },
}
REFERENCE: Final = re.compile(r"p-[0-9a-f]{32}")
PersonRefInPath = Annotated[
    str,
    Path(
        description="人员引用号 / the reference",
        json_schema_extra={
            "pattern": f"^{REFERENCE.pattern}$",
            "examples": ["p-5d0c9f7ae1b34c2d8e6f7a8b9c0d1e2f"],
        },
    ),
]


def occasion_of(door: Door, actor: Actor) -> Occasion:
    return Occasion(actor, door.clock(), correlation=token_hex(12))


def expect_reference(person_ref: str) -> None:
    """What is not a reference is nobody's. Raises PersonUnknown."""
    if REFERENCE.fullmatch(person_ref) is None:
        raise PersonUnknown


@router.post(
    "/v1/persons",
    status_code=201,
    summary="登记人员资料 / enrol a person",
    responses={
        201: {"model": Enrolled, "description": "引用号 / the reference"},
        **problems(409, *BASE, *BODY),
    },
    openapi_extra=asked(Person, EXAMPLES),
)
async def enrol(request: Request, actor: Identified) -> Response:
    """姓名、证件、电话、地址加密存于保管库，日志只记承诺值；同一证件得到同一引用号。

    Name, document, telephone and address lie sealed in the vault; the log has commitments to them. The same document
    gives the same reference, and what is said differently is a correction; without a document, everybody is new.
    """
    door = door_of(request)
    document = await read_document(request, limit_bytes=door.limits.single_bytes)
    person_ref = await door.people.enrol(PERSON.read(document.raw), occasion_of(door, actor))
    headers = {"location": f"/v1/persons/{person_ref}"}
    return json_answer({"person_ref": person_ref}, status=201, headers=headers)


@router.post(
    "/v1/persons/search",
    summary="检索人员 / look a person up",
    responses={200: {"model": FoundPersons}, **problems(*BASE, *BODY)},
    openapi_extra=asked(SearchPerson, SEARCHES),
)
async def search(request: Request, actor: Identified) -> Response:
    """按证件、电话或完整姓名检索；谁因何检索、找到何人，先登记后答复。已封存、已删除的不列出，乡镇仅得本区划经办过的人员。

    By document, telephone or whole name. Who looked, for what, and who was found is recorded before the answer.
    Nobody whose data are restricted or erased is found; a township finds whom its own cases and windows have to do with.
    """
    door = door_of(request)
    document = await read_document(request, limit_bytes=door.limits.single_bytes)
    body = SEARCH_PERSON.read(document.raw)
    occasion = occasion_of(door, actor)
    found = await door.people.found(body.sought(), body.purpose, body.case_no, occasion, seen_from(door))
    return json_answer({"persons": [_masked(each) for each in found]})


@router.get(
    "/v1/persons/{person_ref}",
    summary="脱敏的人员资料 / a person, masked",
    responses={**shown(MaskedPerson, "person"), **problems(404, 409, *BASE, 503)},
)
async def read_person(request: Request, actor: Identified, person_ref: PersonRefInPath) -> Response:
    """证件号、电话只显示首尾，住址不显示；系统管理、事项管理、审计等岗位一概不显示。

    Number and telephone show their ends, the address nothing. Roles that need not know anybody see nothing at all.
    """
    expect_reference(person_ref)
    await expect_shown_person(request, person_ref)
    shown = await door_of(request).people.shown(person_ref, actor.role)
    if shown is None:
        raise PersonUnknown
    return json_answer(_masked(shown))


@router.post(
    "/v1/persons/{person_ref}/corrections",
    status_code=201,
    summary="更正人员资料 / correct what is known of a person",
    responses={201: {"model": Enrolled}, **problems(404, 409, *BASE, *BODY)},
    openapi_extra=asked(Particulars, CORRECTIONS),
)
async def correct(request: Request, actor: Identified, person_ref: PersonRefInPath) -> Response:
    """只写要更正的项目；日志记下哪些项目已更正及新的承诺值。

    Only what reads differently. The log tells which fields were corrected, with commitments to the new values.
    """
    door = door_of(request)
    document = await read_document(request, limit_bytes=door.limits.single_bytes)
    expect_reference(person_ref)
    said = PARTICULARS.read(document.raw)
    await expect_shown_person(request, person_ref)
    if not (await door.people.standing(person_ref)).is_enrolled:
        raise PersonUnknown
    await door.people.correct(person_ref, said, occasion_of(door, actor))
    return json_answer({"person_ref": person_ref}, status=201)


def _masked(shown: people.Shown) -> dict[str, object]:
    return {"person_ref": shown.person_ref} | {part.value: shown.values.get(part) for part in Part}

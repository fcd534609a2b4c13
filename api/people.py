"""People 人员: enrolled first, then known to the record by a reference only."""

import re
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from pydantic import Field
from starlette.responses import Response

from api.answers import Shown, json_answer
from api.bodies import PERSON
from api.door import Entrance, door_of
from api.edge import read_document
from api.identity import IDENTIFIED
from api.openapi import BASE, BODY, asked, problems
from api.refusals import PersonUnknown
from domain.staff.values import PersonRef
from domain.store.people import IdType, Person

router = APIRouter(tags=["people"], route_class=Entrance)


class Enrolled(Shown):
    """The reference under which the record knows a person. 人员引用号。"""

    person_ref: PersonRef


class MaskedPerson(Enrolled):
    """Enough to recognise somebody by, not enough to learn who it is. 脱敏后的人员资料。"""

    name: str = Field(examples=["李*"])
    id_type: IdType | None
    id_number: str | None = Field(examples=["6109**********0022"])
    phone: str | None = Field(examples=["138****5678"])


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


@router.post(
    "/v1/persons",
    status_code=201,
    summary="登记人员资料 / enrol a person",
    responses={
        201: {"model": Enrolled, "description": "引用号 / the reference"},
        **problems(*BASE, *BODY),
    },
    openapi_extra=asked(Person, EXAMPLES),
    dependencies=IDENTIFIED,
)
async def enrol(request: Request) -> Response:
    """姓名、证件、电话、地址存于日志之外；同一证件得到同一引用号。

    Name, document, telephone and address are kept outside the log. The same document gives the same reference;
    without a document, everybody is somebody new.
    """
    door = door_of(request)
    document = await read_document(request, limit_bytes=door.limits.single_bytes)
    person_ref = await door.people.enrol(PERSON.read(document.raw))
    headers = {"location": f"/v1/persons/{person_ref}"}
    return json_answer({"person_ref": person_ref}, status=201, headers=headers)


REFERENCE: Final = re.compile(r"p-[0-9a-f]{32}")
PersonRefInPath = Annotated[
    str,
    Path(description="人员引用号 / the reference", json_schema_extra={"pattern": f"^{REFERENCE.pattern}$"}),
]


@router.get(
    "/v1/persons/{person_ref}",
    summary="脱敏的人员资料 / a person, masked",
    responses={200: {"model": MaskedPerson}, **problems(404, *BASE, 503)},
    dependencies=IDENTIFIED,
)
async def read_person(request: Request, person_ref: PersonRefInPath) -> Response:
    """证件号、电话只显示首尾。 The number of the document and the telephone show their ends only."""
    is_reference = REFERENCE.fullmatch(person_ref) is not None
    person = await door_of(request).people.get(person_ref) if is_reference else None
    if person is None:
        raise PersonUnknown
    return json_answer(
        {
            "person_ref": person_ref,
            "name": masked(person.name, first=1, last=0),
            "id_type": person.id_type,
            "id_number": person.id_number and masked(person.id_number, first=4, last=4),
            "phone": person.phone and masked(person.phone, first=3, last=4),
        }
    )


def masked(text: str, *, first: int, last: int) -> str:
    """Stars for all but the ends; for everything but the first character where the ends would say it all."""
    if len(text) <= first + last:
        first, last = 1, 0
    hidden = len(text) - first - last
    return text[:first] + "*" * hidden + (text[-last:] if last else "")

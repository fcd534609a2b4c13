"""The catalogue as it stands: items, units, windows, posts, staff, points, authorisations, calendars, policies."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from api.answers import JSON, Shown
from api.door import Entrance
from api.history import AsOf
from api.identity import IDENTIFIED
from api.known_catalogue import catalogue_known
from api.openapi import BASE, problems
from api.refusals.record import EntryUnknown
from api.shown import shown
from domain.authorisation import AUTHORISATION
from domain.authorisation.values import Authorisation
from domain.catalogue import Catalogue
from domain.grammar import Aggregate
from domain.item import ITEM
from domain.item.values import Item
from domain.point import POINT
from domain.point.values import VillagePoint
from domain.policy import POLICY
from domain.policy.values import Policy
from domain.staff import STAFF
from domain.staff.values import StaffMember
from domain.unit import UNIT
from domain.unit.values import Unit
from domain.window import POST, WINDOW
from domain.window.values import Post, Window
from domain.workdays import CALENDAR
from domain.workdays.values import YearCalendar

router = APIRouter(tags=["catalogue"], route_class=Entrance)


class Register(StrEnum):
    """登记簿."""

    items = "items"  # 事项
    units = "units"  # 单位
    windows = "windows"  # 窗口
    posts = "posts"  # 岗位
    staff = "staff"  # 工作人员
    points = "points"  # 代办点
    authorisations = "authorisations"  # 授权
    calendars = "calendars"  # 工作日历
    policies = "policies"  # 规则


_AGGREGATES: Final[Mapping[Register, Aggregate[Any]]] = {
    Register.items: ITEM,
    Register.units: UNIT,
    Register.windows: WINDOW,
    Register.posts: POST,
    Register.staff: STAFF,
    Register.points: POINT,
    Register.authorisations: AUTHORISATION,
    Register.calendars: CALENDAR,
}

Registered = Item | Unit | Window | Post | StaffMember | VillagePoint | Authorisation | YearCalendar | Policy


RegisterInPath = Annotated[Register, Path(description="登记簿 / the register", examples=["windows"])]


class Entry(Shown):
    """A catalogue entry under its code. 目录条目。"""

    code: str
    entry: Registered


class Entries(Shown):
    """What stands in one register. 一本登记簿。"""

    entries: list[Entry]


@router.get(
    "/v1/catalogue/{register}",
    summary="登记簿 / a register",
    responses={**shown(Entries, "register"), **problems(*BASE, 503)},
    dependencies=IDENTIFIED,
)
async def read_register(
    request: Request, register: RegisterInPath, as_of: Annotated[AsOf, Query()]
) -> Response:
    """一本登记簿的全部条目，按编码排列；`known_at` 只含此刻之前登记的。登记簿以其所载日期为准，`happened_by` 不删减。

    Every entry of a register, by code; with `known_at` what had been entered by then. What a register says holds on the
    days that it names: `happened_by` leaves nothing out.
    """
    entries = await _entries(request, register, as_of)
    return _answer({"entries": [_entry(code, entry) for code, entry in sorted(entries)]})


@router.get(
    "/v1/catalogue/{register}/{code}",
    summary="登记簿中的一条 / an entry of a register",
    responses={**shown(Entry, "register_entry"), **problems(404, *BASE, 503)},
    dependencies=IDENTIFIED,
)
async def read_entry(
    request: Request,
    register: RegisterInPath,
    code: Annotated[
        str, Path(max_length=64, description="条目编码 / the code of the entry", examples=["CX-BY-W1"])
    ],
    as_of: Annotated[AsOf, Query()],
) -> Response:
    """一个条目；`known_at` 只含此刻之前登记的。条目以其所载日期为准，`happened_by` 不删减。

    An entry; with `known_at` as it had been entered by then. What it says holds on the days that it names: `happened_by`
    leaves nothing out.
    """
    entries = dict(await _entries(request, register, as_of))
    if code not in entries:
        raise EntryUnknown
    return _answer(_entry(code, entries[code]))


async def _entries(request: Request, register: Register, as_of: AsOf) -> Iterator[tuple[str, Any]]:
    aggregate = POLICY if register is Register.policies else _AGGREGATES[register]
    return _coded(await catalogue_known(request, as_of, [aggregate]), register)


def _coded(catalogue: Catalogue, register: Register) -> Iterator[tuple[str, Any]]:
    """A policy is known by its version; everything else by the code of its stream."""
    if register is Register.policies:
        for policies in catalogue.entries(POLICY).values():
            yield from ((policy.version, policy) for policy in policies)
    else:
        yield from catalogue.entries(_AGGREGATES[register]).items()


def _entry(code: str, entry: object) -> dict[str, object]:
    return {"code": code, "entry": entry}


def _answer(document: Mapping[str, object]) -> Response:
    return Response(orjson.dumps(document, default=_plain), media_type=JSON)


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    raise TypeError(type(value).__name__)

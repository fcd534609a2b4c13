"""Titles and codes of items, units, windows and posts, as a row names them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from domain.store.statements import statements_of
from projections.finding import find
from projections.items import ITEMS
from projections.places import PLACES

STATEMENTS: Final = statements_of("projections.exports.exchange", "registers.sql")
NEEDS: Final = (ITEMS, PLACES)


@dataclass(frozen=True, slots=True)
class Item:
    item_code: str
    item_version: str
    title: str
    class_code: str
    materials: list[dict[str, Any]]
    promise_days: int | None
    unit_code: str

    def material(self, code: str) -> str | None:
        """The title of a paper that the published list asks for."""
        return next((paper["title"] for paper in self.materials if paper["code"] == code), None)


@dataclass(frozen=True, slots=True)
class Unit:
    unit_code: str
    title: str | None
    credit_code: str | None
    division_code: str | None


@dataclass(frozen=True, slots=True)
class Title:
    place_kind: str
    code: str
    title: str | None


@dataclass(frozen=True, slots=True)
class Registers:
    item_by_version: Mapping[tuple[str, str], Item]
    unit_by_code: Mapping[str, Unit]
    title_by_code: Mapping[tuple[str, str], str | None]

    def unit(self, code: str | None) -> Unit:
        """Nothing but its code, where the register does not know it."""
        return self.unit_by_code.get(code or "", Unit(code or "", code, None, None))

    def title(self, kind: str, code: str | None) -> str | None:
        return self.title_by_code.get((kind, code or "")) or code


async def registers(connection: AsyncConnection[TupleRow]) -> Registers:
    """All of them: a county's registers are small. Raises psycopg.OperationalError."""
    items = await find(connection, Item, STATEMENTS["items"], {})
    units = await find(connection, Unit, STATEMENTS["units"], {})
    titles = await find(connection, Title, STATEMENTS["titles"], {})
    return Registers(
        {(item.item_code, item.item_version): item for item in items},
        {unit.unit_code: unit for unit in units},
        {(each.place_kind, each.code): each.title for each in titles},
    )

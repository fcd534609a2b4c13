"""What the county's registers say of the items, units, windows, posts and points that cases name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from domain.store.statements import statements_of
from projections.finding import find
from projections.items import ITEMS
from projections.places import PLACES

STATEMENTS: Final = statements_of("projections.exports.ocel", "registers.sql")
NEEDS: Final = (ITEMS, PLACES)


@dataclass(frozen=True, slots=True)
class Item:
    item_code: str
    item_version: str
    title: str
    kind: str
    unit_code: str
    legal_days: int | None
    promise_days: int | None


@dataclass(frozen=True, slots=True)
class Place:
    place_kind: str
    code: str
    title: str | None
    unit_code: str | None
    """The unit above it."""


@dataclass(frozen=True, slots=True)
class Registers:
    item_by_version: Mapping[tuple[str, str], Item]
    place_by_code: Mapping[tuple[str, str], Place]


async def registers(connection: AsyncConnection[TupleRow]) -> Registers:
    """All of them: a county's registers are small. Raises psycopg.OperationalError."""
    items = await find(connection, Item, STATEMENTS["items"], {})
    places = await find(connection, Place, STATEMENTS["places"], {})
    return Registers(
        {(item.item_code, item.item_version): item for item in items},
        {(place.place_kind, place.code): place for place in places},
    )

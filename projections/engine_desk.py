"""What the engine works at: one connection of the projector's, and what stands about each projection."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection, sql
from psycopg.rows import TupleRow

from projections.engine_schema import STATEMENTS, ViewNames
from projections.projection import Projection


@dataclass(frozen=True, slots=True)
class State:
    """How one projection stands, as engine_tables.sql keeps it."""

    name: str
    definition: str | None
    position: int
    refreshed_at: datetime | None
    is_rebuild_wanted: bool
    building: str | None
    building_position: int | None
    built_keys: int
    total_keys: int | None
    is_filled: bool
    failed_at: datetime | None
    failed_after: int | None
    failed_upto: int | None
    failure: str | None


class Desk:
    """A connection with its county's names. One user at a time."""

    def __init__(self, connection: AsyncConnection[TupleRow], names: ViewNames) -> None:
        self.connection = connection
        self.names = names
        self._columns: dict[Projection, tuple[str, ...]] = {}

    async def run(self, name: str, parameters: Mapping[str, Any]) -> list[TupleRow]:
        """The rows of a statement of engine.sql; none where it answers nothing."""
        cursor = await self.connection.execute(STATEMENTS[name], parameters)
        return await cursor.fetchall() if cursor.description else []

    async def note(self, name: str, parameters: Mapping[str, Any]) -> None:
        """Runs, in a transaction of its own, a statement whose rows others write too: it waits for them and goes by
        what they committed, where one snapshot would only let it fail.
        """
        async with self.connection.transaction():
            await self.connection.execute("set transaction isolation level read committed")
            await self.run(name, parameters)

    async def fetch(
        self, statement: sql.Composed | bytes, parameters: Mapping[str, Any] | None = None
    ) -> list[TupleRow]:
        """Likewise of a composed one, planned for what the tables hold now."""
        cursor = await self.connection.execute(statement, parameters, prepare=False)
        return await cursor.fetchall() if cursor.description else []

    async def fetch_again(
        self, statement: bytes, parameters: Mapping[str, Any], *, position: int
    ) -> list[TupleRow]:
        """Likewise of one that is asked round by round: it is planned once, whatever its parameters, and once more when
        the log has grown to twice its length: what was right for small tables is not for large ones.
        """
        planned = b"%b\n-- %d" % (statement, position.bit_length())
        # nobody else's statement is counted: their texts are long, and new each time
        self.connection.prepare_threshold = 0
        try:
            cursor = await self.connection.execute(planned, parameters, prepare=True)
        finally:
            self.connection.prepare_threshold = None
        return await cursor.fetchall() if cursor.description else []

    async def columns(self, projection: Projection, place: str) -> tuple[str, ...]:
        """The names of the columns of the projection's table, which stands in schema `place`."""
        if projection not in self._columns:
            nothing = sql.SQL("select * from {} limit 0").format(sql.Identifier(place, projection.name))
            cursor = await self.connection.execute(nothing, prepare=False)
            self._columns[projection] = tuple(column.name for column in cursor.description or ())
        return self._columns[projection]

    async def last_position(self) -> int:
        position: int = (await self.run("last_position", {}))[0][0]
        return position

    async def states(self) -> dict[str, State]:
        """By name."""
        return {row[0]: State(*row) for row in await self.run("states", {})}

    async def lock(self, name: str) -> bool:
        """Whether this connection is the one that keeps the projection, until it closes."""
        is_mine: bool = (await self.run("lock", {"name": name}))[0][0]
        return is_mine

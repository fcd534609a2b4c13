"""Building a table anew beside the live one: filled key by key, caught up, switched in one transaction.

Every step is a transaction that leaves behind how far it came: whoever is killed, the next worker goes on from there.
"""

from typing import Final

from psycopg import sql

from projections.engine_desk import Desk, State
from projections.engine_refresh import ALL, Vias, pass_on, replace, touched
from projections.projection import Projection

SWITCH_PATIENCE: Final = "100ms"
"""Readers that come during a switch wait no longer than this; a switch that does not get the table tries again."""


class Building:
    """One projection's new table, in the schema for tables that are not ready."""

    def __init__(self, desk: Desk, projection: Projection, vias: Vias, most_keys: int) -> None:
        self._desk = desk
        self._projection = projection
        self._vias = vias
        self._most_keys = most_keys
        self._words: dict[str, sql.Composable] = {
            "new": sql.Identifier(desk.names.building, projection.name),
            "live": sql.Identifier(desk.names.live, projection.name),
            "live_schema": sql.Identifier(desk.names.live),
            "building_schema": sql.Identifier(desk.names.building),
            "recorder": sql.Identifier(desk.names.county.recorder),
            "definition": projection.definition,
        }

    async def step(self, target: int) -> bool:
        """One transaction nearer to taking over at `target`; whether it came nearer."""
        async with self._desk.connection.transaction():
            state = (await self._desk.states())[self._projection.name]
            position = state.building_position
            if state.building != self._projection.hash or position is None:
                await self._begin(target)
            elif not state.is_filled:
                await self._fill(state, position)
            elif position > target:
                return False
            else:
                await self._take_over(state, position, target)
        return True

    async def _begin(self, position: int) -> None:
        await self._execute("drop table if exists {new}")
        await self._execute("create table {new} as select * from ({definition}\n) as told with no data", {})
        await self._execute("set local search_path = {building_schema}, {live_schema}, pg_temp")
        await self._desk.connection.execute(self._projection.table.encode())
        await self._execute("set local search_path = {path}", path=self._desk.names.path)
        await self._desk.run(
            "building_began",
            {
                "name": self._projection.name,
                "definition": self._projection.hash,
                "position": position,
                "total": await self._total(position),
            },
        )

    async def _fill(self, state: State, position: int) -> None:
        keys = await self._keys_behind(state.built_upto or "", position)
        if keys or self._projection.is_whole:
            await replace(
                self._desk, self._projection, self._desk.names.building, set(keys), position, vias=()
            )
        done = {
            "name": self._projection.name,
            "built_upto": keys[-1] if keys else state.built_upto,
            "keys": len(keys),
            "is_filled": self._projection.is_whole or len(keys) < self._most_keys,
        }
        await self._desk.run("filled", done)

    async def _take_over(self, state: State, position: int, target: int) -> None:
        keys = await touched(self._desk, self._projection, position, target)
        if ALL in keys and not self._projection.is_whole:
            await self._begin(target)
            return
        if keys:
            place = self._desk.names.building
            await replace(self._desk, self._projection, place, keys, target, vias=())
        await self._desk.run("building_advanced", {"name": self._projection.name, "position": target})
        await self._switch()
        if state.definition is not None:
            await pass_on(self._desk, self._projection, target, {via: {ALL} for via in self._vias})

    async def _switch(self) -> None:
        """The only moment at which a reader can find the table locked."""
        await self._execute("analyze {new}")
        await self._execute("set local lock_timeout = {patience}", patience=sql.Literal(SWITCH_PATIENCE))
        await self._execute("drop table if exists {live}")
        await self._execute("alter table {new} set schema {live_schema}")
        await self._execute("grant select on {live} to {recorder}")
        await self._desk.run("switched", {"name": self._projection.name})

    async def _total(self, position: int) -> int:
        of_streams = {"kinds": list(self._projection.kinds), "upto": position}
        total: int = (await self._desk.run("stream_count", of_streams))[0][0]
        return total

    async def _keys_behind(self, key: str, position: int) -> list[str]:
        """The next keys in order; none of a whole projection."""
        if self._projection.is_whole:
            return []
        span = {"after": key, "upto": position, "limit": self._most_keys}
        rows = await self._desk.run("stream_keys", span | {"kinds": list(self._projection.kinds)})
        for need in self._projection.needs:
            if need.via is not None:
                rows += await self._keys_of(need.name, need.via, key)
        return sorted({row[0] for row in rows})[: self._most_keys]

    async def _keys_of(self, other: str, via: str, after: str) -> list[tuple[str]]:
        statement = sql.SQL(
            'select distinct {via} collate "C" from {other} where {via} collate "C" > %(after)s order by 1 limit %(limit)s'
        ).format(via=sql.Identifier(via), other=sql.Identifier(other))
        rows = await self._desk.fetch(statement, {"after": after, "limit": self._most_keys})
        return [(row[0],) for row in rows]

    async def _execute(
        self, statement: str, parameters: dict[str, object] | None = None, **words: sql.Composable
    ) -> None:
        await self._desk.fetch(sql.SQL(statement).format(**(self._words | words)), parameters)

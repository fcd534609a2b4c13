"""Building a table anew beside the live one: filled portion by portion, caught up, switched in one transaction.

Every step is a transaction that leaves behind how far it came: whoever is killed, the next worker goes on from there.
Portions may be filled by several connections at a time.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from psycopg import sql
from psycopg.errors import LockNotAvailable

from projections.engine_desk import Desk, State
from projections.engine_gathering import Gathering, Portion
from projections.engine_refresh import ALL, Touching, Vias, fill, replace
from projections.projection import Need, Projection

SWITCH_TRIES: Final = 40
SWITCH_AGAIN_SECONDS: Final = 0.005
"""A switch takes the table when nobody reads it; it never stands in line, where readers would queue up behind it."""
URGENT_PATIENCE: Final = "50ms"
BEGIN_PATIENCE: Final = "1s"
"""Whoever still fills the table that is to be begun anew gives it back by then, or it is begun later."""
MOST_KEYS_AT_ONCE: Final = 25_000
"""Cases whose events a hand can keep and sort in memory, see engine_schema.connect_to_fill."""
NARROW_GAP: Final = 20_000
"""Events that may be missing when a table takes over; over a longer way it catches up first."""


async def finish(desk: Desk, projection: Projection) -> None:
    """Makes the keys and indexes of a table that is filled, and what is planned by; in the caller's transaction."""
    words = {
        "new": sql.Identifier(desk.names.building, projection.name),
        "building": sql.Identifier(desk.names.building),
        "live": sql.Identifier(desk.names.live),
        "path": desk.names.path,
    }
    # an index is made faster of rows that are there than row by row
    await desk.fetch(sql.SQL("set local search_path = {building}, {live}, pg_temp").format(**words))
    await desk.connection.execute(projection.table.encode())
    await desk.fetch(sql.SQL("set local search_path = {path}").format(**words))
    # enough to plan by; autovacuum looks more closely afterwards
    await desk.fetch(sql.SQL("set local default_statistics_target = 10").format())
    await desk.fetch(sql.SQL("analyze {new}").format(**words))


class Claim(NamedTuple):
    """A portion of a table's keys that a hand fills."""

    name: str
    portion: int
    above: str | None
    upto: str | None
    keys: int
    position: int


class Filler:
    """Fills portions of tables over one connection: one hand of several."""

    def __init__(self, desk: Desk, gathering: Gathering, hand: int = 0, hands: int = 1) -> None:
        self._desk = desk
        self._gathering = gathering
        self._hand = {"hand": hand, "hands": hands}

    async def fill_next(self, projections: Sequence[Projection]) -> bool:
        """One transaction: fills a portion that nobody else fills, of one of them and of those that are cut alike; where
        there is none, finishes a table that is filled. False where there is neither.

        Raises psycopg.Error; `at` then says whose table it was.
        """
        self.at: Projection | None = None
        by_name = {projection.name: projection for projection in projections}
        return await self._fill_portion(projections, by_name) or await self._finish(by_name)

    async def _finish(self, by_name: Mapping[str, Projection]) -> bool:
        async with self._desk.connection.transaction():
            claimed = await self._desk.run("claim_filled", {"names": list(by_name)})
            if not claimed:
                return False
            self.at = by_name[claimed[0][0]]
            await finish(self._desk, self.at)
            await self._desk.run("uncut", {"name": self.at.name})
            await self._desk.run("is_filled", {"name": self.at.name})
        return True

    async def _fill_portion(
        self, projections: Sequence[Projection], by_name: Mapping[str, Projection]
    ) -> bool:
        held = self._gathering.portion or Portion(None, None)
        wish = self._hand | {"names": list(by_name), "above": held.above, "upto": held.upto}
        async with self._desk.connection.transaction():
            claimed = await self._desk.run("claim", wish)
            if not claimed:
                return False
            filled = [Claim(*row) for row in claimed]
            filled += [Claim(*row) for row in await self._claim_alike(filled[0], by_name)]
            for claim in filled:
                self.at = by_name[claim.name]
                await self._fill(self.at, projections, Portion(claim.above, claim.upto), claim.position)
            # how far each is told last: other hands would wait until this transaction ends
            for claim in sorted(filled):
                await self._desk.run("portion_filled", {"name": claim.name, "portion": claim.portion})
                await self._desk.run("filled", {"name": claim.name, "keys": claim.keys})
        return True

    async def _claim_alike(self, first: Claim, by_name: Mapping[str, Projection]) -> list[tuple[Any, ...]]:
        kinds = by_name[first.name].kinds
        others = [name for name, each in by_name.items() if each.kinds == kinds and name != first.name]
        return await self._desk.run("claim_alike", {**first._asdict(), "names": others})

    async def _fill(
        self, projection: Projection, fellows: Sequence[Projection], portion: Portion, position: int
    ) -> None:
        try:
            await self._desk.run("narrow", {"upto": str(position)})
            await self._gathering.gather_portion(projection, fellows, portion, position)
            await fill(self._desk, projection, self._desk.names.building, portion)
        except BaseException:
            self._gathering.forget()
            raise


class Building:
    """One projection's new table, in the schema for tables that are not ready."""

    def __init__(
        self,
        desk: Desk,
        projection: Projection,
        vias: Vias,
        most_keys: int,
        fellows: Sequence[Projection] = (),
        *,
        is_urgent: bool = False,
    ) -> None:
        """`fellows`: projections of the same streams; those that are being built lend their portions. `is_urgent`: the
        switch has found readers at every try, and may let some wait for a moment.
        """
        self._desk = desk
        self._projection = projection
        self._vias = vias
        self._most_keys = most_keys
        self._fellows = fellows
        self._is_urgent = is_urgent
        self._words: dict[str, sql.Composable] = {
            "new": sql.Identifier(desk.names.building, projection.name),
            "live": sql.Identifier(desk.names.live, projection.name),
            "switching": sql.Identifier(desk.names.live, "switching"),
            "live_schema": sql.Identifier(desk.names.live),
            "recorder": sql.Identifier(desk.names.county.recorder),
            "definition": projection.definition,
        }

    async def step(self, target: int) -> bool:
        """One transaction nearer to taking over at `target`; False where portions wait to be filled, or it must wait."""
        async with self._desk.connection.transaction():
            await self._desk.run("hold", {})
            states = await self._desk.states()
            state = states[self._projection.name]
            position = state.building_position
            if state.building != self._projection.hash or position is None:
                await self._begin(target, states)
            elif not state.is_filled:
                return self._projection.is_whole and await self._fill_whole(position)
            elif position > target:
                return False
            elif target - position > NARROW_GAP:
                await self._catch_up(position, target)
            else:
                await self._take_over(state, position, target)
        return True

    async def _begin(self, target: int, states: dict[str, State]) -> None:
        fellow = self._fellow(target, states)
        position = (states[fellow.name].building_position if fellow else None) or target
        await self._execute("set local lock_timeout = {patience}", patience=sql.Literal(BEGIN_PATIENCE))
        await self._execute("drop table if exists {new}")
        # no autovacuum: it would look at half a table, and whoever makes the indexes would have to wait for it
        await self._execute(
            "create table {new} with (autovacuum_enabled = off)"
            " as select * from ({definition}\n) as told with no data",
            {},
        )
        name = {"name": self._projection.name}
        await self._desk.run("uncut", name)
        await self._cut(fellow)
        total = (await self._desk.run("planned", name))[0][0]
        begun = {"definition": self._projection.hash, "position": position, "total": total}
        await self._desk.run("building_began", name | begun)

    def _fellow(self, target: int, states: dict[str, State]) -> Projection | None:
        """One that is being filled from the same streams: built alike, both can read what was gathered once."""
        for fellow in self._fellows:
            state = states[fellow.name]
            position = state.building_position
            is_filling = state.building == fellow.hash and not state.is_filled
            if is_filling and position is not None and position <= target:
                return fellow
        return None

    async def _cut(self, fellow: Projection | None) -> None:
        name = {"name": self._projection.name}
        if self._projection.is_whole:
            return
        if fellow:
            await self._desk.run("cut_alike", name | {"fellow": fellow.name})
            return
        keys = [key for need in self._projection.needs for key in await self._keys_of(need)]
        kinds = list(self._projection.kinds)
        await self._desk.run(
            "cut",
            name | {"least": self._most_keys, "most": MOST_KEYS_AT_ONCE, "kinds": kinds, "keys": keys},
        )
        await self._desk.run("cut_once", name)

    async def _fill_whole(self, position: int) -> bool:
        await self._desk.run("narrow", {"upto": str(position)})
        await replace(
            self._desk, self._projection, self._desk.names.building, set(), vias=(), ask=self._desk.fetch
        )
        await finish(self._desk, self._projection)
        await self._desk.run("is_filled", {"name": self._projection.name})
        return True

    async def _catch_up(self, position: int, target: int) -> bool:
        """False where it had to begin anew."""
        keys = await Touching(self._desk).keys(self._projection, position, target)
        if ALL in keys and not self._projection.is_whole:
            await self._begin(target, await self._desk.states())
            return False
        if keys:
            await self._desk.run("narrow", {"upto": str(target)})
            await replace(
                self._desk, self._projection, self._desk.names.building, keys, vias=(), ask=self._desk.fetch
            )
        await self._desk.run("building_advanced", {"name": self._projection.name, "position": target})
        return True

    async def _take_over(self, state: State, position: int, target: int) -> None:
        if not await self._catch_up(position, target):
            return
        if state.definition is not None:
            await Touching(self._desk).pass_on(self._projection, target, {via: {ALL} for via in self._vias})
        await self._switch()

    async def _switch(self) -> None:
        """The only moment at which a reader can find the table locked: for some statements and a commit."""
        # whoever crashes now finds both tables as they were; a reader need not wait for the disk
        await self._execute("set local synchronous_commit = off")
        await self._seize()
        await self._execute("drop table if exists {live}")
        await self._execute("alter table {new} reset (autovacuum_enabled)")
        await self._execute("alter table {new} set schema {live_schema}")
        await self._execute("grant select on {live} to {recorder}")
        await self._desk.run("switched", {"name": self._projection.name})

    async def _seize(self) -> None:
        """Raises LockNotAvailable where the tables are being read all the time."""
        if not await self._has_live():
            return
        if self._is_urgent:
            await self._execute("set local lock_timeout = {patience}", patience=sql.Literal(URGENT_PATIENCE))
            await self._execute("lock table {switching}, {live} in access exclusive mode")
            return
        for _ in range(SWITCH_TRIES):
            try:
                async with self._desk.connection.transaction():
                    await self._execute("lock table {switching}, {live} in access exclusive mode nowait")
            except LockNotAvailable:
                await asyncio.sleep(SWITCH_AGAIN_SECONDS)
            else:
                return
        raise LockNotAvailable(f"{self._projection.name} is being read")

    async def _has_live(self) -> bool:
        name = sql.Literal(self._words["live"].as_string())
        rows = await self._desk.fetch(sql.SQL("select to_regclass({}) is not null").format(name))
        return bool(rows[0][0])

    async def _keys_of(self, need: Need) -> list[str]:
        if need.via is None:
            return []
        statement = sql.SQL("select distinct {via}::text from {other} where {via} is not null")
        words = {"via": sql.Identifier(need.via), "other": sql.Identifier(need.name)}
        return [row[0] for row in await self._desk.fetch(statement.format(**words))]

    async def _execute(
        self, statement: str, parameters: dict[str, object] | None = None, **words: sql.Composable
    ) -> None:
        await self._desk.fetch(sql.SQL(statement).format(**(self._words | words)), parameters)

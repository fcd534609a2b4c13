"""Bringing a table up to a position: the rows of the touched keys give way to those that the definition tells."""

from collections.abc import Mapping, Sequence
from typing import Final

from psycopg import Rollback, sql

from projections.engine_desk import Desk, State
from projections.engine_gathering import Gathering, Portion
from projections.projection import Projection

ALL: Final = "*"
"""As a key: every one."""

Vias = Sequence[str | None]
"""The columns that other projections want to hear of; see Need.via."""

REPLACE: Final = """
with told as materialized (
    select * from ({definition}\n) as told where {key} = any (%(keys)s)
),

kept as materialized (
    select * from {table} where {key} = any (%(keys)s)
),

-- What stands there already, and is left alone. A full join, because its sides are never compared each with each,
-- however few rows the planner expects of a definition.
same as materialized (
    select {told_identity}
    from told
    full join kept on ({kept_identity}) = ({told_identity})
    where coalesce(told.* *= kept.*, false)
),

gone as (
    delete from {table} as kept
    where kept.{key} = any (%(keys)s)
        and ({kept_identity}) not in (table same)
    returning {returned}
),

came as (
    insert into {table}
    select told.*
    from told
    -- behind all that went: one may come in the place of another
    where (select count(*) from gone) is not null
        and ({told_identity}) not in (table same)
    returning {returned}
)

select * from gone
union all
select * from came
"""
REPLACE_ALL: Final = """
with gone as (
    delete from {table}
    where {key} = any (%(keys)s)
    returning {returned}
),

came as (
    insert into {table}
    select *
    from ({definition}\n) as told
    where {key} = any (%(keys)s) and (select count(*) from gone) is not null
    returning {returned}
)

select * from gone
union all
select * from came
"""
"""Where the same row may stand there twice."""


AMENDMENTS: Final = frozenset(("event.corrected.v1", "event.voided.v1"))
"""Topics of events that change what others say, whichever they are."""


class Touching:
    """Which keys events touched, and other projections passed on, asked once for all projections."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.has_passed_on = False
        self._events: dict[tuple[int, int], list[tuple[str, str]]] = {}
        self._passed: dict[tuple[int, int], list[tuple[str, str, str]]] = {}

    def clear(self) -> None:
        self._events.clear()
        self._passed.clear()
        self.has_passed_on = False

    async def keys(self, projection: Projection, after: int, upto: int) -> set[str]:
        """The keys whose rows may differ between two positions."""
        seen = None if projection.is_whole else projection.topics
        keys = {
            stream
            for stream, topic in await self._of_kinds(projection.kinds, after, upto)
            if seen is None or topic in seen or topic in AMENDMENTS
        }
        if projection.needs:
            needed = {(need.name, need.via or "") for need in projection.needs}
            passed = await self._passed_on(after, upto)
            keys.update(key for name, via, key in passed if (name, via) in needed)
        return keys

    async def streams(self, kinds: tuple[str, ...], after: int, upto: int) -> frozenset[str]:
        """The streams of these kinds with events between two positions."""
        return frozenset(stream for stream, _ in await self._of_kinds(kinds, after, upto))

    async def _of_kinds(self, kinds: tuple[str, ...], after: int, upto: int) -> list[tuple[str, str]]:
        """Stream and topic of each event between two positions, but each pair once."""
        if (after, upto) not in self._events:
            rows = await self._desk.run("touched", {"after": after, "upto": upto})
            self._events[after, upto] = [(stream, topic) for stream, topic in rows]
        return [each for each in self._events[after, upto] if each[0].partition(":")[0] in kinds]

    async def _passed_on(self, after: int, upto: int) -> list[tuple[str, str, str]]:
        """By which projection, through which column, which key."""
        if (after, upto) not in self._passed:
            rows = await self._desk.run("passed_on", {"after": after, "upto": upto})
            self._passed[after, upto] = [(name, via, key) for name, via, key in rows]
        return self._passed[after, upto]

    async def pass_on(
        self, projection: Projection, position: int, changed: Mapping[str | None, set[str]]
    ) -> None:
        """Tells those that stand on it which keys changed on the way to `position`."""
        for via, keys in changed.items():
            if keys:
                passed = {"projection": projection.name, "via": via or "", "position": position}
                await self._desk.run("pass_on", passed | {"keys": sorted(keys)})
                self._passed.clear()
                self.has_passed_on = True


async def refresh(
    desk: Desk,
    projection: Projection,
    state: State,
    upto: int,
    vias: Vias,
    touching: Touching,
    gathering: Gathering,
) -> bool:
    """Takes the live table from its position to `upto`, in one transaction; whether it moved.

    Where every key was touched it stays, and asks to be built anew.
    """
    if upto <= state.position:
        return False
    async with desk.connection.transaction():
        gathering.begin()
        await desk.run("narrow", {"upto": str(upto)})
        if not await _bring(desk, projection, state, upto, vias, touching, gathering):
            if not state.is_rebuild_wanted and not state.building:
                await desk.run("want_rebuild", {"name": projection.name})
            return False
        await desk.run("advanced", {"names": [projection.name], "position": upto})
    return True


async def refresh_together(
    desk: Desk,
    states: Mapping[Projection, State],
    upto: int,
    vias: Mapping[Projection, Vias],
    touching: Touching,
    gathering: Gathering,
) -> bool:
    """Takes all live tables, which stand at one position, to `upto` in one transaction; False where that cannot be.

    Each stands in `states` behind those it needs. Raises psycopg.Error where any of them fails; then, and where it
    cannot be, nothing that was gathered or asked holds any more.
    """
    async with desk.connection.transaction() as together:
        gathering.begin()
        await desk.run("narrow", {"upto": str(upto)})
        for projection, state in states.items():
            if not await _bring(desk, projection, state, upto, vias[projection], touching, gathering):
                raise Rollback(together)
        await desk.run("advanced", {"names": [each.name for each in states], "position": upto})
        if touching.has_passed_on:
            await desk.run("forget_passed", {})
        return True
    return False


async def _bring(
    desk: Desk,
    projection: Projection,
    state: State,
    upto: int,
    vias: Vias,
    touching: Touching,
    gathering: Gathering,
) -> bool:
    """False where every key was touched: such a table is built anew."""
    keys = await touching.keys(projection, state.position, upto)
    if ALL in keys and not projection.is_whole:
        return False
    if keys:
        # what the others of the same streams will ask for, too
        streams = await touching.streams(projection.kinds, state.position, upto)
        await gathering.gather_keys(projection, keys | streams, upto)
        changed = await replace(desk, projection, desk.names.live, keys, vias)
        await touching.pass_on(projection, upto, changed)
    return True


async def replace(
    desk: Desk, projection: Projection, place: str, keys: set[str], vias: Vias
) -> dict[str | None, set[str]]:
    """Makes the keys' rows in the table of schema `place` what the definition tells; the changed values of each of
    `vias`. What stands there already is left alone, and its indexes, where a primary key tells rows apart.
    """
    if projection.is_whole:
        return await _replace_all(desk, projection, place, vias)
    words = _words(projection, place) | {"returned": _returned(vias)}
    for row in ("told", "kept"):
        names = [sql.Identifier(row, name) for name in projection.identity]
        words[f"{row}_identity"] = sql.SQL(", ").join(names)
    statement = sql.SQL(REPLACE if projection.identity else REPLACE_ALL)
    changed = await desk.fetch(statement.format(**words), {"keys": list(keys)})
    return {
        via: ({ALL} if changed else set())
        if via is None
        else {row[at] for row in changed if row[at] is not None}
        for at, via in enumerate(vias)
    }


async def fill(desk: Desk, projection: Projection, place: str, portion: Portion) -> None:
    """Inserts the rows of a portion's keys into the table of schema `place`, which holds none of them."""
    words = _words(projection, place) | {"condition": portion.of(sql.Identifier(projection.key))}
    await desk.fetch(
        sql.SQL("insert into {table} select * from ({definition}\n) as told where {condition}").format(
            **words
        ),
        {},
    )


async def _replace_all(
    desk: Desk, projection: Projection, place: str, vias: Vias
) -> dict[str | None, set[str]]:
    words = _words(projection, place)
    differing = sql.SQL(
        "create temporary table told on commit drop as select * from ({definition}\n) as told"
    ).format(**words)
    await desk.fetch(differing, {})
    rows = await desk.fetch(
        sql.SQL(
            "select exists ("
            "(table told except all table {table}) union all (table {table} except all table told))"
        ).format(**words)
    )
    if not rows[0][0]:
        return {}
    await desk.fetch(sql.SQL("delete from {table}").format(**words))
    await desk.fetch(sql.SQL("insert into {table} table told").format(**words))
    return {via: {ALL} for via in vias}


def _words(projection: Projection, place: str) -> dict[str, sql.Composable]:
    return {
        "table": sql.Identifier(place, projection.name),
        "key": sql.Identifier(projection.key),
        "definition": projection.definition,
    }


def _returned(vias: Vias) -> sql.Composable:
    columns = [sql.SQL("null") if via is None else sql.Identifier(via) for via in vias]
    return sql.SQL(", ").join(columns) if columns else sql.SQL("null")

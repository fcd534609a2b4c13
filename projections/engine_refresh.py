"""Bringing a table up to a position: the rows of the touched keys give way to those that the definition tells."""

from collections.abc import Sequence
from typing import Final

from psycopg import sql

from projections.engine_desk import Desk, State
from projections.engine_gathering import Gathering, Portion
from projections.projection import Projection

ALL: Final = "*"
"""As a key: every one."""

Vias = Sequence[str | None]
"""The columns that other projections want to hear of; see Need.via."""


class Touching:
    """Which streams events touched, asked once for all projections of the same streams."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._streams: dict[tuple[int, int, tuple[str, ...]], frozenset[str]] = {}

    def clear(self) -> None:
        self._streams.clear()

    async def keys(self, projection: Projection, after: int, upto: int) -> set[str]:
        """The keys whose rows may differ between two positions."""
        keys = set(await self._of_kinds(projection.kinds, after, upto))
        for need in projection.needs:
            passed = {"projection": need.name, "via": need.via or "", "after": after, "upto": upto}
            keys.update(row[0] for row in await self._desk.run("passed_on", passed))
        return keys

    async def _of_kinds(self, kinds: tuple[str, ...], after: int, upto: int) -> frozenset[str]:
        if not kinds:
            return frozenset()
        span = (after, upto, kinds)
        if span not in self._streams:
            asked = {"after": after, "upto": upto, "kinds": list(kinds)}
            self._streams[span] = frozenset(row[0] for row in await self._desk.run("touched", asked))
        return self._streams[span]


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
        keys = await touching.keys(projection, state.position, upto)
        if ALL in keys and not projection.is_whole:
            if not state.is_rebuild_wanted and not state.building:
                await desk.run("want_rebuild", {"name": projection.name})
            return False
        if keys:
            await desk.run("narrow", {"upto": str(upto)})
            await gathering.gather_keys(projection, keys, upto)
            changed = await replace(desk, projection, desk.names.live, keys, upto, vias)
            await pass_on(desk, projection, upto, changed)
        await desk.run("advanced", {"name": projection.name, "position": upto})
    return True


async def replace(
    desk: Desk, projection: Projection, place: str, keys: set[str], upto: int, vias: Vias
) -> dict[str | None, set[str]]:
    """Replaces the keys' rows in the table of schema `place`; the changed values of each of `vias`."""
    await desk.run("narrow", {"upto": str(upto)})
    if projection.is_whole:
        return await _replace_all(desk, projection, place, vias)
    words = _words(projection, place) | {"returned": _returned(vias)}
    gone = await desk.fetch(
        sql.SQL("delete from {table} where {key} = any (%(keys)s) returning {returned}").format(**words),
        {"keys": list(keys)},
    )
    came = await desk.fetch(
        sql.SQL(
            "insert into {table} select * from ({definition}\n) as told where {key} = any (%(keys)s)"
            " returning {returned}"
        ).format(**words),
        {"keys": list(keys)},
    )
    return {
        via: {ALL} if via is None else {row[at] for row in gone + came if row[at] is not None}
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


async def pass_on(
    desk: Desk, projection: Projection, position: int, changed: dict[str | None, set[str]]
) -> None:
    """Tells those that stand on it which keys changed on the way to `position`."""
    for via, keys in changed.items():
        passed = {"projection": projection.name, "via": via or "", "position": position}
        await desk.run("pass_on", passed | {"keys": sorted(keys)})


def _words(projection: Projection, place: str) -> dict[str, sql.Composable]:
    return {
        "table": sql.Identifier(place, projection.name),
        "key": sql.Identifier(projection.key),
        "definition": projection.definition,
    }


def _returned(vias: Vias) -> sql.Composable:
    columns = [sql.SQL("null") if via is None else sql.Identifier(via) for via in vias]
    return sql.SQL(", ").join(columns) if columns else sql.SQL("null")

"""Bringing a table up to a position: the rows of the touched keys give way to those that the definition tells."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Final, NamedTuple

from psycopg import Rollback, sql
from psycopg.rows import TupleRow

from projections.engine_desk import Desk, State
from projections.engine_gathering import Gathering, Portion, array_of
from projections.projection import Projection, Sight

COMMA: Final = sql.SQL(", ")
ALL: Final = "*"
"""As a key: every one."""

BRIEF_EVENTS: Final = 100
"""A round of at most so many events is told sooner by plans that stand than by better ones that are made for it: making them
takes as long as telling a hundred events."""

Vias = Sequence[str | None]
"""The columns that other projections want to hear of; see Need.via."""

Ask = Callable[[bytes, Mapping[str, Any]], Awaitable[list[TupleRow]]]

REPLACE: Final = """
-- What is told and what stands there, side by side, where they differ. A full join, because its sides are never compared
-- each with each, however few rows the planner expects of a definition. Column by column, because rows that are made to
-- be compared cost more than what they say.
with differing as materialized (
    select told.*, told.{key} is not null as "is told", kept.ctid as "place", {kept_passed}
    from (select * from ({definition}\n) as told where {key} = any (%(keys)s::text[])) as told
    full join (
        select *, ctid
        from {table}
        where {key} = any (%(keys)s::text[])
    ) as kept
    on ({kept_identity}) = ({told_identity})
    where told.{key} is null or kept.{key} is null or {differ}
),

gone as (
    delete from {table} as kept
    using differing
    where kept.ctid = differing."place" and not differing."is told"
    returning 1
),

-- in its place: where no index asks for what changed, none is written
changed as (
    update {table} as kept
    set {assignments}
    from differing
    where kept.ctid = differing."place" and differing."is told" and (select count(*) from gone) is not null
    returning 1
),

came as (
    insert into {table}
    select {columns}
    from differing
    -- behind all that went or changed: one may come in the place of another
    where "place" is null and (select count(*) from gone) + (select count(*) from changed) is not null
)

select distinct passed.*
from differing
cross join lateral (values ({told_passed}), ({was_passed})) as passed
"""
REPLACE_ALL: Final = """
with gone as (
    delete from {table}
    where {key} = any (%(keys)s::text[])
    returning {returned}
),

came as (
    insert into {table}
    select *
    from ({definition}\n) as told
    where {key} = any (%(keys)s::text[]) and (select count(*) from gone) is not null
    returning {returned}
)

select * from gone
union all
select * from came
"""
"""Where the same row may stand there twice."""


EXTEND: Final = """
insert into {table}
select *
from ({definition}\n) as told
where {key} = any (%(keys)s::text[]) and {grows} > %(after)s
"""
"""What stands there already stays as it is; see Projection.grows."""

AMENDMENTS: Final = frozenset(("event.corrected.v1", "event.voided.v1"))
"""Topics of events that change what others say, whichever they are."""


class Touch(NamedTuple):
    """What can be known of events without reading them."""

    kind: str
    """Of their streams, as "case"."""
    topic: str
    is_flagged: bool
    """Whether the rules flagged one of them."""


Touched = Mapping[Touch, set[str]]
"""The streams with such events."""


def _is_seen(touch: Touch, sight: Sight | None) -> bool:
    return (
        sight is None
        or touch.topic in sight.topics
        or touch.topic in AMENDMENTS
        or (touch.is_flagged and sight.sees_flagged)
    )


class Touching:
    """Which keys events touched, and other projections passed on, asked once for all projections."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.has_passed_on = False
        self._events: dict[tuple[int, int], Touched] = {}
        self._passed: dict[tuple[int, int], list[tuple[str, str, str]]] = {}

    def clear(self) -> None:
        self._events.clear()
        self._passed.clear()
        self.has_passed_on = False

    async def keys(self, projection: Projection, after: int, upto: int) -> set[str]:
        """The keys whose rows may differ between two positions."""
        sight = None if projection.is_whole else projection.sight
        touched = await self._touched(after, upto)
        keys = _streams(touched, lambda touch: touch.kind in projection.kinds and _is_seen(touch, sight))
        if projection.needs:
            needed = {(need.name, need.via or "") for need in projection.needs}
            passed = await self._passed_on(after, upto)
            keys.update(key for name, via, key in passed if (name, via) in needed)
        return keys

    async def streams(self, kinds: Collection[str], after: int, upto: int) -> set[str]:
        """The streams of these kinds with events between two positions."""
        return _streams(await self._touched(after, upto), lambda touch: touch.kind in kinds)

    async def amended(self, after: int, upto: int) -> set[str]:
        """The streams with amendments between two positions."""
        return _streams(await self._touched(after, upto), lambda touch: touch.topic in AMENDMENTS)

    async def _touched(self, after: int, upto: int) -> Touched:
        if (after, upto) not in self._events:
            touched: defaultdict[Touch, set[str]] = defaultdict(set)
            for stream, topic, is_flagged in await self._desk.run("touched", {"after": after, "upto": upto}):
                touched[Touch(stream.partition(":")[0], topic, is_flagged)].add(stream)
            self._events[after, upto] = touched
        return self._events[after, upto]

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
                await self._desk.run("pass_on", passed | {"keys": array_of(sorted(keys))})
                self._note(projection.name, via or "", position, keys)
                self.has_passed_on = True

    def _note(self, name: str, via: str, position: int, keys: set[str]) -> None:
        """Beside what was read already."""
        for (after, upto), rows in self._passed.items():
            if after < position <= upto:
                rows.extend((name, via, key) for key in keys)


def _streams(touched: Touched, is_meant: Callable[[Touch], bool]) -> set[str]:
    return set().union(*(streams for touch, streams in touched.items() if is_meant(touch)))


@dataclass(frozen=True, slots=True)
class Round:
    """One transaction that takes tables further, up to a position."""

    desk: Desk
    upto: int
    vias: Mapping[Projection, Vias]
    touching: Touching
    gathering: Gathering
    is_brief: bool = False
    """So few events that what tells them is planned once for all such rounds."""

    async def begin(self, *, is_passing: bool = False) -> None:
        """`is_passing`: nobody asks behind this transaction for what it gathers."""
        self.gathering.begin(is_passing=is_passing)
        await self.desk.run("hold", {})  # another worker may keep what these stand on
        await self.desk.run("narrow", {"upto": str(self.upto)})
        if self.is_brief:
            await self.desk.run("plan_once", {})

    async def bring(self, projection: Projection, state: State) -> bool:
        """False where every key was touched: such a table is built anew."""
        keys = await self.touching.keys(projection, state.position, self.upto)
        if ALL in keys and not projection.is_whole:
            return False
        if keys:
            # what the others will ask for, too
            kinds = {kind for each in self.vias if each.is_of_streams for kind in each.kinds}
            streams = await self.touching.streams(kinds, state.position, self.upto)
            await self.gathering.gather_keys(projection, keys | streams, self.upto)
            changed = await self._renew(projection, state, keys)
            await self.touching.pass_on(projection, self.upto, changed)
        return True

    async def _renew(
        self, projection: Projection, state: State, keys: set[str]
    ) -> dict[str | None, set[str]]:
        vias = self.vias[projection]
        if projection.grows and not vias:
            amended = await self.touching.amended(state.position, self.upto)
            await self._extend(projection, keys - amended, state.position)
            keys &= amended
        return (
            await replace(self.desk, projection, self.desk.names.live, keys, vias, ask=self._ask)
            if keys
            else {}
        )

    @property
    def _ask(self) -> Ask:
        return partial(self.desk.fetch_again, position=self.upto) if self.is_brief else self.desk.fetch

    async def _extend(self, projection: Projection, keys: set[str], after: int) -> None:
        """Adds the rows of the keys' events behind a position to the live table; see Projection.grows."""
        if keys:
            statement = _extending(projection, self.desk.names.live)
            await self._ask(statement, {"keys": array_of(keys), "after": after})


async def refresh(this: Round, projection: Projection, state: State) -> bool:
    """Takes the live table from its position to the round's, in one transaction; whether it moved.

    Where every key was touched it stays, and asks to be built anew.
    """
    if this.upto <= state.position:
        return False
    async with this.desk.connection.transaction():
        await this.begin()
        if not await this.bring(projection, state):
            if not state.is_rebuild_wanted and not state.building:
                await this.desk.run("want_rebuild", {"name": projection.name})
            return False
        await this.desk.run("advanced", {"names": [projection.name], "position": this.upto})
    return True


async def refresh_together(this: Round, states: Mapping[Projection, State]) -> bool:
    """Takes all live tables, which stand at one position, further in one transaction; False where that cannot be.

    Each stands in `states` behind those it needs. Raises psycopg.Error where any of them fails; then, and where it
    cannot be, nothing that was asked holds any more.
    """
    async with this.desk.connection.transaction() as together:
        await this.begin(is_passing=True)
        for projection, state in states.items():
            if not await this.bring(projection, state):
                raise Rollback(together)
        await this.desk.run("advanced", {"names": [each.name for each in states], "position": this.upto})
        if this.touching.has_passed_on:
            await this.desk.run("forget_passed", {})
        return True
    return False


async def replace(
    desk: Desk, projection: Projection, place: str, keys: set[str], vias: Vias, *, ask: Ask
) -> dict[str | None, set[str]]:
    """Makes the keys' rows in the table of schema `place` what the definition tells; the changed values of each of
    `vias`. What stands there already is left alone, and its indexes, where a primary key tells rows apart.

    `ask`: how the desk is asked: `fetch` or `fetch_again`.
    """
    if projection.is_whole:
        return await _replace_all(desk, projection, place, vias)
    statement = _replacing(projection, place, await desk.columns(projection, place), tuple(vias))
    changed = await ask(statement, {"keys": array_of(keys)})
    return {
        via: ({ALL} if changed else set())
        if via is None
        else {row[at] for row in changed if row[at] is not None}
        for at, via in enumerate(vias)
    }


@cache
def _replacing(
    projection: Projection, place: str, columns: tuple[str, ...], vias: tuple[str | None, ...]
) -> bytes:
    words = _words(projection, place)
    if projection.identity:
        statement = sql.SQL(REPLACE).format(**words, **_side_by_side(projection, columns, vias))
    else:
        statement = sql.SQL(REPLACE_ALL).format(**words, returned=_returned(vias))
    return statement.as_bytes()


def _side_by_side(projection: Projection, columns: Sequence[str], vias: Vias) -> dict[str, sql.Composable]:
    """The words of REPLACE for what is told and for what is kept."""
    names = [sql.Identifier(column) for column in columns]
    passed = [sql.NULL if via is None else sql.Identifier(via) for via in vias or (None,)]
    was = [sql.Identifier(f"was {n}") for n in range(len(passed))]
    return {
        "columns": COMMA.join(names),
        "assignments": COMMA.join(sql.SQL("{} = differing.{}").format(name, name) for name in names),
        "differ": sql.SQL(" or ").join(
            sql.SQL("told.{} is distinct from kept.{}").format(name, name) for name in names
        ),
        "told_identity": COMMA.join(sql.Identifier("told", name) for name in projection.identity),
        "kept_identity": COMMA.join(sql.Identifier("kept", name) for name in projection.identity),
        "kept_passed": COMMA.join(
            sql.SQL("{} as {}").format(sql.NULL if via is None else sql.Identifier("kept", via), name)
            for via, name in zip(vias or (None,), was, strict=True)
        ),
        "told_passed": COMMA.join(passed),
        "was_passed": COMMA.join(was),
    }


@cache
def _extending(projection: Projection, place: str) -> bytes:
    words = _words(projection, place) | {"grows": sql.Identifier(projection.grows or "")}
    return sql.SQL(EXTEND).format(**words).as_bytes()


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
    return COMMA.join(columns) if columns else sql.SQL("null")

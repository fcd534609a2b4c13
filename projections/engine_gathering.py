"""The events of some streams, read and parsed once for every projection that asks for them.

They lie in a temporary table, under views that have the names of `effective_events` and `parsed_events`; a transaction
whose search_path begins with `pg_temp` reads them instead of the log. Sound for projections of streams: the rows of a key follow from the events of
that stream alone, up to a position, and those never change (0088).
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import psycopg
from psycopg import sql

from projections.engine_desk import Desk
from projections.projection import Projection
from projections.reach import Reach, all_of

COLUMNS: Final = ("position", "stream", "version", "topic", "occurred_at", "recorded_at", "fact", "envelope")
VIEWS: Final = {"effective_events": "is_standing", "parsed_events": "is_recorded"}
"""By name: which of the gathered rows it shows. Of a stream without amendments all are both."""
_ESCAPED: Final = re.compile(r'["\\]')
AMENDMENTS: Final = sql.SQL("('event.corrected.v1', 'event.voided.v1')")

RECORDED: Final = "select {columns} from {recorded} where {streams} and {topics} and position <= {upto}"
RECORDED_IN_PARTS: Final = """
select
    position,
    stream,
    version,
    topic,
    occurred_at,
    recorded_at,
    case
        when topic <> all ({facts}) then null
        when place > 0 then convert_from(substr(state, place + 8, length(state) - place - 8), 'UTF8')::jsonb
        else convert_from(state, 'UTF8')::jsonb -> 'fact'
    end,
    case
        when topic <> all ({actors}) then null
        when topic <> all ({envelopes}) and substr(state, 1, 22) = '{{"envelope":{{"actor":{{'::bytea
            then convert_from(substr(state, 13, position('}}'::bytea in state) - 12) || '}}'::bytea, 'UTF8')::jsonb
        when place > 0 and substr(state, 1, 12) = '{{"envelope":'::bytea
            then convert_from(substr(state, 13, place - 13), 'UTF8')::jsonb
        else convert_from(state, 'UTF8')::jsonb -> 'envelope'
    end
from events
cross join lateral (
    select case
        when topic = any ({facts}) or topic = any ({envelopes}) then position(',"fact":'::bytea in state)
    end as place
    offset 0
) as told
where {streams} and {topics} and position <= {upto}
"""
"""Parsed is what is asked for. The bytes are canonical: the fact stands behind the envelope, in which the actor is the first,
and a quotation mark within a text is escaped. Cut within one of them a part is no JSON, for it closes more than it opens, or
less; then nothing is gathered."""


def array_of(keys: Iterable[str]) -> str:
    """As PostgreSQL writes it: told so often in a round, it is written here, not by the driver."""
    told = list(keys)
    # hardly ever a key holds what must be escaped: it is looked for in all at once
    if _ESCAPED.search("".join(told)):
        told = [_ESCAPED.sub(r"\\\g<0>", key) for key in told]
    return '{"' + '","'.join(told) + '"}' if told else "{}"


class Portion(NamedTuple):
    """The keys above one and up to another; None: no such end."""

    above: str | None
    upto: str | None

    def of(self, key: sql.Composable) -> sql.Composed:
        """As a condition on a column of type text."""
        bounds: list[sql.Composable] = [sql.SQL("true")]
        for sign, bound in ((">", self.above), ("<=", self.upto)):
            if bound is not None:
                bounds.append(sql.SQL('{} collate "C" {} {}').format(key, sql.SQL(sign), sql.Literal(bound)))
        return sql.SQL(" and ").join(bounds)


class _Table(NamedTuple):
    name: str
    at_commit: str
    emptied_by: str


_LASTING: Final = _Table("gathered_events", at_commit="preserve rows", emptied_by="truncate")
_PASSING: Final = _Table("passing_events", at_commit="delete rows", emptied_by="delete from")
"""What is truncated is another table to whoever reads it, and planned anew; what goes with its transaction is not."""


class Gathering:
    """What one connection has gathered. Call within a transaction; after its failure, `forget`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._keys: frozenset[str] = frozenset()
        self._portion: tuple[tuple[str, ...], Portion] | None = None
        self._reach = Reach()
        self._upto = -1
        self._stands_first = False
        self._table = _LASTING
        self._words = {"log": sql.Identifier(desk.names.live, "effective_events"), "path": desk.names.path}

    @property
    def portion(self) -> Portion | None:
        return self._portion[1] if self._portion else None

    def begin(self, *, is_passing: bool = False) -> None:
        """A transaction begins: in it, the log is read until something is gathered; which goes with it, or lasts."""
        self._stands_first = False
        self._use(_PASSING if is_passing else _LASTING)

    def forget(self) -> None:
        self._keys, self._portion, self._reach, self._upto = frozenset(), None, Reach(), -1

    def _use(self, table: _Table) -> None:
        if table is _PASSING or table is not self._table:
            self.forget()
        self._table = table

    async def gather_keys(self, projection: Projection, keys: set[str], upto: int) -> None:
        """From here on `effective_events` are those of `keys` up to a position, where the projection is of streams; else,
        the log's.
        """
        if not projection.is_of_streams:
            await self._stand_back()
            return
        if self._upto != upto or not keys <= self._keys:
            condition = sql.SQL("stream = any ({}::text[])").format(sql.Literal(array_of(keys)))
            if not await self._gather([condition], Reach(), upto):
                await self._stand_back()
                return
            self._keys, self._upto = frozenset(keys), upto
        if not self._stands_first:
            await self._stand_first()

    async def gather_portion(
        self, projection: Projection, fellows: Sequence[Projection], portion: Portion, upto: int
    ) -> None:
        """Likewise of the streams of a portion, and at least what `projection` and its `fellows` can see of them."""
        if not projection.is_of_streams:
            return
        self._use(_LASTING)
        is_held = self._upto == upto and self._portion == (projection.kinds, portion)
        if not is_held or not self._reach.holds(projection.reach):
            alike = [fellow.reach for fellow in fellows if fellow.kinds == projection.kinds]
            reach = all_of([projection.reach, *alike])
            if not await self._gather(_conditions(projection.kinds, portion), reach, upto):
                return
            await self._run("analyze {temporary} (stream, topic, position)")
            self._portion, self._upto, self._reach = (projection.kinds, portion), upto, reach
        await self._stand_first()

    async def _gather(self, conditions: Sequence[sql.Composable], reach: Reach, upto: int) -> bool:
        """False where an event cannot be read; whoever needs it will hear why."""
        self.forget()
        try:
            async with self._desk.connection.transaction():
                await self._make()
                await self._run("{emptied_by} {temporary}")
                for streams in conditions:
                    await self._insert(streams, reach, upto)
        except psycopg.DataError:
            return False
        return True

    async def _make(self) -> None:
        if await self._is_made():
            return
        for table in (_LASTING, _PASSING):  # the views are of one
            await self._run("drop table if exists {other} cascade", other=_named(table))
        await self._run(
            "create temporary table {temporary} (like {log}, is_recorded boolean, is_standing boolean)"
            " on commit {at_commit}"
        )
        for view, condition in VIEWS.items():
            await self._run(
                "create temporary view {view} as select {columns} from {temporary} where {condition}",
                view=sql.Identifier(view),
                columns=sql.SQL(", ").join(map(sql.Identifier, COLUMNS)),
                condition=sql.Identifier(condition),
            )

    async def _is_made(self) -> bool:
        made = sql.SQL("select to_regclass({}) is not null").format(f"pg_temp.{self._table.name}")
        return bool((await self._desk.fetch(made))[0][0])

    async def _insert(self, streams: sql.Composable, reach: Reach, upto: int) -> None:
        """Nearly no stream has amendments, and what was recorded stands: only in those that have, each event's are
        looked for, and what stands is told beside what was recorded.
        """
        rows = await self._desk.fetch(
            sql.SQL("select distinct stream from events where topic in {amendments} and {streams}").format(
                amendments=AMENDMENTS, streams=streams
            )
        )
        words: dict[str, sql.Composable] = {
            "columns": sql.SQL(", ").join(map(sql.Identifier, COLUMNS)),
            "streams": streams,
            "topics": sql.SQL("true")
            if reach.topics is None
            else sql.SQL("topic = any ({})").format(sql.Literal(sorted(reach.topics))),
            "facts": sql.Literal(sorted(reach.facts or ())),
            "envelopes": sql.Literal(sorted(reach.envelopes or ())),
            "actors": sql.Literal(sorted(reach.actors or ())),
            "amended": sql.Literal([row[0] for row in rows]),
            "upto": sql.Literal(upto),
            "recorded": sql.Identifier(self._desk.names.live, "parsed_events"),
            "standing": sql.Identifier(self._desk.names.live, "effective_events"),
        }
        # the position as a number: the settings of the transaction would be read anew for every event
        recorded = RECORDED if None in (reach.facts, reach.envelopes, reach.actors) else RECORDED_IN_PARTS
        await self._run(
            "insert into {temporary} select told.*, true, stream <> all ({amended}) from ({told}) as told",
            told=sql.SQL(recorded).format(**(self._words | words)),
            **words,
        )
        if rows:
            await self._run(
                "insert into {temporary} select {columns}, false, true"
                " from {standing} where {streams} and {topics} and stream = any ({amended})",
                **words,
            )

    async def _stand_first(self) -> None:
        await self._run("set local search_path = pg_temp, {path}")
        self._stands_first = True

    async def _stand_back(self) -> None:
        if self._stands_first:
            await self._run("set local search_path = {path}")
            self._stands_first = False

    async def _run(self, statement: str, **words: sql.Composable) -> None:
        table = {
            "temporary": _named(self._table),
            "at_commit": sql.SQL(self._table.at_commit),
            "emptied_by": sql.SQL(self._table.emptied_by),
        }
        await self._desk.fetch(sql.SQL(statement).format(**(self._words | table | words)))


def _named(table: _Table) -> sql.Identifier:
    return sql.Identifier("pg_temp", table.name)


def _conditions(kinds: Sequence[str], portion: Portion) -> list[sql.Composable]:
    return [
        sql.SQL("stream >= {} and stream < {} and {}").format(
            sql.Literal(f"{kind}:"), sql.Literal(f"{kind};"), portion.of(sql.Identifier("stream"))
        )
        for kind in kinds
    ]

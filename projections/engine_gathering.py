"""The events of some streams, read and parsed once for every projection that asks for them.

They lie in a temporary table that has the name of `effective_events`; a transaction whose search_path begins with
`pg_temp` reads it instead of the log. Sound for projections of streams: the rows of a key follow from the events of
that stream alone, up to a position, and those never change (0088).
"""

from collections.abc import Sequence
from typing import NamedTuple

import psycopg
from psycopg import sql

from projections.engine_desk import Desk
from projections.projection import Projection


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


class Gathering:
    """What one connection has gathered. Call within a transaction; after its failure, `forget`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._keys: frozenset[str] = frozenset()
        self._portion: tuple[tuple[str, ...], Portion] | None = None
        self._upto = -1
        self._words = {
            "log": sql.Identifier(desk.names.live, "effective_events"),
            "temporary": sql.SQL("pg_temp.effective_events"),
            "path": desk.names.path,
        }

    @property
    def portion(self) -> Portion | None:
        return self._portion[1] if self._portion else None

    def forget(self) -> None:
        self._keys, self._portion, self._upto = frozenset(), None, -1

    async def gather_keys(self, projection: Projection, keys: set[str], upto: int) -> None:
        """From here to the end of the transaction `effective_events` are those of `keys` up to a position."""
        if not projection.is_of_streams:
            return
        if self._upto != upto or not keys <= self._keys:
            condition = sql.SQL("stream = any ({})").format(sql.Literal(list(keys)))
            if not await self._gather([condition]):
                return
            self._keys, self._upto = frozenset(keys), upto
        await self._stand_first()

    async def gather_portion(self, projection: Projection, portion: Portion, upto: int) -> None:
        """Likewise of the streams of a portion."""
        if not projection.is_of_streams:
            return
        if self._upto != upto or self._portion != (projection.kinds, portion):
            if not await self._gather(_conditions(projection.kinds, portion)):
                return
            await self._run("analyze {temporary} (stream, topic, position)")
            self._portion, self._upto = (projection.kinds, portion), upto
        await self._stand_first()

    async def _gather(self, conditions: Sequence[sql.Composable]) -> bool:
        """False where an event cannot be read; whoever needs it will hear why."""
        self.forget()
        try:
            async with self._desk.connection.transaction():
                await self._run("create temporary table if not exists effective_events (like {log})")
                await self._run("truncate {temporary}")
                for condition in conditions:
                    await self._insert(condition)
        except psycopg.DataError:
            return False
        return True

    async def _insert(self, condition: sql.Composable) -> None:
        """Nearly no stream has amendments: only in those that have, each event's are looked for."""
        rows = await self._desk.fetch(
            sql.SQL(
                "select distinct stream from events"
                " where topic in ('event.corrected.v1', 'event.voided.v1') and {}"
            ).format(condition)
        )
        amended = sql.Literal([row[0] for row in rows])
        for source, choice in (("recorded_events", "<> all"), ("effective_events", "= any")):
            await self._run(
                "insert into {temporary} select * from {source} where {condition} and stream {choice} ({amended})",
                source=sql.Identifier(self._desk.names.live, source),
                condition=condition,
                choice=sql.SQL(choice),
                amended=amended,
            )

    async def _stand_first(self) -> None:
        await self._run("set local search_path = pg_temp, {path}")

    async def _run(self, statement: str, **words: sql.Composable) -> None:
        await self._desk.fetch(sql.SQL(statement).format(**(self._words | words)))


def _conditions(kinds: Sequence[str], portion: Portion) -> list[sql.Composed]:
    stream = sql.Identifier("stream")
    return [
        sql.SQL("stream >= {} and stream < {} and {}").format(
            sql.Literal(f"{kind}:"), sql.Literal(f"{kind};"), portion.of(stream)
        )
        for kind in kinds
    ]

"""The rows of the log, read as PostgreSQL sends them."""

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Final, cast

import psycopg
from psycopg import sql
from psycopg.abc import Loader
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.generators import fetch, send
from psycopg.pq import ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGresult

from domain.evidence.verify import Event, Trust
from ops.verify.leaves import Leaves, Portion
from ops.verify.tree import TILE

AT_ONCE: Final = TILE
"""So many rows are held at a time: few enough to stay near the processor until they are hashed."""
_ROWS: Final = """
select
    position::bigint,
    coalesce(version::bigint, 0),
    -- sent as microseconds since 2000, these become those since 1970; a time that nothing can have happened at becomes
    -- another such time, and its event is found to be wrong like any other
    least(greatest(occurred_at, '0001-01-01Z'), '9900-01-01Z') + interval '946684800 seconds',
    least(greatest(recorded_at, '0001-01-01Z'), '9900-01-01Z') + interval '946684800 seconds',
    coalesce(stream::text, ''),
    coalesce(topic::text, ''),
    coalesce(signature, ''),
    coalesce(state, '')
from {events}
where {which}
"""
_BETWEEN: Final = "position between {first} and {last} order by position"
_OF_STREAM: Final = "stream = {stream} order by version"


@dataclass(frozen=True, slots=True)
class Source:
    """Where the rows are, and what their log is called."""

    dsn: str
    schema: str
    origin: str


def portions(connection: psycopg.Connection, source: Source, first: int, last: int) -> Generator[Portion]:
    """The rows between two positions, in order. Whoever stops before the last closes it."""
    return _portions(connection, source, sql.SQL(_BETWEEN).format(first=first, last=last))


def _portions(connection: psycopg.Connection, source: Source, which: sql.Composable) -> Generator[Portion]:
    asked = sql.SQL(_ROWS).format(events=sql.Identifier(source.schema, "events"), which=which)
    with closing(_results(connection, asked.as_bytes(connection))) as results:
        fields = _Fields(connection)
        for result in results:
            yield Portion(*zip(*fields.of(result), strict=True))


class _Fields:
    """Of each row as it was sent: what is only hashed is not made into numbers, words and times first."""

    def __init__(self, connection: psycopg.Connection) -> None:
        cursor = connection.cursor(binary=True)
        known = cursor.adapters
        raw = cast("type[Loader]", known.get_loader(known.types["bytea"].oid, Format.BINARY))
        for each in ("int8", "text", "timestamptz"):
            known.register_loader(each, raw)
        self._made, self._is_first = Transformer(cursor), True

    def of(self, result: PGresult) -> list[tuple[bytes, ...]]:
        self._made.set_pgresult(result, set_loaders=self._is_first)
        self._is_first = False
        return cast("list[tuple[bytes, ...]]", self._made.load_rows(0, result.ntuples, tuple))


def _results(connection: psycopg.Connection, asked: bytes) -> Generator[PGresult]:
    """Of so many rows each: a cursor would make a step of Python of every row."""
    sent = connection.pgconn
    sent.send_query_params(asked, None, result_format=Format.BINARY)
    sent.set_chunked_rows_mode(AT_ONCE)
    connection.wait(send(sent))
    try:
        while result := connection.wait(fetch(sent)):
            if result.status == ExecStatus.FATAL_ERROR:
                raise error_from_result(result)
            if result.ntuples:
                yield result
    finally:
        if sent.transaction_status == TransactionStatus.ACTIVE:
            connection.cancel_safe()
            while connection.wait(fetch(sent)):
                pass


def events(connection: psycopg.Connection, source: Source, first: int, last: int) -> Generator[Event]:
    """The rows between two positions, one by one, as whoever checks signatures reads them. Whoever stops before the last closes it."""
    yield from _events(source, portions(connection, source, first, last))


def events_of(connection: psycopg.Connection, source: Source, stream: str) -> Iterator[Event]:
    """Likewise those of a stream, by version."""
    yield from _events(source, _portions(connection, source, sql.SQL(_OF_STREAM).format(stream=stream)))


def _events(source: Source, read: Generator[Portion]) -> Iterator[Event]:
    leaves = Leaves(source.origin)
    with closing(read) as found:
        for portion in found:
            yield from map(leaves.event, portion.rows())


def first_unsigned(
    connection: psycopg.Connection, source: Source, trust: Trust, first: int, last: int
) -> int | None:
    """The first position between the two whose signature does not count."""
    with closing(events(connection, source, first, last)) as read:
        return next((event.position for event in read if not trust.is_signed(event)), None)

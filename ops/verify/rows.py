"""The rows of the log, read as PostgreSQL sends them."""

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Final, cast

import psycopg
from psycopg import sql
from psycopg.abc import Loader
from psycopg.pq import Format

from domain.evidence.verify import Event, Trust
from ops.verify.leaves import Leaves, Portion

AT_ONCE: Final = 200
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
    case
        when octet_length(signature) = 64 then signature
        when octet_length(signature) between 100 and 324 and octet_length(signature) % 32 = 4 then signature
        else decode(repeat('00', 64), 'hex')
    end,
    coalesce(state, '')
from {events}
where position between {first} and {last}
order by position
"""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the rows are, and what their log is called."""

    dsn: str
    schema: str
    origin: str


def portions(connection: psycopg.Connection, source: Source, first: int, last: int) -> Generator[Portion]:
    """The rows between two positions, in order. Whoever stops before the last closes it."""
    with closing(_sent(connection, source, first, last)) as rows:
        while some := list(islice(rows, AT_ONCE)):
            yield Portion(*zip(*some, strict=True))


def _sent(
    connection: psycopg.Connection, source: Source, first: int, last: int
) -> Generator[tuple[bytes, ...]]:
    """The fields of each row as Row has them."""
    asked = sql.SQL(_ROWS).format(
        events=sql.Identifier(source.schema, "events"), first=sql.Literal(first), last=sql.Literal(last)
    )
    cursor = connection.cursor(binary=True)
    # as they were sent: what is only hashed is not made into numbers, words and times first
    known = cursor.adapters
    raw = cast("type[Loader]", known.get_loader(known.types["bytea"].oid, Format.BINARY))
    for each in ("int8", "text", "timestamptz"):
        known.register_loader(each, raw)
    return cast("Generator[tuple[bytes, ...]]", cursor.stream(asked, size=AT_ONCE))


def events(source: Source, first: int, last: int) -> Iterator[Event]:
    """The rows between two positions, one by one, as whoever checks signatures reads them."""
    with psycopg.connect(source.dsn) as connection:
        yield from events_over(connection, source, first, last)


def events_over(connection: psycopg.Connection, source: Source, first: int, last: int) -> Iterator[Event]:
    """The same over a connection that is there."""
    leaves = Leaves(source.origin)
    with closing(portions(connection, source, first, last)) as found:
        for portion in found:
            yield from map(leaves.event, portion.rows())


def first_unsigned(source: Source, trust: Trust, first: int, last: int) -> int | None:
    """The first position between the two whose signature does not count."""
    found = (event.position for event in events(source, first, last) if not trust.is_signed(event))
    return next(found, None)

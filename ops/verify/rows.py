"""The rows of the log, read as PostgreSQL sends them, and the hash of each as a leaf.

What a leaf is, byte for byte: docs/decisions/0111. Written from there, not from the code that seals.
"""

import json
import struct
from array import array
from base64 import b64decode
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Final, NamedTuple, cast

import psycopg
from psycopg import sql
from psycopg.abc import Loader
from psycopg.pq import Format

from domain.evidence.verify import BROKEN, EPOCH, Event, Refused, Trust, event_of
from ops.verify.heads import MOST_OF_A_WORD
from ops.verify.tree import HASH, TILE, tile_roots
from ops.verify.troubles import Trouble

_NUMBER: Final = struct.Struct(">q")
_LONG_AGO: Final = _NUMBER.pack(-(1 << 63))
ALONE: Final = 64
"""So long is a signature that is not one of a batch."""
LOST: Final = b"event.lost.v1"
AT_ONCE: Final = 200
"""So many rows are held at a time: few enough to stay near the processor until they are hashed."""
_ROWS: Final = """
select
    position,
    coalesce(version, 0),
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
_TILES: Final = """
select number, hashes
from {tiles}
where level = 0 and number between {first} and {last}
order by number
"""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the rows are, and what their log is called."""

    dsn: str
    schema: str
    origin: str


class Row(NamedTuple):
    """An event as it is stored: numbers as numbers, all else as the bytes that PostgreSQL sends."""

    position: int
    version: int
    occurred: bytes
    """Microseconds since 1970, like `recorded`; big endian, eight bytes."""
    recorded: bytes
    stream: bytes
    topic: bytes
    signature: bytes
    state: bytes


class _Left(NamedTuple):
    """What is left of a lost event."""

    leaf: bytes
    recorded_at: int
    """Microseconds since 1970."""


@dataclass(slots=True)
class Stretch:
    """What came of reading the positions from `first` to `last`; `first` begins a tile."""

    first: int
    hashes: bytes = b""
    """Of the leaves; of a row that is missing 32 zero bytes."""
    roots: list[bytes] = field(default_factory=list)
    """Of the full tiles."""
    recorded: "array[int]" = field(default_factory=lambda: array("q"))
    """Microseconds since 1970, by place."""
    begins: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    """By stream: version and position of its first event here."""
    ends: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    """Likewise of its last."""
    heads: dict[bytes, tuple[int, int]] | None = None
    """Likewise of its last up to the size that was asked for, where that lies here."""
    lost: dict[int, int] = field(default_factory=dict)
    """Positions of events of which nothing but the leaf is left, and when they had been recorded."""
    troubles: list[Trouble] = field(default_factory=list)


def read(source: Source, first: int, last: int, heads_size: int = 0) -> Stretch:
    """Reads and hashes every row between two positions, and compares with the tiles."""
    with psycopg.connect(source.dsn) as connection:
        stretch = _hashed(connection, source, Stretch(first), last, heads_size)
        stretch.roots = tile_roots(stretch.hashes)
        stretch.troubles += _differences(connection, source, stretch)
    return stretch


def stored(connection: psycopg.Connection, source: Source, first: int, last: int) -> Generator[tuple]:  # type: ignore[type-arg]  # as Row says
    """The rows in order, their fields in the order of Row. Whoever stops before the last closes it."""
    asked = sql.SQL(_ROWS).format(
        events=sql.Identifier(source.schema, "events"), first=sql.Literal(first), last=sql.Literal(last)
    )
    cursor = connection.cursor(binary=True)
    # as they were sent: what is only hashed is not made into words and times first
    known = cursor.adapters
    raw = cast("type[Loader]", known.get_loader(known.types["bytea"].oid, Format.BINARY))
    for each in ("text", "timestamptz"):
        known.register_loader(each, raw)
    return cast("Generator[tuple]", cursor.stream(asked, size=AT_ONCE))  # type: ignore[type-arg]


def _hashed(
    connection: psycopg.Connection, source: Source, found: Stretch, last: int, heads_size: int
) -> Stretch:
    # the one loop that a whole log goes through: nothing is called in it that can stand in it
    number, county, begins, ends = _NUMBER.pack, counted(source.origin.encode()), found.begins, found.ends
    hashes: list[bytes] = []
    times: list[bytes] = []
    expected = found.first
    for row in stored(connection, source, found.first, last):
        position, version, occurred, recorded, stream, topic, signature, state = row
        if position != expected:
            if position < expected:
                found.troubles.append(Trouble(position, "twice"))
                continue
            found.troubles.append(Trouble(expected, "missing", str(position - 1)))
            hashes += [bytes(HASH)] * (position - expected)
            times += (times[-1:] or [_LONG_AGO]) * (position - expected)
        expected = position + 1
        here, known = (version, position), ends.get(stream)
        if known is None:
            begins[stream] = here
        elif version != known[0] + 1:
            found.troubles.append(Trouble(position, "version"))
        ends[stream] = here
        if position == heads_size:
            found.heads = dict(ends)
        if len(signature) == ALONE:
            prefix = b"\x00jdleaf1\n"
        else:
            prefix, signature = b"\x00jdleaf2\n", counted(signature)
        try:
            leaf: tuple[bytes, ...] = (prefix, number(position), county, len(stream).to_bytes(2), stream, number(version), occurred,
                    len(topic).to_bytes(2), topic, sha256(state).digest(), recorded, signature)  # fmt: skip
        except OverflowError:  # words too long for any leaf
            leaf = ()
        told = b"".join(leaf)
        times.append(recorded)
        if topic == LOST and leaf and (left := _left_of(state, b"".join(leaf[1:7]))):
            told = b"\x00" + left.leaf
            found.lost[position] = left.recorded_at
        hashes.append(sha256(told).digest())
    found.hashes = b"".join(hashes)
    _take_times(found, times)
    return found


def _take_times(found: Stretch, times: list[bytes]) -> None:
    found.recorded = array("q", struct.unpack(f">{len(times)}q", b"".join(times)))
    found.troubles += [
        Trouble(position, "time")
        for position, (before, own) in enumerate(pairwise(found.recorded), start=found.first + 1)
        if own < before
    ]
    for position, recorded_at in found.lost.items():
        found.recorded[position - found.first] = recorded_at


def _left_of(state: bytes, place: bytes) -> _Left | None:
    """The leaf that stands in the row of a lost event; None: it is of another `place` than the row, and not believed.

    `place`: what the leaf must say of position, county, stream, version and time of occurrence.
    """
    try:
        leaf = b64decode(json.loads(state)["fact"]["leaf"], validate=True)
        event = event_of(leaf, None)
    except (Refused, *BROKEN):
        return None
    if not leaf[len(b"jdleaf1\n") :].startswith(place):
        return None
    return _Left(leaf, (event.recorded - EPOCH) // timedelta(microseconds=1))


def counted(told: bytes) -> bytes:
    return len(told).to_bytes(2) + told


def _differences(connection: psycopg.Connection, source: Source, stretch: Stretch) -> Iterator[Trouble]:
    """The first row of each tile that is not what the tile says."""
    begin = (stretch.first - 1) // TILE
    asked = sql.SQL(_TILES).format(
        tiles=sql.Identifier(source.schema, "tiles"),
        first=sql.Literal(begin),
        last=sql.Literal(begin + len(stretch.hashes) // (TILE * HASH)),
    )
    for number, sealed in connection.execute(asked):
        offset = (number - begin) * TILE * HASH
        own = stretch.hashes[offset : offset + len(sealed)]
        if own != sealed[: len(own)]:
            wrong = next(n for n in range(0, len(own), HASH) if own[n : n + HASH] != sealed[n : n + HASH])
            yield Trouble(number * TILE + wrong // HASH + 1, "changed")


def events(source: Source, first: int, last: int) -> Iterator[Event]:
    """The rows between two positions, one by one, as whoever checks signatures reads them."""
    with psycopg.connect(source.dsn) as connection:
        yield from events_over(connection, source, first, last)


def events_over(connection: psycopg.Connection, source: Source, first: int, last: int) -> Iterator[Event]:
    """The same over a connection that is there."""
    with closing(stored(connection, source, first, last)) as found:
        for row in found:
            yield event_of(*_leaf(Row(*row), source))


def first_unsigned(source: Source, trust: Trust, first: int, last: int) -> int | None:
    """The first position between the two whose signature does not count."""
    found = (event.position for event in events(source, first, last) if not trust.is_signed(event))
    return next(found, None)


def _leaf(row: Row, source: Source) -> tuple[bytes, bytes | None]:
    """A row as its leaf, and its state; None: that is lost."""
    is_alone = len(row.signature) == ALONE
    stream, topic = (counted(word[:MOST_OF_A_WORD]) for word in (row.stream, row.topic))
    place = (_NUMBER.pack(row.position), counted(source.origin.encode()), stream,
             _NUMBER.pack(row.version), row.occurred)  # fmt: skip
    if row.topic == LOST and (left := _left_of(row.state, b"".join(place))):
        return left.leaf, None
    told = (b"jdleaf1\n" if is_alone else b"jdleaf2\n", *place, topic, sha256(row.state).digest(),
            row.recorded, row.signature if is_alone else counted(row.signature))  # fmt: skip
    return b"".join(told), row.state

"""The rows of the log, read as PostgreSQL sends them, and the hash of each as a leaf.

What a leaf is, byte for byte: docs/decisions/0111. Written from there, not from the code that seals.
"""

import json
import struct
from array import array
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Final, NamedTuple

import psycopg
from psycopg import sql
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

from domain.evidence.verify import BROKEN, EPOCH, Event, Refused, Trust, event_of
from ops.verify.tree import HASH, TILE, tile_roots
from ops.verify.troubles import Trouble

# What a row of binary copy begins with, past the number of fields and past the length of each: position, version, time
# recorded, length of the stream. The time of occurrence, between them, is only ever copied.
_FIXED: Final = struct.Struct(">6xq4xq4x8x4xqi")
_POSITION, _VERSION, _OCCURRED, _RECORDED = slice(6, 14), slice(18, 26), slice(30, 38), slice(42, 50)
_LENGTH: Final = struct.Struct(">i")
_COPY_HEADER_BYTES: Final = 19
ALONE: Final = 64
"""So long is a signature that is not one of a batch."""
LOST: Final = b"event.lost.v1"
_COPY: Final = """
copy (
    select
        position,
        version,
        -- sent as microseconds since 2000, these become those since 1970; a time that nothing can have happened at becomes
        -- another such time, and its event is found to be wrong like any other
        least(greatest(occurred_at, '0001-01-01Z'), '9900-01-01Z') + interval '946684800 seconds',
        least(greatest(recorded_at, '0001-01-01Z'), '9900-01-01Z') + interval '946684800 seconds',
        stream,
        topic,
        case
            when octet_length(signature) = 64 then signature
            when octet_length(signature) between 100 and 324 and octet_length(signature) % 32 = 4 then signature
            else decode(repeat('00', 64), 'hex')
        end,
        state
    from {events}
    where position between {first} and {last}
    order by position
)
to stdout (format binary)
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
    lost: list[int] = field(default_factory=list)
    """Positions of events of which nothing but the leaf is left."""
    troubles: list[Trouble] = field(default_factory=list)


def read(source: Source, first: int, last: int, heads_size: int = 0) -> Stretch:
    """Reads and hashes every row between two positions, and compares with the tiles."""
    with psycopg.connect(source.dsn) as connection:
        stretch = _hashed(connection, source, Stretch(first), last, heads_size)
        stretch.roots = tile_roots(stretch.hashes)
        stretch.troubles += _differences(connection, source, stretch)
    return stretch


def copied(connection: psycopg.Connection, source: Source, first: int, last: int) -> Iterator[bytes]:
    """Each row as binary copy sends it, from its number of fields on. Whoever stops before the last ends the connection."""
    copy = sql.SQL(_COPY).format(
        events=sql.Identifier(source.schema, "events"), first=sql.Literal(first), last=sql.Literal(last)
    )
    wire = connection.pgconn  # of the millions of rows each comes straight from libpq, past two generators
    _expect(wire.exec_(copy.as_bytes(connection)), ExecStatus.COPY_OUT)
    try:
        size, row = wire.get_copy_data(0)
        skipped = _COPY_HEADER_BYTES
        while size > 0:
            if size > skipped + _FIXED.size:
                yield bytes(row[skipped:]) if skipped else bytes(row)
            skipped = 0
            size, row = wire.get_copy_data(0)
    except GeneratorExit:
        connection.close()
        raise
    while result := wire.get_result():
        _expect(result, ExecStatus.COMMAND_OK)


def _expect(result: PGresult, status: ExecStatus) -> None:
    if result.status != status:
        raise psycopg.errors.error_from_result(result)


def _hashed(
    connection: psycopg.Connection, source: Source, found: Stretch, last: int, heads_size: int
) -> Stretch:
    # the one loop that a whole log goes through: nothing is called in it that can stand in it
    fixed, length, size = _FIXED.unpack_from, _LENGTH.unpack_from, _FIXED.size
    alone, batched, county = b"\x00jdleaf1\n", b"\x00jdleaf2\n", counted(source.origin.encode())
    begins, ends, recorded, troubles = found.begins, found.ends, found.recorded, found.troubles
    hashes: list[bytes] = []
    expected, before = found.first, -(1 << 63)
    for row in copied(connection, source, found.first, last):
        position, version, recorded_at, stream_bytes = fixed(row)
        at = size + stream_bytes
        stream = row[size:at]
        (topic_bytes,) = length(row, at)
        upto = at + 4 + topic_bytes
        (signature_bytes,) = length(row, upto)
        state = upto + 4 + signature_bytes
        # a length of two bytes is the end of the four that stand in front of the field
        prefix, signature = (alone, upto + 4) if signature_bytes == ALONE else (batched, upto + 2)
        if position < expected:
            troubles.append(Trouble(position, "twice"))
            continue
        if position > expected:
            troubles.append(Trouble(expected, "missing", str(position - 1)))
            hashes += [bytes(HASH)] * (position - expected)
            recorded.extend([before] * (position - expected))
        if recorded_at < before:
            troubles.append(Trouble(position, "time"))
        expected, before = position + 1, recorded_at
        leaf = (prefix, row[_POSITION], county, row[size - 2 : at], row[_VERSION], row[_OCCURRED], row[at + 2 : upto],
                sha256(row[state + 4 :]).digest(), row[_RECORDED], row[signature:state])  # fmt: skip
        told = b"".join(leaf)
        if row[at + 4 : upto] == LOST and (left := _left_of(row[state + 4 :], b"".join(leaf[1:6]))):
            told, recorded_at = b"\x00" + left.leaf, left.recorded_at
            found.lost.append(position)
        hashes.append(sha256(told).digest())
        recorded.append(recorded_at)
        if (known := ends.get(stream)) is None:
            begins[stream] = (version, position)
        elif version != known[0] + 1:
            troubles.append(Trouble(position, "version"))
        ends[stream] = (version, position)
        if position == heads_size:
            found.heads = dict(ends)
    found.hashes = b"".join(hashes)
    return found


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
    """The same over a connection that is there; whoever stops before the last ends it."""
    for row in copied(connection, source, first, last):
        yield event_of(*_leaf(row, source))


def first_unsigned(source: Source, trust: Trust, first: int, last: int) -> int | None:
    """The first position between the two whose signature does not count."""
    found = (event.position for event in events(source, first, last) if not trust.is_signed(event))
    return next(found, None)


def _leaf(row: bytes, source: Source) -> tuple[bytes, bytes | None]:
    """A row as its leaf, and its state; None: that is lost."""
    at = _FIXED.size + _FIXED.unpack_from(row)[-1]
    upto = at + 4 + _LENGTH.unpack_from(row, at)[0]
    end = upto + 4 + _LENGTH.unpack_from(row, upto)[0]
    signature, state = row[upto + 4 : end], row[end + 4 :]
    is_alone = len(signature) == ALONE
    place = (row[_POSITION], counted(source.origin.encode()), counted(row[_FIXED.size : at]), row[_VERSION],
             row[_OCCURRED])  # fmt: skip
    if row[at + 4 : upto] == LOST and (left := _left_of(state, b"".join(place))):
        return left.leaf, None
    told = (b"jdleaf1\n" if is_alone else b"jdleaf2\n", *place, counted(row[at + 4 : upto]), sha256(state).digest(),
            row[_RECORDED], signature if is_alone else counted(signature))  # fmt: skip
    return b"".join(told), state

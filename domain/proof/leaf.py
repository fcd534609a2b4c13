"""What of an event is signed and sealed: its envelope in bytes and the hash of its state, never personal data.

All integers are big endian; every part of variable length stands behind its length, so that no two events share bytes.
"""

import struct
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Final, NamedTuple, Self

SIGNED: Final = b"jdevt1\n"
LEAF: Final = b"jdleaf1\n"
LEAF_OF_BATCH: Final = b"jdleaf2\n"
"""Likewise, but that the signature stands behind its length."""
HASH_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
BATCHED_BYTES: Final = range(68 + HASH_BYTES, 68 + 8 * HASH_BYTES + 1, HASH_BYTES)
"""So long is the signature of one event of a batch (domain/proof/batch.py)."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_VERSION_AND_TIME: Final = struct.Struct(">Qq").pack
_POSITION: Final = struct.Struct(">Q").pack
_TIME: Final = struct.Struct(">q").pack


class MalformedLeaf(Exception):  # noqa: N818  — the domain's word
    """These bytes are not a leaf of a case log."""


class SealedEvent(NamedTuple):
    """An event as the tree knows it."""

    county: str
    stream: str
    version: int
    occurred_at: datetime
    topic: str
    state_hash: bytes
    """SHA-256 over the stored bytes of the state: the state itself can be withheld and the leaf still stands."""

    def signed_bytes(self) -> bytes:
        """What the recording process signs, before the log has given it a position or a time."""
        return b"".join(
            (
                SIGNED,
                _counted_name(self.county),
                counted(self.stream.encode()),
                _VERSION_AND_TIME(self.version, microseconds(self.occurred_at)),
                _counted_name(self.topic),
                self.state_hash,
            )
        )


class Leaf(NamedTuple):
    """An event where the log has put it: position, time and the signature of the process that recorded it."""

    position: int
    event: SealedEvent
    recorded_at: datetime
    signature: bytes
    """64 bytes, or one of BATCHED_BYTES."""

    def to_bytes(self) -> bytes:
        return leaf_bytes(self.position, self.event.signed_bytes(), self.recorded_at, self.signature)

    @classmethod
    def from_bytes(cls, stored: bytes) -> Self:
        """Raises MalformedLeaf; whatever it accepts, `to_bytes` gives back byte for byte."""
        reading = _Reading(stored)
        is_alone = reading.expect(LEAF, LEAF_OF_BATCH) == LEAF
        (position,) = reading.numbers(">Q")
        county, stream = reading.text(), reading.text()
        version, occurred = reading.numbers(">Qq")
        topic, state_hash = reading.text(), reading.take(HASH_BYTES)
        (recorded,) = reading.numbers(">q")
        signature = reading.take(SIGNATURE_BYTES) if is_alone else reading.counted(BATCHED_BYTES)
        reading.expect_end()
        event = SealedEvent(county, stream, version, moment(occurred), topic, state_hash)
        return cls(position, event, moment(recorded), signature)


def leaf_bytes(position: int, signed_bytes: bytes, recorded_at: datetime, signature: bytes) -> bytes:
    """The leaf of the event whose `signed_bytes` these are."""
    is_alone = len(signature) == SIGNATURE_BYTES
    return b"".join(
        (
            LEAF if is_alone else LEAF_OF_BATCH,
            _POSITION(position),
            signed_bytes.removeprefix(SIGNED),
            _TIME(microseconds(recorded_at)),
            signature if is_alone else counted(signature),
        )
    )


def state_hash(state: bytes) -> bytes:
    return sha256(state).digest()


@lru_cache(maxsize=256)  # what is sent together happened, and is recorded, mostly at one moment
def microseconds(at: datetime) -> int:
    """Since 1970-01-01T00:00:00Z, as PostgreSQL's timestamptz resolves it."""
    return (at - _EPOCH) // _MICROSECOND


def moment(at: int) -> datetime:
    """The reverse of `microseconds`. Raises MalformedLeaf outside the years 1 to 9999."""
    try:
        return _EPOCH + at * _MICROSECOND
    except OverflowError as error:
        raise MalformedLeaf("no such time") from error


def counted_text(value: str) -> bytes:
    """UTF-8 behind its length in two bytes."""
    return counted(value.encode())


def counted(told: bytes) -> bytes:
    """Raises OverflowError where it is longer than two bytes can say."""
    return len(told).to_bytes(2) + told


@lru_cache(maxsize=1024)
def _counted_name(name: str) -> bytes:
    """Of what stands in many events: logs and topics."""
    return counted_text(name)


class _Reading:
    """Bytes taken from the front, each exactly once."""

    def __init__(self, stored: bytes) -> None:
        self._stored, self._at = stored, 0

    def take(self, length: int) -> bytes:
        taken = self._stored[self._at : self._at + length]
        if len(taken) < length:
            raise MalformedLeaf("too short")
        self._at += length
        return taken

    def numbers(self, layout: str) -> tuple[int, ...]:
        return struct.unpack(layout, self.take(struct.calcsize(layout)))

    def text(self) -> str:
        (length,) = self.numbers(">H")
        try:
            return self.take(length).decode()
        except UnicodeDecodeError as error:
            raise MalformedLeaf("a text is not UTF-8") from error

    def counted(self, lengths: range) -> bytes:
        (length,) = self.numbers(">H")
        if length not in lengths:
            raise MalformedLeaf("no such length")
        return self.take(length)

    def expect(self, *prefixes: bytes) -> bytes:
        """The one that stands there, of prefixes of one length."""
        found = self.take(len(prefixes[0]))
        if found not in prefixes:
            raise MalformedLeaf("not a leaf")
        return found

    def expect_end(self) -> None:
        if self._at != len(self._stored):
            raise MalformedLeaf("too long")

"""The log's keys, read out of the log, and the one that this process signs with."""

from collections.abc import Container, Iterable
from datetime import datetime
from typing import Final, NamedTuple

from psycopg.rows import TupleRow

from domain.attestation import COUNTY, KEYS
from domain.attestation.events import LogKeyAdded, RecoveryStated, UnsealedLossStated
from domain.attestation.ring import Statement, ring_of
from domain.grammar import Fact
from domain.proof.leaf import Leaf, SealedEvent, state_hash
from domain.proof.note import Key
from domain.proof.signing import KeyRing, ProcessSigner, Use
from domain.store.connecting import Readers
from domain.store.key_files import KeyFiles
from domain.store.leaves import signature_in_leaf
from domain.store.mapper import Mapper, StateUnreadable, StoredEvent, TopicUnknown

STREAM: Final = KEYS.stream(COUNTY)
PROCESS: Final = "/process"
"""What the names of process keys end in, behind the origin."""

_MAPPER: Final = Mapper([KEYS])


class Told(NamedTuple):
    """What `keys:county` says, as stored."""

    rows: tuple[TupleRow, ...]

    @property
    def origin(self) -> str | None:
        """The log's name, which its first log key bears; None: it has none yet."""
        facts = (_fact(StoredEvent(*row[:7])) for row in self.rows)
        added = next((fact for fact in facts if isinstance(fact, LogKeyAdded)), None)
        return Key.from_vkey(added.key).name if added else None

    @property
    def log_keys(self) -> list[Key]:
        """All that ever signed checkpoints, retired ones too."""
        facts = (_fact(StoredEvent(*row[:7])) for row in self.rows)
        return [Key.from_vkey(fact.key) for fact in facts if isinstance(fact, LogKeyAdded)]

    def stated_lost(
        self, position: int, recorded_at: datetime, anchors: Container[Key]
    ) -> StoredEvent | None:
        """The statement that counts by which the event recorded there at that moment is lost."""
        origin = self.origin or ""
        ring = self.ring(origin, anchors)
        for row, statement in zip(self.rows, _statements(self.rows, origin), strict=True):
            match statement.fact:
                case RecoveryStated(first=first, last=last) | UnsealedLossStated(first=first, last=last):
                    is_later = recorded_at < statement.leaf.recorded_at
                    if first <= position <= last and is_later and ring.signer(statement.leaf):
                        return StoredEvent(*row[:7])
        return None

    def ring(self, origin: str, anchors: Container[Key]) -> KeyRing:
        return ring_of(_statements(self.rows, origin), anchors)


async def told(readers: Readers) -> Told:
    """Raises LogBusy."""
    return Told(tuple(await readers.fetch("key_statements", {"stream": STREAM})))


def signer_among(files: KeyFiles, ring: KeyRing, origin: str, position: int) -> ProcessSigner | None:
    """The latest key of the folder that counts at the position. Raises KeysUnreadable."""
    counting = ring.at(position)
    own = {file.key: file for file in files.of(Use.process) if file.is_private}
    return next((ProcessSigner(origin, own[key].signer()) for key in counting if key in own), None)


def _statements(rows: Iterable[TupleRow], origin: str) -> Iterable[Statement]:
    for row in rows:
        event, signature = StoredEvent(*row[:7]), row[7]
        sealed = SealedEvent(
            origin, event.stream, event.version, event.occurred_at, event.topic, state_hash(event.state)
        )
        leaf = Leaf(event.position, sealed, event.recorded_at, signature_in_leaf(signature))
        yield Statement(leaf, _fact(event))


def _fact(event: StoredEvent) -> Fact | None:
    """None for what a later version says."""
    try:
        return _MAPPER.recorded(event).fact
    except (TopicUnknown, StateUnreadable):
        return None

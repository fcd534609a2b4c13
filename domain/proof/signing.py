"""过程签名 process signatures: who recorded an event, and whether that key counted at its position.

A row that somebody inserts by hand is a perfectly good leaf of the tree; what it lacks is the signature of a process that
the log itself has introduced. `county` in what is signed is the log's origin: one name for log, checkpoints and leaves.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Final, NamedTuple, Self

from domain.proof.batch import Claim, claimed, signed_together
from domain.proof.leaf import SIGNATURE_BYTES, Leaf, SealedEvent, leaf_bytes, state_hash
from domain.proof.note import Key, Signer
from domain.proof.tree import CompactRange, leaf_hash

UNSIGNED: Final = bytes(SIGNATURE_BYTES)
"""What stands in the leaf of an event that carries no signature."""
ABOUT_KEYS: Final = "keys:county"
"""The stream in which the log tells of its keys."""


class Use(StrEnum):
    """What a key signs."""

    process = "process"
    """Events, before they are recorded."""
    log = "log"
    """Checkpoints, after they are sealed."""


class Signed(NamedTuple):
    """An event under the signature of the process that is about to record it."""

    event: SealedEvent
    message: bytes
    """The event's `signed_bytes`."""
    signature: bytes
    key_id: bytes

    def leaf_bytes(self, position: int, recorded_at: datetime) -> bytes:
        """Its leaf where the log has put it."""
        return leaf_bytes(position, self.message, recorded_at, self.signature)


@dataclass(frozen=True)
class ProcessSigner:
    """The hand of one recording process."""

    origin: str
    signer: Signer

    @cached_property
    def key(self) -> Key:
        return self.signer.key()

    @cached_property
    def _key_id(self) -> bytes:
        return self.key.key_id

    def sign(self, stream: str, version: int, occurred_at: datetime, topic: str, state: bytes) -> Signed:
        """Covers the event as it will be stored: `occurred_at` to the microsecond, `state` byte for byte."""
        event = SealedEvent(self.origin, stream, version, occurred_at, topic, state_hash(state))
        return self.sign_together([event])[0]

    def sign_together(self, events: Sequence[SealedEvent]) -> list[Signed]:
        """Each by itself as good as signed alone, all at the price of one."""
        messages = [event.signed_bytes() for event in events]
        signatures, key_id = signed_together(messages, self.signer.private.sign), self._key_id
        return [
            Signed(event, message, signature, key_id)
            for event, message, signature in zip(events, messages, signatures, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Term:
    """A key, and the positions at which it counts."""

    key: Key
    use: Use
    first: int
    last: int | None = None
    """Its retirement's own position; None: not retired."""

    def holds(self, position: int) -> bool:
        return self.first <= position and (self.last is None or position <= self.last)


@dataclass(frozen=True, slots=True)
class Adoption:
    """Events without a signature that counts, taken into the tree by a signed statement that names their leaves."""

    first: int
    last: int
    root: bytes
    """Of the tree over these leaves alone, in the order of their positions."""

    def names(self, leaves: list[Leaf]) -> bool:
        """Whether these are the leaves that the statement means."""
        positions = [leaf.position for leaf in leaves]
        return positions == list(range(self.first, self.last + 1)) and root_over(leaves) == self.root


class Loss(NamedTuple):
    """Events of which a lossy restore left nothing but their leaves, as a signed statement right behind them says."""

    first: int
    last: int


@lru_cache(maxsize=1024)
def _holds(key: Key, claim: Claim) -> bool:
    """Remembered: the events of a batch make one claim, and a signature costs fifty times a hash."""
    return key.signed(*claim)


def root_over(leaves: list[Leaf]) -> bytes:
    over = CompactRange()
    for leaf in leaves:
        list(over.append(leaf_hash(leaf.to_bytes())))
    return over.root()


@dataclass(frozen=True, slots=True)
class KeyRing:
    """钥匙环: which keys counted at which positions, and which events were adopted, as the log says up to some position."""

    terms: tuple[Term, ...] = ()
    adoptions: tuple[Adoption, ...] = ()
    losses: tuple[Loss, ...] = ()

    def at(self, position: int, use: Use = Use.process) -> list[Key]:
        """The keys that count at the position, the latest first."""
        return [term.key for term in self._held(position, use)][::-1]

    def _held(self, position: int, use: Use) -> Iterator[Term]:
        return (term for term in self.terms if term.use is use and term.holds(position))

    def signer(self, leaf: Leaf) -> Key | None:
        """Whose signature the leaf carries, of the keys that count at its position; None: nobody's.

        What is said of the keys themselves, the log key may sign too: it is the way on where the process keys are lost.
        """
        claim = claimed(leaf.event.signed_bytes(), leaf.signature)
        if claim is None:
            return None
        keys = self.at(leaf.position)
        if leaf.event.stream == ABOUT_KEYS:
            keys += self.at(leaf.position, Use.log)
        return next((key for key in keys if _holds(key, claim)), None)

    def adoption_of(self, position: int) -> Adoption | None:
        return next((each for each in self.adoptions if each.first <= position <= each.last), None)

    def is_stated_lost(self, position: int) -> bool:
        return any(loss.first <= position <= loss.last for loss in self.losses)

    def with_key(self, term: Term) -> Self:
        return replace(self, terms=(*self.terms, term))

    def with_retired(self, key: Key, use: Use, last: int) -> Self:
        """The key counts up to `last`. A key that is not held changes nothing."""

        def ended(term: Term) -> Term:
            is_meant = term.key == key and term.use is use and term.last is None
            return replace(term, last=last) if is_meant else term

        return replace(self, terms=tuple(map(ended, self.terms)))

    def with_adoption(self, adoption: Adoption) -> Self:
        return replace(self, adoptions=(*self.adoptions, adoption))

    def with_loss(self, loss: Loss) -> Self:
        return replace(self, losses=(*self.losses, loss))

"""The ring of keys, read out of the statements of the log; nothing counts that was not signed by a key that counted."""

from collections.abc import Container, Iterable
from typing import NamedTuple

from domain.attestation.events import (
    LogKeyAdded,
    LogKeyRetired,
    ProcessKeyAdded,
    ProcessKeyRetired,
    RecoveryStated,
    UnsignedEventsAdopted,
)
from domain.grammar import Fact
from domain.proof.leaf import Leaf
from domain.proof.note import Key
from domain.proof.signing import Adoption, KeyRing, Loss, Term, Use


class Statement(NamedTuple):
    """A statement of `keys:county`: its leaf, and what it says; None: a later version's, which says nothing here."""

    leaf: Leaf
    fact: Fact | None


def ring_of(statements: Iterable[Statement], anchors: Container[Key]) -> KeyRing:
    """The keys as the statements tell, in order of position.

    The first key of all introduces itself, and counts if it is among `anchors`, those that whoever asks knows from
    elsewhere. Every further statement counts if it is signed by a key that counts at its position; none else.
    """
    ring = KeyRing()
    for statement in statements:
        if not ring.terms:
            ring = _anchored(statement, anchors)
        elif ring.signer(statement.leaf):
            ring = _told(ring, statement.leaf.position, statement.fact)
    return ring


def _anchored(statement: Statement, anchors: Container[Key]) -> KeyRing:
    match statement.fact:
        case ProcessKeyAdded(key=vkey) if (key := Key.from_vkey(vkey)) in anchors:
            ring = KeyRing((Term(key, Use.process, statement.leaf.position),))
            return ring if ring.signer(statement.leaf) else KeyRing()
        case _:
            return KeyRing()


def _told(ring: KeyRing, position: int, fact: Fact | None) -> KeyRing:
    match fact:
        case UnsignedEventsAdopted(first=first, last=last, root=root):
            return ring.with_adoption(Adoption(first, last, bytes.fromhex(root)))
        case RecoveryStated(first=first, last=last) if last == position - 1:
            return ring.with_loss(Loss(first, last))
        case _:
            return _about_key(ring, position, fact)


def _about_key(ring: KeyRing, position: int, fact: Fact | None) -> KeyRing:
    match fact:
        case ProcessKeyAdded(key=vkey):
            return ring.with_key(Term(Key.from_vkey(vkey), Use.process, position + 1))
        case LogKeyAdded(key=vkey):
            return ring.with_key(Term(Key.from_vkey(vkey), Use.log, position))
        case ProcessKeyRetired(key=vkey):
            return ring.with_retired(Key.from_vkey(vkey), Use.process, position)
        case LogKeyRetired(key=vkey):
            return ring.with_retired(Key.from_vkey(vkey), Use.log, position)
        case _:
            return ring

"""What is known of the log's keys, and how far the last statement about the tree reached."""

from dataclasses import dataclass, replace
from typing import Self

from domain.attestation.events import (
    CaseHeadsRooted,
    CheckpointCosigned,
    LogKeyAdded,
    LogKeyRetired,
    ProcessKeyAdded,
    ProcessKeyRetired,
)
from domain.grammar import Envelope, Fact


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys that count now, as their lines, and all that ever did."""

    process: tuple[str, ...] = ()
    log: tuple[str, ...] = ()
    known: frozenset[str] = frozenset()

    def added(self, key: str) -> Self:
        return replace(self, known=self.known | {key})


def evolve_keys(keys: Keys, fact: Fact, _: Envelope) -> Keys:
    match fact:
        case ProcessKeyAdded(key=key):
            return replace(keys.added(key), process=(*keys.process, key))
        case LogKeyAdded(key=key):
            return replace(keys.added(key), log=(*keys.log, key))
        case ProcessKeyRetired(key=key):
            return replace(keys, process=_without(keys.process, key))
        case LogKeyRetired(key=key):
            return replace(keys, log=_without(keys.log, key))
        case _:
            return keys


def _without(keys: tuple[str, ...], key: str) -> tuple[str, ...]:
    return tuple(each for each in keys if each != key)


@dataclass(frozen=True, slots=True)
class Seen:
    """How far the last statement reached."""

    size: int = 0


def evolve_size(seen: Seen, fact: Fact, _: Envelope) -> Seen:
    match fact:
        case CaseHeadsRooted(size=size) | CheckpointCosigned(size=size):
            return Seen(size)
        case _:
            return seen

"""Saying something about the tree, where only the last statement matters: without reading the thousands before it."""

from datetime import UTC, datetime
from hashlib import sha256
from secrets import token_hex
from typing import Any

from domain.application import entries_of
from domain.attestation import COUNTY
from domain.grammar import Actor, Aggregate, Command, Occasion
from domain.log import Log, Submission
from domain.store.connecting import Readers
from domain.store.mapper import Mapper, StoredEvent


class Attester:
    """Records statements of aggregates whose state is what their last event says (HEADS, COSIGNATURES)."""

    def __init__(self, log: Log, readers: Readers, aggregate: Aggregate[Any], actor: Actor) -> None:
        self._log = log
        self._readers = readers
        self._aggregate = aggregate
        self._mapper = Mapper([aggregate])
        self._actor = actor

    async def last(self) -> tuple[Any, int]:
        """What the last statement leaves, and its version; the blank and 0 where nothing was said. Raises LogBusy."""
        rows = await self._readers.fetch("last_of_stream", {"stream": self._aggregate.stream(COUNTY)})
        if not rows:
            return self._aggregate.blank, 0
        last = self._mapper.recorded(StoredEvent(*rows[0]))
        return self._aggregate.evolve(self._aggregate.blank, last.fact, last.envelope), last.version

    async def say(self, command: Command) -> int:
        """Its position. Raises Rejected, VersionConflict, LogBusy, OutcomeUnknown."""
        state, version = await self.last()
        occasion = Occasion(self._actor, datetime.now(UTC), correlation=token_hex(12))
        decision = self._aggregate.decide(state, command, occasion, None)
        entries = entries_of(self._aggregate.stream(COUNTY), version, decision, occasion)
        digest = sha256(occasion.correlation.encode()).digest()
        receipt = await self._log.append(Submission(None, digest, entries))
        return receipt.last_position or 0

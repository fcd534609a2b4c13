"""Asking the witnesses, round after round: what they cosign becomes an event of the log in its turn.

Every event so lies between two times that somebody else has vouched for. Statements about the tree alone are cosigned too,
and recorded no further: else each cosignature would call for the next.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final

import httpx
import structlog

from domain.attestation import COSIGNATURES, COUNTY, HEADS
from domain.attestation.commands import RecordCosignatures
from domain.proof.checkpoint import Checkpoint
from domain.proof.note import Key, Note, Signature
from domain.proof.policy import Known, Policy
from domain.store.attesting import Attester
from domain.store.seal_reading import SealReader
from domain.store.sealing import SealDesk
from domain.store.witnesses import Acquaintance, WitnessDesk
from ops.witnesses.asking import Conversation, Heard, Word
from ops.witnesses.speaking import Voice

ABOUT_THE_TREE: Final = (HEADS.stream(COUNTY), COSIGNATURES.stream(COUNTY))
HEARTBEAT_SECONDS: Final = 60.0
"""A log that stands still asks so often whether its witnesses are there, or oftener where the county is less patient."""

_log = structlog.get_logger(__name__)


class StoredTree:
    """The tree and its checkpoints, out of the database."""

    def __init__(self, reader: SealReader) -> None:
        self._reader = reader

    async def consistency(self, earlier: int, later: int) -> list[bytes]:
        return await self._reader.tree.consistency(earlier, later)

    async def note(self, size: int) -> bytes | None:
        kept = await self._reader.checkpoint(size)
        return kept.note.encode() if kept else None


@dataclass(frozen=True, slots=True)
class Round:
    """What came of asking all of them, by name."""

    checkpoint: Checkpoint
    heard: Mapping[str, Heard]
    is_recorded: bool


class Feeder:
    """Asks the witnesses of one policy. A round raises psycopg.Error, LogBusy, VersionConflict, OutcomeUnknown."""

    def __init__(
        self,
        policy: Policy,
        *,
        desk: WitnessDesk,
        seal: SealDesk,
        reader: SealReader,
        attester: Attester,
        client: httpx.AsyncClient,
    ) -> None:
        self._policy = policy
        self._desk, self._seal, self._reader, self._attester = desk, seal, reader, attester
        self._tree = StoredTree(reader)
        self._client = client
        self._fed_size = -1
        self._fed_at = 0.0
        self._is_well = False

    async def round_if_due(self, every_seconds: float, heartbeat_seconds: float) -> Round | None:
        """Not sooner than `every_seconds` after the last, and only where there is something to ask."""
        since = monotonic() - self._fed_at
        kept = await self._reader.checkpoint() if since >= every_seconds else None
        if kept is None or (kept.size == self._fed_size and self._is_well and since < heartbeat_seconds):
            return None
        self._fed_at, self._fed_size, self._is_well = monotonic(), kept.size, False
        done = await self._round(Note.from_bytes(kept.note.encode()))
        self._is_well = not any(heard.trouble for heard in done.heard.values())
        return done

    async def _round(self, note: Note) -> Round:
        checkpoint = Checkpoint.from_text(note.text)
        await self._desk.introduce(self._policy.witnesses.values())
        known = await self._desk.known(self._policy)
        reached = [witness for witness in self._policy.witnesses.values() if witness.url]
        log_keys = (await self._reader.keys()).log_keys
        talks = [
            self._conversation(witness, note, checkpoint, log_keys).hold(word_of(known[witness.key.vkey()]))
            for witness in reached
        ]
        heard = dict(zip((witness.name for witness in reached), await asyncio.gather(*talks), strict=True))
        for witness in reached:
            await self._keep(witness, checkpoint.size, heard[witness.name], known[witness.key.vkey()])
        return Round(checkpoint, heard, await self._record(note, checkpoint, heard))

    def _conversation(
        self, witness: Known, note: Note, checkpoint: Checkpoint, log_keys: Sequence[Key]
    ) -> Conversation:
        voice = Voice(self._client, witness.url or "", witness.key)
        return Conversation(voice, self._tree, note, checkpoint, log_keys)

    async def _keep(self, witness: Known, size: int, heard: Heard, before: Acquaintance) -> None:
        vkey = witness.key.vkey()
        if heard.signature:
            await self._desk.cosigned(vkey, size, heard.signature.line(), heard.trouble)
        elif heard.trouble:
            await self._desk.in_trouble(vkey, heard.trouble)
        if heard.trouble is not before.trouble and heard.trouble:
            _log.error("witness_in_trouble", witness=witness.name, trouble=heard.trouble, why=heard.why)

    async def _record(self, note: Note, checkpoint: Checkpoint, heard: Mapping[str, Heard]) -> bool:
        """Whether a quorum has cosigned something that is worth a line of the log."""
        lines = {name: said.signature for name, said in heard.items() if said.signature}
        if not lines or not self._policy.is_witnessed_by(lines):
            return False
        seen = (await self._attester.last())[0]
        if await self._seal.last_told(seen.size, checkpoint.size, ABOUT_THE_TREE) is None:
            return False
        await self._attester.say(recording(checkpoint, (*note.signatures, *lines.values())))
        return True


def recording(checkpoint: Checkpoint, signatures: Sequence[Signature]) -> RecordCosignatures:
    return RecordCosignatures(
        origin=checkpoint.origin,
        size=checkpoint.size,
        root=checkpoint.root.hex(),
        lines=tuple(one.line().removeprefix("\N{EM DASH} ").rstrip("\n") for one in signatures),
    )


def word_of(known: Acquaintance) -> Word:
    """Our own record of what it said, as it was written."""
    if known.line is None:
        return Word(known.size)
    (signature,) = Note.from_bytes(f"-\n\n{known.line}".encode()).signatures
    return Word(known.size, signature)

"""Going on after a lossy restore: the tree is not rolled back, the log goes on behind what is lost.

At each position that the restored database lacks stands an EventLost with the leaf that was sealed there; right behind them
two officers state it. What was acknowledged and never sealed left no leaf: of that there is the statement alone. All of it is
recorded at once, or nothing.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from secrets import token_hex
from typing import Final, NamedTuple

from domain.application import entries_of
from domain.attestation import COUNTY, KEYS
from domain.attestation.commands import StateRecovery, StateUnsealedLoss
from domain.attestation.state import Keys
from domain.grammar import Actor, Command, Envelope, Occasion
from domain.log import Entry, Submission
from domain.loss import EventLost
from domain.proof.leaf import Leaf
from domain.proof.signing import ProcessSigner
from domain.store.continuity import Acknowledged, Remembered
from domain.store.county import Store
from domain.store.key_files import KeyFiles
from domain.store.keys import Told, signer_among, told
from domain.store.leaves import leaves_between
from domain.window.values import Role
from ops.acknowledged import acknowledged_of, gone
from ops.at_machine import by_command
from ops.failures import CannotDo
from ops.leaf_copy import LeafCopy, leaf_copy_of
from ops.missing import Missing, missing
from ops.seal_memory import SealMemory, Signed, memory_of
from ops.settings import Settings
from ops.signing import log_signer_among

RECOVERER: Final = Actor(staff_id="jiandu-recover", role=Role.system_admin)
"""The command that puts back what is left; who states the loss stands in the statement."""
AT_ONCE: Final = 4096


class Unsealed(NamedTuple):
    """Positions of which nobody knows what stood there."""

    first: int
    last: int
    acknowledged_at: datetime


class Recovery(NamedTuple):
    """What was stated, and where."""

    lost: Sequence[Leaf]
    unsealed: Unsealed | None
    position: int
    """Of the last statement."""


async def recovered(store: Store, chosen: Settings, officers: tuple[str, ...], reason: str) -> Recovery:
    """Raises CannotDo where nothing is missing, or where nobody knows what is; Rejected for one officer alone."""
    head = await store.events.last_position()
    said = await told(store.readers)
    if said.origin is None:
        raise CannotDo(
            "The database is empty, or its log has no keys: restore a backup of it first."
            " 数据库为空或日志尚无签名钥：请先恢复一份备份。"
        )
    copy, memory, seal = leaf_copy_of(chosen), acknowledged_of(chosen), memory_of(chosen)
    found, signed = lost_behind(copy, seal, head), seal.last()
    unsealed = await gone(store.readers, memory)
    if found is None and unsealed is None:
        raise CannotDo(
            f"Nothing is missing: the log ends at {head}, and no larger tree and no later event is known here."
            f" 无缺失：日志止于 {head}，此处未知更大的树，也未知更晚的记录。"
        )
    # what was copied and not signed was in no tree: the very event that is gone may be among it
    sealed = min(len(copy), signed.size if signed else 0)
    await _expect_same_log(store, copy, said.origin, min(head, sealed))
    store.pen.signer = _signer(KeyFiles(chosen.keys_folder), said, said.origin, head + 1)
    lost = _unsealed(unsealed, head, found.signed.size if found else head)
    statements = [
        *([_of_sealed(found, head, officers, reason)] if found else []),
        *([StateUnsealedLoss(**lost._asdict(), officers=officers, reason=reason)] if lost else []),
    ]
    leaves = found.leaves if found else []
    entries = _entries(leaves, statements, len(said.rows))
    receipt = await store.log.append(Submission(None, sha256(b"recovery").digest(), entries))
    if unsealed and receipt.last_position:
        memory.renew(Remembered(Acknowledged(receipt.recorded_at, receipt.last_position), unsealed.begun_at))
    return Recovery(leaves, lost, receipt.last_position or 0)


def _of_sealed(found: Missing, head: int, officers: tuple[str, ...], reason: str) -> StateRecovery:
    return StateRecovery(
        first=head + 1,
        last=found.signed.size,
        root=found.signed.root.hex(),
        officers=officers,
        reason=reason,
    )


def _unsealed(gone: Remembered | None, head: int, known: int) -> Unsealed | None:
    """What was acknowledged behind the `known` positions, those of the log and of the leaves that are left.

    Where something else stands in its place, nobody knows more than that this one event is lost.
    """
    if gone is None or head < gone.last.position <= known:
        return None
    return Unsealed(min(known + 1, gone.last.position), gone.last.position, gone.last.recorded_at)


def lost_behind(copy: LeafCopy, memory: SealMemory, head: int) -> Missing | None:
    """What the log lacks: as far as the copy of its leaves reaches, and at least up to what was signed."""
    signed = memory.last()
    if signed is None or max(signed.size, len(copy)) <= head:
        return None
    if len(copy) < signed.size:
        raise CannotDo(
            f"A tree of {signed.size} was signed, but {copy.path} holds {len(copy)} leaves: what stood at {len(copy) + 1} to"
            f" {signed.size} is known to nobody, and this log cannot go on. Bring a newer backup or a whole copy of the leaves"
            f" (JIANDU_LEAVES_DIR). Without either, begin a new log beside it (another JIANDU_COUNTY, JIANDU_ORIGIN and JIANDU_KEYS_DIR;"
            f" docs/witnessing.md) and keep this one, with its last checkpoint (root {signed.root.hex()}), to be read. 已签署的树有 {signed.size} 条，而叶子副本只有 {len(copy)} 条："
            f"第 {len(copy) + 1} 至 {signed.size} 条无从得知，本日志无法续接。请取回更新的备份或完整的叶子副本；"
            "否则请另立日志（换 JIANDU_COUNTY、JIANDU_ORIGIN、JIANDU_KEYS_DIR，见 docs/witnessing.zh-CN.md），并将本日志连同最后的检查点封存备查。"
        )
    found = missing(copy, signed, head)
    return found if len(copy) == signed.size else _up_to_the_end(copy, memory, found, head)


def _up_to_the_end(copy: LeafCopy, memory: SealMemory, found: Missing, head: int) -> Missing:
    """The memory was set back as well, or what was copied was about to be signed: whatever was copied had been recorded."""
    further = [Leaf.from_bytes(told) for told in islice(copy.all(), max(head, found.signed.size), None)]
    signed = Signed(len(copy), copy.root())
    memory.remember(signed)
    return Missing(signed, [*found.leaves, *further])


async def _expect_same_log(store: Store, copy: LeafCopy, origin: str, head: int) -> None:
    """What is there must be what was sealed there: else it is no backup of this log, or somebody has changed it."""
    copied = copy.all()
    for first in range(1, head + 1, AT_ONCE):
        for leaf in await leaves_between(store.readers, origin, first, min(head, first + AT_ONCE - 1)):
            if leaf.to_bytes() != next(copied, b""):
                raise CannotDo(
                    f"Event {leaf.position} is not what was sealed: this is not a backup of the log whose leaves were copied,"
                    f" or it was changed. Run `jiandu verify`. 第 {leaf.position} 条与封存的不符：并非同一日志的备份，或已被改动。"
                )


def _signer(files: KeyFiles, said: Told, origin: str, position: int) -> ProcessSigner:
    """A process key that counts; where the loss took them all, the log's own key."""
    ring = said.ring(origin, files.anchors())
    return signer_among(files, ring, origin, position) or log_signer_among(files, ring, origin, position)


def _entries(leaves: Sequence[Leaf], statements: Sequence[Command], version: int) -> tuple[Entry, ...]:
    occasion = Occasion(by_command(RECOVERER), datetime.now(UTC), correlation=token_hex(12))
    entries = [_lost(leaf, occasion) for leaf in leaves]
    version += sum(leaf.event.stream == KEYS.stream(COUNTY) for leaf in leaves)
    for n, statement in enumerate(statements):
        decision = KEYS.decide(Keys(), statement, occasion, None)
        entries += entries_of(KEYS.stream(COUNTY), version + n, decision, occasion)
    return tuple(entries)


def _lost(leaf: Leaf, occasion: Occasion) -> Entry:
    event = leaf.event
    envelope = Envelope(event.occurred_at, occasion.actor, occasion.circumstances, occasion.correlation)
    return Entry(event.stream, event.version, EventLost.of(leaf), envelope)

"""Before anything is sealed or recorded: what the witnesses have seen of this log, lest it was set back.

The signer's own memory lies on the county's machine and may have been restored with the database; a witness's does not.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import structlog

from domain.proof.checkpoint import Checkpoint, MalformedCheckpoint
from domain.proof.note import Key, NotSigned, opened
from domain.proof.policy import NOBODY, MalformedPolicy, Policy
from domain.proof.signing import Use
from domain.store.key_files import KeyFiles
from ops.failures import CannotDo
from ops.seal_memory import MemoryUnreadable, SealMemory, Signed, memory_of
from ops.settings import Settings
from ops.witnesses.speaking import Lying, Unreachable, Voice, a_client

_log = structlog.get_logger(__name__)


def policy_of(chosen: Settings) -> Policy | None:
    """None where no witnesses are asked. Raises CannotDo."""
    if chosen.witness_policy is None:
        return None
    try:
        policy = Policy.from_bytes(chosen.witness_policy.read_bytes())
    except (OSError, MalformedPolicy) as error:
        raise CannotDo(
            f"The witness policy {chosen.witness_policy} cannot be used: {error}. 见证策略文件不可用。"
        ) from error
    return None if policy.quorum == NOBODY else policy


async def expect_whole(chosen: Settings, reach: Callable[[], Awaitable[int]]) -> None:
    """Raises CannotDo where this log was signed, or seen by a witness, larger than it is, or where that cannot be known:
    nothing may be recorded over the gap. `reach` is asked for the last position of the log.
    """
    try:
        signed = await _last_signed(chosen)
    except (MemoryUnreadable, OSError) as error:
        raise CannotDo(
            f"Whether the log was set back cannot be known, for what was signed last cannot be read: {error}. Bring the file back."
            f" 无法读取最后签署的记录（{error}），不能确知日志是否曾被回退。请取回该文件。"
        ) from error
    last_position = await reach()  # behind the memory: what others record and sign meanwhile is no gap
    if signed is not None and signed.size > last_position:
        raise CannotDo(
            f"The log ends at {last_position}, but a tree of {signed.size} was signed: the database was set back, or its"
            " end is lost. Keep everything as it is and bring a newer copy back; `jiandu seal missing` names what is missing, and"
            " where no newer copy is left, two officers state it (`jiandu recover`)."
            f" 日志止于 {last_position}，而已签署的树有 {signed.size} 条：数据库曾被回退或末尾丢失。"
            "请保全现场，恢复更新的副本；jiandu seal missing 列出缺失的记录；确无更新副本的，由两名人员声明（jiandu recover）。"
        )


async def _last_signed(chosen: Settings) -> Signed | None:
    memory = memory_of(chosen)
    if (policy := policy_of(chosen)) is not None:
        await heed(policy, KeyFiles(chosen.keys_folder), memory)
    return memory.last()


async def heed(policy: Policy, files: KeyFiles, memory: SealMemory) -> Signed | None:
    """Lets the memory hold the largest tree that a witness shows under our own signature: that tree, if it is news.

    A witness that does not answer holds up nothing: the memory on this machine is asked as ever.
    Raises OSError, MemoryUnreadable.
    """
    keys = [file.key for file in files.of(Use.log)]
    seen = max(await _seen(policy, keys), key=lambda signed: signed.size, default=None)
    known = memory.last()
    if seen is None or (known is not None and known.size >= seen.size):
        return None
    memory.remember(seen)
    _log.warning("witness_has_seen_more", size=seen.size, remembered=known.size if known else 0)
    return seen


async def _seen(policy: Policy, keys: Iterable[Key]) -> list[Signed]:
    by_origin = {key.name: [each for each in keys if each.name == key.name] for key in keys}
    async with a_client() as client:
        asked = [
            _latest(Voice(client, witness.url, witness.key), origin, own)
            for witness in policy.witnesses.values()
            if witness.url
            for origin, own in by_origin.items()
        ]
        return [signed for signed in await asyncio.gather(*asked) if signed]


async def _latest(voice: Voice, origin: str, keys: Iterable[Key]) -> Signed | None:
    """None where the witness shows nothing that our own key has signed."""
    try:
        note = await voice.latest(origin)
        if note is None or not opened(note, keys):
            return None
        checkpoint = Checkpoint.from_text(note.text)
    except (Unreachable, Lying, NotSigned, MalformedCheckpoint):
        return None
    return Signed(checkpoint.size, checkpoint.root) if checkpoint.origin == origin else None

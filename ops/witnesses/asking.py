"""What is said between a log and a witness until it has cosigned, or something is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from domain.proof.checkpoint import Checkpoint, MalformedCheckpoint
from domain.proof.note import Key, Note, NotSigned, Signature, opened
from domain.proof.witnessing import Trouble
from ops.witnesses.speaking import Cosigned, Lying, Refused, Remembers, Said, Unreachable, Voice


class Tree(Protocol):
    """The log's tree."""

    async def consistency(self, earlier: int, later: int) -> list[bytes]: ...
    async def note(self, size: int) -> bytes | None:
        """The checkpoint of that size, where one was signed."""
        ...


@dataclass(frozen=True, slots=True)
class Word:
    """What a witness said last."""

    size: int = 0
    line: Signature | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of asking: a cosignature, a trouble, or both."""

    signature: Signature | None = None
    trouble: Trouble | None = None
    why: str = ""
    ahead: Note | None = None
    """A larger tree that the log's own key has signed."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """With one witness, about one checkpoint."""

    voice: Voice
    tree: Tree
    note: Note
    checkpoint: Checkpoint
    log_keys: Sequence[Key]

    async def hold(self, last: Word) -> Heard:
        try:
            return await self._hold(last)
        except Unreachable as error:
            return Heard(trouble=Trouble.unreachable, why=str(error))
        except Lying as error:
            return Heard(trouble=Trouble.lying, why=str(error))

    async def _hold(self, last: Word) -> Heard:
        said = await self._submit(min(last.size, self.checkpoint.size))
        if not isinstance(said, Remembers):
            return self._heard(said)
        if said.size > self.checkpoint.size:
            return await self._heard_of_more(said.size)
        if said.size >= last.size:
            return self._heard(await self._submit(said.size))
        await self._remind(said.size, last)
        heard = self._heard(await self._submit(last.size))
        return Heard(
            heard.signature, Trouble.forgetful, f"it remembers {said.size}, and cosigned {last.size}"
        )

    def _heard(self, said: Said) -> Heard:
        match said:
            case Cosigned(signature=signature):
                return Heard(signature)
            case Refused(status=HTTPStatus.CONFLICT | HTTPStatus.UNPROCESSABLE_ENTITY):
                return Heard(trouble=Trouble.contradicting, why="it has cosigned another tree")
            case Refused(status=status):
                return Heard(trouble=Trouble.refusing, why=f"status {status}")
            case Remembers(size=size):
                return Heard(trouble=Trouble.lying, why=f"it names size {size}, and does not stand by it")

    async def _remind(self, remembered: int, last: Word) -> None:
        """Shows it its own later word: it keeps that as evidence, and can cosign nothing that contradicts it."""
        reminder = await reminder_of(self.tree, last)
        if reminder is None or remembered > last.size:
            return
        await self.voice.submit(remembered, await self._proof(remembered, last.size), reminder)

    async def _heard_of_more(self, size: int) -> Heard:
        """A tree larger than ours: true if our own key has signed it, and then events are missing here."""
        shown = await self.voice.latest(self.checkpoint.origin)
        try:
            found = Checkpoint.from_text(shown.text) if shown else None
            if shown and found and opened(shown, self.log_keys) and found.size > self.checkpoint.size:
                return Heard(
                    trouble=Trouble.ahead, why=f"our own key has signed a tree of {found.size}", ahead=shown
                )
        except (NotSigned, MalformedCheckpoint):
            pass
        return Heard(trouble=Trouble.lying, why=f"it names size {size}, and cannot show that we signed it")

    async def _submit(self, old: int) -> Said:
        return await self.voice.submit(
            old, await self._proof(old, self.checkpoint.size), self.note.to_bytes()
        )

    async def _proof(self, old: int, size: int) -> list[bytes]:
        return await self.tree.consistency(old, size) if 0 < old < size else []


async def reminder_of(tree: Tree, last: Word) -> bytes | None:
    """A witness's last word below the checkpoint that it was said of; None where one of the two is not known."""
    note = await tree.note(last.size)
    if note is None or last.line is None:
        return None
    return Note.from_bytes(note).signed_by(last.line).to_bytes()

"""The log as the application sees it: what goes in, what is answered, what may be refused.

`domain/store` is the port's real side, `domain/store/memory.py` the one for rule tests.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from domain.grammar import Envelope, Fact
from domain.proof.signing import Signed


class Entry(NamedTuple):
    """An event about to be appended: the `version`-th of its stream."""

    stream: str
    version: int
    fact: Fact
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as it stands in the log."""

    position: int
    stream: str
    version: int
    topic: str
    recorded_at: datetime
    fact: Fact
    envelope: Envelope
    state: bytes
    """The canonical bytes that were stored and that hashes cover."""


class Submission(NamedTuple):
    """The events of one command: all are appended or none."""

    key: str | None
    """The idempotency key, already scoped to its sender; None: never repeated."""
    digest: bytes
    """SHA-256 of the request, 32 bytes: the same key with another digest is refused."""
    entries: tuple[Entry, ...]


class Receipt(NamedTuple):
    """What was recorded for a command. A command with nothing to do has no positions."""

    recorded_at: datetime
    first_position: int | None = None
    last_position: int | None = None
    is_repeat: bool = False
    """True where the key was known: this is the first answer again."""
    signed: tuple[Signed, ...] = ()
    """The events under their signatures, in order; empty for a repeat, and where nobody signs."""


class VersionConflict(Exception):  # noqa: N818  — the domain's word
    """Somebody else wrote to the stream first: read it again and decide again."""

    def __init__(self, stream: str, expected: int, actual: int | None) -> None:
        super().__init__(f"{stream}: expected version {expected}, found {actual}")
        self.stream, self.expected, self.actual = stream, expected, actual


class KeyReused(Exception):  # noqa: N818
    """The idempotency key was used before for another request."""


class Overtaken(Exception):  # noqa: N818  — the domain's word
    """Something was recorded that the command would have to know of: look through the log again and decide again."""


class LogBusy(Exception):  # noqa: N818
    """More commands wait than the log will take: nothing was recorded; try again after `retry_after_seconds`."""

    def __init__(self, retry_after_seconds: int = 1) -> None:
        super().__init__(f"busy, retry after {retry_after_seconds} s")
        self.retry_after_seconds = retry_after_seconds


class LogSetBack(LogBusy):
    """The database lacks what was acknowledged: nothing is recorded over the gap until its log is brought back."""

    def __init__(self) -> None:
        super().__init__(retry_after_seconds=30)


class NewerSchema(LogBusy):
    """A newer version of the programme has migrated the database, and it refuses what this version does not know how to
    answer: nothing was recorded; a server of that version may take it, or say why not."""

    def __init__(self) -> None:
        super().__init__(retry_after_seconds=5)


class StorageFull(LogBusy):
    """The storage under the log is used up, or nearly: nothing was recorded; what is recorded can be read."""

    def __init__(self) -> None:
        super().__init__(retry_after_seconds=30)


class OutcomeUnknown(Exception):  # noqa: N818
    """The log could not be reached to learn whether the command was recorded: retry with the same key."""


class Log(Protocol):
    """The log as the application sees it."""

    async def append(self, submission: Submission) -> Receipt:
        """Appends all entries or none, durably, in order.

        Raises VersionConflict, KeyReused, LogBusy, OutcomeUnknown; PersonErased where what is appended names somebody
        who was erased; Overtaken where an erasure does not know what was recorded about its person last.
        """
        ...

    async def history(self, stream: str) -> Sequence[Recorded]:
        """All events of the stream in order of version; empty where there is none."""
        ...

    async def append_all(self, submissions: Sequence[Submission]) -> Sequence[Receipt | Exception]:
        """Each as `append` would; where that raises, its exception stands in the receipt's place."""
        ...

    async def earlier(self, key: str, digest: bytes) -> Receipt | None:
        """The first answer given under `key`, as a repeat. Raises KeyReused where the digest differs."""
        ...

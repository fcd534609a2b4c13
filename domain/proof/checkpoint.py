"""What a log's tree looked like at one size, for signing.  Source: C2SP tlog-checkpoint."""

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Final, Self

_TEXT: Final = re.compile(r"([^\n]+)\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/]{43}=)\n")


class MalformedCheckpoint(Exception):  # noqa: N818  — the domain's word
    """The note's text is not origin, size and root."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Which log, how many leaves, which root. No time: witnesses tell it."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Raises MalformedCheckpoint; extension lines, which nobody could audit, are refused."""
        match = _TEXT.fullmatch(text)
        if match is None or b64encode(root := b64decode(match[3])).decode() != match[3]:
            raise MalformedCheckpoint("expected three lines: origin, size, root")
        return cls(match[1], int(match[2]), root)

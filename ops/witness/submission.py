"""What a log hands to a witness.  Source: C2SP tlog-witness, add-checkpoint."""

import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from domain.proof.checkpoint import Checkpoint, MalformedCheckpoint
from domain.proof.note import MalformedNote, Note

MOST_PROOF_LINES: Final = 63
MOST_BYTES: Final = 64 * 1024

_OLD: Final = re.compile(r"old (0|[1-9][0-9]{0,18})")
_HASH: Final = re.compile(r"[A-Za-z0-9+/]{43}=")


class MalformedSubmission(Exception):  # noqa: N818  — the domain's word
    """These bytes are not what add-checkpoint takes."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A checkpoint, and the proof that it has grown out of the tree of `old` leaves."""

    old: int
    proof: tuple[bytes, ...]
    note: Note
    checkpoint: Checkpoint

    @classmethod
    def from_bytes(cls, stored: bytes) -> Self:
        """Raises MalformedSubmission."""
        head, separator, signed = stored.partition(b"\n\n")
        if not separator or len(stored) > MOST_BYTES:
            raise MalformedSubmission("an old size, a proof, an empty line and a checkpoint are expected")
        try:
            first, *hashes = head.decode().split("\n")
            note = Note.from_bytes(signed)
            checkpoint = Checkpoint.from_text(note.text)
        except (UnicodeDecodeError, MalformedNote, MalformedCheckpoint) as error:
            raise MalformedSubmission(str(error)) from error
        return cls(_old(first), _proof(hashes), note, checkpoint)


def submitted(old: int, proof: Sequence[bytes], note: bytes) -> bytes:
    """The request's body: what `Submission.from_bytes` reads."""
    lines = [f"old {old}", *(b64encode(one).decode() for one in proof)]
    return "".join(f"{line}\n" for line in lines).encode() + b"\n" + note


def _old(line: str) -> int:
    match = _OLD.fullmatch(line)
    if match is None:
        raise MalformedSubmission("the first line is not: old <size>")
    return int(match[1])


def _proof(lines: Sequence[str]) -> tuple[bytes, ...]:
    if len(lines) > MOST_PROOF_LINES:
        raise MalformedSubmission(f"more than {MOST_PROOF_LINES} lines of proof")
    return tuple(map(_hash, lines))


def _hash(line: str) -> bytes:
    if not _HASH.fullmatch(line) or b64encode(hashed := b64decode(line)).decode() != line:
        raise MalformedSubmission("a line of the proof is not a hash in base64")
    return hashed

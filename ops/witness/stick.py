"""The witness without a network: submissions come on a USB stick, and its answers go back on it."""

from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Final, NamedTuple

from domain.proof.note import COSIGNATURE
from ops.witness.desk import SIZE, Desk, is_signed
from ops.witness.disk import write_whole
from ops.witness.submission import MalformedSubmission, Submission

SUBMITTED: Final = ".submission"
COSIGNED: Final = ".cosignature"
REFUSED: Final = ".refusal"
ASKED_AGAIN: Final = ".size"
"""The witness remembers another size than the submitter thought; the file says which."""
OWNER: Final = "witness.vkey"
"""Whose answers lie in the folder: a file with the public key of that witness. Without it, the folder is nobody's yet."""
MOST_CHARACTERS: Final = 200
BEFORE: Final = "此前已见证，答复仍在 cosigned before; the answer lies there still"


class Answered(NamedTuple):
    path: Path
    is_cosigned: bool
    said: str


def answer_all(desk: Desk, folder: Path) -> Iterator[Answered]:
    """Each submission in the folder, the smallest size first; answers stand beside them under the same name.

    Raises ValueError where it is another witness's, whose answers would be overwritten.
    """
    if (owner := owner_of(folder)) not in (None, desk.signer.key(COSIGNATURE).vkey()):
        raise ValueError(f"{folder} is the folder of another witness, {owner} 该文件夹属另一见证人")
    for path in sorted(folder.glob(f"*{SUBMITTED}"), key=lambda path: (len(path.name), path.name)):
        yield answer(desk, path)


def owner_of(folder: Path) -> str | None:
    """The public key that the folder names."""
    path = folder / OWNER
    if not path.exists():
        return None
    told = path.read_text("utf-8", errors="replace").strip()[:MOST_CHARACTERS]
    return "".join(char for char in told if char.isprintable())


def answer(desk: Desk, path: Path) -> Answered:
    """Raises what Desk.add_checkpoint raises; then nothing is written. What lies there answered already keeps its answer."""
    body = _with_our_word(desk, path)
    told = desk.add_checkpoint(body)
    if told.content_type == SIZE and path.with_suffix(COSIGNED).exists() and desk.has_cosigned(body):
        return Answered(path.with_suffix(COSIGNED), is_cosigned=True, said=BEFORE)
    is_cosigned = told.status is HTTPStatus.OK
    ending = COSIGNED if is_cosigned else ASKED_AGAIN if told.content_type == SIZE else REFUSED
    place = path.with_suffix(ending)
    write_whole(place, told.body)
    for other in {ASKED_AGAIN, REFUSED} - {ending}:
        path.with_suffix(other).unlink(missing_ok=True)
    return Answered(place, is_cosigned, told.body.decode().strip())


def _with_our_word(desk: Desk, path: Path) -> bytes:
    """The submission, and our own cosignature where it lies beside it: a memory that was put back does not know of it."""
    body, beside = path.read_bytes(), path.with_suffix(COSIGNED)
    if not beside.exists():
        return body
    together = body + beside.read_bytes()
    try:
        note = Submission.from_bytes(together).note
    except MalformedSubmission:
        return body
    return together if is_signed(note, desk.signer.key(COSIGNATURE)) else body

"""What a witness that only a USB stick reaches has answered to what was submitted last."""

from pathlib import Path
from typing import Final, NamedTuple, Self

from domain.proof.policy import Known
from ops.drafts import drafted
from ops.failures import CannotDo
from ops.witness.stick import (
    ASKED_AGAIN,
    COSIGNED,
    MOST_CHARACTERS,
    OWNER,
    REFUSED,
    SUBMITTED,
    owner_of,
)
from ops.witness.submission import MalformedSubmission, Submission

ANOTHERS: Final = (
    "{stick} is the folder of another witness, {owner}: files of the two would overwrite each other. Give {name} a folder of its own."
    " {stick} 是另一见证人 {owner} 的文件夹，两者的文件会相互覆盖；请为 {name} 另设文件夹。"
)


class Brought(NamedTuple):
    """The newest submission on the stick, or the reminder that it builds on, and why it was not cosigned.

    All None: nothing was submitted, or it was cosigned.
    """

    size: int | None = None
    remembered: int | None = None
    """The witness remembers that size, and not the one which the submission names as the last."""
    refusal: str | None = None

    @classmethod
    def on(cls, stick: Path) -> Self:
        size = max(sizes(stick, SUBMITTED), default=None)
        if size is None or size in sizes(stick, COSIGNED):
            return cls()
        told, refused = _told(stick, size, ASKED_AGAIN), _told(stick, size, REFUSED)
        if told and (reminder := _builds_on(stick, size)) and (why := _told(stick, reminder, REFUSED)):
            return cls(reminder, refusal=why)
        return cls(size, int(told) if told and told.isdecimal() else None, refused)


def sizes(stick: Path, ending: str) -> list[int]:
    """Of the files that are named for one."""
    return [int(path.stem) for path in stick.glob(f"*{ending}") if path.stem.isdecimal()]


def expect_no_others(stick: Path, witness: Known) -> None:
    """Raises CannotDo where the folder is another witness's."""
    if (owner := owner_of(stick)) not in (None, witness.key.vkey()):
        raise CannotDo(ANOTHERS.format(stick=stick, owner=owner, name=witness.name))


def claim(stick: Path, witness: Known) -> None:
    """For this witness from now on. Raises CannotDo."""
    expect_no_others(stick, witness)
    with drafted(stick / OWNER) as file:
        file.write(f"{witness.key.vkey()}\n".encode())


def put(stick: Path, size: int, submission: bytes) -> Path:
    """In the place of what was submitted of that size, and of the answers to it. Raises CannotDo, OSError."""
    path = stick / f"{size}{SUBMITTED}"
    with drafted(path) as file:
        file.write(submission)
    for ending in (ASKED_AGAIN, REFUSED):
        path.with_suffix(ending).unlink(missing_ok=True)
    return path


def _builds_on(stick: Path, size: int) -> int | None:
    """The size that the submission names as the last."""
    try:
        return Submission.from_bytes((stick / f"{size}{SUBMITTED}").read_bytes()).old
    except MalformedSubmission:
        return None


def _told(stick: Path, size: int, ending: str) -> str | None:
    path = stick / f"{size}{ending}"
    if not path.exists():
        return None
    line = path.read_text("utf-8", errors="replace").strip()[:MOST_CHARACTERS]
    return "".join(char for char in line if char.isprintable())

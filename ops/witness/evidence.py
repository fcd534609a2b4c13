"""What speaks against a log, or against the witness's own memory: kept as it was received, under the digest of its bytes."""

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from ops.witness.disk import sync_folder

SUBMISSION: Final = "submission"
COSIGNED: Final = "cosigned"


class Kept(NamedTuple):
    """A piece of evidence: what was submitted, and the checkpoint it contradicts, where there is one."""

    kind: str
    folder: Path
    since: float
    """When it was first received, by the clock of the file system, in seconds since 1970."""


class Evidence:
    """One folder for each piece, `<kind>-<digest>`: the same bytes again are the same evidence."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, kind: str, submission: bytes, cosigned: bytes | None) -> Path:
        """Where it is kept; it is on the disk when this returns."""
        place = self._folder / f"{kind}-{sha256(submission).hexdigest()[:32]}"
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        if cosigned is not None:
            _write(place / COSIGNED, cosigned)
        _write(place / SUBMISSION, submission)
        for folder in (place, self._folder, self._folder.parent):
            sync_folder(folder)
        return place

    def all(self) -> Iterator[Kept]:
        for place in sorted(self._folder.glob("*-*")):
            kind, _, _digest = place.name.rpartition("-")
            yield Kept(kind, place, place.stat().st_mtime)


def _write(path: Path, content: bytes) -> None:
    """Once: what was kept first stays."""
    if path.exists() and path.read_bytes() == content:
        return
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())

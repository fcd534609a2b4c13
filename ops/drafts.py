"""A file to take away takes its name when it is whole: what breaks off leaves what stood there."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import copyfileobj
from stat import S_ISREG
from tempfile import TemporaryFile
from typing import BinaryIO, Protocol

from ops.failures import CannotDo


class Sink(Protocol):
    """Where a file is written, piece by piece."""

    def write(self, piece: bytes, /) -> object: ...
    def writelines(self, pieces: Iterable[bytes], /) -> None: ...
    def flush(self) -> None: ...


@contextmanager
def drafted(path: Path) -> Iterator[Sink]:
    """Written here, it stands under the name once the block ends. A device, a pipe or a link stays what it is, and is given the whole.

    Raises CannotDo where the file cannot be written, before anything is done in the block where that shows, else with the
    piece for which there is no room; what is raised in the block flies.
    """
    with _given(path) if _is_given(path) else _replaced(path) as file:
        yield _Draft(file, path)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raises CannotDo."""
    try:
        yield
    except OSError as error:
        raise CannotDo(f"{path} cannot be written. 无法写入 {path}。\n  {error}") from error


class _Draft:
    """What goes wrong as a piece is written is said with the name of the file."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file = file
        self._path = path

    def write(self, piece: bytes, /) -> int:
        with writing(self._path):
            return self._file.write(piece)

    def writelines(self, pieces: Iterable[bytes], /) -> None:
        for piece in pieces:
            self.write(piece)

    def flush(self) -> None:
        with writing(self._path):
            self._file.flush()


def _is_given(path: Path) -> bool:
    return path.exists() and (path.is_symlink() or not path.is_file())


@contextmanager
def _given(path: Path) -> Iterator[BinaryIO]:
    with writing(path):
        target = os.fdopen(os.open(path, os.O_WRONLY | os.O_CLOEXEC), "wb", buffering=0)
    with target, TemporaryFile() as whole:
        yield whole
        with writing(path):
            if S_ISREG(os.fstat(target.fileno()).st_mode):
                target.truncate(0)
            whole.seek(0)
            copyfileobj(whole, target)


@contextmanager
def _replaced(path: Path) -> Iterator[BinaryIO]:
    part = path.with_name(f".{path.name}.part")
    try:
        with writing(path):
            file = part.open("wb")
        try:
            yield file
            with writing(path):
                file.flush()
                os.fsync(file.fileno())
        finally:
            with suppress(OSError):  # what is on disk is known; closing would try again what is not
                file.close()
        with writing(path):
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)

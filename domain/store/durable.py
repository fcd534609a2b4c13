"""Files that are whole on disk, under their names, before anybody goes on."""

import os
from pathlib import Path


def write_anew(path: Path, told: bytes) -> None:
    """On disk in the place of what stood there, or that still stands. Raises OSError."""
    beside = path.with_name(f"{path.name}.new")
    with beside.open("wb") as file:
        file.write(told)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Or a name might still lead to what stood there before, or to nothing. Raises OSError."""
    fd = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)

"""What a witness puts on its disk or on a stick, it finds there again: after a power cut, and after the stick was pulled out."""

import os
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """It stands under the name, on the disk, or what stood there does. Raises OSError."""
    half = path.with_name(f"{path.name}.part")
    try:
        with half.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """A file's name is on the disk only when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

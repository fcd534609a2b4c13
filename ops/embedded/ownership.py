"""One owner per data directory: a lock the kernel gives back however the owner ends."""

import fcntl
import os
from pathlib import Path
from typing import Final

from ops.embedded.failures import DataDirInUse

LOCK_NAME: Final = "owner.lock"


class OwnerLock:
    """An exclusive lock on a data directory, held from `take` to `release` or to the end of the process."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._fd: int | None = None

    def take(self) -> None:
        """Raises DataDirInUse, naming the owner."""
        fd = os.open(self._data_dir / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner_pid = _pid_in(fd)
            os.close(fd)
            raise DataDirInUse(self._data_dir, owner_pid) from error
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        self._fd = fd

    def release(self) -> None:
        if self._fd is not None:
            os.ftruncate(self._fd, 0)
            os.close(self._fd)
            self._fd = None


def is_owned(data_dir: Path) -> bool:
    """Whether some process holds the lock now."""
    try:
        fd = os.open(data_dir / LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def _pid_in(fd: int) -> int | None:
    text = os.pread(fd, 32, 0).strip()
    return int(text) if text.isdigit() else None

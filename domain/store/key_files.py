"""Key files: private keys beside the database, one to a file that only its owner may read, and their public lines.

process-1.key  PEM (PKCS #8), mode 0600      process-1.pub  the key's line, name+identifier+key
log-1.key                                    log-1.pub
"""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from domain.proof.note import Key, Signer
from domain.proof.signing import Use
from domain.store.durable import sync_folder

LOCK: Final = "keys.lock"
OTHERS: Final = 0o077
_FILE: Final = re.compile(r"(process|log)-([1-9][0-9]*)\.pub")


class KeysUnreadable(Exception):  # noqa: N818  — the domain's word
    """A key file cannot be used; the sentence says which and why, never what is in it."""


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A key as it lies in the folder."""

    use: Use
    number: int
    key: Key
    path: Path
    """Of the private half; it may lie elsewhere."""

    @property
    def name(self) -> str:
        return f"{self.use}-{self.number}"

    @property
    def is_private(self) -> bool:
        return self.path.exists()

    def signer(self) -> Signer:
        """Raises KeysUnreadable."""
        private = _private(self.path)
        signer = Signer(self.key.name, private)
        if signer.key() != self.key:
            raise KeysUnreadable(f"{self.path}: is not the other half of {self.name}.pub")
        return signer


class KeyFiles:
    """The folder of one county's keys."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> list[KeyFile]:
        """In order of use and number. Raises KeysUnreadable."""
        names = sorted(path.name for path in self.folder.iterdir()) if self.folder.is_dir() else []
        found = [self._found(match) for name in names if (match := _FILE.fullmatch(name))]
        return sorted(found, key=lambda file: (file.use, file.number))

    def of(self, use: Use) -> list[KeyFile]:
        return [file for file in self.all() if file.use is use]

    def anchors(self) -> set[Key]:
        """The public halves: keys that whoever keeps the folder knows from elsewhere than the database."""
        return {file.key for file in self.all()}

    def create(self, use: Use, name: str) -> KeyFile:
        """A new key under the next number. Raises OSError."""
        private = Ed25519PrivateKey.generate()
        key = Signer(name, private).key()
        number = max((file.number for file in self.of(use)), default=0) + 1
        path = self.folder / f"{use}-{number}.key"
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        _write(path, pem, 0o600)
        _write(path.with_suffix(".pub"), f"{key.vkey()}\n".encode(), 0o644)
        return KeyFile(use, number, key, path)

    @contextmanager
    def to_itself(self) -> Iterator[None]:
        """One process at a time makes keys here. Makes the folder. Raises OSError."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _found(self, match: re.Match[str]) -> KeyFile:
        use, number = Use(match[1]), int(match[2])
        path = self.folder / match[0]
        try:
            key = Key.from_vkey(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise KeysUnreadable(f"{path}: {error}") from error
        return KeyFile(use, number, key, path.with_suffix(".key"))


def _private(path: Path) -> Ed25519PrivateKey:
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & OTHERS:
                raise KeysUnreadable(f"{path}: others may read it; set its mode to 0600")
            key = load_pem_private_key(file.read(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise KeysUnreadable(f"{path}: {type(error).__name__}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeysUnreadable(f"{path}: is not an Ed25519 key")
    return key


def _write(path: Path, content: bytes, mode: int) -> None:
    """Whole and on disk, or not there."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(fd, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)

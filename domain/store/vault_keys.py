"""The vault's keys, in files: with the database alone nobody reads the vault, with the files alone there is nothing to read.

kek-1.key …    the key-encryption keys, numbered; the highest wraps       base64 of 32 bytes, mode 0600
index.key      the key of the blind index                                 likewise
erased         the references of everybody who was erased, one to a line, so that a restored database brings nobody back
vault-of       by which log's first event the vault is known whose keys were destroyed here: another's folder looks the same
"""

import os
import re
from base64 import b64decode, b64encode
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final

from domain.store.durable import sync_folder
from domain.vault.blind_index import BlindIndex
from domain.vault.sealed import VaultKeys
from domain.vault.sealing import KEY_BYTES, new_key
from domain.vault.wrapping import WrappingKeys

INDEX: Final = "index.key"
ERASED: Final = "erased"
VAULT_OF: Final = "vault-of"
OTHERS: Final = 0o077
_WRAPPING: Final = re.compile(r"kek-([1-9][0-9]*)\.key")


class VaultKeysUnusable(Exception):  # noqa: N818  — what is said of the keys
    """The vault's keys are not there or cannot be used; the sentence says which and why, never what is in them."""


class VaultKeyFiles:
    """The folder of the vault's keys. Other processes may add to it and take away from it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._keys: VaultKeys | None = None

    @property
    def now(self) -> VaultKeys:
        """Raises VaultKeysUnusable."""
        if self._keys is None:
            index = BlindIndex(_read(self.folder / INDEX))
            wrapping = {number: _read(self.wrapping_file(number)) for number in self.numbers()}
            if not wrapping:
                raise VaultKeysUnusable(f"{self.folder}: there is no kek-<n>.key")
            self._keys = VaultKeys(WrappingKeys(wrapping), index)
        return self._keys

    def read_again(self) -> None:
        self._keys = None

    def numbers(self) -> list[int]:
        """Of the key-encryption keys, ascending."""
        names = [path.name for path in self.folder.iterdir()] if self.folder.is_dir() else []
        return sorted(int(match[1]) for name in names if (match := _WRAPPING.fullmatch(name)))

    def expect(self, numbers: Iterable[int]) -> None:
        """Raises VaultKeysUnusable where one of these key-encryption keys, or the index key, is not there."""
        for number in numbers:
            if number not in self.now.wrapping.by_number:
                raise VaultKeysUnusable(f"{self.wrapping_file(number)} is not there")

    def replaced(self, numbers: Iterable[int]) -> list[int]:
        """Which of these a rotation has destroyed: they are gone, and a later one is here."""
        own = self.numbers()
        return [number for number in numbers if number not in own and number < max(own, default=0)]

    def wrapping_file(self, number: int) -> Path:
        return self.folder / f"kek-{number}.key"

    def create_first(self) -> None:
        """Both keys, where neither is there. Raises OSError."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in (self.folder / INDEX, self.wrapping_file(1)):
            if not path.exists():
                _write(path, new_key())
        self.read_again()

    def create_next(self) -> int:
        """The number of a new key-encryption key, which wraps from now on. Raises OSError."""
        number = max(self.numbers(), default=0) + 1
        _write(self.wrapping_file(number), new_key())
        self.read_again()
        return number

    def destroy_before(self, number: int) -> list[int]:
        """The numbers of the keys that are gone now: what only they wrap, as in an old backup, is unreadable for ever."""
        gone = [each for each in self.numbers() if each < number]
        for each in gone:
            self.wrapping_file(each).unlink()
        sync_folder(self.folder)
        self.read_again()
        return gone

    # ── who was erased ──────────────────────────────────────────────────────────────────────────────────────

    def remember_erased(self, person_ref: str) -> None:
        self._remember(ERASED, person_ref)

    def erased(self) -> Collection[str]:
        return self._remembered(ERASED)

    # ── whose they are ──────────────────────────────────────────────────────────────────────────────────────

    def remember_vault_of(self, first_event: str) -> None:
        self._remember(VAULT_OF, first_event)

    def vault_of(self) -> Collection[str]:
        return self._remembered(VAULT_OF)

    def _remember(self, name: str, line: str) -> None:
        """Returns once it is on disk."""
        if line in self._remembered(name):
            return
        fd = os.open(self.folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "wb", buffering=0) as file:
            file.write(f"{line}\n".encode())
            os.fsync(file.fileno())

    def _remembered(self, name: str) -> Collection[str]:
        path = self.folder / name
        return set(path.read_text(encoding="ascii").split()) if path.exists() else set()


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & OTHERS:
                raise VaultKeysUnusable(f"{path}: others may read it; set its mode to 0600")
            key = b64decode(file.read().strip(), validate=True)
    except (OSError, ValueError) as error:
        raise VaultKeysUnusable(f"{path}: {type(error).__name__}") from None
    if len(key) != KEY_BYTES:
        raise VaultKeysUnusable(f"{path}: is not a key of {KEY_BYTES} bytes")
    return key


def _write(path: Path, key: bytes) -> None:
    """Whole and on disk under its name, or not there; whoever is first keeps it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(b64encode(key) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    sync_folder(path.parent)

"""Persons' keys, wrapped by key-encryption keys 密钥加密密钥 that are numbered from 1 and replaced in time.

box = nonce 12 ‖ AES-256-GCM(key-encryption key, nonce, person's key, additional data)
additional data = "jdkek1\n" ‖ u32 number ‖ u16 len(person_ref) ‖ person_ref
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_bytes
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.vault.sealing import NONCE_BYTES, Unsealable, prefixed

_DOMAIN: Final = b"jdkek1\n"


class KeyAbsent(Exception):  # noqa: N818  — what is said of the key
    """The key-encryption key of this number is not here: what it wraps cannot be opened."""


class Wrapped(NamedTuple):
    """A person's key as the vault keeps it: the number of the key that wraps it, and the box."""

    kek: int
    box: bytes


@dataclass(frozen=True, slots=True)
class WrappingKeys:
    """The key-encryption keys at hand; the highest number wraps, every other still unwraps. At least one."""

    by_number: Mapping[int, bytes] = field(repr=False)

    @property
    def newest(self) -> int:
        return max(self.by_number)

    def wrap(self, person_ref: str, key: bytes) -> Wrapped:
        kek, nonce = self.newest, token_bytes(NONCE_BYTES)
        return Wrapped(kek, nonce + self._cipher(kek).encrypt(nonce, key, _covered(kek, person_ref)))

    def unwrap(self, person_ref: str, wrapped: Wrapped) -> bytes:
        """The person's key. Raises KeyAbsent, Unsealable."""
        nonce, sealed = wrapped.box[:NONCE_BYTES], wrapped.box[NONCE_BYTES:]
        try:
            return self._cipher(wrapped.kek).decrypt(nonce, sealed, _covered(wrapped.kek, person_ref))
        except (InvalidTag, ValueError):
            raise Unsealable(f"{person_ref} key") from None

    def _cipher(self, kek: int) -> AESGCM:
        if kek not in self.by_number:
            raise KeyAbsent(str(kek))
        return AESGCM(self.by_number[kek])


def _covered(kek: int, person_ref: str) -> bytes:
    return _DOMAIN + kek.to_bytes(4, "big") + prefixed(person_ref)

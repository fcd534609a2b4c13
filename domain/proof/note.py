"""Texts signed by one or more keys.  Source: C2SP signed-note; witnesses' lines: C2SP tlog-cosignature."""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final, Protocol, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519: Final = 0x01
COSIGNATURE: Final = 0x04
KEY_ID_BYTES: Final = 4
PUBLIC_BYTES: Final = 32
TIME_BYTES: Final = 8
MOST_SIGNATURES: Final = 64

_LINE: Final = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")


class MalformedNote(Exception):  # noqa: N818  — the domain's word
    """These bytes are not a signed note."""


class NotSigned(Exception):  # noqa: N818
    """The note does not carry a valid signature of the key that was asked for."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: whose it claims to be, and the bytes behind the key's identifier."""

    name: str
    key_id: bytes
    value: bytes

    def line(self) -> str:
        return f"— {self.name} {b64encode(self.key_id + self.value).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text, which ends in a newline, and the lines below it. Nobody has looked at the signatures yet."""

    text: str
    signatures: tuple[Signature, ...] = ()

    def to_bytes(self) -> bytes:
        return f"{self.text}\n{''.join(one.line() for one in self.signatures)}".encode()

    def signed_by(self, *signatures: Signature) -> Self:
        """The note with further lines."""
        return replace(self, signatures=(*self.signatures, *signatures))

    @classmethod
    def from_bytes(cls, stored: bytes) -> Self:
        """Raises MalformedNote."""
        try:
            told = stored.decode()
        except UnicodeDecodeError as error:
            raise MalformedNote("not UTF-8") from error
        head, separator, lines = told.rpartition("\n\n")
        if not separator or not lines.endswith("\n") or _CONTROL.search(told):
            raise MalformedNote("no text above an empty line and signatures")
        found = lines.removesuffix("\n").split("\n")
        if len(found) > MOST_SIGNATURES:
            raise MalformedNote(f"more than {MOST_SIGNATURES} signatures")
        return cls(head + "\n", tuple(_signature(line) for line in found))


def _signature(line: str) -> Signature:
    match = _LINE.fullmatch(line)
    if match is None:
        raise MalformedNote("not a signature line")
    try:
        value = b64decode(match[2], validate=True)
    except NotBase64 as error:
        raise MalformedNote("a signature is not base64") from error
    if len(value) <= KEY_ID_BYTES or b64encode(value).decode() != match[2]:
        raise MalformedNote("a signature is not base64 of a key's identifier and more")
    return Signature(match[1], value[:KEY_ID_BYTES], value[KEY_ID_BYTES:])


class Verifier(Protocol):
    """A key that somebody trusts, under its name."""

    @property
    def name(self) -> str: ...
    @property
    def key_id(self) -> bytes: ...
    def accepts(self, text: str, value: bytes) -> bool: ...


@dataclass(frozen=True, slots=True)
class Key:
    """A public key with its name and the kind of signature it makes."""

    name: str
    kind: int
    public: bytes
    """32 bytes, RFC 8032."""

    @property
    def key_id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:KEY_ID_BYTES]

    def vkey(self) -> str:
        """As people hand it on: name, identifier and key in one line."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(bytes([self.kind]) + self.public).decode()}"

    @classmethod
    def from_vkey(cls, told: str) -> Self:
        """Raises ValueError where the line is broken, or its identifier is another key's."""
        try:
            name, key_id, encoded = told.strip().split("+", 2)
            kind, *public = b64decode(encoded, validate=True)
        except (ValueError, NotBase64) as error:
            raise ValueError("not a verifier key: name+identifier+key is expected") from error
        key = cls(name, kind, bytes(public))
        if key.key_id.hex() != key_id or len(public) != PUBLIC_BYTES or kind not in (ED25519, COSIGNATURE):
            raise ValueError("not a verifier key: its identifier does not fit")
        return key

    def accepts(self, text: str, value: bytes) -> bool:
        """Whether `value`, what a line holds behind the identifier, is this key's over the text."""
        if self.kind == ED25519:
            return self._verifies(value, text.encode())
        time, signature = value[:TIME_BYTES], value[TIME_BYTES:]
        return self._verifies(signature, cosigned_message(text, int.from_bytes(time)))

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Whether `signature` is this key's over plain bytes."""
        return self._verifies(signature, message)

    def _verifies(self, signature: bytes, message: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key under its name."""

    name: str
    private: Ed25519PrivateKey

    def key(self, kind: int = ED25519) -> Key:
        return Key(self.name, kind, self.private.public_key().public_bytes_raw())

    def sign(self, text: str) -> Signature:
        return Signature(self.name, self.key().key_id, self.private.sign(text.encode()))

    def cosign(self, text: str, time: int) -> Signature:
        """A witness's line: it has seen this checkpoint, at `time` in seconds since 1970, and none that contradicts it."""
        signature = self.private.sign(cosigned_message(text, time))
        return Signature(self.name, self.key(COSIGNATURE).key_id, time.to_bytes(TIME_BYTES) + signature)


def cosigned_message(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def cosigned_at(value: bytes) -> int:
    """The time in a witness's signature, in seconds since 1970."""
    return int.from_bytes(value[:TIME_BYTES])


def opened(note: Note, keys: Iterable[Verifier]) -> list[Signature]:
    """The signatures of those keys. Lines of other keys are ignored; one of these that does not hold spoils the note.

    Raises NotSigned where none is there, or one does not hold.
    """
    key_by_line = {(key.name, key.key_id): key for key in keys}
    found = [one for one in note.signatures if (one.name, one.key_id) in key_by_line]
    if not found:
        raise NotSigned("no signature of a known key")
    for one in found:
        if not key_by_line[one.name, one.key_id].accepts(note.text, one.value):
            raise NotSigned(f"the signature of {one.name} does not hold")
    return found

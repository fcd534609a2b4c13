"""A witness's private key, in the form that other C2SP programs read: a keeper may change the program and keep the key."""

import os
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.proof.note import ED25519, Key, Signer

MARK: Final = "PRIVATE+KEY"


def told(signer: Signer) -> str:
    """One line: PRIVATE+KEY+name+identifier+key, as Go's note package writes it."""
    seed = bytes([ED25519]) + signer.private.private_bytes_raw()
    return f"{MARK}+{signer.name}+{signer.key().key_id.hex()}+{b64encode(seed).decode()}"


def read(line: str) -> Signer:
    """Raises ValueError; the message does not hold the key."""
    mark, _, rest = line.strip().partition(f"{MARK}+")
    try:
        name, key_id, encoded = rest.split("+", 2)
        kind, *seed = b64decode(encoded, validate=True)
        signer = Signer(name, Ed25519PrivateKey.from_private_bytes(bytes(seed)))
    except (ValueError, NotBase64):
        raise ValueError("not a private key of a note") from None
    if mark or kind != ED25519 or Key(name, kind, signer.key().public).key_id.hex() != key_id:
        raise ValueError("not a private key of a note: its identifier does not fit")
    return signer


def create(path: Path, name: str) -> Signer:
    """A new key, in a new file that its owner alone may read; none where it cannot be written.

    Raises FileExistsError, OSError, ValueError.
    """
    if not name or "+" in name or any(letter.isspace() for letter in name):
        raise ValueError("a key's name has neither spaces nor a plus sign")
    signer = Signer(name, Ed25519PrivateKey.generate())
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(told(signer) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink()
        raise
    return signer

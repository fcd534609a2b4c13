"""One field of one person, sealed under the person's own key: AES-256-GCM, NIST SP 800-38D.

    box = nonce 12 ‖ AES-256-GCM(key, nonce, salt 32 ‖ UTF-8 value, additional data)
    additional data = "jdvault1\n" ‖ u16 len(person_ref) ‖ person_ref ‖ u16 len(field) ‖ field

Person and field are covered, so a box that is moved to another person, or to another field, does not open. The salt of
the field's commitment lies inside: whoever cannot open the box cannot check a guess against the commitment either.
"""

from secrets import token_bytes
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.vault.fields import Part

KEY_BYTES: Final = 32
SALT_BYTES: Final = 32
NONCE_BYTES: Final = 12
_DOMAIN: Final = b"jdvault1\n"


class Unsealable(Exception):  # noqa: N818  — what is said of the box
    """A box does not open under this key for this person and field: it was changed, or belongs elsewhere."""


class Opened(NamedTuple):
    """What a box held. Never printed by accident."""

    value: str
    salt: bytes

    def __repr__(self) -> str:
        return "Opened()"


def new_key() -> bytes:
    """A person's key: 32 bytes."""
    return token_bytes(KEY_BYTES)


def new_salt() -> bytes:
    return token_bytes(SALT_BYTES)


def seal(key: bytes, person_ref: str, part: Part, opened: Opened) -> bytes:
    """A new box each time: the nonce is drawn at random; a key seals a few dozen values in its life."""
    nonce = token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, opened.salt + opened.value.encode(), _covered(person_ref, part))


def unseal(key: bytes, person_ref: str, part: Part, box: bytes) -> Opened:
    """Raises Unsealable, naming person and field and nothing else."""
    try:
        plain = AESGCM(key).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], _covered(person_ref, part))
    except (InvalidTag, ValueError):
        raise Unsealable(f"{person_ref} {part}") from None
    return Opened(plain[SALT_BYTES:].decode(), plain[:SALT_BYTES])


def prefixed(text: str) -> bytes:
    """u16 length, big endian, and the UTF-8 bytes."""
    encoded = text.encode()
    return len(encoded).to_bytes(2, "big") + encoded


def _covered(person_ref: str, part: Part) -> bytes:
    return _DOMAIN + prefixed(person_ref) + prefixed(part)

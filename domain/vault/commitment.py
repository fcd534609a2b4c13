"""What an event says of a value without saying it: a salted commitment 承诺值.

    commitment = SHA-256("jdcommit1\n" ‖ salt 32 ‖ u16 len(field) ‖ field ‖ UTF-8 value)

Whoever is shown value and salt can check them against the record; whoever has the record alone learns nothing, even
where all values could be tried, since the salt is as long as the digest. Erased with the person's key, the salt is gone
and the commitment says nothing for ever.
"""

from hashlib import sha256
from hmac import compare_digest
from typing import Final

from domain.vault.fields import Part
from domain.vault.sealing import Opened, prefixed

_DOMAIN: Final = b"jdcommit1\n"


def commitment(part: Part, opened: Opened) -> str:
    """64 hexadecimal digits."""
    return sha256(_DOMAIN + opened.salt + prefixed(part) + opened.value.encode()).hexdigest()


def is_committed(digest: str, part: Part, opened: Opened) -> bool:
    """Whether the record committed to this value of the field."""
    return compare_digest(digest, commitment(part, opened))

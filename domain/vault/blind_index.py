"""The blind index 盲索引: a person is found by a number or a name, though the vault holds neither in the clear.

    fingerprint = HMAC-SHA-256(index key, u16 len(kind) ‖ kind ‖ normalised text)        RFC 2104

The index key lies with the key-encryption keys, not in the database: without it the few million identity numbers of a
county could be tried one after the other. Equal numbers have equal fingerprints, which is what an index is for.
"""

from dataclasses import dataclass, field
from hmac import digest

from domain.vault.fields import SearchKind
from domain.vault.normal import normal_document, normal_name, normal_phone
from domain.vault.sealing import prefixed


@dataclass(frozen=True, slots=True)
class BlindIndex:
    """Fingerprints under one key: 32 bytes each."""

    key: bytes = field(repr=False)

    def document(self, id_type: str, number: str) -> bytes:
        return self._fingerprint(SearchKind.document, normal_document(id_type, number))

    def phone(self, phone: str) -> bytes:
        return self._fingerprint(SearchKind.phone, normal_phone(phone))

    def name(self, name: str) -> bytes:
        return self._fingerprint(SearchKind.name, normal_name(name))

    def _fingerprint(self, kind: SearchKind, normal: str) -> bytes:
        return digest(self.key, prefixed(kind) + normal.encode(), "sha256")

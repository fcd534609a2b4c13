"""The vault's tables: sealed values, wrapped keys, fingerprints. What is written and read here is unreadable."""

from collections.abc import Mapping, Sequence
from typing import Final

from psycopg.errors import ForeignKeyViolation, UniqueViolation

from domain.people import DocumentTaken, WrappingKeyRetired
from domain.store.connecting import Readers
from domain.vault.fields import Part, SearchKind
from domain.vault.sealed import Kept, Sealed
from domain.vault.wrapping import Wrapped

AT_ONCE: Final = 1000
"""Persons in one statement of a walk through the whole vault."""


class VaultTables:
    """The vault of one county. Everything raises LogBusy where the database cannot be reached."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    async def enrol(self, person_ref: str, wrapped: Wrapped, sealed: Sealed) -> str:
        """The reference that stands: this one, or the one of the document's holder. Raises WrappingKeyRetired."""
        parameters = {"person_ref": person_ref, "kek": wrapped.kek, "wrapped_key": wrapped.box}
        try:
            rows = await self._readers.fetch("vault_enrol", parameters | _columns(sealed))
        except ForeignKeyViolation:
            raise WrappingKeyRetired from None
        standing: str = rows[0][0]
        return standing

    async def person(self, person_ref: str) -> Kept | None:
        """None where the vault holds nobody under the reference."""
        for kek, wrapped_key, parts, boxes in await self._readers.fetch(
            "vault_person", {"person_ref": person_ref}
        ):
            by_part = dict(zip(map(Part, parts), boxes, strict=True))
            return Kept(Wrapped(kek, wrapped_key), {part: by_part[part] for part in Part if part in by_part})
        return None

    async def correct(self, person_ref: str, sealed: Sealed) -> None:
        """Nothing happens to somebody who is not there any more. Raises DocumentTaken."""
        try:
            await self._readers.fetch("vault_correct", {"person_ref": person_ref} | _columns(sealed))
        except UniqueViolation:
            raise DocumentTaken from None

    async def found(self, kind: SearchKind, fingerprint: bytes, at_most: int) -> Sequence[str]:
        """References, the longest enrolled first."""
        rows = await self._readers.fetch(
            "vault_found", {"kind": kind, "fingerprint": fingerprint, "at_most": at_most}
        )
        return [row[0] for row in rows]

    async def destroy(self, person_refs: Sequence[str]) -> int:
        """How many of them there were."""
        rows = await self._readers.fetch("vault_destroy", {"person_refs": list(person_refs)})
        count: int = rows[0][0]
        return count

    async def wrapping_keys(self) -> Mapping[int, bool]:
        """The numbers there are, and whether they are retired."""
        return {row[0]: row[1] for row in await self._readers.fetch("vault_wrapping_keys", {})}

    async def use_key(self, kek: int) -> None:
        """From now on nobody is enrolled under another."""
        await self._readers.fetch("vault_use_key", {"kek": kek})

    async def wrapped_by_others(self, kek: int, after: str) -> Sequence[tuple[str, Wrapped]]:
        """At most AT_ONCE persons behind `after`."""
        rows = await self._readers.fetch(
            "vault_wrapped_by_others", {"kek": kek, "after": after, "at_most": AT_ONCE}
        )
        return [(person_ref, Wrapped(number, box)) for person_ref, number, box in rows]

    async def rewrap(self, kek: int, boxes: Mapping[str, bytes]) -> None:
        """Wrapped keys by person_ref, all under `kek`."""
        await self._readers.fetch(
            "vault_rewrap",
            {"person_refs": list(boxes), "kek": kek, "wrapped_keys": list(boxes.values())},
        )

    async def references(self, after: str) -> Sequence[str]:
        """At most AT_ONCE references behind `after`, ascending."""
        rows = await self._readers.fetch("vault_references", {"after": after, "at_most": AT_ONCE})
        return [row[0] for row in rows]

    async def in_plain(self, past: int, at_most: int) -> Sequence[Sequence[str]]:
        """Rows of `people`, the table of earlier versions: reference, name, kind and number of document, phone, address."""
        return await self._readers.fetch("people_in_plain", {"past": past, "at_most": at_most})

    async def empty_plain(self) -> None:
        """Everybody in `people` is in the vault."""
        await self._readers.fetch("empty_people", {})


def _columns(sealed: Sealed) -> dict[str, object]:
    return {
        "parts": list(sealed.boxes),
        "boxes": list(sealed.boxes.values()),
        "kinds": list(sealed.fingerprints),
        "fingerprints": list(sealed.fingerprints.values()),
    }

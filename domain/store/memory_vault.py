"""The vault in a dictionary: the same answers as its tables, for tests of what is done with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.people import DocumentTaken
from domain.vault.blind_index import BlindIndex
from domain.vault.fields import Part, SearchKind
from domain.vault.sealed import Kept, Sealed, VaultKeys
from domain.vault.sealing import new_key
from domain.vault.wrapping import Wrapped, WrappingKeys


@dataclass
class _Row:
    wrapped: Wrapped
    boxes: dict[Part, bytes]
    fingerprints: dict[SearchKind, bytes]


class MemoryVault:
    """A vault that lasts as long as the object."""

    def __init__(self) -> None:
        self._rows: dict[str, _Row] = {}

    async def enrol(self, person_ref: str, wrapped: Wrapped, sealed: Sealed) -> str:
        holder = self._holder(sealed)
        if holder is None:
            self._rows[person_ref] = _Row(wrapped, dict(sealed.boxes), dict(sealed.fingerprints))
        return holder or person_ref

    async def person(self, person_ref: str) -> Kept | None:
        row = self._rows.get(person_ref)
        return None if row is None else Kept(row.wrapped, dict(row.boxes))

    async def correct(self, person_ref: str, sealed: Sealed) -> None:
        if self._holder(sealed) not in (None, person_ref):
            raise DocumentTaken
        if row := self._rows.get(person_ref):
            row.boxes.update(sealed.boxes)
            row.fingerprints.update(sealed.fingerprints)

    async def found(self, kind: SearchKind, fingerprint: bytes, at_most: int) -> Sequence[str]:
        fitting = [ref for ref, row in self._rows.items() if row.fingerprints.get(kind) == fingerprint]
        return fitting[:at_most]

    async def destroy(self, person_refs: Sequence[str]) -> int:
        return sum(self._rows.pop(each, None) is not None for each in person_refs)

    def _holder(self, sealed: Sealed) -> str | None:
        document = sealed.fingerprints.get(SearchKind.document)
        return next(
            (
                person_ref
                for person_ref, row in self._rows.items()
                if document is not None and row.fingerprints.get(SearchKind.document) == document
            ),
            None,
        )


@dataclass
class MemoryKeys:
    """Keys that nobody writes down."""

    now: VaultKeys = field(
        default_factory=lambda: VaultKeys(WrappingKeys({1: new_key()}), BlindIndex(new_key()))
    )
    erased: set[str] = field(default_factory=set)

    def read_again(self) -> None:
        """They are all here."""

    def remember_erased(self, person_ref: str) -> None:
        self.erased.add(person_ref)

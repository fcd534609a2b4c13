"""A person's data as the vault takes them, made in one go: boxes, fingerprints, and commitments for the record."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from domain.vault.blind_index import BlindIndex
from domain.vault.commitment import commitment
from domain.vault.fields import Part, SearchKind
from domain.vault.sealing import Opened, new_salt, seal, unseal
from domain.vault.wrapping import Wrapped, WrappingKeys


@dataclass(frozen=True, slots=True)
class VaultKeys:
    """Everything that opens the vault; none of it lies in the database."""

    wrapping: WrappingKeys
    index: BlindIndex


class Kept(NamedTuple):
    """What the vault holds of one person."""

    wrapped: Wrapped
    boxes: Mapping[Part, bytes]


class Sealed(NamedTuple):
    """Values of one person, sealed under that person's key."""

    boxes: Mapping[Part, bytes]
    fingerprints: Mapping[SearchKind, bytes]
    digests: Mapping[Part, str]
    """The commitment of each field, for the record."""


def sealed(keys: VaultKeys, key: bytes, person_ref: str, values: Mapping[Part, str]) -> Sealed:
    """Each field with a salt of its own."""
    opened = {part: Opened(value, new_salt()) for part, value in values.items()}
    return Sealed(
        {part: seal(key, person_ref, part, each) for part, each in opened.items()},
        fingerprints(keys.index, values),
        {part: commitment(part, each) for part, each in opened.items()},
    )


def opened(keys: VaultKeys, person_ref: str, kept: Kept) -> dict[Part, Opened]:
    """Values and salts by field. Raises Unsealable, KeyAbsent."""
    key = keys.wrapping.unwrap(person_ref, kept.wrapped)
    return {part: unseal(key, person_ref, part, box) for part, box in kept.boxes.items()}


def fingerprints(index: BlindIndex, values: Mapping[Part, str]) -> dict[SearchKind, bytes]:
    """Under which a person of these values is found."""
    found: dict[SearchKind, bytes] = {}
    if Part.id_type in values and Part.id_number in values:
        found[SearchKind.document] = index.document(values[Part.id_type], values[Part.id_number])
    if Part.phone in values:
        found[SearchKind.phone] = index.phone(values[Part.phone])
    if Part.name in values:
        found[SearchKind.name] = index.name(values[Part.name])
    return found

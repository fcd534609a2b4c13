"""What a check has found."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Health(StrEnum):
    well = "well"
    doubtful = "doubtful"
    """It works, and somebody should look at it."""
    ill = "ill"
    """A promise of the record does not hold."""


@dataclass(frozen=True, slots=True)
class Finding:
    health: Health
    zh: str
    en: str

    @classmethod
    def judged(cls, is_well: bool, zh: str, en: str, *, otherwise: Health = Health.ill) -> Self:
        return cls(Health.well if is_well else otherwise, zh, en)

"""What is wrong with a county's files: where, what, and what would be accepted instead."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ops.failures import CannotDo

SHOWN: Final = 50
"""Places that a message lists; all of them are in `places`."""


@dataclass(frozen=True, slots=True)
class Broken:
    """One place that cannot be read."""

    file: str
    line: int
    """The first line of a file is 1."""
    field: str
    """The path inside the entry, as `materials.0.title`; empty where the line itself is broken."""
    english: str
    chinese: str

    def __str__(self) -> str:
        field = f" {self.field}" if self.field else ""
        return f"{self.file}:{self.line}{field}: {self.chinese} · {self.english}"


class FilesBroken(CannotDo):
    """The folder was not read as a whole, so nothing of it was recorded."""

    def __init__(self, places: Sequence[Broken]) -> None:
        heading = f"目录文件有 {len(places)} 处错误，未作任何记录 · {len(places)} places in the catalogue files are wrong; nothing was recorded"
        rest = ["…"] if len(places) > SHOWN else []
        super().__init__("\n".join([heading, *map(str, places[:SHOWN]), *rest]))
        self.places = tuple(places)

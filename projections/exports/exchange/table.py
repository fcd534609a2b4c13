"""What an exchange table is: the columns that its standard names, and the rows that a case gives it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from projections.exports.tables import Column, Table

Told = tuple[str, Mapping[str, Any]]
"""What tells the row from the others of its case, and what it says; a column left out is empty."""

CONTROL: Final = ("row_guid", "cd_operation", "cd_time", "cd_batch", "data_source")
"""Columns of every table, after the standard's own. cd_operation: I new, U changed, D no longer there."""
DATA_SOURCE: Final = "jiandu"


@dataclass(frozen=True, slots=True)
class ExchangeTable:
    name: str
    title: str
    source: str
    """The standard, and the place in it."""
    columns: tuple[str, ...]
    rows: Callable[[Any], Iterator[Told]]
    """Of a `handling.Case`, or of a `supervision.Signal`, an `interaction.Consultation` where the table is about those."""
    kind: str = "case"
    """Of which streams it tells: case, signal or contact."""

    @property
    def table(self) -> Table:
        """The same, for the writers of files."""
        return Table(
            self.name, self.title, tuple(Column(name, name, name) for name in (*self.columns, *CONTROL))
        )

    def told(self, identity: str, about: Any) -> dict[str, dict[str, Any]]:
        """By row_guid. Raises ValueError where a row says what the table has no column for.

        `identity`: the number of the case, the signal or the contact.
        """
        return {guid(self.name, identity, key): self._filled(said) for key, said in self.rows(about)}

    def _filled(self, said: Mapping[str, Any]) -> dict[str, Any]:
        if strange := set(said) - set(self.columns):
            raise ValueError(f"{self.name} has no columns {sorted(strange)}")
        return {name: said.get(name) for name in self.columns}


def guid(table: str, identity: str, key: str) -> str:
    """32 hexadecimal digits: the same row has the same one for ever, in every county."""
    return sha256(f"{table} {identity} {key}".encode()).hexdigest()[:32]


def of_event(version: int, no: int | None = None) -> str:
    """A row of one event is told by its version in the case, and its place in the event."""
    return str(version) if no is None else f"{version}.{no}"

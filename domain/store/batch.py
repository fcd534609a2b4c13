"""What the append function takes and answers: parcels of rows in, one verdict for each parcel out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from domain.log import KeyReused, Receipt, VersionConflict

APPENDED: Final = "appended"
REPEATED: Final = "repeated"
KEY_REUSED: Final = "key_reused"
VERSION_CONFLICT: Final = "version_conflict"


class Row(NamedTuple):
    """An event as it will be stored, but for its position and the time of recording."""

    stream: str
    version: int
    topic: str
    occurred_at: datetime
    state: bytes


class Parcel(NamedTuple):
    """The events of one command, ready to be stored."""

    key: str | None
    digest: bytes
    rows: tuple[Row, ...]

    def begins(self, stream: str) -> int:
        """The first version the parcel holds for `stream`."""
        return next(row.version for row in self.rows if row.stream == stream)


class Verdict(NamedTuple):
    """What append says of one command."""

    verdict: str
    first_position: int | None
    last_position: int | None
    recorded_at: datetime
    gap_stream: str | None
    actual_version: int | None

    def receipt(self, parcel: Parcel) -> Receipt:
        """Raises KeyReused, VersionConflict."""
        match self.verdict:
            case "appended" | "repeated":
                return Receipt(
                    self.recorded_at, self.first_position, self.last_position, self.verdict == REPEATED
                )
            case "key_reused":
                raise KeyReused(parcel.key)
            case "version_conflict" if self.gap_stream is not None:
                expected = parcel.begins(self.gap_stream) - 1
                raise VersionConflict(self.gap_stream, expected, self.actual_version)
            case _:
                raise AssertionError(f"append said {self.verdict}")


def arguments(parcels: Sequence[Parcel], signatures: Sequence[bytes | None] = ()) -> tuple[list[Any], ...]:
    """The parameters of append, in its order. `signatures`: of the rows of all parcels; left out, nobody signs."""
    rows = [row for parcel in parcels for row in parcel.rows]
    streams, versions, topics, occurred_ats, states = (
        map(list, zip(*rows, strict=True)) if rows else ([],) * len(Row._fields)
    )
    return (
        [parcel.key for parcel in parcels],
        [parcel.digest for parcel in parcels],
        [len(parcel.rows) for parcel in parcels],
        streams,
        versions,
        topics,
        occurred_ats,
        states,
        list(signatures) or [None] * len(rows),
    )

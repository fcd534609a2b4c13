"""What a reading is asked for, how the tables stand that it needs, and why it cannot be given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Asked:
    """As of when, and to which day open things are counted."""

    day: date
    known_at: datetime | None = None
    happened_by: datetime | None = None
    min_position: int | None = None

    @property
    def mode(self) -> str:
        match self.known_at, self.happened_by:
            case None, None:
                return "live"
            case _, None:
                return "as_known"
            case None, _:
                return "as_happened"
            case _:
                return "both"


class Stand(NamedTuple):
    """How the table of one projection stands."""

    name: str
    definition: str | None
    position: int
    is_failing: bool
    failed_after: int | None
    failed_upto: int | None
    failure: str | None
    head: int
    definitions_hash: str | None


class ViewBehind(Exception):  # noqa: N818  — the domain's word
    """The views have not come as far as they were asked for."""

    def __init__(self, view: str, position: int, wanted: int) -> None:
        super().__init__(view, position, wanted)
        self.view = view
        self.position = position
        self.wanted = wanted


class ViewNotBuilt(Exception):  # noqa: N818  — the domain's word
    """There is no table of it yet, or none of the definition that this programme knows."""

    def __init__(self, views: Sequence[str]) -> None:
        super().__init__(*views)
        self.views = tuple(views)


class ViewsTakenOver(ViewNotBuilt):
    """Another version's definitions stand where this one's stood, or where it would have to put them."""


class ViewFailing(Exception):  # noqa: N818  — the domain's word
    """A view has stopped over an error and does not stand where it was asked for."""

    def __init__(self, stand: Stand) -> None:
        super().__init__(stand.name)
        self.stand = stand


class BeyondTheLog(Exception):  # noqa: N818  — the domain's word
    """Nothing is recorded at the position that was asked for."""


class CaseNotThere(Exception):  # noqa: N818  — the domain's word
    """No such case, or none by then."""


class CaseNotYetKnown(CaseNotThere):
    """Nothing of the case had been recorded by then."""

    def __init__(self, known_since: datetime) -> None:
        super().__init__(known_since)
        self.known_since = known_since


class CaseNotYetBegun(CaseNotThere):
    """Nothing of the case had happened by then, as far as it was known."""

    def __init__(self, began_at: datetime) -> None:
        super().__init__(began_at)
        self.began_at = began_at


class ReadingTooLong(Exception):  # noqa: N818  — the domain's word
    """The answer was not there in time."""

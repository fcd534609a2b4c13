"""What can have been looked into 查阅: a case file, a replay, an evidence bundle, a list, a file taken away.

The same facts stand in the stream of an investigation where the look was made under it. No name, number or free text
of what was asked for stands in them: a list tells by which conditions it was narrowed, not by which words.
"""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from domain.grammar import Code, Day, Fact, Instant, Sha256, Value

Conditions = Annotated[tuple[Code, ...], Field(max_length=40)]
"""The names of the conditions by which a list was narrowed, in the order of the alphabet."""
Position = Annotated[int, Field(ge=0, le=2**53)]


class Look(Value):
    case_no: Code
    part: Code | None = None
    """Which part of the file, as "timeline"; left out where a look into the file at all is what counts."""
    known_at: Instant | None = None
    happened_by: Instant | None = None


class CaseFileViewed(Look, Fact):
    TOPIC: ClassVar[str] = "perusal.case_file_viewed.v1"
    LABEL: ClassVar[str] = "调阅"


class Replay(Value):
    case_no: Code
    course: Code
    """known: as the record went; happened: as it was."""
    mode: Code
    """live, as_known, as_happened, both."""
    known_at: Instant | None = None
    happened_by: Instant | None = None
    day: Day
    """Open things were counted to this day."""
    what_if_policy: Code | None = None
    what_if_calendar: Code | None = None
    result_sha256: Sha256
    """Over the rows that were answered (RFC 8785): whoever replays it so again gets the same."""


class ReplayRun(Replay, Fact):
    TOPIC: ClassVar[str] = "perusal.replay_run.v1"
    LABEL: ClassVar[str] = "回放"


class Bundle(Value):
    case_no: Code
    bundle_sha256: Sha256
    """Over the bytes that were handed out."""
    checkpoint_size: Position | None = None
    """The size of the tree that the bundle is proved against; none where nothing was sealed yet."""
    checkpoint_root: Sha256 | None = None


class EvidenceExported(Bundle, Fact):
    TOPIC: ClassVar[str] = "perusal.evidence_exported.v1"
    LABEL: ClassVar[str] = "证据包导出"


class Search(Value):
    of: Code
    """The list, by its address: v1/cases."""
    by: Conditions = ()


class RecordsSearched(Search, Fact):
    TOPIC: ClassVar[str] = "perusal.records_searched.v1"
    LABEL: ClassVar[str] = "检索"


class Taking(Search):
    format: Code
    """csv, xlsx, xes …"""


class RecordsExported(Taking, Fact):
    TOPIC: ClassVar[str] = "perusal.records_exported.v1"
    LABEL: ClassVar[str] = "导出"


LOOKS: Final = (CaseFileViewed, ReplayRun, EvidenceExported, RecordsSearched, RecordsExported)
"""Every way of looking."""

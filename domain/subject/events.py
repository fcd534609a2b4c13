"""What can have happened to a person's data. No event holds any of it: references, commitments and reasons alone.

Source: 个人信息保护法 Arts. 44–50, 55.
"""

from typing import Annotated, ClassVar

from pydantic import Field

from domain.grammar import Code, Day, Fact, Prose, Value
from domain.references import PersonRef
from domain.subject.values import Commitment, Measure, Purpose
from domain.vault.fields import Part, SearchKind

Commitments = Annotated[tuple[Commitment, ...], Field(min_length=1, max_length=len(Part))]
"""One for each field, in the order of the fields."""


class SubjectEnrolled(Fact):
    """A reference was given to a person; what was said of them lies in the vault."""

    TOPIC: ClassVar[str] = "subject.enrolled.v1"
    LABEL: ClassVar[str] = "人员建档"

    commitments: Commitments


class SubjectDataCorrected(Fact):
    """更正: the fields named read differently from now on, or are new. Source: 个人信息保护法 Art. 46."""

    TOPIC: ClassVar[str] = "subject.data_corrected.v1"
    LABEL: ClassVar[str] = "人员资料更正"

    commitments: Commitments


class Reveal(Value):
    """Which fields are to be seen whole, and for what."""

    parts: Annotated[tuple[Part, ...], Field(min_length=1, max_length=len(Part))]
    purpose: Purpose
    case_no: Code | None = None
    """The case in which it is needed."""
    note: Prose | None = None


class SubjectDataRevealed(Reveal, Fact):
    """查看明文: recorded before anything was shown."""

    TOPIC: ClassVar[str] = "subject.data_revealed.v1"
    LABEL: ClassVar[str] = "查看明文"


class MeasureProposal(Value):
    measure: Measure
    reason: Prose
    retention_ended_on: Day | None = None
    """保存期限届满日: the last day on which the law wanted the data kept; only 删除 needs it."""


class SubjectMeasureProposed(MeasureProposal, Fact):
    """What one person proposes, another decides."""

    TOPIC: ClassVar[str] = "subject.measure_proposed.v1"
    LABEL: ClassVar[str] = "提请封存解封或删除"


class SubjectMeasureDeclined(Fact):
    """The proposal is off: taken back, or not agreed to."""

    TOPIC: ClassVar[str] = "subject.measure_declined.v1"
    LABEL: ClassVar[str] = "不予封存解封或删除"

    measure: Measure
    reason: Prose


class Agreed(Value):
    """Who proposed what the actor of the event agreed to."""

    proposed_by: Code


class SubjectRestricted(Agreed, Fact):
    """封存: kept for the term of the law and used no more. Source: 个人信息保护法 Art. 47(2)."""

    TOPIC: ClassVar[str] = "subject.restricted.v1"
    LABEL: ClassVar[str] = "封存"


class SubjectReleased(Agreed, Fact):
    """解封: usable again."""

    TOPIC: ClassVar[str] = "subject.released.v1"
    LABEL: ClassVar[str] = "解封"


class SubjectKeyDestroyed(Agreed, Fact):
    """删除: sealed values, salts, key and index are destroyed; the commitments say nothing any more.

    Source: 个人信息保护法 Art. 47(1).
    """

    TOPIC: ClassVar[str] = "subject.key_destroyed.v1"
    LABEL: ClassVar[str] = "加密擦除"

    as_of: Annotated[int, Field(ge=0)] | None = None
    """Up to this position the log was looked through, and nothing stood in the way; nor did what came after it."""


class Search(Value):
    """By what somebody was looked up, for what, and who was found; never the number or name itself."""

    by: SearchKind
    purpose: Purpose
    case_no: Code | None = None
    found: Annotated[tuple[PersonRef, ...], Field(max_length=100)]


class PeopleSearched(Search, Fact):
    """检索: recorded before the answer was given."""

    TOPIC: ClassVar[str] = "people.searched.v1"
    LABEL: ClassVar[str] = "人员检索"

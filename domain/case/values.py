"""Values that several phases of a case share. Source: GB/T 39046—2020, tables 5–8, A.4."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.grammar import Code, Count, Day, Instant, Label, Prose, Sha256, Value
from domain.references import PersonRef


class Mode(StrEnum):
    """Who comes to the window."""

    in_person = "in_person"  # 本人办理
    agent = "agent"  # 代办


class ApplicantType(StrEnum):
    """申请人类型, GB/T 39046 A.4."""

    natural_person = "1"  # 自然人
    company = "2"  # 企业法人
    institution = "3"  # 事业法人
    association = "4"  # 社会组织法人
    authority = "5"  # 行政机关
    other = "6"  # 其他组织


class Form(StrEnum):
    """How a paper is given (收取方式)."""

    original = "original"  # 原件
    copy = "copy"  # 复印件
    electronic = "electronic"  # 电子
    shared = "shared"  # 共享获取


class Material(Value):
    """A paper that changed hands."""

    code: Code
    form: Form = Form.original
    copies: Annotated[Count, Field(ge=1)] = 1
    sha256: Sha256 | None = None
    """Digest of the scan or file, where there is one."""


Materials = Annotated[tuple[Material, ...], Field(max_length=200)]


class Scope(StrEnum):
    """What the agent was asked to do (委托事项)."""

    submit = "submit"  # 代交
    collect = "collect"  # 代领
    full = "full"  # 全程代办

    @property
    def submits(self) -> bool:
        return self is not Scope.collect

    @property
    def collects(self) -> bool:
        return self is not Scope.submit


class Mandate(Value):
    """委托书: the applicant lets another person act for them. Source: 行政许可法 Art. 29; 民法典 Art. 165."""

    agent_ref: PersonRef
    scope: Scope
    document_sha256: Sha256
    """Digest of the written mandate."""
    expires_on: Day | None = None

    def holds(self, on: date) -> bool:
        return self.expires_on is None or on <= self.expires_on


class Origin(Value):
    """What the source of a legacy record says about the case, in the source's own words and times."""

    source_channel: Label | None = None
    department: Label | None = None
    group: Label | None = None
    responsible: Code | None = None
    """Who answered for the case, by the source's code; never a name."""
    started_at: Instant | None = None
    deadline: Instant | None = None
    """The legal deadline as the source had it; stands in place of the one we would compute."""
    planned_end: Instant | None = None
    """The promised end as the source had it; likewise."""


class Deadlines(Value):
    """The last days to decide, as computed when the fact was recorded."""

    promise_due: Day | None = None
    """承诺办结日: None where nothing was promised."""
    legal_due: Day | None = None
    """法定办结日: None where the law sets no limit."""
    is_provisional: bool = False
    """The answer touches a year whose calendar the State Council has not published yet."""
    is_from_source: bool = False
    """The source of a legacy record gave the dates; they were not computed."""


class Grounds(Value):
    """Why something is refused, and what the applicant may do about it (行政许可法 Art. 38)."""

    reasons: Prose | None = None
    remedies: Prose | None = None
    """救济途径: where and until when to ask for reconsideration or to sue."""

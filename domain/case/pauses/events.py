"""What can have stopped or stretched the clock. Source: 行政许可法 Arts. 42, 45; GB/T 39046 A.7."""

from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, assert_never

from pydantic import Field

from domain.case.state import Case, Clock, Pause
from domain.case.values import Deadlines
from domain.grammar import (
    Code,
    Count,
    Day,
    DocumentNo,
    Envelope,
    Fact,
    Fen,
    Instant,
    Label,
    Prose,
    Sha256,
    Value,
    local_day,
)
from domain.item.values import SpecialProcedure


class DayUnit(StrEnum):
    """时限单位."""

    working_day = "working_day"  # G 工作日
    calendar_day = "calendar_day"  # Z 自然日


class ProcedureForm(Value):
    """特别程序申请: what is to be done outside the counted time, and who let it."""

    kind: SpecialProcedure
    basis: Label
    approver: Code | None = None
    """Staff number; left out only where a legacy record names nobody."""
    approver_post: Code | None = None
    planned_days: Annotated[Count, Field(ge=1)]
    unit: DayUnit = DayUnit.working_day
    notice_no: DocumentNo | None = None
    """The written notice to the applicant; without it the time is counted all the same (Art. 45)."""
    notified_at: Instant | None = None


class SpecialProcedureStarted(ProcedureForm, Fact):
    TOPIC: ClassVar[str] = "case.special_procedure_started.v1"
    LABEL: ClassVar[str] = "特别程序开始"

    procedure_no: Annotated[Count, Field(ge=1)]
    """The n-th of the case."""
    planned_end: Day
    is_valid: bool
    """False: recorded, but its days are counted all the same."""


class ProcedureOutcome(Value):
    result: Prose
    result_date: Day | None = None
    """结果产生日期."""
    report_sha256: Sha256 | None = None
    fee_fen: Fen | None = None


class SpecialProcedureEnded(ProcedureOutcome, Deadlines, Fact):
    """The clock runs again; the deadlines as they stand from now on."""

    TOPIC: ClassVar[str] = "case.special_procedure_ended.v1"
    LABEL: ClassVar[str] = "特别程序结束"

    procedure_no: Annotated[Count, Field(ge=1)]


class Invalidation(Value):
    procedure_no: Annotated[Count, Field(ge=1)]
    grounds: Prose


class SpecialProcedureInvalidated(Invalidation, Deadlines, Fact):
    """Its days are counted after all; history is kept."""

    TOPIC: ClassVar[str] = "case.special_procedure_invalidated.v1"
    LABEL: ClassVar[str] = "特别程序认定无效"


class ExtensionForm(Value):
    days: Annotated[Count, Field(ge=1)]
    """Working days on top of the limit."""
    reason: Prose
    notified_at: Instant | None = None
    """When the applicant was told the reason."""


class ExtensionApproved(ExtensionForm, Deadlines, Fact):
    """The deadlines as they stand from now on."""

    TOPIC: ClassVar[str] = "case.extension_approved.v1"
    LABEL: ClassVar[str] = "延长审批"


PausesFact = SpecialProcedureStarted | SpecialProcedureEnded | SpecialProcedureInvalidated | ExtensionApproved


def evolve(case: Case, fact: PausesFact, envelope: Envelope) -> Case:
    match fact:
        case SpecialProcedureStarted():
            clock = replace(case.clock, pauses=(*case.clock.pauses, _pause(fact, envelope)))
        case SpecialProcedureEnded():
            clock = _dated(ended(case.clock, fact.procedure_no, local_day(envelope.occurred_at)), fact)
        case SpecialProcedureInvalidated():
            clock = _dated(invalidated(case.clock, fact.procedure_no, local_day(envelope.occurred_at)), fact)
        case ExtensionApproved():
            clock = _dated(extended(case.clock, fact.days), fact)
        case _:
            assert_never(fact)
    return replace(case, clock=clock)


def _pause(fact: SpecialProcedureStarted, envelope: Envelope) -> Pause:
    return Pause(
        procedure_no=fact.procedure_no,
        kind=fact.kind,
        started_at=envelope.occurred_at,
        started_on=local_day(envelope.occurred_at),
        planned_end=fact.planned_end,
        approver=fact.approver,
        is_valid=fact.is_valid,
    )


def ended(clock: Clock, procedure_no: int, day: date) -> Clock:
    """The clock with that procedure ended on the day."""
    return replace(
        clock,
        pauses=tuple(
            replace(pause, ended_on=pause.ended_on or day) if pause.procedure_no == procedure_no else pause
            for pause in clock.pauses
        ),
    )


def invalidated(clock: Clock, procedure_no: int, day: date) -> Clock:
    """The clock as if that procedure had not stopped it; it is over, too, if it was open."""
    clock = ended(clock, procedure_no, day)
    return replace(
        clock,
        pauses=tuple(
            replace(pause, is_valid=False) if pause.procedure_no == procedure_no else pause
            for pause in clock.pauses
        ),
    )


def extended(clock: Clock, days: int) -> Clock:
    return replace(clock, extension_days=clock.extension_days + days)


def _dated(clock: Clock, found: Deadlines) -> Clock:
    return replace(
        clock,
        promise_due=found.promise_due,
        legal_due=found.legal_due,
        is_provisional=found.is_provisional,
    )

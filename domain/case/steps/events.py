"""What can have happened while the case is worked on."""

from dataclasses import replace
from enum import StrEnum
from typing import Annotated, ClassVar, assert_never

from pydantic import Field

from domain.case.copying import but
from domain.case.state import Case, Holder, OpenStep, doer
from domain.grammar import Attachment, Code, DocumentNo, Envelope, Fact, Instant, Label, Prose, Value


class StepResult(StrEnum):
    """业务动作, GB/T 39046 table 7."""

    passed = "passed"  # 通过
    returned = "returned"  # 退回
    other = "other"  # 其他


class StepStart(Value):
    step_code: Code
    step_title: Label


class StepStarted(StepStart, Fact):
    TOPIC: ClassVar[str] = "case.step_started.v1"
    LABEL: ClassVar[str] = "环节开始"


class StepReport(Value):
    """环节: what was done, with which result."""

    step_code: Code
    step_title: Label
    result: StepResult = StepResult.passed
    opinion: Prose | None = None
    started_at: Instant | None = None
    """When it began, where no start was recorded; left out when unknown, never filled in with the end."""
    source_ref: DocumentNo | None = None
    """The number of the step in the source of a legacy record."""


class StepCompleted(StepReport, Fact):
    TOPIC: ClassVar[str] = "case.step_completed.v1"
    LABEL: ClassVar[str] = "环节办结"


class ReassignmentReason(StrEnum):
    stand_in = "stand_in"  # AB 岗
    recusal = "recusal"  # 回避
    leave = "leave"  # 请假
    other = "other"


class ReassignmentForm(Value):
    from_staff: Code
    to_staff: Code
    to_post: Code
    reason: ReassignmentReason
    note: Prose | None = None


class HandlerReassigned(ReassignmentForm, Fact):
    TOPIC: ClassVar[str] = "case.handler_reassigned.v1"
    LABEL: ClassVar[str] = "换人承办"


class InspectionReport(Value):
    """现场勘察: who went, what they found, where."""

    inspectors: Annotated[tuple[Code, ...], Field(min_length=1, max_length=50)]
    """Staff numbers."""
    findings: Prose | None = None
    photos: Annotated[tuple[Attachment, ...], Field(max_length=50)] = ()
    latitude_e6: Annotated[int, Field(ge=-90_000_000, le=90_000_000)] | None = None
    """Millionths of a degree, WGS 84; integers, since the record holds no floats."""
    longitude_e6: Annotated[int, Field(ge=-180_000_000, le=180_000_000)] | None = None


class SiteInspectionDone(InspectionReport, Fact):
    TOPIC: ClassVar[str] = "case.site_inspection_done.v1"
    LABEL: ClassVar[str] = "现场勘察"


class Reminder(Value):
    to_unit: Code
    to_staff: Code | None = None
    about: Prose


class StageReminded(Reminder, Fact):
    TOPIC: ClassVar[str] = "case.stage_reminded.v1"
    LABEL: ClassVar[str] = "催办"


StepsFact = StepStarted | StepCompleted | HandlerReassigned | SiteInspectionDone | StageReminded


def evolve(case: Case, fact: StepsFact, envelope: Envelope) -> Case:
    steps = case.steps
    match fact:
        case StepCompleted():
            return _completed(case, fact.step_code)
        case StepStarted(step_code=code):
            begun = OpenStep(code, envelope.occurred_at, doer(envelope.actor))
            return replace(case, steps=replace(steps, open=(*steps.open, begun)))
        case HandlerReassigned():
            return _reassigned(case, fact)
        case SiteInspectionDone():
            return replace(case, steps=replace(steps, inspections=steps.inspections + 1))
        case StageReminded():
            return replace(case, steps=replace(steps, reminders=steps.reminders + 1))
        case _:
            assert_never(fact)


def _completed(case: Case, code: str) -> Case:
    steps = case.steps
    still_open = tuple(step for step in steps.open if step.step_code != code) if steps.open else ()
    codes = steps.completed_codes
    return but(
        case,
        steps=but(
            steps,
            completed=steps.completed + 1,
            completed_codes=codes if code in codes else (*codes, code),
            last_completed=code,
            open=still_open,
        ),
    )


def _reassigned(case: Case, fact: HandlerReassigned) -> Case:
    holder = case.custody.holder
    if holder is None:
        return case
    successor = Holder(holder.since, holder.unit_code, fact.to_post, fact.to_staff)
    steps = replace(
        case.steps,
        open=tuple(
            replace(step, staff_id=fact.to_staff) if step.staff_id == fact.from_staff else step
            for step in case.steps.open
        ),
    )
    return replace(case, steps=steps, custody=replace(case.custody, holder=successor))

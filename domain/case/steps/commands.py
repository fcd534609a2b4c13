"""What can be asked while the case is worked on, and the rules."""

from typing import Literal, assert_never

from domain.admission import Objections
from domain.case.order import begun, in_hand, not_before, open_case
from domain.case.persons import staff_known
from domain.case.setting import Setting
from domain.case.state import Case
from domain.case.steps.events import (
    HandlerReassigned,
    InspectionReport,
    ReassignmentForm,
    ReassignmentReason,
    Reminder,
    SiteInspectionDone,
    StageReminded,
    StepCompleted,
    StepReport,
    StepStart,
    StepStarted,
)
from domain.case.steps.rejections import (
    AgentMayNotDecide,
    NotTheHandler,
    NotTheStandIn,
    StepAlreadyOpen,
    StepNotInItem,
    StepSkipped,
    TooFewInspectors,
)
from domain.grammar import Command, Ruling


class StartStep(StepStart, Command):
    """环节开始."""

    type: Literal["start_step"] = "start_step"


def start_step(case: Case, command: StartStep, at: Setting) -> Ruling:
    yield from in_hand(case, at)
    if any(step.step_code == command.step_code for step in case.steps.open):
        yield StepAlreadyOpen(step_code=command.step_code)
    yield StepStarted.as_told(command)


class CompleteStep(StepReport, Command):
    """环节办结: 承办, 审核, 批准 and whatever the item's flow names."""

    type: Literal["complete_step"] = "complete_step"


def complete_step(case: Case, command: CompleteStep, at: Setting) -> Ruling:
    yield from in_hand(case, at)
    yield from not_its_agent(case, at)
    for step in case.steps.open:
        if step.step_code == command.step_code:
            yield from not_before(step.started_at, at)
    yield from _in_flow(case, command.step_code, at)
    yield StepCompleted.as_told(command)


def not_its_agent(case: Case, at: Setting) -> Objections:
    """AgentMayNotDecide where the acting officer was ever the applicant's agent in this case."""
    if any(at.acts_as(agent) for agent in case.agents):
        yield AgentMayNotDecide()


def _in_flow(case: Case, step_code: str, at: Setting) -> Objections:
    """P05 where the item publishes its flow and this step is not in it, or comes before its turn."""
    if at.item is None or not at.item.step_budgets:
        return
    flow = [budget.step_code for budget in at.item.step_budgets]
    if step_code not in flow:
        yield StepNotInItem(step_code=step_code)
        return
    skipped = [code for code in flow[: flow.index(step_code)] if code not in case.steps.completed_codes]
    if skipped:
        yield StepSkipped(skipped=skipped)


class ReassignHandler(ReassignmentForm, Command):
    """换人承办: the stand-in takes over, or somebody without an interest in the case."""

    type: Literal["reassign_handler"] = "reassign_handler"


def reassign_handler(case: Case, command: ReassignHandler, at: Setting) -> Ruling:
    yield from open_case(case, at)
    yield from staff_known(command.to_staff, at)
    holder = case.custody.holder
    if holder is not None and holder.staff_id != command.from_staff:
        yield NotTheHandler()
    is_stand_in = command.reason is ReassignmentReason.stand_in
    if is_stand_in and at.catalogue.duty(command.to_staff, command.to_post, at.day) is None:
        yield NotTheStandIn(post=command.to_post)
    yield HandlerReassigned.as_told(command)


class RecordSiteInspection(InspectionReport, Command):
    """现场勘察: to verify the substance on site takes two (行政许可法 Art. 34)."""

    type: Literal["record_site_inspection"] = "record_site_inspection"


def record_site_inspection(case: Case, command: RecordSiteInspection, at: Setting) -> Ruling:
    # The survey itself may be the special procedure that suspends the case, so it is not refused meanwhile.
    yield from open_case(case, at)
    if len(set(command.inspectors)) < at.policy.inspectors_at_least:
        yield TooFewInspectors(at_least=at.policy.inspectors_at_least)
    for inspector in dict.fromkeys(command.inspectors):
        yield from staff_known(inspector, at)
    yield SiteInspectionDone.as_told(command)


class RemindStage(Reminder, Command):
    """催办: the hall's director, or the clock, asks where it stays."""

    type: Literal["remind_stage"] = "remind_stage"


def remind_stage(case: Case, command: RemindStage, _: Setting) -> Ruling:
    yield from begun(case)
    yield StageReminded.as_told(command)


StepsAction = StartStep | CompleteStep | ReassignHandler | RecordSiteInspection | RemindStage


def decide(case: Case, command: StepsAction, at: Setting) -> Ruling:
    match command:
        case CompleteStep():
            return complete_step(case, command, at)
        case StartStep():
            return start_step(case, command, at)
        case ReassignHandler():
            return reassign_handler(case, command, at)
        case RecordSiteInspection():
            return record_site_inspection(case, command, at)
        case RemindStage():
            return remind_stage(case, command, at)
        case _:
            assert_never(command)

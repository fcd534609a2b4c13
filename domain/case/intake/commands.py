"""What can be asked between the first paper and acceptance, and the rules."""

from collections.abc import Iterable
from datetime import date
from typing import Literal, assert_never

from domain.admission import ImportOnly, Objections
from domain.calendar import used
from domain.case.intake.events import (
    CaseReceived,
    CorrectionNoticeIssued,
    CorrectionSupplied,
    Missing,
    NoticeForm,
    OnSpotCorrectionMade,
    ReceiptForm,
    SpotCorrection,
    SupplyForm,
)
from domain.case.intake.rejections import (
    ApplicantMissing,
    ApplicantMustAppear,
    AskedForAgain,
    CaseAlreadyAccepted,
    CaseAlreadyReceived,
    ItemNotInForce,
    ItemUnknown,
    KnowableBefore,
    MandateMissing,
    MaterialNotPublished,
    NothingToSupply,
    NoticeTooLate,
    OtherApplicant,
    PapersNotHandedOver,
    PointMayNotReceive,
)
from domain.case.order import forbidden_since, not_before, open_case
from domain.case.setting import Setting
from domain.case.state import Case
from domain.case.values import Mode
from domain.grammar import Command, Ruling, local_day
from domain.item.values import ItemVersion
from domain.window.values import Role


class ReceiveCase(ReceiptForm, Command):
    """收件登记: somebody applies; the window takes the papers and hands out a receipt."""

    type: Literal["receive_case"] = "receive_case"


def receive_case(case: Case, command: ReceiveCase, at: Setting) -> Ruling:
    if case.application is not None:
        yield CaseAlreadyReceived()
    if command.origin is not None and not at.occasion.is_imported:
        yield ImportOnly()
    yield from _one_applicant(case, command)
    item = at.catalogue.item(command.item_code, at.day)
    if item is None:
        item = at.catalogue.nearest_version(command.item_code, at.day)
        if item is None:
            yield ItemUnknown(item_code=command.item_code)
            return
        yield ItemNotInForce(day=at.day.isoformat())
    yield from _received_where_it_may_be(case, at)
    yield from _lawful_agent(case, command, item, at)
    yield from published((material.code for material in command.materials), item)
    yield CaseReceived.as_told(
        command,
        item_version=item.version,
        kind=item.kind,
        routing=item.routing,
        clock_starts_on=_clock_starts_on(case, at),
    )


def _one_applicant(case: Case, command: ReceiveCase) -> Objections:
    if command.applicant_ref is None:
        yield ApplicantMissing()
    elif case.entrustment is not None and case.entrustment.applicant_ref != command.applicant_ref:
        yield OtherApplicant()


def _lawful_agent(case: Case, command: ReceiveCase, item: ItemVersion, at: Setting) -> Objections:
    if command.mode is Mode.in_person:
        return
    if item.applicant_must_appear:
        yield ApplicantMustAppear()
    mandates = case.mandates if command.mandate is None else (*case.mandates, command.mandate)
    if not any(mandate.scope.submits and mandate.holds(at.day) for mandate in mandates):
        yield MandateMissing()


def _received_where_it_may_be(case: Case, at: Setting) -> Objections:
    if at.actor.role == Role.agent and not _is_acceptance_point(case, at):
        yield PointMayNotReceive()
    if at.actor.role != Role.agent and case.entrustment is not None and case.entrustment.has_papers:
        yield PapersNotHandedOver()


def _is_acceptance_point(case: Case, at: Setting) -> bool:
    if at.policy.agent_point_accepts:
        return True
    point_code = case.entrustment and case.entrustment.point_code
    point = at.catalogue.point(point_code) if point_code else None
    return point is not None and point.is_acceptance_point


def _clock_starts_on(case: Case, at: Setting) -> date:
    """The agent is the applicant's proxy: what the villager gave counts from the hall's receipt, unless the point
    is authorised to accept."""
    entrustment = case.entrustment
    if entrustment and entrustment.picked_up_at and _is_acceptance_point(case, at):
        return local_day(entrustment.picked_up_at)
    return at.day


def published(codes: Iterable[str], item: ItemVersion | None) -> Objections:
    """P02 where a code is not in the item's list; an item without a list has published nothing to compare with."""
    if item is None or not item.materials:
        return
    listed = {material.code for material in item.materials}
    unlisted = sorted(set(codes) - listed)
    if unlisted:
        yield MaterialNotPublished(codes=unlisted)


class CorrectOnSpot(SpotCorrection, Command):
    """当场更正: the applicant puts right what can be put right at the window (行政许可法 Art. 32(3))."""

    type: Literal["correct_on_spot"] = "correct_on_spot"


def correct_on_spot(case: Case, command: CorrectOnSpot, at: Setting) -> Ruling:
    yield from in_intake(case, at)
    yield OnSpotCorrectionMade.as_told(command)


class IssueCorrectionNotice(NoticeForm, Command):
    """一次性告知: everything that is missing, told once, within five working days."""

    type: Literal["issue_correction_notice"] = "issue_correction_notice"


def issue_correction_notice(case: Case, command: IssueCorrectionNotice, at: Setting) -> Ruling:
    yield from not_asked_again(case, command, at)
    yield from in_intake(case, at)
    yield from published((missing.code for missing in command.missing), at.item)
    earlier = case.intake.notices
    is_late = not earlier and not is_timely(case, at.day, at)
    if is_late:
        yield NoticeTooLate()
    knowable = [missing.code for missing in command.missing if earlier and not _is_new(case, missing)]
    if knowable:
        yield KnowableBefore(codes=knowable)
    yield CorrectionNoticeIssued.as_told(
        command,
        ordinal=len(earlier) + 1,
        postpones_acceptance=not is_late and len(knowable) < len(command.missing),
    )


def not_asked_again(case: Case, command: IssueCorrectionNotice, at: Setting) -> Objections:
    """What was sent up to the superior organ went with all its material (行政许可法 Art. 35)."""
    again = [missing.code for missing in command.missing if missing.code in case.intake.material_codes]
    if case.report is not None and again:
        yield from forbidden_since(case.report.sent_at, AskedForAgain(codes=again), at)


def is_timely(case: Case, day: date, at: Setting) -> bool:
    """Whether `day` still lies within the days for a notice. The case has been received."""
    if case.application is None:
        return True
    received_on = local_day(case.application.received_at)
    return used(received_on, day, at.calendar) <= at.policy.correction_notice_days


def _is_new(case: Case, missing: Missing) -> bool:
    return missing.arises_from is not None and missing.arises_from in case.intake.supplied_codes


class SupplyCorrection(SupplyForm, Command):
    """补正: the applicant brings what was missing."""

    type: Literal["supply_correction"] = "supply_correction"


def supply_correction(case: Case, command: SupplyCorrection, at: Setting) -> Ruling:
    yield from in_intake(case, at)
    if all(notice.completed_on for notice in case.intake.notices):
        yield NothingToSupply()
    codes = frozenset(material.code for material in command.materials)
    yield from published(codes, at.item)
    after = case.intake.with_supplied(codes, at.day)
    yield CorrectionSupplied.as_told(
        command, is_complete=all(notice.completed_on for notice in after.notices)
    )


def in_intake(case: Case, at: Setting) -> Objections:
    """Received, not accepted, not ended."""
    yield from open_case(case, at)
    if case.application is not None:
        yield from not_before(case.application.received_at, at)
    if case.clock.accepted_on is not None and case.clock.accepted_at is not None:
        objection = CaseAlreadyAccepted(accepted_on=case.clock.accepted_on.isoformat())
        yield from forbidden_since(case.clock.accepted_at, objection, at)


IntakeAction = ReceiveCase | CorrectOnSpot | IssueCorrectionNotice | SupplyCorrection


def decide(case: Case, command: IntakeAction, at: Setting) -> Ruling:
    match command:
        case ReceiveCase():
            return receive_case(case, command, at)
        case CorrectOnSpot():
            return correct_on_spot(case, command, at)
        case IssueCorrectionNotice():
            return issue_correction_notice(case, command, at)
        case SupplyCorrection():
            return supply_correction(case, command, at)
        case _:
            assert_never(command)

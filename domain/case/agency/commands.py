"""What can be asked between villager, agent and hall, and the rules. Two sides sign every handover."""

from datetime import datetime
from typing import Literal, assert_never

from domain.admission import Objections
from domain.case.agency.events import (
    AgentCollectedResult,
    AgentEntrusted,
    AgentHandedToHall,
    AgentPickedUp,
    Collection,
    EntrustmentForm,
    EntrustmentRevoked,
    HallReceiptSigned,
    HallSignature,
    HandBack,
    HandOver,
    PickUp,
    ReturnedToApplicant,
    Revocation,
)
from domain.case.agency.rejections import (
    AlreadyEntrusted,
    NotEntrusted,
    NothingHandedOver,
    NothingPickedUp,
    NothingToHandBack,
    NotMandatedTo,
    NotTheAgent,
    PapersWithTheAgent,
    PointUnknown,
)
from domain.case.custody.commands import unit_known
from domain.case.custody.rejections import NotTheReceiver, SenderMayNotSign
from domain.case.delivery.rejections import CertificateUnknown
from domain.case.intake.rejections import ApplicantMustAppear, ItemUnknown, OtherApplicant
from domain.case.order import forbidden_since, not_before
from domain.case.persons import not_in_own_matter
from domain.case.rejections import CaseAlreadyEnded
from domain.case.setting import Setting
from domain.case.state import Case, Entrustment
from domain.grammar import Command, Ruling


class EntrustAgent(EntrustmentForm, Command):
    """委托代办: the villager lets the agent carry papers, collect the result, or both."""

    type: Literal["entrust_agent"] = "entrust_agent"


def entrust_agent(case: Case, command: EntrustAgent, at: Setting) -> Ruling:
    yield from _not_ended(case, at)
    if case.entrustment is not None and case.entrustment.revoked_at is None:
        yield AlreadyEntrusted(entrust_no=case.entrustment.entrust_no)
    if case.application is not None and case.application.applicant_ref != command.applicant_ref:
        yield OtherApplicant()
    point = at.catalogue.point(command.point_code)
    if point is None or not point.holds(at.day):
        yield PointUnknown(point=command.point_code)
    if not command.mandate.holds(at.day):
        yield NotMandatedTo(expired_on=str(command.mandate.expires_on))
    yield from _items_allow_agents(command, at)
    yield from not_in_own_matter(command.applicant_ref, at)
    yield AgentEntrusted.as_told(command)


def _items_allow_agents(command: EntrustAgent, at: Setting) -> Objections:
    for code in command.item_codes:
        item = at.catalogue.item(code, at.day)
        if not at.catalogue.knows_item(code):
            yield ItemUnknown(item_code=code)
        elif item is not None and item.applicant_must_appear:
            yield ApplicantMustAppear(item_code=code)


class PickUpPapers(PickUp, Command):
    """代办接件: the agent has the papers, at the point or at the door."""

    type: Literal["pick_up_papers"] = "pick_up_papers"


def pick_up_papers(case: Case, command: PickUpPapers, at: Setting) -> Ruling:
    yield from _not_ended(case, at)
    entrustment = case.entrustment
    yield from _acts_for(entrustment, at, submits=True)
    if entrustment is not None:
        if entrustment.picked_up_at is not None and entrustment.signed_at is None:
            yield PapersWithTheAgent()
        yield from not_before(entrustment.entrusted_at, at)
    yield AgentPickedUp.as_told(command)


class HandToHall(HandOver, Command):
    """代办移交: the agent brings the papers; they are the agent's until the hall signs."""

    type: Literal["hand_to_hall"] = "hand_to_hall"


def hand_to_hall(case: Case, command: HandToHall, at: Setting) -> Ruling:
    yield from _not_ended(case, at)
    entrustment = case.entrustment
    yield from _acts_for(entrustment, at, submits=True)
    if entrustment is not None:
        if entrustment.picked_up_at is None or entrustment.handed_at is not None:
            yield NothingPickedUp()
        yield from not_before(entrustment.picked_up_at, at)
    yield from unit_known(command.to_unit, at)
    yield AgentHandedToHall.as_told(command)


class SignHallReceipt(HallSignature, Command):
    """大厅签收代办件: the agent's leg ends; the receipt of the case follows."""

    type: Literal["sign_hall_receipt"] = "sign_hall_receipt"


def sign_hall_receipt(case: Case, command: SignHallReceipt, at: Setting) -> Ruling:
    yield from _not_ended(case, at)
    entrustment = case.entrustment
    if entrustment is None:
        yield NotEntrusted()
    elif entrustment.handed_at is None or entrustment.signed_at is not None:
        yield NothingHandedOver()
    else:
        yield from _signed_by_hall(case, entrustment.handed_at, at)
    yield HallReceiptSigned.as_told(command)


def _signed_by_hall(case: Case, handed_at: datetime, at: Setting) -> Objections:
    transfer = case.custody.transfer
    if transfer is not None and transfer.to_unit != at.actor.unit_code:
        yield NotTheReceiver(unit=transfer.to_unit)
    if transfer is not None and at.is_person(transfer.sent_by):
        yield SenderMayNotSign()
    yield from not_before(handed_at, at)


class CollectResult(Collection, Command):
    """代领结果: the agent has the certificates, for the villager."""

    type: Literal["collect_result"] = "collect_result"


def collect_result(case: Case, command: CollectResult, at: Setting) -> Ruling:
    yield from _acts_for(case.entrustment, at, submits=False)
    issued_at = {each.certificate_no: each.issued_at for each in case.certificates}
    for number in command.certificate_nos:
        if number not in issued_at:
            yield CertificateUnknown(certificate_no=number)
        yield from not_before(issued_at.get(number), at)
    yield AgentCollectedResult.as_told(command)


class ReturnToApplicant(HandBack, Command):
    """回交委托人: the villager has it, and signed for it."""

    type: Literal["return_to_applicant"] = "return_to_applicant"


def return_to_applicant(case: Case, command: ReturnToApplicant, at: Setting) -> Ruling:
    entrustment = case.entrustment
    if entrustment is None:
        yield NotEntrusted()
    else:
        yield from _same_agent(entrustment, at)
        if entrustment.collected_at is None and entrustment.picked_up_at is None:
            yield NothingToHandBack()
        yield from not_before(entrustment.collected_at or entrustment.picked_up_at, at)
    yield ReturnedToApplicant.as_told(command)


class RevokeEntrustment(Revocation, Command):
    """撤销委托: the villager takes the errand back."""

    type: Literal["revoke_entrustment"] = "revoke_entrustment"


def revoke_entrustment(case: Case, command: RevokeEntrustment, at: Setting) -> Ruling:
    entrustment = case.entrustment
    if entrustment is None or entrustment.revoked_at is not None:
        yield NotEntrusted()
    else:
        yield from not_before(entrustment.entrusted_at, at)
    yield EntrustmentRevoked.as_told(command)


def _acts_for(entrustment: Entrustment | None, at: Setting, *, submits: bool) -> Objections:
    """The actor is the entrusted agent, and the mandate covers it on the day."""
    if entrustment is None or entrustment.revoked_at is not None:
        yield NotEntrusted()
        return
    yield from _same_agent(entrustment, at)
    scope = entrustment.mandate.scope
    is_covered = scope.submits if submits else scope.collects
    if not is_covered or not entrustment.mandate.holds(at.day):
        yield NotMandatedTo(scope=scope)


def _same_agent(entrustment: Entrustment, at: Setting) -> Objections:
    is_same_post = entrustment.agent_post is not None and entrustment.agent_post == at.actor.post_id
    if not is_same_post and not at.is_person(entrustment.agent):
        yield NotTheAgent()


def _not_ended(case: Case, at: Setting) -> Objections:
    if case.ending is not None:
        yield from forbidden_since(case.ending.ended_at, CaseAlreadyEnded(result=case.ending.result), at)


AgencyAction = (
    EntrustAgent
    | PickUpPapers
    | HandToHall
    | SignHallReceipt
    | CollectResult
    | ReturnToApplicant
    | RevokeEntrustment
)


def decide(case: Case, command: AgencyAction, at: Setting) -> Ruling:
    match command:
        case EntrustAgent():
            ruling = entrust_agent(case, command, at)
        case PickUpPapers():
            ruling = pick_up_papers(case, command, at)
        case HandToHall():
            ruling = hand_to_hall(case, command, at)
        case SignHallReceipt():
            ruling = sign_hall_receipt(case, command, at)
        case CollectResult():
            ruling = collect_result(case, command, at)
        case ReturnToApplicant():
            ruling = return_to_applicant(case, command, at)
        case RevokeEntrustment():
            ruling = revoke_entrustment(case, command, at)
        case _:
            assert_never(command)
    return ruling

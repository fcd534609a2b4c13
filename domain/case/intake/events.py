"""What can have happened between the first paper and acceptance, and what it changes."""

from dataclasses import replace
from datetime import date
from typing import Annotated, ClassVar, assert_never

from pydantic import Field

from domain.case.clock import given_by
from domain.case.state import Application, Case, Custody, Holder, Notice, doer
from domain.case.values import (
    ApplicantType,
    Mandate,
    Materials,
    Mode,
    Origin,
)
from domain.grammar import (
    Code,
    Count,
    Day,
    DocumentNo,
    Envelope,
    Fact,
    Instant,
    Label,
    Prose,
    Sha256,
    Value,
    local_day,
)
from domain.item.values import Kind, Routing
from domain.references import PersonRef
from domain.window.values import Role


class ReceiptForm(Value):
    """What the receipt 收件凭证 says."""

    item_code: Code
    mode: Mode = Mode.in_person
    applicant_ref: PersonRef | None = None
    """Left out only where the source of a legacy record names nobody."""
    applicant_type: ApplicantType | None = None
    mandate: Mandate | None = None
    """委托书 of a private agent; a village agent's stands in the case since entrust_agent."""
    materials: Materials = ()
    receipt_no: DocumentNo | None = None
    receipt_sha256: Sha256 | None = None
    """Digest of the receipt handed out."""
    query_code_sha256: Sha256 | None = None
    """Digest of the code with which the applicant may ask for progress."""
    object_ref: Code | None = None
    """What it is about (a plot, a vehicle), where the same may be applied for twice."""
    project_code: Code | None = None
    """投资项目编号."""
    external_ref: DocumentNo | None = None
    """The number under which another system knows the case."""
    origin: Origin | None = None


class CaseReceived(ReceiptForm, Fact):
    TOPIC: ClassVar[str] = "case.received.v1"
    LABEL: ClassVar[str] = "收件登记"

    item_version: Code
    kind: Kind
    routing: Routing
    clock_starts_on: Day
    """The day of receipt for the legal clock: an authorised point's pick-up counts, an ordinary point's does not."""


class SpotCorrection(Value):
    what: Prose
    material_codes: Annotated[tuple[Code, ...], Field(max_length=200)] = ()


class OnSpotCorrectionMade(SpotCorrection, Fact):
    TOPIC: ClassVar[str] = "case.on_spot_correction_made.v1"
    LABEL: ClassVar[str] = "当场更正"


class Missing(Value):
    """One thing the applicant has still to bring."""

    code: Code
    title: Label
    basis: Label
    """The condition or law that asks for it."""
    arises_from: Code | None = None
    """The supplied paper from which the need first became visible."""


class NoticeForm(Value):
    """一次性告知书: everything that is missing, at once (行政许可法 Art. 32(4))."""

    notice_no: DocumentNo
    missing: Annotated[tuple[Missing, ...], Field(min_length=1, max_length=200)]
    method: Label
    """How the applicant was told: 当面, 短信, 邮寄 …"""
    signed_at: Instant | None = None
    """When the applicant signed for it."""


class CorrectionNoticeIssued(NoticeForm, Fact):
    TOPIC: ClassVar[str] = "case.correction_notice_issued.v1"
    LABEL: ClassVar[str] = "一次性告知"

    ordinal: Annotated[Count, Field(ge=1)]
    """The n-th notice of the case."""
    postpones_acceptance: bool
    """True for a notice in time that asks what could not have been asked before."""


class SupplyForm(Value):
    materials: Annotated[Materials, Field(min_length=1)]


class CorrectionSupplied(SupplyForm, Fact):
    TOPIC: ClassVar[str] = "case.correction_supplied.v1"
    LABEL: ClassVar[str] = "补正"

    is_complete: bool
    """All that was asked for is there now: the case must be accepted (Art. 32(5))."""


IntakeFact = CaseReceived | OnSpotCorrectionMade | CorrectionNoticeIssued | CorrectionSupplied


def evolve(case: Case, fact: IntakeFact, envelope: Envelope) -> Case:
    match fact:
        case CaseReceived():
            return _received(case, fact, envelope)
        case OnSpotCorrectionMade():
            return replace(
                case, intake=replace(case.intake, corrections_on_spot=case.intake.corrections_on_spot + 1)
            )
        case CorrectionNoticeIssued():
            return _noticed(case, fact, local_day(envelope.occurred_at))
        case CorrectionSupplied():
            codes = frozenset(material.code for material in fact.materials)
            return replace(case, intake=case.intake.with_supplied(codes, local_day(envelope.occurred_at)))
        case _:
            assert_never(fact)


def _received(case: Case, fact: CaseReceived, envelope: Envelope) -> Case:
    moment = envelope.occurred_at
    given = given_by(fact.origin)
    return replace(
        case,
        began_at=case.began_at or moment,
        application=Application(
            received_at=moment,
            item_code=fact.item_code,
            item_version=fact.item_version,
            kind=fact.kind,
            routing=fact.routing,
            mode=fact.mode,
            applicant_ref=fact.applicant_ref,
            applicant_type=fact.applicant_type,
            receipt_no=fact.receipt_no,
            external_ref=fact.external_ref,
            origin=fact.origin,
        ),
        intake=replace(
            case.intake,
            complete_on=fact.clock_starts_on,
            material_codes=tuple(dict.fromkeys(material.code for material in fact.materials)),
        ),
        clock=replace(
            case.clock,
            promise_due=given.promise_due,
            legal_due=given.legal_due,
            is_from_source=given.is_from_source,
        ),
        custody=_received_from(case, envelope),
        mandates=(*case.mandates, fact.mandate) if fact.mandate else case.mandates,
    )


def _received_from(case: Case, envelope: Envelope) -> Custody:
    """Whoever holds the case keeps it; what the agent's side holds is the hall's once the hall has received it."""
    custody, actor = case.custody, envelope.actor
    holder = custody.holder
    is_the_agents = holder is not None and holder.staff_id is not None and holder.staff_id in case.agents
    if holder is not None and (not is_the_agents or actor.role == Role.agent):
        return custody
    received = Holder(envelope.occurred_at, actor.unit_code, actor.post_id, doer(actor))
    return replace(custody, holder=received, previous=holder, transfer=None)


def _noticed(case: Case, fact: CorrectionNoticeIssued, day: date) -> Case:
    notice = Notice(
        notice_no=fact.notice_no,
        issued_on=day,
        missing=tuple(missing.code for missing in fact.missing),
        postpones_acceptance=fact.postpones_acceptance,
    )
    complete_on = None if fact.postpones_acceptance else case.intake.complete_on
    return replace(
        case, intake=replace(case.intake, notices=(*case.intake.notices, notice), complete_on=complete_on)
    )

"""What can have happened between the villager, the agent 代办员 and the hall. Source: 行政许可法 Art. 29."""

from dataclasses import replace
from typing import Annotated, ClassVar, Final, assert_never

from pydantic import Field

from domain.case.custody.events import Differences, sent, taken_over
from domain.case.delivery.events import CertificateNos
from domain.case.state import Case, Entrustment, Holder, doer
from domain.case.values import Mandate, Materials
from domain.grammar import Code, DocumentNo, Envelope, Fact, Prose, Sha256, Value
from domain.references import PersonRef


class EntrustmentForm(Value):
    """委托书: written, and free of charge for the villager."""

    entrust_no: DocumentNo
    """May be shared by several cases of one errand."""
    applicant_ref: PersonRef
    mandate: Mandate
    point_code: Code
    item_codes: Annotated[tuple[Code, ...], Field(min_length=1, max_length=20)]
    materials: Materials = ()


class AgentEntrusted(EntrustmentForm, Fact):
    TOPIC: ClassVar[str] = "case.agent_entrusted.v1"
    LABEL: ClassVar[str] = "委托代办"


class PickUp(Value):
    materials: Materials = ()
    is_offline: bool = False
    """Written on the device without a connection; uploaded later."""


class AgentPickedUp(PickUp, Fact):
    """The agent's leg begins; the legal clock does not, unless the point is authorised to accept."""

    TOPIC: ClassVar[str] = "case.agent_picked_up.v1"
    LABEL: ClassVar[str] = "代办接件"


class HandOver(Value):
    to_unit: Code
    to_window: Code | None = None
    materials: Materials = ()


class AgentHandedToHall(HandOver, Fact):
    TOPIC: ClassVar[str] = "case.agent_handed_to_hall.v1"
    LABEL: ClassVar[str] = "代办移交"


class HallSignature(Value):
    materials: Materials = ()
    differences: Differences = ()


class HallReceiptSigned(HallSignature, Fact):
    """The agent's leg ends."""

    TOPIC: ClassVar[str] = "case.hall_receipt_signed.v1"
    LABEL: ClassVar[str] = "大厅签收代办件"


class Collection(Value):
    certificate_nos: Annotated[CertificateNos, Field(min_length=1)]


class AgentCollectedResult(Collection, Fact):
    TOPIC: ClassVar[str] = "case.agent_collected_result.v1"
    LABEL: ClassVar[str] = "代领结果"


class HandBack(Value):
    certificate_nos: CertificateNos = ()
    signature_sha256: Sha256
    """Digest of the villager's signature, fingerprint or photograph."""


class ReturnedToApplicant(HandBack, Fact):
    TOPIC: ClassVar[str] = "case.returned_to_applicant.v1"
    LABEL: ClassVar[str] = "回交委托人"


class Revocation(Value):
    reason: Prose | None = None


class EntrustmentRevoked(Revocation, Fact):
    TOPIC: ClassVar[str] = "case.entrustment_revoked.v1"
    LABEL: ClassVar[str] = "撤销委托"


AgencyFact = (
    AgentEntrusted
    | AgentPickedUp
    | AgentHandedToHall
    | HallReceiptSigned
    | AgentCollectedResult
    | ReturnedToApplicant
    | EntrustmentRevoked
)

BY_THE_AGENT: Final = (AgentPickedUp, AgentHandedToHall, AgentCollectedResult, ReturnedToApplicant)


def evolve(case: Case, fact: AgencyFact, envelope: Envelope) -> Case:
    if isinstance(fact, AgentEntrusted):
        return _entrusted(case, fact, envelope)
    if case.entrustment is None:
        return case
    return _went_on(case, case.entrustment, fact, envelope)


def _entrusted(case: Case, fact: AgentEntrusted, envelope: Envelope) -> Case:
    entrustment = Entrustment(
        entrust_no=fact.entrust_no,
        point_code=fact.point_code,
        agent=doer(envelope.actor),
        agent_post=envelope.actor.post_id,
        applicant_ref=fact.applicant_ref,
        mandate=fact.mandate,
        entrusted_at=envelope.occurred_at,
    )
    return replace(
        case,
        began_at=case.began_at or envelope.occurred_at,
        entrustment=entrustment,
        agents=_with_agent(case, envelope),
        mandates=(*case.mandates, fact.mandate),
    )


def _with_agent(case: Case, envelope: Envelope) -> tuple[str, ...]:
    """Whoever acts on the agent's side is an agent of the case, a stand-in too."""
    agent = doer(envelope.actor)
    return case.agents if agent is None or agent in case.agents else (*case.agents, agent)


def _went_on(
    case: Case,
    entrustment: Entrustment,
    fact: AgentPickedUp
    | AgentHandedToHall
    | HallReceiptSigned
    | AgentCollectedResult
    | ReturnedToApplicant
    | EntrustmentRevoked,
    envelope: Envelope,
) -> Case:
    moment = envelope.occurred_at
    if isinstance(fact, BY_THE_AGENT):
        case = replace(case, agents=_with_agent(case, envelope))
    match fact:
        case AgentPickedUp():
            case = _in_agents_hands(case, envelope)
            entrustment = replace(entrustment, picked_up_at=moment, handed_at=None, signed_at=None)
        case AgentHandedToHall(to_unit=to_unit):
            case = sent(case, envelope, to_unit, None) if _holds(case, envelope) else case
            entrustment = replace(entrustment, handed_at=moment)
        case HallReceiptSigned():
            case = taken_over(case, envelope) if case.custody.transfer else case
            entrustment = replace(entrustment, signed_at=moment)
        case AgentCollectedResult():
            entrustment = replace(entrustment, collected_at=moment)
        case ReturnedToApplicant():
            entrustment = replace(entrustment, returned_at=moment)
        case EntrustmentRevoked():
            remaining = tuple(mandate for mandate in case.mandates if mandate != entrustment.mandate)
            case = replace(case, mandates=remaining)
            entrustment = replace(entrustment, revoked_at=moment)
        case _:
            assert_never(fact)
    return replace(case, entrustment=entrustment)


def _holds(case: Case, envelope: Envelope) -> bool:
    """Whether the case itself is in the agent's hands, and not only papers for a case that another holds."""
    holder, actor = case.custody.holder, envelope.actor
    is_same_post = holder is not None and holder.post_id is not None and holder.post_id == actor.post_id
    return case.application is None or is_same_post


def _in_agents_hands(case: Case, envelope: Envelope) -> Case:
    """Before the hall's receipt the agent holds the case; afterwards only the papers on their way."""
    if case.application is not None:
        return case
    actor = envelope.actor
    holder = Holder(envelope.occurred_at, actor.unit_code, actor.post_id, doer(actor))
    return replace(case, custody=replace(case.custody, holder=holder))

"""What the rules must remember of a contact: who answers for it, and whether they have."""

from dataclasses import dataclass, replace
from datetime import datetime

from domain.contact.events import ConsultationAnswered, FirstAskHandedOver, FirstAskRegistered
from domain.grammar import Envelope, Fact


@dataclass(frozen=True, slots=True)
class Contact:
    registered_at: datetime | None = None
    responsible: str | None = None
    """Staff number of the first-ask officer 首问责任人, or of who took it over."""
    responsible_unit: str | None = None
    responsible_since: datetime | None = None
    handovers: int = 0
    answered_at: datetime | None = None
    case_no: str | None = None


def evolve(contact: Contact, fact: Fact, envelope: Envelope) -> Contact:
    """Never refuses; a fact it does not know (an amendment) leaves the contact as it is."""
    moment, actor = envelope.occurred_at, envelope.actor
    match fact:
        case FirstAskRegistered():
            return replace(
                contact,
                registered_at=moment,
                responsible=actor.staff_id,
                responsible_unit=actor.unit_code,
                responsible_since=moment,
            )
        case FirstAskHandedOver(to_staff=to_staff, to_unit=to_unit):
            return replace(
                contact,
                responsible=to_staff,
                responsible_unit=to_unit,
                responsible_since=moment,
                handovers=contact.handovers + 1,
            )
        case ConsultationAnswered(case_no=case_no):
            return replace(contact, answered_at=moment, case_no=case_no)
        case _:
            return contact

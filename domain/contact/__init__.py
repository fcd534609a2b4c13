"""Contacts 首问、咨询: one stream each, `contact:<contact_no>`."""

from typing import Final

from domain.contact.commands import ContactAction, decide
from domain.contact.events import ConsultationAnswered, FirstAskHandedOver, FirstAskRegistered
from domain.contact.state import Contact, evolve
from domain.grammar import Aggregate

CONTACT: Final[Aggregate[Contact]] = Aggregate(
    name="contact",
    blank=Contact(),
    decide=decide,
    evolve=evolve,
    facts=(FirstAskRegistered, FirstAskHandedOver, ConsultationAnswered),
)

__all__ = ["CONTACT", "Contact", "ContactAction"]

"""What can have happened at the first desk 首问. Source: 国发〔2022〕5号 (首问负责)."""

from typing import ClassVar

from domain.grammar import Code, Fact, Prose, Value
from domain.references import PersonRef


class FirstAsk(Value):
    """Who asked what; whoever is asked first stays responsible until somebody else has taken it over."""

    asker_ref: PersonRef | None = None
    """Left out where nobody's name was taken."""
    matter: Prose


class FirstAskRegistered(FirstAsk, Fact):
    TOPIC: ClassVar[str] = "contact.first_ask_registered.v1"
    LABEL: ClassVar[str] = "首问登记"


class Handover(Value):
    to_staff: Code
    to_unit: Code
    note: Prose | None = None


class FirstAskHandedOver(Handover, Fact):
    TOPIC: ClassVar[str] = "contact.first_ask_handed_over.v1"
    LABEL: ClassVar[str] = "首问移交"


class Answer(Value):
    answer: Prose
    case_no: Code | None = None
    """The case that came of it."""


class ConsultationAnswered(Answer, Fact):
    TOPIC: ClassVar[str] = "contact.consultation_answered.v1"
    LABEL: ClassVar[str] = "咨询答复"

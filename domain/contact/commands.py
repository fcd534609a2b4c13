"""What can be asked about a contact, and the rules: whoever is asked first answers, or hands over to who does."""

from typing import Final, Literal, assert_never

from domain.admission import (
    CalendarTooShort,
    Objections,
    RecordedLate,
    explained,
    happened_already,
    is_late,
    recorded_by,
    staff_known,
    vouched_by_another,
)
from domain.calendar import CalendarUnknown
from domain.catalogue import Catalogue
from domain.contact.events import (
    Answer,
    ConsultationAnswered,
    FirstAsk,
    FirstAskHandedOver,
    FirstAskRegistered,
    Handover,
)
from domain.contact.rejections import (
    BeforeItWasAsked,
    ContactAlreadyAnswered,
    ContactAlreadyRegistered,
    ContactNotRegistered,
    HandedToOneself,
    NotResponsible,
)
from domain.contact.state import Contact
from domain.grammar import Command, Decision, Occasion, Ruling, settle
from domain.stand_in.acting import stands_in_duly
from domain.window.values import Role

NEVER: Final = frozenset({Role.system_admin, Role.auditor, Role.clock})
"""Any member of staff may be asked; these act in no business of the hall."""


class RegisterFirstAsk(FirstAsk, Command):
    """首问登记."""

    type: Literal["register_first_ask"] = "register_first_ask"


def register_first_ask(contact: Contact, command: RegisterFirstAsk) -> Ruling:
    if contact.registered_at is not None:
        yield ContactAlreadyRegistered()
    yield FirstAskRegistered.as_told(command)


class HandOverFirstAsk(Handover, Command):
    """首问移交: somebody else answers from now on."""

    type: Literal["hand_over_first_ask"] = "hand_over_first_ask"


def hand_over_first_ask(
    contact: Contact, command: HandOverFirstAsk, occasion: Occasion, catalogue: Catalogue
) -> Ruling:
    yield from _in_their_hands(contact, occasion)
    if command.to_staff == contact.responsible:
        yield HandedToOneself()
    yield from staff_known(command.to_staff, occasion.day, catalogue)
    yield FirstAskHandedOver.as_told(command)


class AnswerConsultation(Answer, Command):
    """咨询答复."""

    type: Literal["answer_consultation"] = "answer_consultation"


def answer_consultation(contact: Contact, command: AnswerConsultation, occasion: Occasion) -> Ruling:
    yield from _in_their_hands(contact, occasion)
    yield ConsultationAnswered.as_told(command)


def _in_their_hands(contact: Contact, occasion: Occasion) -> Objections:
    """Registered, unanswered, and the actor's to answer for."""
    if contact.registered_at is None:
        yield ContactNotRegistered()
    if contact.answered_at is not None:
        yield ContactAlreadyAnswered()
    if contact.responsible not in (None, occasion.actor.staff_id):
        yield NotResponsible()
    if contact.responsible_since is not None and occasion.occurred_at < contact.responsible_since:
        yield BeforeItWasAsked()


ContactAction = RegisterFirstAsk | HandOverFirstAsk | AnswerConsultation


def decide(contact: Contact, command: ContactAction, occasion: Occasion, catalogue: Catalogue) -> Decision:
    """Raises Rejected."""
    try:
        facts, irregularities = settle(_ruling(contact, command, occasion, catalogue), occasion)
    except CalendarUnknown as error:
        raise CalendarTooShort from error
    return Decision(facts, irregularities, policy_version=catalogue.policy(occasion.day).version)


def _ruling(contact: Contact, command: ContactAction, occasion: Occasion, catalogue: Catalogue) -> Ruling:
    yield from recorded_by(occasion, may=occasion.actor.role not in NEVER)
    yield from stands_in_duly(occasion, catalogue)
    yield from vouched_by_another(occasion, catalogue)
    policy = catalogue.policy(occasion.day)
    yield from happened_already(occasion, policy)
    if is_late(occasion, policy, catalogue.working_days()):
        yield from explained(occasion)
        yield RecordedLate()
    yield from _rule(contact, command, occasion, catalogue)


def _rule(contact: Contact, command: ContactAction, occasion: Occasion, catalogue: Catalogue) -> Ruling:
    match command:
        case RegisterFirstAsk():
            return register_first_ask(contact, command)
        case HandOverFirstAsk():
            return hand_over_first_ask(contact, command, occasion, catalogue)
        case AnswerConsultation():
            return answer_consultation(contact, command, occasion)
        case _:
            assert_never(command)

"""首问: whoever is asked first answers for it, until somebody else has taken it over."""

import pytest

from domain.admission import (
    ImportOnly,
    InTheFuture,
    LateWithoutReason,
    RecordedLate,
    RoleMayNot,
    StaffUnknown,
)
from domain.contact import rejections
from domain.contact.commands import AnswerConsultation, HandOverFirstAsk, RegisterFirstAsk
from domain.contact.events import ConsultationAnswered, FirstAskHandedOver, FirstAskRegistered
from domain.grammar import Rejected
from tests import county
from tests.examples import EXPLAINED, VILLAGER
from tests.spec import CLOCK, IMPORTER, deed, given, given_in_the_log

ASK = RegisterFirstAsk(asker_ref=VILLAGER, matter="建房要哪些材料")
HAND_OVER = HandOverFirstAsk(to_staff="a-handler", to_unit=county.LAND_STATION)
ANSWER = AnswerConsultation(answer="身份证与户口簿", case_no="6109991010002026030300001X")
FIRST = deed(ASK, "03-03 09:00")
HANDED = (FIRST, deed(HAND_OVER, "03-03 09:10"))
ANSWERED = (*HANDED, deed(ANSWER, "03-03 10:00", by=county.HANDLER_POST))


def first(command, *args, **how):
    return given().when(command, *args, **how)


def test_whoever_is_asked_first_is_responsible():
    outcome = first(ASK).then_recorded(FirstAskRegistered, asker_ref=VILLAGER).then_flagged()
    assert outcome.state.responsible == "a-town-clerk"


def test_responsibility_passes_with_the_handover():
    outcome = given(FIRST).when(HAND_OVER).then_recorded(FirstAskHandedOver)
    assert (outcome.state.responsible, outcome.state.handovers) == ("a-handler", 1)


def test_who_took_it_over_answers():
    outcome = given(*HANDED).when(ANSWER, by=county.HANDLER_POST).then_recorded(ConsultationAnswered)
    assert outcome.state.case_no == ANSWER.case_no


def test_a_late_record_is_explained_and_flagged():
    first(ASK, "03-03 09:00", recorded="03-09 09:00", backfill=EXPLAINED).then_flagged(RecordedLate.RULE)


REFUSED = [
    (RoleMayNot, lambda: first(ASK, by=CLOCK)),
    (ImportOnly, lambda: first(ASK, by=IMPORTER)),
    (InTheFuture, lambda: first(ASK, "03-03 10:00", recorded="03-03 09:00")),
    (LateWithoutReason, lambda: first(ASK, "03-03 09:00", recorded="03-09 09:00")),
    (StaffUnknown, lambda: given(FIRST).when(HAND_OVER.model_copy(update={"to_staff": "nobody"}))),
    (rejections.ContactAlreadyRegistered, lambda: given(FIRST).when(ASK)),
    (rejections.ContactNotRegistered, lambda: first(ANSWER)),
    (rejections.ContactAlreadyAnswered, lambda: given(*ANSWERED).when(ANSWER, by=county.HANDLER_POST)),
    (rejections.NotResponsible, lambda: given(*HANDED).when(ANSWER)),
    (
        rejections.HandedToOneself,
        lambda: given(FIRST).when(HAND_OVER.model_copy(update={"to_staff": "a-town-clerk"})),
    ),
    (
        rejections.BeforeItWasAsked,
        lambda: given(FIRST).when(ANSWER, "03-03 08:00", recorded="03-03 10:00"),
    ),
]


@pytest.mark.parametrize(("refusal", "provoked"), REFUSED, ids=lambda each: getattr(each, "__name__", ""))
def test_the_rule_refuses(refusal, provoked):
    provoked().then_rejected(refusal)


def test_every_refusal_is_provoked():
    ours = {each for each in Rejected.__subclasses__() if each.__module__ == "domain.contact.rejections"}
    assert ours <= {refusal for refusal, _ in REFUSED}


async def test_a_contact_has_a_stream_of_its_own():
    contact = await given_in_the_log(*HANDED, identity="ZX-1")
    (await contact.when(ANSWER, by=county.HANDLER_POST)).then_recorded(ConsultationAnswered)
    assert [event.stream for event in contact.log.events] == ["contact:ZX-1"] * 3

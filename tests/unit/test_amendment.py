"""Corrections and voids: later events say what earlier ones should have been; nothing is edited."""

from dataclasses import replace

import pytest

from domain import admission, amendment
from domain.amendment import CorrectEvent, EventCorrected, EventVoided, VoidEvent
from domain.case.acceptance.events import CaseAccepted
from domain.case.pauses.events import SpecialProcedureStarted
from domain.case.state import Status
from domain.grammar import Rejected
from domain.personal_data import taken_as_it_stands
from tests import county
from tests.examples import a_paused_case, an_accepted_case
from tests.spec import IMPORTER, given_in_the_log

RECEIPT, ACCEPTANCE, FORWARDING, SIGNATURE, PAUSE = range(1, 6)


def correcting(field, was, should_be, target=RECEIPT, approved_by="a-director"):
    return CorrectEvent(
        target_version=target,
        field=field,
        was=was,
        should_be=should_be,
        reason="录入错误",
        approved_by=approved_by,
    )


def voiding(target, approved_by="a-director"):
    return VoidEvent(target_version=target, reason="误录", approved_by=approved_by)


async def amended(*commands, history=an_accepted_case, **how):
    """What came of the last command, after the others."""
    case = await given_in_the_log(*history())
    outcome = None
    for command in commands:
        outcome = await case.when(command, **how)
    return outcome


async def test_a_correction_is_a_later_event():
    case = await given_in_the_log(*an_accepted_case())
    (await case.when(correcting("receipt_no", "SJ-1", "SJ-2"))).then_recorded(
        EventCorrected, target_version=RECEIPT, was="SJ-1", should_be="SJ-2"
    )
    assert case.log.events[0].fact.receipt_no == "SJ-1"


async def test_the_case_is_read_with_its_corrections():
    outcome = await amended(correcting("receipt_no", "SJ-1", "SJ-2"))
    assert outcome.state.application.receipt_no == "SJ-2"


async def test_a_correction_of_the_correction_starts_from_the_corrected_value():
    outcome = await amended(
        correcting("receipt_no", "SJ-1", "SJ-2"), correcting("receipt_no", "SJ-2", "SJ-3")
    )
    assert outcome.state.application.receipt_no == "SJ-3"


@pytest.mark.parametrize(
    "was",
    [
        "2026-03-03T09:00:00+08:00",
        "2026-03-03T01:00:00Z",
        "2026-03-03T01:00:00.000000+00:00",
        "2026-03-02T20:00:00-05:00",
    ],
)
async def test_a_time_may_be_repeated_in_any_offset(was):
    outcome = await amended(correcting("occurred_at", was, "2026-03-03T08:30:00+08:00"))
    assert outcome.state.application.received_at.isoformat() == "2026-03-03T00:30:00+00:00"


async def test_a_field_that_was_empty_is_corrected_from_null():
    outcome = await amended(correcting("external_ref", None, "case-1"))
    assert outcome.state.application.external_ref == "case-1"


async def test_a_text_that_would_not_be_taken_today_is_read_and_can_be_corrected():
    """A telephone as nobody had thought of it when the text was recorded."""
    slipped, survey = "电话 138.0000.5678", a_paused_case()[-1]
    with taken_as_it_stands():
        told = replace(survey, command=survey.command.model_copy(update={"basis": slipped}))
        case = await given_in_the_log(*a_paused_case()[:-1], told)
    mended = await case.when(correcting("basis", slipped, "现场勘察", target=PAUSE))
    mended.then_recorded(EventCorrected, target_version=PAUSE, should_be="现场勘察")
    anew = await case.when(correcting("basis", "现场勘察", slipped, target=PAUSE))
    anew.then_rejected(amendment.AmendedFieldUnknown)


async def test_what_stands_already_needs_no_correction():
    (await amended(correcting("receipt_no", "SJ-1", "SJ-1"))).then_nothing()


async def test_a_voided_event_is_as_if_it_had_not_been_recorded():
    outcome = await amended(voiding(PAUSE), history=a_paused_case)
    outcome.then_recorded(EventVoided, target_version=PAUSE).then_case(status=Status.in_progress)


async def test_the_rules_go_by_what_stands():
    case = await given_in_the_log(*a_paused_case())
    await case.when(voiding(PAUSE))
    outcome = await case.when(a_paused_case()[-1].command, "03-05 16:00")
    outcome.then_recorded(SpecialProcedureStarted, procedure_no=1).then_flagged()


async def test_a_case_whose_receipt_was_voided_can_be_received_again():
    outcome = await amended(voiding(ACCEPTANCE), voiding(RECEIPT), an_accepted_case()[0].command)
    outcome.then_case(status=Status.registered)


REFUSED = [
    (amendment.AmendsNothing, [voiding(3)], {}),
    (amendment.AmendsNothing, [voiding(ACCEPTANCE), voiding(ACCEPTANCE)], {}),
    (amendment.AmendsNothing, [voiding(ACCEPTANCE), voiding(3)], {}),
    (amendment.AmendedValueDiffers, [correcting("receipt_no", "SJ-9", "SJ-2")], {}),
    (
        amendment.AmendedValueDiffers,
        [correcting("occurred_at", "2026-03-03T09:00:00Z", "2026-03-03T08:00:00Z")],
        {},
    ),
    (amendment.AmendedValueDiffers, [correcting("occurred_at", "yesterday", "2026-03-03T00:00:00Z")], {}),
    (amendment.AmendedFieldUnknown, [correcting("colour", None, "red")], {}),
    (amendment.AmendedFieldUnknown, [correcting("item_code", county.HOMESTEAD, None)], {}),
    (amendment.AmendedFieldUnknown, [correcting("mode", "in_person", "by_air")], {}),
    (amendment.AmendedFieldUnknown, [correcting("materials", None, [{"code": "M1", "copies": 1.0}])], {}),
    (
        amendment.AmendedTimeInFuture,
        [correcting("occurred_at", "2026-03-03T01:00:00Z", "2026-12-01T00:00:00Z")],
        {},
    ),
    (
        amendment.AmenderApprovesOwn,
        [correcting("receipt_no", "SJ-1", "SJ-2", approved_by="a-town-clerk")],
        {},
    ),
    (amendment.AmendmentApproverUnknown, [voiding(ACCEPTANCE, approved_by="nobody")], {}),
    (amendment.AmenderMayNot, [voiding(ACCEPTANCE)], {"by": county.SUPERVISION_POST}),
    (amendment.AmenderMayNot, [voiding(ACCEPTANCE)], {"by": county.CATALOGUE_POST}),
    (
        admission.InTheFuture,
        [voiding(ACCEPTANCE)],
        {"happened": "03-03 12:00", "recorded": "03-03 11:00"},
    ),
    (admission.ImportOnly, [voiding(ACCEPTANCE)], {"imported_from": "old-system"}),
    (admission.ImportOnly, [voiding(ACCEPTANCE)], {"by": IMPORTER}),
]


@pytest.mark.parametrize(
    ("refusal", "commands", "how"), REFUSED, ids=lambda each: getattr(each, "__name__", "")
)
async def test_the_rule_refuses(refusal, commands, how):
    (await amended(*commands, **how)).then_rejected(refusal)


def test_every_refusal_is_provoked():
    ours = {each for each in Rejected.__subclasses__() if each.__module__ == amendment.__name__}
    assert ours <= {refusal for refusal, _, _ in REFUSED}


async def test_an_amendment_is_never_the_target_of_another():
    case = await given_in_the_log(*an_accepted_case())
    await case.when(correcting("receipt_no", "SJ-1", "SJ-2"))
    (await case.when(voiding(3))).then_rejected(amendment.AmendsNothing)


async def test_a_refused_amendment_leaves_the_log_alone():
    case = await given_in_the_log(*an_accepted_case())
    await case.when(voiding(7))
    assert [type(event.fact) for event in case.log.events][-1] is CaseAccepted

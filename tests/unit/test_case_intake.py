"""Receipt, notice, acceptance. Source: 行政许可法 Arts. 29–32; the disputes an investigator puts."""

from datetime import date

from domain.case.acceptance.commands import AcceptCase, DeemAccepted, RefuseAcceptance
from domain.case.acceptance.events import CaseAccepted, CaseDeemedAccepted
from domain.case.intake.commands import CorrectOnSpot, IssueCorrectionNotice
from domain.case.intake.events import CaseReceived, CorrectionNoticeIssued, CorrectionSupplied
from domain.case.state import End, Status
from domain.case.values import Mode, Scope
from domain.item import ITEM
from domain.item.commands import PublishItemVersion
from domain.item.values import Kind, Routing
from tests import county
from tests.examples import (
    a_case_told_what_is_missing,
    a_mandate,
    a_received_case,
    a_supplied_case,
    an_accepted_case,
    an_instant_case_accepted,
    asking_for,
    missing,
    receiving,
    supplying,
)
from tests.spec import CLOCK, deed, given, given_nothing


def test_the_receipt_takes_kind_routing_and_version_from_the_item_in_force_that_day():
    outcome = given_nothing().when(receiving(county.REVISED), "03-03 09:00")
    outcome.then_recorded(CaseReceived, item_version="2", kind=Kind.promised, routing=Routing.single)
    assert outcome.decision.item_version == "2"


def test_a_case_received_before_a_new_version_keeps_the_old_one():
    revised = given(*a_received_case(county.REVISED))
    assert revised.when(AcceptCase()).then_recorded(CaseAccepted, promise_days=7)
    earlier = deed(receiving(county.REVISED), given_nothing_at_new_year())
    given(earlier).when(AcceptCase(), given_nothing_at_new_year()).then_recorded(
        CaseAccepted, promise_days=10
    )


def given_nothing_at_new_year():
    return deed(receiving(), "01-01 00:00").happened.replace(year=2025, month=12, day=30, hour=9)


def test_whoever_receives_the_case_holds_it():
    holder = given(*a_received_case()).state.custody.holder
    assert (holder.unit_code, holder.staff_id) == (county.TOWN_CENTRE, "a-town-clerk")


def test_a_private_agent_submits_on_a_written_mandate():
    by_agent = receiving(mode=Mode.agent, mandate=a_mandate(Scope.submit))
    given_nothing().when(by_agent).then_recorded(CaseReceived, mode=Mode.agent).then_flagged()


def test_the_first_notice_postpones_acceptance():
    outcome = given(*a_received_case()).when(asking_for("M2"))
    outcome.then_recorded(CorrectionNoticeIssued, ordinal=1, postpones_acceptance=True)
    outcome.then_case(status=Status.awaiting_correction)


def test_part_of_what_is_missing_is_not_enough():
    asked = (*a_received_case(), deed(asking_for("M1", "M2"), "03-03 10:00"))
    given(*asked).when(supplying("M1")).then_recorded(CorrectionSupplied, is_complete=False)
    part = deed(supplying("M1"), "03-04 10:00")
    given(*asked, part).when(supplying("M2")).then_recorded(CorrectionSupplied, is_complete=True)


def test_acceptance_counts_from_the_day_the_last_paper_came():
    given(*a_supplied_case()).when(AcceptCase(), "03-09 09:00").then_recorded(
        CaseAccepted, acceptance_date=date(2026, 3, 6)
    )


def test_a_notice_of_what_was_knowable_does_not_move_acceptance():
    """Dispute Q4: A and B on 6 March complete what was asked; the second notice for C changes nothing."""
    history = (
        *a_received_case(county.PERMIT, when="03-04 09:00", materials=()),
        deed(IssueCorrectionNotice(notice_no="1", missing=(missing("M1"),), method="当面"), "03-04 10:00"),
        deed(supplying("M1"), "03-06 09:00"),
        deed(asking_for("M2", no="2"), "03-09 09:00"),
        deed(supplying("M2"), "03-11 09:00"),
    )
    accepted = given(*history).when(AcceptCase(), "03-11 10:00").then_flagged("P01")
    accepted.then_recorded(CaseAccepted, acceptance_date=date(2026, 3, 6), promise_due=date(2026, 3, 20))


def test_a_notice_of_what_a_supplied_paper_brought_up_moves_acceptance():
    history = (
        *a_supplied_case(),
        deed(
            IssueCorrectionNotice(notice_no="2", missing=(missing("M1", arises_from="M2"),), method="当面"),
            "03-09 09:00",
        ),
        deed(supplying("M1"), "03-11 09:00"),
    )
    given(*history).when(AcceptCase()).then_recorded(
        CaseAccepted, acceptance_date=date(2026, 3, 11)
    ).then_flagged()


def test_a_window_may_accept_although_papers_are_still_out():
    given(*a_case_told_what_is_missing()).when(AcceptCase(), "03-05 09:00").then_recorded(
        CaseAccepted, acceptance_date=date(2026, 3, 5)
    )


def test_silence_for_five_working_days_accepts_from_the_day_of_receipt():
    given(*a_received_case()).when(DeemAccepted(), "03-11 00:10", by=CLOCK).then_recorded(
        CaseDeemedAccepted, acceptance_date=date(2026, 3, 3), promise_due=date(2026, 3, 24)
    )


def test_a_notice_in_time_keeps_the_law_from_accepting_even_when_its_day_has_passed():
    told_on_the_last_day = (*a_received_case(), deed(asking_for("M2"), "03-10 17:00"))
    assert given(*told_on_the_last_day).when(DeemAccepted(), "03-20 09:00").objection is not None


def test_an_instant_item_is_due_on_the_day_of_acceptance():
    clock = given(*an_instant_case_accepted()).state.clock
    assert (clock.promise_due, clock.legal_due) == (date(2026, 3, 3), None)


def test_acceptance_names_the_authorisation_and_the_books_it_relied_on():
    outcome = given(*a_received_case()).when(AcceptCase())
    outcome.then_recorded(CaseAccepted, authorisation_no=county.TOWN_ACCEPTS)
    decision = outcome.decision
    assert (decision.item_version, decision.policy_version) == ("1", "default-1")
    assert decision.calendar_version


def test_a_limit_that_reaches_into_an_unpublished_year_is_provisional():
    """Dispute E1: accepted on 10 December, 20 working days."""
    received = a_received_case(county.PERMIT, when="12-10 09:00")
    accepted = given(*received).when(AcceptCase())
    accepted.then_recorded(CaseAccepted, legal_due=date(2027, 1, 8), is_provisional=True)
    assert accepted.state.clock.is_provisional


def test_a_correction_on_the_spot_asks_for_nothing():
    given(*a_received_case()).when(CorrectOnSpot(what="补填电话")).then_case(status=Status.registered)


def test_a_refusal_ends_the_case():
    refusal = RefuseAcceptance(
        reason_code="2", reasons="非本机关职权", remedies="六十日内申请复议", redirect_to="县林业局"
    )
    outcome = given(*a_received_case()).when(refusal).then_flagged().then_case(status=Status.refused)
    assert outcome.state.ending.result is End.refused


def test_an_item_without_a_published_list_has_nothing_to_compare_with():
    bare = county.a_county()
    county.enter(bare, *_bare_item())
    given(catalogue=bare).when(receiving("SX-BARE")).then_flagged()


def _bare_item():
    return ITEM, PublishItemVersion(item=county.an_item("SX-BARE", materials=()))


def test_a_case_is_accepted_once():
    assert given(*an_accepted_case()).state.clock.acceptor == "a-town-clerk"

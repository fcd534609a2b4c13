"""The village agent's errand: two sides sign every handover, and the agent never decides."""

from datetime import date

import pytest

from domain.case.acceptance.commands import AcceptCase
from domain.case.acceptance.events import CaseAccepted
from domain.case.agency.commands import (
    HandToHall,
    PickUpPapers,
    ReturnToApplicant,
    RevokeEntrustment,
    SignHallReceipt,
)
from domain.case.agency.events import AgentPickedUp, HallReceiptSigned, ReturnedToApplicant
from domain.case.delivery.events import CertificateDelivered, DeliveryMethod
from domain.case.delivery.rejections import RecipientNotEntitled
from domain.case.intake.events import CaseReceived
from domain.case.intake.rejections import MandateMissing
from domain.case.state import Status
from domain.case.steps.rejections import AgentMayNotDecide
from domain.case.values import Mode
from domain.grammar import Backfill, Device
from tests import county
from tests.examples import (
    AGENT,
    DIGEST,
    a_case_collected_by_the_agent,
    a_case_handed_in,
    a_case_picked_up,
    a_case_signed_by_the_hall,
    a_case_told_what_is_missing,
    an_agents_approved_case,
    an_agents_case,
    an_entrusted_case,
    completing,
    delivering,
    entrusting,
    receiving,
)
from tests.spec import deed, given


def test_a_case_may_begin_with_the_agent():
    given(*an_entrusted_case()).when(PickUpPapers()).then_recorded(AgentPickedUp).then_case(
        status=Status.entrusted
    )


def test_the_agent_holds_the_papers_until_the_hall_signs():
    handed = given(*a_case_handed_in())
    assert handed.state.custody.holder.staff_id == "a-agent"
    signed = handed.when(SignHallReceipt()).then_recorded(HallReceiptSigned)
    assert signed.state.custody.holder.staff_id == "a-town-clerk"


def test_the_legal_clock_starts_with_the_halls_receipt():
    """Dispute Q5: the agent is the applicant's proxy (Art. 29)."""
    given(*an_agents_case()).when(AcceptCase()).then_recorded(CaseAccepted, acceptance_date=date(2026, 3, 3))


def test_at_an_authorised_point_it_starts_with_the_agent():
    given(*an_agents_case(county.POINT_XIA)).when(AcceptCase()).then_recorded(
        CaseAccepted, acceptance_date=date(2026, 3, 2)
    )


def test_an_authorised_point_may_record_the_receipt_itself():
    receipt = receiving(mode=Mode.agent)
    given(*a_case_picked_up(county.POINT_XIA)).when(receipt, by=county.AGENT_POST).then_recorded(
        CaseReceived, clock_starts_on=date(2026, 3, 2)
    )


def test_an_offline_record_needs_a_reason_and_the_devices_own_sequence():
    """Dispute Q5: picked up on Friday 3 April, uploaded on the 9th, the third working day after."""
    entrusted = deed(entrusting(), "04-03 09:00")
    given(entrusted).when(
        PickUpPapers(is_offline=True),
        "04-03 09:30",
        recorded="04-09 18:20",
        backfill=Backfill(reason="村里没有网络"),
        device=Device(device_id="D-7", device_seq=41, clock_offset_ms=2000),
    ).then_flagged("P08")


def test_the_stand_in_at_the_agents_post_may_go_on():
    stand_in = county.actor_at(county.AGENT_POST).model_copy(update={"staff_id": "b-agent"})
    given(*a_case_picked_up()).when(HandToHall(to_unit=county.TOWN_CENTRE), by=stand_in).then_flagged()


def test_an_agent_who_may_collect_gets_the_certificate():
    given(*an_agents_approved_case()).when(delivering(AGENT, method=DeliveryMethod.agent)).then_recorded(
        CertificateDelivered, recipient_ref=AGENT
    )


def test_an_agent_whose_mandate_was_revoked_does_not():
    revoked = (*an_agents_approved_case(), deed(RevokeEntrustment(reason="自己来取"), "03-11 10:00"))
    given(*revoked).when(delivering(AGENT, method=DeliveryMethod.agent)).then_rejected(RecipientNotEntitled)


def test_revoking_before_the_receipt_takes_the_mandate_to_submit_away():
    revoked = (*a_case_signed_by_the_hall(), deed(RevokeEntrustment(), "03-03 08:50"))
    given(*revoked).when(receiving(mode=Mode.agent)).then_rejected(MandateMissing)


def test_the_villagers_signature_ends_the_errand():
    returned = given(*a_case_collected_by_the_agent()).when(ReturnToApplicant(signature_sha256=DIGEST))
    returned.then_recorded(ReturnedToApplicant)
    assert returned.state.entrustment.returned_at is not None


def test_an_agent_may_carry_missing_papers_to_a_case_that_the_hall_holds():
    entrusted = deed(entrusting(), "03-03 11:00")
    history = (*a_case_told_what_is_missing(), entrusted, deed(PickUpPapers(), "03-04 09:00"))
    state = given(*history, deed(HandToHall(to_unit=county.TOWN_CENTRE), "03-05 09:00")).state
    assert state.custody.holder.unit_code == county.TOWN_CENTRE
    assert state.custody.transfer is None


def test_a_case_received_at_the_point_is_the_agents_until_the_hall_signs():
    receipt = deed(receiving(mode=Mode.agent), "03-02 10:00", by=county.AGENT_POST)
    handed = deed(HandToHall(to_unit=county.TOWN_CENTRE), "03-03 08:30")
    at_the_door = given(*a_case_picked_up(county.POINT_XIA), receipt, handed)
    assert at_the_door.state.custody.holder.staff_id == "a-agent"
    assert at_the_door.when(SignHallReceipt()).state.custody.holder.staff_id == "a-town-clerk"


def test_an_agent_whose_mandate_was_revoked_still_does_not_decide():
    """Invariant 10, with another's mandate in between."""
    of_another = county.actor_at(county.OTHER_AGENT_POST)
    history = (
        *an_agents_case(),
        deed(AcceptCase(), "03-03 09:30"),
        deed(RevokeEntrustment(), "03-03 10:00"),
        deed(entrusting(entrust_no="WT-2"), "03-03 11:00", by=of_another),
    )
    assert given(*history).state.entrustment.agent == "a-other-agent"
    for agent in ("a-agent", "a-other-agent"):
        turned = county.actor_at(county.HANDLER_POST).model_copy(update={"staff_id": agent})
        given(*history).when(completing("CB"), by=turned).then_rejected(AgentMayNotDecide)


def test_neither_does_the_stand_in_who_carried_the_papers():
    stand_in = county.actor_at(county.AGENT_POST).model_copy(update={"staff_id": "b-agent"})
    history = (
        *a_case_picked_up(),
        deed(HandToHall(to_unit=county.TOWN_CENTRE), "03-03 08:30", by=stand_in),
        deed(SignHallReceipt(), "03-03 08:45"),
        deed(receiving(mode=Mode.agent), "03-03 09:00"),
        deed(AcceptCase(), "03-03 09:30"),
    )
    turned = county.actor_at(county.HANDLER_POST).model_copy(update={"staff_id": "b-agent"})
    given(*history).when(completing("CB"), by=turned).then_rejected(AgentMayNotDecide)


@pytest.mark.parametrize("history", [a_case_picked_up(), a_case_handed_in()])
def test_what_the_hall_has_received_is_the_halls_though_nobody_signed(history):
    received = given(*history).when(receiving(mode=Mode.agent)).then_flagged("P05")
    custody = received.state.custody
    assert (custody.holder.staff_id, custody.transfer) == ("a-town-clerk", None)


def test_a_signature_after_the_receipt_leaves_the_case_with_the_hall():
    history = (*a_case_handed_in(), deed(receiving(mode=Mode.agent), "03-03 09:00"))
    given(*history).when(SignHallReceipt()).then_recorded(HallReceiptSigned).then_flagged()
    assert given(*history).when(SignHallReceipt()).state.custody.holder.staff_id == "a-town-clerk"


def test_papers_that_the_villager_took_back_are_brought_in_person():
    taken_back = deed(ReturnToApplicant(signature_sha256=DIGEST), "03-02 17:00")
    received = given(*a_case_picked_up(), taken_back).when(receiving()).then_flagged()
    assert received.state.custody.holder.staff_id == "a-town-clerk"

"""Who holds the case: custody moves on the receiver's signature, never at forwarding."""

from domain.case.custody.commands import (
    ForwardToStation,
    ReturnTransfer,
    SignReturnReceipt,
    SignStationReceipt,
)
from domain.case.custody.events import CaseForwardedToStation, StationReceiptSigned, TransferReturned
from domain.case.state import Status
from domain.case.superior.commands import ReceiveSuperiorDecision, SignSuperiorReceipt
from tests import county
from tests.examples import (
    a_case_at_the_station,
    a_case_with_the_superior,
    a_forwarded_case,
    a_paused_case,
    a_reported_case,
    a_returned_case,
    an_accepted_case,
)
from tests.spec import deed, given


def holder(state):
    return state.custody.holder.unit_code


def test_the_sender_holds_the_case_until_the_station_signs():
    forwarded = given(*a_forwarded_case()).state
    assert holder(forwarded) == county.TOWN_CENTRE
    assert forwarded.custody.transfer.to_unit == county.LAND_STATION


def test_custody_moves_when_the_station_signs():
    outcome = given(*a_forwarded_case()).when(SignStationReceipt(), by=county.HANDLER_POST)
    outcome.then_recorded(StationReceiptSigned)
    assert holder(outcome.state) == county.LAND_STATION
    assert outcome.state.custody.transfer is None


def test_forwarding_says_what_goes_where():
    command = ForwardToStation(to_unit=county.LAND_STATION, seals=("封签 001",), batch_no="PC-1")
    given(*an_accepted_case()).when(command).then_recorded(
        CaseForwardedToStation, to_unit=county.LAND_STATION, seals=("封签 001",), batch_no="PC-1"
    )


def test_a_station_may_send_it_back_unsigned_and_never_held_it():
    returned = given(*a_forwarded_case()).when(ReturnTransfer(reason="缺图"), by=county.HANDLER_POST)
    returned.then_recorded(TransferReturned, to_unit=county.TOWN_CENTRE)
    assert holder(returned.state) == county.TOWN_CENTRE


def test_a_returned_case_is_the_stations_until_the_window_signs():
    assert holder(given(*a_returned_case()).state) == county.LAND_STATION
    signed = given(*a_returned_case()).when(SignReturnReceipt())
    assert holder(signed.state) == county.TOWN_CENTRE
    assert signed.state.custody.returns == 1


def test_a_returned_case_can_be_forwarded_again():
    again = (*a_returned_case(), deed(SignReturnReceipt(), "03-04 15:00"))
    given(*again).when(ForwardToStation(to_unit=county.LAND_STATION)).then_recorded(CaseForwardedToStation)


def test_custody_may_move_while_the_case_is_paused():
    given(*a_paused_case()).when(ForwardToStation(to_unit=county.LAND), by=county.HANDLER_POST).then_flagged()


def test_a_report_is_the_stations_until_the_superior_signs():
    reported = given(*a_reported_case())
    assert holder(reported.state) == county.LAND_STATION
    assert reported.state.status is Status.reported_up
    assert holder(reported.when(SignSuperiorReceipt(), by=county.PREFECTURE_POST).state) == county.PREFECTURE


def test_the_station_may_record_the_superiors_paper_receipt():
    signed = given(*a_reported_case()).when(SignSuperiorReceipt(receipt_no="SJ-9"), by=county.HANDLER_POST)
    assert holder(signed.state) == county.PREFECTURE
    assert signed.state.custody.holder.staff_id is None


def test_the_superiors_reply_brings_the_case_back():
    replied = given(*a_case_with_the_superior()).when(
        ReceiveSuperiorDecision(is_approved=True), by=county.HANDLER_POST
    )
    assert holder(replied.state) == county.LAND_STATION
    replied.then_case(status=Status.in_progress)


def test_every_signature_counts_as_a_hop():
    assert given(*a_case_at_the_station()).state.custody.signed_transfers == 1

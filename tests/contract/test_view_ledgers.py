"""代办台账 and 证照登记: who had the papers when, and how a certificate came to whom. All days are of 2026."""

from datetime import date

import pytest

from domain.case.agency.commands import (
    HandToHall,
    PickUpPapers,
    ReturnToApplicant,
    RevokeEntrustment,
    SignHallReceipt,
)
from domain.case.decision.commands import Approve
from domain.case.delivery.commands import NotifyApplicant, ReceiveCertificateAtHall, RecordFailedDelivery
from domain.case.delivery.events import DeliveryMethod
from domain.case.ending.commands import Reopen
from domain.grammar import Channel, Device
from domain.policy import POLICY
from domain.policy.commands import PublishPolicy
from domain.policy.values import Policy
from projections.agency import AgentLedger, Errands
from projections.certificates import CertificatesRegister, Wanted
from tests import county
from tests.examples import (
    AGENT,
    DIGEST,
    EXPLAINED,
    VILLAGER,
    a_case_collected_by_the_agent,
    a_case_picked_up,
    a_case_signed_by_the_hall,
    a_case_with_a_certificate,
    a_concluded_case,
    a_delivered_case,
    an_approved_case,
    an_entrusted_case,
    delivering,
    entrusting,
    issuing,
)
from tests.registers import enter_in_log
from tests.spec import at, deed
from tests.views import CASE_NO, STREAM, defined_county, in_views, look_back, record

OTHER_NO = CASE_NO[:-1] + "8"


@pytest.fixture(scope="module")
def county_of_views(postgres):
    with defined_county(postgres.dsn) as conninfo:
        yield conninfo


@pytest.fixture
async def views(county_of_views):
    async with in_views(county_of_views) as connection:
        yield connection


def day(text):
    return date.fromisoformat(f"2026-{text}")


# ── errands ─────────────────────────────────────────────────────────────────────────────────────────────────


def uploaded_late():
    """Q5: picked up without a connection on Friday 3 April, uploaded on the 9th, signed for on the 10th."""
    said = {
        "channel": Channel.agent_point,
        "device": Device(device_id="DB-1", device_seq=41, clock_offset_ms=2000),
        "backfill": EXPLAINED,
        "recorded": "04-09 18:20",
        "by": county.AGENT_POST,
    }
    return (
        deed(entrusting(), "04-03 09:00", **said),
        deed(PickUpPapers(is_offline=True), "04-03 09:10", **said),
        deed(HandToHall(to_unit=county.TOWN_CENTRE), "04-10 08:50"),
        deed(SignHallReceipt(), "04-10 09:00"),
    )


async def errands(views, today, **wanted):
    return await AgentLedger(views).errands(Errands(**wanted), day(today))


async def test_q5_the_leg_took_four_days_of_three_and_the_upload_lagged_three_apart(views):
    await record(views, *uploaded_late())
    (errand,) = await errands(views, "04-30")
    assert (errand.point_code, errand.agent, errand.scope) == (county.POINT_SHANG, "a-agent", "full")
    assert (errand.picked_up_on, errand.handed_on, errand.signed_on) == (
        day("04-03"),
        day("04-10"),
        day("04-10"),
    )
    # 4 to 6 April are Qingming: 7, 8, 9, 10 April
    assert (errand.used_days, errand.due, errand.late_days) == (4, day("04-09"), 1)
    assert (errand.recording_lag_days, errand.is_offline, errand.is_backfilled) == (3, True, True)


async def test_the_villager_is_a_reference_and_no_name(views):
    await record(views, *uploaded_late())
    (errand,) = await errands(views, "04-30")
    assert errand.applicant_ref == VILLAGER


async def test_what_is_under_way_is_late_on_the_day_after_it_was_due(views):
    await record(views, *a_case_picked_up())
    (errand,) = await errands(views, "03-05")
    assert (errand.is_under_way, errand.due, errand.used_days, errand.late_days) == (True, day("03-05"), 3, 0)
    assert await errands(views, "03-05", is_late=True) == []
    (errand,) = await errands(views, "03-06", is_late=True)
    assert (errand.used_days, errand.late_days) == (4, 1)


async def test_the_policy_of_the_day_of_the_pick_up_says_what_is_late(views):
    strict = Policy(version="2026-1", valid_from=day("03-01"), agent_leg_days=1)
    later = Policy(version="2026-2", valid_from=day("03-03"), agent_leg_days=9)
    publish = [(POLICY, PublishPolicy(policy=policy)) for policy in (strict, later)]
    await enter_in_log(views, *publish)
    await record(views, *a_case_picked_up())
    (errand,) = await errands(views, "03-05")
    assert (errand.due, errand.late_days) == (day("03-03"), 2)


async def test_an_entrustment_that_was_revoked_is_no_longer_under_way(views):
    await record(views, *a_case_picked_up(), deed(RevokeEntrustment(reason="自行办理"), "03-04 09:00"))
    (errand,) = await errands(views, "03-31")
    assert (errand.is_under_way, errand.revoked_on, errand.used_days, errand.late_days) == (
        False,
        day("03-04"),
        2,
        0,
    )


async def test_an_entrustment_without_papers_has_a_line_and_no_days(views):
    await record(views, *an_entrusted_case())
    (errand,) = await errands(views, "03-31")
    assert (errand.entrusted_on, errand.picked_up_on, errand.used_days, errand.late_days) == (
        day("03-02"),
        None,
        None,
        None,
    )
    assert (errand.is_under_way, errand.errand) == (False, 1)


async def test_each_pick_up_is_an_errand_of_its_own(views):
    await record(
        views,
        *a_case_signed_by_the_hall(),
        deed(PickUpPapers(), "03-09 09:00"),
        deed(HandToHall(to_unit=county.TOWN_CENTRE), "03-16 08:30"),
        deed(SignHallReceipt(), "03-16 09:00"),
    )
    first, second = await errands(views, "03-31")
    assert (first.errand, first.used_days, first.late_days) == (1, 1, 0)
    assert (second.errand, second.picked_up_on, second.used_days, second.late_days) == (2, day("03-09"), 5, 2)
    assert (first.entrust_no, second.entrust_no) == ("WT-1", "WT-1")


async def test_collecting_and_returning_stand_in_the_ledger(views):
    back = ReturnToApplicant(certificate_nos=("ZJD-1",), signature_sha256=DIGEST)
    await record(views, *a_case_collected_by_the_agent(), deed(back, "03-13 09:00"))
    (errand,) = await errands(views, "03-31")
    assert (errand.collected_on, errand.returned_on) == (day("03-12"), day("03-13"))


async def test_the_ledger_is_filtered_and_read_page_by_page(views):
    await record(views, *a_case_signed_by_the_hall())
    await record(views, *uploaded_late(), case_no=OTHER_NO)
    ledger, everything = AgentLedger(views), Errands()
    (first,) = await ledger.errands(everything, day("04-30"), limit=1)
    (second,) = await ledger.errands(everything, day("04-30"), after=first.place, limit=1)
    assert (first.case_no, second.case_no) == (CASE_NO, OTHER_NO)
    assert await ledger.errands(everything, day("04-30"), after=second.place, limit=1) == []
    assert [each.case_no for each in await errands(views, "04-30", first_day=day("04-01"))] == [OTHER_NO]
    assert [each.case_no for each in await errands(views, "04-30", last_day=day("04-01"))] == [CASE_NO]
    assert [each.case_no for each in await errands(views, "04-30", is_late=True)] == [OTHER_NO]
    assert [each.case_no for each in await errands(views, "04-30", stream=STREAM)] == [CASE_NO]
    assert await errands(views, "04-30", point=county.POINT_XIA) == []
    assert len(await errands(views, "04-30", agent="a-agent")) == 2


async def test_each_point_adds_up(views):
    await enter_in_log(views)
    await record(views, *a_case_signed_by_the_hall())
    await record(views, *uploaded_late(), case_no=OTHER_NO)
    (point,) = await AgentLedger(views).by_point(Errands(), day("04-30"))
    assert (point.point_code, point.point_title) == (county.POINT_SHANG, "上河村代办点")
    assert (point.cases, point.errands, point.handed_in, point.late, point.returned) == (2, 2, 2, 1, 0)
    # 2 to 3 March, and 3 to 10 April without Qingming
    assert point.days_of_handed_in == 1 + 4


# ── certificates ────────────────────────────────────────────────────────────────────────────────────────────


async def certificates(views, today, **wanted):
    return await CertificatesRegister(views).certificates(Wanted(**wanted), day(today))


async def test_a_certificate_is_followed_from_the_decision_to_the_hand_that_took_it(views):
    await record(views, *a_delivered_case())
    (register,) = await certificates(views, "03-31")
    assert (register.certificate_no, register.title, register.issuer) == (
        "ZJD-1",
        "宅基地批准书",
        county.LAND_STATION,
    )
    assert (register.decided_on, register.issued_on, register.arrived_on, register.delivered_on) == (
        day("03-09"),
        day("03-10"),
        day("03-11"),
        day("03-12"),
    )
    assert (register.method, register.recipient_ref, register.identity_checked) == ("window", VILLAGER, True)
    assert (register.window_id, register.unit_code, register.state) == (
        county.TOWN_WINDOW,
        county.TOWN_CENTRE,
        "delivered",
    )
    # 10, 11, 12 March; ten working days are allowed
    assert (register.days_from_decision, register.due, register.late_days) == (3, day("03-23"), 0)


async def test_what_lies_at_the_hall_is_uncollected_and_late_after_ten_working_days(views):
    await record(views, *a_case_with_a_certificate(), deed(NotifyApplicant(method="短信"), "03-11 10:00"))
    (register,) = await certificates(views, "03-23", is_uncollected=True)
    assert (register.state, register.notified_on, register.days_from_decision, register.late_days) == (
        "not_collected",
        day("03-11"),
        10,
        0,
    )
    assert await certificates(views, "03-23", is_late=True) == []
    (register,) = await certificates(views, "03-24", is_late=True)
    assert register.late_days == 1


async def test_what_was_issued_and_never_came_to_the_hall_is_not_the_applicants_delay(views):
    await record(views, *an_approved_case(), deed(issuing(), "03-10 09:00", by=county.HANDLER_POST))
    (register,) = await certificates(views, "03-31")
    assert (register.state, register.late_days) == ("issued", 6)
    assert await certificates(views, "03-31", is_uncollected=True) == []


async def test_a_delivery_that_names_none_hands_out_all_that_were_issued(views):
    await record(
        views,
        *a_case_with_a_certificate(),
        deed(issuing("ZJD-2"), "03-11 09:30", by=county.HANDLER_POST),
        deed(delivering(), "03-12 09:00"),
    )
    assert [(each.certificate_no, each.delivered_on) for each in await certificates(views, "03-31")] == [
        ("ZJD-1", day("03-12")),
        ("ZJD-2", day("03-12")),
    ]


async def test_a_delivery_that_names_one_leaves_the_other_at_the_hall(views):
    await record(
        views,
        *a_case_with_a_certificate(),
        deed(issuing("ZJD-2"), "03-11 09:30", by=county.HANDLER_POST),
        deed(ReceiveCertificateAtHall(certificate_no="ZJD-2"), "03-11 10:00"),
        deed(delivering(certificate_nos=("ZJD-2",)), "03-12 09:00"),
    )
    (left,) = await certificates(views, "03-31", is_uncollected=True)
    assert (left.certificate_no, left.delivered_on) == ("ZJD-1", None)


async def test_what_an_agent_collected_says_when_the_applicant_had_it(views):
    back = ReturnToApplicant(certificate_nos=("ZJD-1",), signature_sha256=DIGEST)
    await record(views, *a_case_collected_by_the_agent(), deed(back, "03-13 09:00"))
    (register,) = await certificates(views, "03-31")
    assert (register.method, register.recipient_ref) == ("agent", AGENT)
    assert (register.collected_on, register.returned_on) == (day("03-12"), day("03-13"))


async def test_failed_attempts_are_counted(views):
    failed = deed(RecordFailedDelivery(reason="地址有误"), "03-12 09:00")
    courier = delivering(method=DeliveryMethod.courier, waybill_no="EMS1")
    await record(views, *a_case_with_a_certificate(), failed, deed(courier, "03-13 09:00"))
    (register,) = await certificates(views, "03-31")
    assert (register.failed_attempts, register.method, register.waybill_no) == (1, "courier", "EMS1")


async def test_a_delivery_told_late_is_unknown_before_and_timely_as_it_happened(views):
    late = deed(
        delivering(),
        "03-13 09:00",
        recorded="03-30 09:00",
        backfill=EXPLAINED.model_copy(update={"approved_by": "a-director"}),
    )
    await record(views, *a_case_with_a_certificate(), late)
    await look_back(views, known_at=at("03-26 18:00"))
    (register,) = await certificates(views, "03-26")
    assert (register.state, register.late_days) == ("not_collected", 3)
    await look_back(views, happened_by=at("03-26 18:00"))
    (register,) = await certificates(views, "03-26")
    assert (register.state, register.late_days) == ("delivered", 0)


async def test_after_reopening_a_certificate_counts_from_the_new_decision(views):
    await record(
        views,
        *a_concluded_case(),
        deed(Reopen(basis_document="法院判决"), "03-20 09:00"),
        deed(Approve(decision_no="2026-19"), "03-24 09:00"),
        deed(issuing("ZJD-2"), "03-25 09:00", by=county.HANDLER_POST),
    )
    first, second = await certificates(views, "03-31")
    assert (first.certificate_no, first.decided_on, first.state) == ("ZJD-1", day("03-09"), "delivered")
    assert (second.certificate_no, second.decided_on, second.state) == ("ZJD-2", day("03-24"), "issued")


async def test_the_register_is_filtered_and_read_page_by_page(views):
    await record(
        views, *a_case_with_a_certificate(), deed(issuing("ZJD-2"), "03-11 09:30", by=county.HANDLER_POST)
    )
    register, everything = CertificatesRegister(views), Wanted()
    (first,) = await register.certificates(everything, day("03-31"), limit=1)
    (second,) = await register.certificates(everything, day("03-31"), after=first.place, limit=1)
    assert (first.certificate_no, second.certificate_no) == ("ZJD-1", "ZJD-2")
    assert await register.certificates(everything, day("03-31"), after=second.place, limit=1) == []
    assert [each.certificate_no for each in await certificates(views, "03-31", certificate_no="ZJD-2")] == [
        "ZJD-2"
    ]
    assert [each.certificate_no for each in await certificates(views, "03-31", first_day=day("03-11"))] == [
        "ZJD-2"
    ]
    assert len(await certificates(views, "03-31", issuer=county.LAND_STATION, stream=STREAM)) == 2
    assert await certificates(views, "03-31", issuer=county.LAND) == []
    assert await certificates(views, "03-09") == []

"""统计: figures worked out by hand, of now and of other days; the definitions over the real log."""

from datetime import date
from itertools import product

import pytest

from domain.amendment import CorrectEvent, VoidEvent
from domain.case.acceptance.commands import AcceptCase, RefuseAcceptance
from domain.case.custody.commands import ForwardToStation, SignStationReceipt
from domain.case.decision.commands import Approve, CloseAsInstant
from domain.case.ending.commands import Conclude, Reopen, WithdrawCase
from domain.case.fees.commands import DisbursePayment
from domain.case.pauses.commands import EndSpecialProcedure
from projections.case_figures import Grouping, Statistics, Wanted
from projections.case_figures.holders import HolderGrouping, Holders
from projections.case_figures.rates import Rate
from projections.custody import CustodyLedger
from projections.periods import Period, Span
from projections.recordings import RecorderGrouping, Recordings
from projections.work_steps import StepGrouping, WorkSteps
from tests import county
from tests.examples import (
    EXPLAINED,
    a_case_collected_by_the_agent,
    a_case_handled,
    a_concluded_case,
    a_forwarded_case,
    a_legacy_case,
    a_received_case,
    a_rejected_case,
    a_returned_case,
    a_supplied_case,
    an_agents_approved_case,
    an_agents_case,
    an_approved_case,
    an_entrusted_case,
    completing,
    surveying,
)
from tests.spec import at, deed
from tests.views import defined_county, in_views, look_back, record

MARCH = (date(2026, 3, 1), date(2026, 3, 31))
END_OF_YEAR = date(2026, 12, 31)


@pytest.fixture(scope="module")
def county_of_views(postgres):
    with defined_county(postgres.dsn) as conninfo:
        yield conninfo


@pytest.fixture
async def views(county_of_views):
    async with in_views(county_of_views) as connection:
        yield connection


def number(serial):
    return f"6109991010002026030300{serial:03}X"


async def record_all(views, *stories):
    for serial, deeds in enumerate(stories, start=1):
        await record(views, *deeds, case_no=number(serial))


async def figure(views, span=MARCH, day=END_OF_YEAR, **only):
    (told,) = await Statistics(views).figures(Wanted(*span, day, only=only))
    return told


def an_instant_case(day="03-03"):
    return (
        *a_received_case(county.PROOF, f"{day} 09:00"),
        deed(AcceptCase(), f"{day} 09:30"),
        deed(CloseAsInstant(decision_no="ZM-1"), f"{day} 10:00"),
    )


def a_case_sent_on(day):
    return (
        deed(ForwardToStation(to_unit=county.LAND_STATION), f"{day} 09:00"),
        deed(SignStationReceipt(), f"{day} 10:00", by=county.HANDLER_POST),
    )


def a_withdrawn_case():
    return (
        *a_received_case(when="03-10 09:00"),
        deed(AcceptCase(), "03-10 09:30"),
        deed(WithdrawCase(reason="不办了"), "03-12 09:00"),
    )


def a_refused_case():
    refuse = RefuseAcceptance(reasons="不属本机关职权", remedies="向县局申请", reason_code="not-competent")
    return (*a_received_case(when="03-10 09:00"), deed(refuse, "03-10 10:00"))


# ── what is counted, where ──────────────────────────────────────────────────────────────────────────────────


async def test_every_case_is_counted_where_it_came_to(views):
    await record_all(
        views, an_instant_case(), a_concluded_case(), a_withdrawn_case(), a_refused_case(), a_case_handled()
    )
    told = (await figure(views)).counts
    assert (told.received, told.accepted, told.done) == (5, 4, 2)
    assert (told.refused, told.withdrawn, told.terminated) == (1, 1, 0)
    assert (told.decided, told.rejected) == (2, 0)
    assert (told.open, told.in_hand) == (1, 4)
    assert (told.instant_kind, told.same_day) == (1, 1)


async def test_the_rates_are_fractions_of_what_was_counted(views):
    await record_all(
        views, an_instant_case(), a_concluded_case(), a_withdrawn_case(), a_refused_case(), a_case_handled()
    )
    rates = (await figure(views)).rates
    assert rates["close_rate"] == Rate(2, 4, 5000)
    assert rates["done_per_accepted"] == Rate(2, 4, 5000)
    assert rates["refusals"] == Rate(1, 5, 2000)
    # approved on 9 March, four working days after acceptance; closed on the day: (4 + 0) / 2
    assert rates["average_days"] == Rate(4, 2, 20000)
    # 15 of 20 days promised, three times; what is closed on the spot has no legal limit
    assert rates["compression"].numerator * 4 == rates["compression"].denominator


async def test_what_is_open_at_the_end_of_each_month_adds_up(views):
    await record_all(views, an_instant_case(), a_concluded_case(), a_case_handled())
    wanted = Wanted(date(2026, 2, 1), date(2026, 4, 30), END_OF_YEAR, period=Period.month)
    february, march, april = await Statistics(views).figures(wanted)
    assert (february.counts.received, february.counts.open, february.counts.in_hand) == (0, 0, 0)
    assert (march.counts.accepted, march.counts.done, march.counts.open) == (3, 2, 1)
    assert (april.counts.accepted, april.counts.open, april.counts.in_hand) == (0, 1, 1)
    # 15 working days from 3 March end on 24 March
    assert (march.counts.open_overdue, april.counts.open_overdue) == (1, 1)
    assert (march.counts.first_day, april.counts.last_day) == (date(2026, 3, 1), date(2026, 4, 30))


async def test_an_overdue_case_is_open_and_overdue_only_from_the_day_behind_its_limit(views):
    await record_all(views, a_case_handled())
    due = date(2026, 3, 24)
    assert (await figure(views, (MARCH[0], due))).counts.open_overdue == 0
    assert (await figure(views, (MARCH[0], date(2026, 3, 25)))).counts.open_overdue == 1


async def test_a_reopened_case_is_done_when_it_ends_anew(views):
    reopened = (
        *a_concluded_case(),
        deed(Reopen(basis_document="复议决定", decide_by=date(2026, 4, 20)), "04-02 09:00"),
    )
    await record_all(views, reopened)
    assert (await figure(views)).counts.done == 0
    await look_back(views, known_at=at("04-01 00:00"))
    assert (await figure(views)).counts.done == 1


async def test_a_correction_counts_among_the_errors_of_what_is_done(views):
    correction = CorrectEvent(
        target_version=1,
        field="receipt_no",
        was="SJ-1",
        should_be="SJ-2",
        reason="笔误",
        approved_by="a-director",
    )
    await record_all(views, (*a_concluded_case(), deed(correction, "03-20 09:00")), an_instant_case())
    assert (await figure(views)).rates["errors"] == Rate(1, 2, 5000)
    await look_back(views, known_at=at("03-19 00:00"))
    assert (await figure(views)).rates["errors"] == Rate(0, 2, 0)


async def test_notices_transfers_and_trips_are_those_of_the_case(views):
    await record_all(views, a_supplied_case(), a_concluded_case(), a_returned_case())
    told = await figure(views)
    assert (told.counts.notices, told.counts.noticed_cases, told.rates["once"]) == (1, 1, Rate(1, 1, 10000))
    # of the one that is done: one transfer signed for, there on 3 and 12 March
    assert (told.counts.hops, told.counts.returns, told.counts.trips) == (1, 0, 2)


async def test_who_comes_through_the_agent_makes_no_trips(views):
    done = (*a_case_collected_by_the_agent(), deed(Conclude(result="准予"), "03-12 10:00"))
    await record_all(views, done)
    told = (await figure(views)).counts
    assert (told.done, told.trips) == (1, 0)
    # picked up on Monday 2 March, signed for on Tuesday
    assert (told.agent_cases, told.agent_legs, told.agent_days, told.agent_late) == (1, 1, 1, 0)
    assert (await figure(views, point=county.POINT_SHANG)).counts.received == 1
    assert (
        await Statistics(views).figures(Wanted(*MARCH, END_OF_YEAR, only={"point": county.POINT_XIA})) == []
    )


async def test_an_agents_leg_is_that_of_custody(views):
    stories = (
        an_entrusted_case(),
        an_agents_case(),
        an_agents_approved_case(),
        a_case_collected_by_the_agent(),
    )
    await record_all(views, *stories)
    streams = [f"case:{number(serial)}" for serial in range(1, 5)]
    legs = await CustodyLedger(views).agent_legs(streams, END_OF_YEAR)
    cursor = await views.execute(
        "select case_no, picked_up_on, signed_on from case_figures where picked_up_on is not null order by 1"
    )
    assert await cursor.fetchall() == [(leg.case_no, leg.picked_up_on, leg.signed_on) for leg in legs]


async def test_a_rejection_is_decided_and_no_refusal(views):
    await record_all(views, a_rejected_case())
    assert (await figure(views)).rates["rejections"] == Rate(1, 1, 10000)


async def test_payments_count_in_the_month_in_which_they_were_made(views):
    paying = DisbursePayment(amount_fen=30_000, batch_no="FF-3")
    again = DisbursePayment(amount_fen=20_000, batch_no="FF-4")
    await record_all(
        views,
        (
            *an_approved_case(),
            deed(paying, "03-30 09:00", by=county.HANDLER_POST),
            deed(again, "04-02 09:00", by=county.HANDLER_POST),
        ),
    )
    march, april = await figure(views), await figure(views, (date(2026, 4, 1), date(2026, 4, 30)))
    assert (march.counts.paid_fen, march.counts.paid_households) == (30_000, 1)
    assert (april.counts.paid_fen, april.counts.paid_households) == (20_000, 1)


async def test_the_days_inside_a_unit_are_those_of_custody_without_pauses(views):
    surveyed = (
        *a_received_case(when="03-02 09:00"),
        deed(AcceptCase(), "03-02 09:30"),
        deed(ForwardToStation(to_unit=county.LAND_STATION, to_post=county.HANDLER_POST), "03-03 10:00"),
        deed(SignStationReceipt(), "03-04 09:00", by=county.HANDLER_POST),
        deed(surveying(), "03-05 14:00"),
        deed(EndSpecialProcedure(result="四至清楚"), "03-10 16:00"),
        deed(completing("CB"), "03-11 09:00", by=county.HANDLER_POST),
        deed(Approve(decision_no="XK-1"), "03-12 09:00"),
        deed(Conclude(result="准予"), "03-13 09:00"),
    )
    await record_all(views, surveyed, an_instant_case())
    window, station = sorted(
        await Holders(views).held(HolderGrouping.unit, Span(*MARCH)),
        key=lambda held: held.key != county.TOWN_CENTRE,
    )
    # held on 3 March, on its way on the 4th; the instant case took no day
    assert (window.cases, window.held_days, window.transit_days, window.average_per_10000) == (2, 1, 1, 10000)
    # 5, 11, 12 and 13 March; 6, 9 and 10 March were the survey's
    assert (station.key, station.cases, station.held_days) == (county.LAND_STATION, 1, 4)
    weeks = await Holders(views).held(HolderGrouping.unit, Span(*MARCH, Period.week))
    told = [(each.key, each.first_day.day, each.last_day.day, each.held_days) for each in weeks]
    # each case in the week of its end; the station had nothing to do with the instant one
    assert sorted(told) == [
        (county.LAND_STATION, 9, 15, 4),
        (county.TOWN_CENTRE, 2, 8, 0),
        (county.TOWN_CENTRE, 9, 15, 1),
    ]


# ── told apart, and ranked ──────────────────────────────────────────────────────────────────────────────────


async def test_small_numbers_are_shown_and_never_ranked(views):
    await record_all(views, *(an_instant_case() for _ in range(9)))
    (window,) = await Statistics(views).figures(Wanted(*MARCH, END_OF_YEAR, by=Grouping.window))
    assert (window.key, window.rates["same_day"]) == (county.TOWN_WINDOW, Rate(9, 9, 10000, rank=None))
    await record(views, *an_instant_case(), case_no=number(10))
    (window,) = await Statistics(views).figures(Wanted(*MARCH, END_OF_YEAR, by=Grouping.window))
    assert window.rates["same_day"] == Rate(10, 10, 10000, rank=1)


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        (Grouping.item, [county.PROOF, county.HOMESTEAD]),
        (Grouping.kind, ["instant", "promised"]),
        (Grouping.hall, [county.TOWN_CENTRE]),
        (Grouping.person, ["a-town-clerk"]),
        (Grouping.channel, ["1"]),
        (Grouping.routing, ["single"]),
        (Grouping.point, [None]),
    ],
)
async def test_figures_are_told_apart(views, by, keys):
    await record_all(views, an_instant_case(), a_concluded_case())
    told = await Statistics(views).figures(Wanted(*MARCH, END_OF_YEAR, by=by))
    assert sorted(figure.key or "" for figure in told) == sorted(key or "" for key in keys)
    assert sum(figure.counts.received for figure in told) == 2


# ── steps, handovers, late records ──────────────────────────────────────────────────────────────────────────


async def test_a_step_of_another_unit_than_the_one_before_is_a_handover(views):
    await record_all(views, a_case_handled())
    kinds = {kind.key: kind.steps for kind in await WorkSteps(views).counts(StepGrouping.kind, *MARCH)}
    assert kinds == {"receipt": 1, "CB": 1, "SH": 1}
    (pair,) = await WorkSteps(views).handovers(*MARCH)
    assert (pair.from_unit, pair.to_unit, pair.handovers) == (county.TOWN_CENTRE, county.LAND_STATION, 1)


async def test_late_records_are_those_with_a_reason_and_their_lag_is_in_working_days(views):
    late = deed(AcceptCase(), "03-03 09:30", recorded="03-09 09:00", backfill=EXPLAINED)
    await record_all(views, (*a_received_case(), late))
    (clerk,) = await recorded(views, *MARCH, RecorderGrouping.person)
    # 4, 5, 6 and 9 March
    assert (clerk.events, clerk.backfilled, clerk.median_lag_days, clerk.longest_lag_days) == (2, 1, 4, 4)
    assert clerk.per_10000 == 5000
    assert await recorded(views, date(2026, 4, 1), date(2026, 4, 30)) == []


async def recorded(views, first, last, by=None, period=Period.whole, **told):
    return await Recordings(views).counts(by, Span(first, last, period), **{"upto": 99} | told)


async def test_late_records_are_told_in_the_period_of_their_recording(views):
    """Accepted on Friday 27 February, told on Tuesday 3 March: 28 February is a working day, 2 March, 3 March."""
    late = deed(AcceptCase(), "02-27 09:30", recorded="03-03 09:00", backfill=EXPLAINED)
    await record_all(views, (*a_received_case(when="02-27 09:00"), late, *a_case_sent_on("04-01")))
    span = (date(2026, 2, 15), date(2026, 4, 20))
    february, march, april = await recorded(views, *span, period=Period.month)
    assert [(each.events, each.backfilled) for each in (february, march, april)] == [(1, 0), (1, 1), (2, 0)]
    assert (february.first_day, february.last_day) == (date(2026, 2, 15), date(2026, 2, 28))
    assert (april.first_day, april.last_day) == (date(2026, 4, 1), date(2026, 4, 20))
    assert (march.longest_lag_days, march.per_10000) == (3, 10000)
    # a day on which nothing was recorded has no line
    days = await recorded(views, *span, period=Period.day)
    assert [each.first_day for each in days] == [date(2026, 2, 27), date(2026, 3, 3), date(2026, 4, 1)]


async def test_late_records_are_told_apart_by_item_and_village_point(views):
    late = deed(AcceptCase(), "03-03 09:30", recorded="03-09 09:00", backfill=EXPLAINED)
    await record_all(views, (*a_received_case(), late), an_instant_case(), an_agents_case())
    items = {each.key: each for each in await recorded(views, *MARCH, RecorderGrouping.item)}
    assert (items[county.PROOF].events, items[county.PROOF].backfilled) == (3, 0)
    assert items[county.HOMESTEAD].backfilled == 1
    points = {each.key: each for each in await recorded(views, *MARCH, RecorderGrouping.point)}
    assert points.keys() == {county.POINT_SHANG, None}
    assert (points[None].events, points[None].backfilled) == (5, 1)


async def test_the_trail_counts_recordings_as_the_log_does(views):
    late = deed(AcceptCase(), "03-03 09:30", recorded="03-09 09:00", backfill=EXPLAINED)
    told = {"reason": "误录", "approved_by": "a-director"}
    moved = CorrectEvent(
        target_version=2,
        field="occurred_at",
        was="2026-03-03T09:30:00+08:00",
        should_be="2026-03-05T09:30:00+08:00",
        **told,
    )
    corrected = (*a_received_case(), late, deed(moved, "03-10 09:00"))
    forgotten = (*a_forwarded_case(), deed(VoidEvent(target_version=2, **told), "03-20 09:00"))
    await record_all(views, corrected, forgotten, a_legacy_case())
    for by, period in product((None, *RecorderGrouping), (Period.whole, Period.week)):
        span = (date(2024, 1, 1), END_OF_YEAR)
        in_log = await recorded(views, *span, by, period)
        assert await recorded(views, *span, by, period, is_in_trail=True) == in_log
        # 6 and 9 March: by the corrected time
        assert [each.longest_lag_days for each in in_log if each.backfilled] == [2]

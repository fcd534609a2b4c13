"""预警统计: how many signals were raised, about whom, and what became of them; the definitions over the real log."""

from datetime import date

import pytest

from domain.application import Keeper, Occasion
from domain.signal import SIGNAL
from domain.signal.commands import AnswerSignal, RaiseSignal, ReplyToSignal, UpholdSignal, WithdrawSignal
from domain.signal.values import Light, RuleCode, WithdrawalReason
from domain.store.memory import MemoryLog
from projections.periods import Period, Span
from projections.signals.counts import SignalCounts, SignalGrouping
from tests import county
from tests.examples import a_received_case
from tests.spec import CLOCK, at, the_county
from tests.views import CASE_NO, defined_county, in_views, insert, look_back, record

SPRING = (date(2026, 3, 1), date(2026, 4, 30))
STATION = county.actor_at(county.HANDLER_POST)
SUPERVISION = county.actor_at(county.SUPERVISION_POST)
REPLY = ReplyToSignal(reply="已催办")
UPHOLD = UpholdSignal(findings="未书面告知")


@pytest.fixture(scope="module")
def county_of_views(postgres):
    with defined_county(postgres.dsn) as conninfo:
        yield conninfo


@pytest.fixture
async def views(county_of_views):
    """Three signals about the station, one about the town's window that supervision withdrew."""
    async with in_views(county_of_views) as connection:
        await record(connection, *a_received_case(county.HOMESTEAD, "02-26 09:00"))
        await supervise(
            connection, RuleCode.over_promise, Light.yellow, "03-02", (REPLY, "03-05"), (UPHOLD, "03-06")
        )
        # asked for by Friday the 6th, answered on Monday
        await supervise(
            connection, RuleCode.over_law, Light.red, "03-03", (REPLY, "03-09"), (UPHOLD, "03-10")
        )
        await supervise(connection, RuleCode.due_soon, Light.prewarning, "04-01")
        dropped = WithdrawSignal(reason=WithdrawalReason.calendar, explanation="按工作日历未超期")
        await supervise(
            connection,
            RuleCode.handoff_stuck,
            Light.yellow,
            "03-03",
            (dropped, "03-04"),
            unit=county.TOWN_CENTRE,
        )
        yield connection


async def supervise(connection, rule, light, day, *answers, unit=county.LAND_STATION):
    """Raised by the watch on the day, then what was said to it, by the station or by supervision."""
    log = MemoryLog(lambda: moment)
    keeper = Keeper(log, the_county())
    signal = RaiseSignal(
        rule_code=rule,
        light=light,
        subject=f"case:{CASE_NO}",
        case_no=CASE_NO,
        facts=(1,),
        state_on=date(2026, int(day[:2]), int(day[3:])),
        unit_code=unit,
    )
    for command, when in ((signal, day), *answers):
        moment = at(f"{when} 09:00")
        told = command if command is signal else AnswerSignal(answer=command)
        who = CLOCK if command is signal else STATION if command is REPLY else SUPERVISION
        await keeper.handle(SIGNAL, signal.signal_no, told, Occasion(who, moment), key=None, digest=b"")
    await insert(connection, log.events)


async def counts(views, by=None, period=Period.whole):
    return await SignalCounts(views).counts(by, Span(*SPRING, period))


async def test_what_was_upheld_and_answered_in_time_is_told_month_by_month(views):
    march, april = [
        each
        for each in await counts(views, SignalGrouping.unit, Period.month)
        if each.key == county.LAND_STATION
    ]
    assert (march.raised, march.yellow, march.red) == (2, 1, 1)
    assert (march.upheld_yellow, march.upheld_red, march.signals_withdrawn) == (1, 1, 0)
    assert (march.asked_to_reply, march.replied_in_time) == (2, 1)
    assert (march.rectified_per_10000, march.answered_per_10000) == (5000, 5000)
    assert (march.first_day, march.last_day) == (date(2026, 3, 1), date(2026, 3, 31))
    # nobody is asked to reply to a pre-warning
    assert (april.raised, april.prewarning, april.asked_to_reply) == (1, 1, 0)
    assert (april.rectified_per_10000, april.answered_per_10000) == (0, None)


async def test_a_reply_that_nobody_asked_for_answers_nothing_that_was_asked(views):
    """A yellow light of the 7th is not replied to; to a notice the station says something of its own accord."""
    await supervise(views, RuleCode.step_over, Light.yellow, "04-07")
    await supervise(views, RuleCode.late_record, Light.notice, "04-08", (REPLY, "04-09"))
    (april,) = [each for each in await counts(views, period=Period.month) if each.first_day.month == 4]
    assert (april.raised, april.asked_to_reply, april.replied_in_time) == (3, 1, 1)
    assert (april.rectified_per_10000, april.answered_per_10000) == (3333, 0)


async def test_a_withdrawn_signal_was_raised_and_is_nobodys_yellow_card(views):
    (window,) = [each for each in await counts(views, SignalGrouping.unit) if each.key == county.TOWN_CENTRE]
    assert (window.raised, window.yellow, window.upheld_yellow, window.signals_withdrawn) == (1, 1, 0, 1)


async def test_what_stood_open_then_was_not_upheld_yet(views):
    await look_back(views, known_at=at("03-05 12:00"))
    (all_together,) = await counts(views)
    assert (all_together.raised, all_together.replied_in_time) == (3, 1)
    assert (all_together.upheld_yellow, all_together.upheld_red) == (0, 0)


@pytest.mark.parametrize(
    ("by", "raised"),
    [
        (None, {None: 4}),
        (SignalGrouping.rule, {"T02": 1, "T03": 1, "T04": 1, "T08": 1}),
        (SignalGrouping.item, {county.HOMESTEAD: 4}),
        (SignalGrouping.hall, {county.TOWN_CENTRE: 4}),
        (SignalGrouping.kind, {"promised": 4}),
        (SignalGrouping.point, {None: 4}),
        (SignalGrouping.window, {None: 4}),
        (SignalGrouping.post, {None: 4}),
        (SignalGrouping.person, {None: 4}),
    ],
)
async def test_signals_are_told_apart(views, by, raised):
    assert {each.key: each.raised for each in await counts(views, by)} == raised

"""The watch at work in a running county: what it finds stands in the log, once, whoever looks how often."""

import asyncio

import pytest

from domain.case import CASE
from domain.case.acceptance.commands import AcceptCase
from domain.case.acceptance.events import CaseDeemedAccepted
from domain.case.decision.commands import Approve
from domain.signal import SIGNAL
from domain.signal.events import SignalRaised
from tests import county
from tests.examples import VOUCHED, a_received_case, an_accepted_case
from tests.playing import number_for
from tests.spec import at, deed
from tests.told_time import a_served_county, play
from tests.watched import a_watchman, built, events, head, looked


@pytest.fixture
async def served(database18):
    async with a_served_county(database18) as served:
        await built(served)
        yield served


CASE_NO = number_for(a_received_case()[0])


async def test_a_day_later_it_raises_what_has_become_so_and_nothing_twice(served):
    await play(served, {CASE_NO: an_accepted_case()})
    async with a_watchman(served) as watchman:
        assert await looked(served, watchman, "03-18 08:00") == {}
        assert await looked(served, watchman, "03-19 08:00") == {"T02": 1}
        assert await looked(served, watchman, "03-19 12:00") == {}
        assert await looked(served, watchman, "03-20 08:00") == {}
        assert await looked(served, watchman, "03-25 00:01") == {"T03": 1}
        assert await looked(served, watchman, "04-01 00:01") == {"T04": 1}
        assert await looked(served, watchman, "06-01 00:01") == {}
    raised = [each["fact"] for each in await events(served, SignalRaised) if each["fact"].get("case_no")]
    assert [(fact["rule_code"], fact["light"], fact["state_on"]) for fact in raised] == [
        ("T02", "prewarning", "2026-03-19"),
        ("T03", "yellow", "2026-03-25"),
        ("T04", "red", "2026-04-01"),
    ]
    assert raised[2]["figures"] == [
        {"what": "limit_days", "value": 20},
        {"what": "used_days", "value": 21},
        {"what": "over_days", "value": 1},
    ]


async def test_a_process_that_starts_anew_and_several_at_once_raise_nothing_twice(served):
    await play(served, {CASE_NO: an_accepted_case()})
    served.time.set(at("04-01 08:00"))
    end = await head(served)
    async with a_watchman(served) as one, a_watchman(served) as other, a_watchman(served) as third:
        rounds = await asyncio.gather(*(each.round(end) for each in (one, other, third)))
    assert sum(made.raised["T04"] for made in rounds) == 1
    assert [made.refused for made in rounds] == [{}, {}, {}]
    async with a_watchman(served) as late:
        assert await looked(served, late, "04-01 09:00") == {}
    numbers = [event["stream"] for event in await events(served, SignalRaised)]
    assert len(numbers) == len(set(numbers))


async def test_silence_is_turned_into_acceptance_from_the_day_of_receipt(served):
    """Received on 3 March; nothing said by the end of the 10th."""
    await play(served, {CASE_NO: a_received_case()})
    async with a_watchman(served) as watchman:
        assert await looked(served, watchman, "03-10 23:59") == {}
        assert await events(served, CaseDeemedAccepted) == []
        assert await looked(served, watchman, "03-11 00:01") == {"T01": 1}
        (deemed,) = await events(served, CaseDeemedAccepted)
        assert await looked(served, watchman, "03-11 00:02") == {}
        assert await looked(served, watchman, "03-12 00:01") == {}
    assert deemed["envelope"]["actor"] == {"staff_id": "clock", "role": "clock"}
    assert (deemed["fact"]["acceptance_date"], deemed["fact"]["promise_due"]) == ("2026-03-03", "2026-03-24")
    assert len(await events(served, CaseDeemedAccepted)) == 1


async def test_q6_the_signal_of_14_may_stays_when_the_approval_is_recorded_late(served):
    """Accepted 27 April, ten days: due 13 May. Approved on the 8th, told on the 15th by whoever should have told it."""
    accepted = (
        *a_received_case(county.PERMIT, "04-27 09:00"),
        deed(AcceptCase(), "04-27 09:30"),
    )
    case_no = number_for(accepted[0])
    await play(served, {case_no: accepted})
    async with a_watchman(served) as watchman:
        assert await looked(served, watchman, "05-14 08:00") == {"T03": 1}
        late = deed(
            Approve(decision_no="2026-6"),
            "05-08 16:00",
            recorded="05-15 09:00",
            backfill=VOUCHED,
        )
        await served.record(case_no, late)
        assert await looked(served, watchman, "05-15 10:00") == {"P08": 1}
    (overdue,) = [
        each["fact"] for each in await events(served, SignalRaised) if each["fact"]["rule_code"] == "T03"
    ]
    assert (overdue["due"], overdue["state_on"]) == ("2026-05-13", "2026-05-14")
    signal = (await served.keeper.load(SIGNAL, next(iter(await numbers_of(served, "T03"))))).state
    assert signal.status == "raised"
    case = (await served.keeper.load(CASE, case_no)).state
    assert case.decision.decided_on.isoformat() == "2026-05-08"


async def numbers_of(served, rule):
    raised = await events(served, SignalRaised)
    return [each["stream"].partition(":")[2] for each in raised if each["fact"]["rule_code"] == rule]


async def test_idle_windows_are_noticed_on_the_first_round_of_a_day(served):
    """Four windows since 2020, and nobody has come yet."""
    served.time.set(at("03-03 08:00"))
    async with a_watchman(served) as watchman:
        made = await watchman.round(await head(served))
        assert made.raised == {"Z01": 4}
        again = await watchman.round(await head(served))
        assert again.raised == {}
        served.time.set(at("03-04 08:00"))
        assert (await watchman.round(await head(served))).raised == {}

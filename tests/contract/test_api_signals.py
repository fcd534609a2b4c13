"""监察预警 over HTTP: what the watch says, answered by the unit, decided by supervision; and what it would have said."""

import pytest

from api.signals import SignalLedger, SignalShown, SignalsOfCase
from api.watch import Findings
from domain.case.acceptance.commands import AcceptCase
from domain.case.custody.commands import ForwardToStation, SignStationReceipt
from domain.case.decision.commands import Approve
from tests import county
from tests.examples import VOUCHED, a_received_case, an_accepted_case
from tests.playing import named, number_for
from tests.spec import at, deed
from tests.told_time import a_served_county, play
from tests.watched import Hall, a_watchman, built

CASE_NO = number_for(a_received_case()[0])
FORWARD = ForwardToStation(to_unit=county.LAND_STATION, to_post=county.HANDLER_POST)
Q6 = (
    *a_received_case(county.PERMIT, "04-27 09:00"),
    deed(AcceptCase(), "04-27 09:30"),
    deed(FORWARD, "04-27 09:40"),
    deed(SignStationReceipt(), "04-27 09:50", by=county.HANDLER_POST),
    deed(Approve(decision_no="2026-6"), "05-08 16:00", recorded="05-15 09:00", backfill=VOUCHED),
)
Q6_NO = number_for(Q6[0])


@pytest.fixture
async def hall(database18):
    async with a_served_county(database18) as served:
        await built(served)
        async with a_watchman(served) as watchman:
            yield Hall(served, watchman)


REPLY = {"type": "reply_to_signal", "reply": "已催办"}
APPEAL = {"type": "appeal_signal", "grounds": "应扣除勘察时间"}
UPHOLD = {"type": "uphold_signal", "findings": "未书面告知"}
WITHDRAW = {"type": "withdraw_signal", "reason": "calendar", "explanation": "按工作日历未超期"}
FORWARDED = (*an_accepted_case(), *(deed(each.command, f"03-03 10:{n}0", by=each.by) for n, each in enumerate((
    deed(FORWARD, "03-03 10:00"), deed(SignStationReceipt(), "03-03 10:10", by=county.HANDLER_POST)
))))  # fmt: skip


async def test_a_signal_is_raised_answered_appealed_and_withdrawn_and_stays(hall):
    """Due 24 March; raised on Wednesday the 25th, a reply until Monday the 30th."""
    await play(hall.served, {CASE_NO: FORWARDED})
    await hall.look("03-25 00:01")
    (raised,) = await hall.signals(rule="T03")
    assert (raised["light"], raised["state"], raised["unit_code"]) == (
        "yellow",
        "raised",
        county.LAND_STATION,
    )
    assert (raised["due"], raised["state_on"], raised["reply_due"]) == (
        "2026-03-24",
        "2026-03-25",
        "2026-03-30",
    )
    assert (raised["raised_by_role"], raised["waiting_days"], raised["is_reply_late"]) == ("clock", 0, False)
    number = raised["signal_no"]

    hall.served.time.set(at("03-31 09:00"))
    (waiting,) = await hall.signals(rule="T03")
    assert (waiting["waiting_days"], waiting["is_reply_late"]) == (4, True)
    assert await hall.signals(rule="T03", is_reply_late="false") == []

    assert (await hall.act(number, REPLY, county.TOWN_CLERK_POST)).status_code == 403
    assert (await hall.act(number, UPHOLD, county.HANDLER_POST)).status_code == 403
    replied = await hall.act(number, REPLY, county.HANDLER_POST, match='"1"')
    assert (replied.status_code, replied.headers["etag"]) == (201, '"2"')
    stale = await hall.act(number, APPEAL, county.HANDLER_POST, match='"1"')
    assert stale.status_code == 412
    assert (await hall.act(number, APPEAL, county.HANDLER_POST, match='"2"')).status_code == 201
    (appealed,) = await hall.signals(state="appealed")
    assert (appealed["reply_days"], appealed["is_reply_late"], appealed["waiting_days"]) == (4, True, None)

    assert (await hall.act(number, WITHDRAW, county.SUPERVISION_POST)).status_code == 201
    (withdrawn,) = await hall.signals(unit=county.LAND_STATION)
    assert (withdrawn["state"], withdrawn["withdrawal_reason"]) == ("withdrawn", "calendar")
    again = await hall.act(number, REPLY, county.HANDLER_POST)
    assert (again.status_code, again.json()["type"]) == (409, "urn:jiandu:problem:signal-decided")
    await hall.look("04-01 00:01")
    assert [each["rule_code"] for each in await hall.signals()] == ["T04", "T03"]


async def test_one_signal_tells_its_history_and_the_events_it_stands_on(hall):
    await play(hall.served, {CASE_NO: an_accepted_case()})
    await hall.look("03-25 00:01")
    (raised,) = await hall.signals(rule="T03")
    shown = await hall.read(f"/v1/signals/{raised['signal_no']}")
    SignalShown.model_validate(shown)
    assert (shown["version"], [event["topic"] for event in shown["history"]]) == (1, ["signal.raised.v1"])
    (fact,) = shown["facts"]
    assert (fact["topic"], fact["stream"]) == ("case.accepted.v1", f"case:{CASE_NO}")
    assert fact["position"] == raised["facts"][0]

    of_case = await hall.read(f"/v1/cases/{CASE_NO}/signals")
    SignalsOfCase.model_validate(of_case)
    assert [each["rule_code"] for each in of_case["signals"]] == ["T03"]


async def who_decided_closes_none(hall, case_no):
    """公务员法 Art. 76: read from the case's own history, whatever post the person acts at."""
    (raised, *_) = (await hall.read(f"/v1/cases/{case_no}/signals"))["signals"]
    refused = await hall.act(raised["signal_no"], REPLY, county.APPROVER_POST)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:jiandu:problem:decided-the-case")
    assert refused.json()["title"]


async def test_q6_as_known_on_14_may_the_signal_stood_and_it_stands_after_the_late_approval(hall):
    *before, late = Q6
    await play(hall.served, {Q6_NO: before})
    await hall.look("05-14 08:00")
    await hall.served.record(Q6_NO, late)
    await hall.look("05-15 10:00")
    await who_decided_closes_none(hall, Q6_NO)
    signals = (await hall.read(f"/v1/cases/{Q6_NO}/signals"))["signals"]
    assert [(each["rule_code"], each["light"], each["state"]) for each in signals] == [
        ("T03", "yellow", "raised"),
        ("P08", "red", "raised"),
    ]
    known = await hall.read(f"/v1/cases/{Q6_NO}/signals", known_at="2026-05-14T12:00:00+08:00")
    assert [each["rule_code"] for each in known["signals"]] == ["T03"]

    then = await hall.read("/v1/watch", known_at="2026-05-14T12:00:00+08:00")
    Findings.model_validate(then)
    assert (then["basis"]["mode"], then["basis"]["day"]) == ("as_known", "2026-05-14")
    (found,) = then["findings"]
    assert (found["rule_code"], found["due"], found["over_days"], found["is_raised"]) == (
        "T03",
        "2026-05-13",
        1,
        True,
    )
    assert then["tallies"] == [{"rule_code": "T03", "light": "yellow", "findings": 1, "raised": 1}]
    before_due = await hall.read("/v1/watch", known_at="2026-05-13T12:00:00+08:00", rule="T03")
    assert before_due["findings"] == []
    happened = await hall.read("/v1/watch", happened_by="2026-05-14T12:00:00+08:00", rule="T03")
    assert happened["findings"] == []
    now = await hall.read("/v1/watch", is_new="true")
    assert now["findings"] == []


async def test_q3_supervision_raises_what_a_spreadsheet_said_and_withdraws_it_for_the_calendar(hall):
    """Accepted 12 February, five days, done on the 26th: the office's Mon–Fri says overdue from 20 February."""
    accepted = (*a_received_case(county.SUBSIDY, "02-12 09:00"), deed(AcceptCase(), "02-12 09:30"))
    case_no = number_for(accepted[0])
    await play(hall.served, {case_no: accepted})
    await hall.look("02-20 08:00")
    assert await hall.signals() == []
    position = hall.served.position - len((await hall.read("/v1/watch"))["idle_windows"])
    said = {
        "type": "raise_signal",
        "rule_code": "T03",
        "light": "yellow",
        "subject": f"case:{case_no}",
        "case_no": case_no,
        "facts": [position],
        "due": "2026-02-19",
        "state_on": "2026-02-20",
        "unit_code": county.TOWN_CENTRE,
    }
    headers = {"X-Jiandu-Speaks-For": named(county.actor_at(county.SUPERVISION_POST))}
    raised = await hall.served.client.post("/v1/signals", json={"action": said}, headers=headers)
    assert raised.status_code == 201, raised.text
    repeated = await hall.served.client.post("/v1/signals", json={"action": said}, headers=headers)
    assert (repeated.status_code, repeated.json()["events"]) == (200, [])
    clerk = {"X-Jiandu-Speaks-For": named(county.actor_at(county.TOWN_CLERK_POST))}
    assert (
        await hall.served.client.post("/v1/signals", json={"action": said}, headers=clerk)
    ).status_code == 403
    number = raised.json()["signal_no"]
    withdrawn = await hall.act(number, WITHDRAW, county.SUPERVISION_POST, match='"1"')
    assert withdrawn.status_code == 201
    (row,) = await hall.signals(case=case_no)
    assert (row["state"], row["withdrawal_reason"], row["raised_by_role"]) == (
        "withdrawn",
        "calendar",
        "supervision",
    )


async def test_the_ledger_has_the_fields_of_the_national_standard(hall):
    await play(hall.served, {CASE_NO: FORWARDED})
    await hall.look("04-01 00:01")
    ledger = await hall.read("/v1/ledgers/signals", rule="T04")
    SignalLedger.model_validate(ledger)
    (row,) = ledger["rows"]
    assert len(row["signal_no"]) == 20
    del row["signal_no"], row["issued_at"], row["raised_position"]
    assert row == {
        "case_no": CASE_NO,
        "matter": "T04 行政许可法 Art. 42",
        "unit_code": county.LAND_STATION,
        "unit_title": "白鹤镇国土所",
        "class_code": "01",
        "rule_code": "T04",
        "warning_code": "2",
        "state_on": "2026-04-01",
        "result": "未反馈",
        "department": "白鹤镇国土所",
    }


async def test_a_page_goes_on_where_the_last_one_ended(hall):
    await hall.look("03-03 08:00")
    listed = []
    after = {}
    while True:
        page = await hall.read("/v1/signals", limit=1, rule="Z01", **after)
        listed += [each["subject"] for each in page["signals"]]
        if page["next_after"] is None:
            break
        after = {"after": page["next_after"]}
    assert sorted(listed) == ["window:C-01", "window:T-03", "window:T-05", "window:T-06"]


async def test_what_cannot_be_asked_is_told_so(hall):
    client = hall.served.client
    unknown = await client.get("/v1/signals/T03-0000000000000000")
    assert (unknown.status_code, unknown.json()["type"]) == (404, "urn:jiandu:problem:signal-unknown")
    assert (await client.get("/v1/signals/no-signal")).status_code == 404
    assert (await client.get("/v1/signals", params={"rule": "T99"})).status_code == 422
    assert (await client.get("/v1/signals", params={"light": "blue"})).status_code == 422
    assert (await client.get("/v1/signals", params={"after": "?"})).status_code == 422
    assert (await client.get("/v1/watch", params={"day": "2026-13-01"})).status_code == 422
    assert (await client.get(f"/v1/cases/{CASE_NO}/signals")).status_code == 404
    answer = await hall.act("T03-0000000000000000", REPLY, county.HANDLER_POST)
    assert answer.status_code == 404
    no_match = await client.post("/v1/signals/T03-0000000000000000/actions", json={"action": REPLY})
    assert no_match.status_code == 428

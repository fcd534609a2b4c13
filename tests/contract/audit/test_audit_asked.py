"""The audit trail by filters, orders and pages, as of another day, and what cannot be asked."""

import json

import pytest

from projections.audit import AUDIT
from projections.engine import differences
from tests import county
from tests.audited import entered_late, entry, misread, positions, put, through_the_agent
from tests.contract.test_guides import BLOCK, ROOT, as_told, assert_holds
from tests.examples import receiving
from tests.projected import told
from tests.reads import CASE_NO, OTHER_NO
from tests.spec import deed


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"person": "a-agent"}, [1, 2, 3]),
        ({"person": "a-town-clerk", "topic": "case.received.v1"}, [5, 10]),
        ({"approver": "a-director"}, [7, 8, 9, 13, 14]),
        ({"post": county.HANDLER_POST}, [12]),
        ({"window": county.TOWN_WINDOW, "until": 6}, [4, 5, 6]),
        ({"unit": county.LAND_STATION}, [12, 13]),
        ({"item": county.PERMIT}, list(range(1, 15))),
        ({"item": county.HOMESTEAD}, []),
        ({"case_no": OTHER_NO}, [10, 11, 12, 13, 14]),
        ({"stream": f"case:{CASE_NO}", "after": 7}, [8, 9]),
        ({"topic": "event.corrected.v1"}, [7, 8, 14]),
        ({"channel": "93"}, [1, 2]),
        ({"channel": "2"}, [10]),
        ({"device": "DB-1"}, [1, 2]),
        ({"mark": "P08"}, [1, 2, 13]),
        ({"mark": "amendment"}, [7, 8, 9, 14]),
        ({"mark": "corrected"}, [5, 13]),
        ({"mark": "voided"}, [6]),
        ({"recorded_from": "2026-04-13", "recorded_to": "2026-04-14"}, [7, 8]),
        ({"recorded_to": "2026-04-09"}, [1, 2]),
        ({"occurred_from": "2026-05-08", "occurred_to": "2026-05-08"}, [13]),
        ({"occurred_to": "2026-04-03"}, [1, 2]),
        ({"after": 3, "until": 5}, [4, 5]),
        ({"person": "a-agent", "mark": "P08", "recorded_to": "2026-04-08"}, []),
    ],
)
async def test_every_condition_that_is_given_holds(trail, query, expected):
    assert await positions(trail, **query) == expected


async def test_the_trail_can_be_read_in_the_order_in_which_things_were_said_to_happen(own):
    await own.insert(*entered_late()[:4])
    await own.record(*through_the_agent()[:3], case_no=OTHER_NO)
    assert await positions(own) == [1, 2, 3, 4, 5, 6, 7]
    assert await positions(own, order="occurred") == [5, 6, 7, 1, 2, 3, 4]
    first = await own.read("/v1/audit", order="occurred", limit=3)
    assert first["next_after"] == 7
    assert await positions(own, order="occurred", after=7) == [1, 2, 3, 4]


@pytest.mark.parametrize("order", ["recorded", "occurred"])
async def test_pages_one_after_the_other_are_the_whole(trail, order):
    whole = (await trail.read("/v1/audit", order=order))["entries"]
    collected, after = [], 0
    while after is not None:
        page = await trail.read("/v1/audit", order=order, after=after, until=14, limit=3)
        collected += page["entries"]
        after = page["next_after"]
    assert collected == whole


async def test_what_was_not_known_yet_is_not_told(trail):
    known = {"known_at": "2026-04-13T12:00:00+08:00"}
    assert await positions(trail, **known) == [1, 2, 3, 4, 5, 6, 7]
    received = await entry(trail, 5, **known)
    assert [each["position"] for each in received["amended_by"]] == [7]
    assert (await entry(trail, 6, **known))["marks"] == []
    assert await positions(trail, mark="voided", **known) == []
    assert (await trail.read("/v1/audit", **known))["basis"]["position"] == 7


async def test_as_known_then_is_what_was_answered_then(own):
    await own.insert(*through_the_agent()[:7])
    await own.engine.catch_up()
    then = await own.read("/v1/audit")
    gaps_then = await own.read("/v1/audit/gaps")
    await put(own, 8, f"case:{CASE_NO}", 8, "event.voided.v1", told(target_version=5, reason="误点"))
    known = {"known_at": "2026-04-13T12:00:00+08:00"}
    later = await own.read("/v1/audit", **known)
    assert later["entries"] == then["entries"]
    gaps_later = await own.read("/v1/audit/gaps", **known)
    assert gaps_later | {"basis": None} == gaps_then | {"basis": None}
    assert "voided" in (await entry(own, 5))["marks"]


async def test_what_had_not_happened_yet_at_its_corrected_time_is_left_out(trail):
    by = {"happened_by": "2026-05-10T12:00:00+08:00", "case_no": OTHER_NO}
    assert await positions(trail, **by) == [10, 11, 12]
    before_the_correction = by | {"known_at": "2026-05-16T00:00:00+08:00"}
    assert await positions(trail, **before_the_correction) == [10, 11, 12, 13]


async def test_the_trail_up_to_a_position_leaves_later_amendments_out(trail):
    assert (await entry(trail, 5, until=6))["marks"] == []
    assert (await entry(trail, 5, until=7))["marks"] == ["corrected"]


async def test_a_correction_of_the_item_counts_from_the_correction_on(own):
    wrong = misread("item_code", county.PERMIT, county.HOMESTEAD, version=1)
    await own.record(deed(receiving(county.PERMIT), "04-27 09:00"), deed(wrong, "04-28 09:00"))
    assert await positions(own, item=county.PERMIT) == [1]
    assert await positions(own, item=county.HOMESTEAD) == [2]


async def test_the_table_is_what_its_definition_tells(own):
    await own.insert(*entered_late(), case_no=OTHER_NO)
    await own.record(*through_the_agent())
    assert await differences(own.engine.desk, AUDIT) == (0, 0)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"mark": "P99"}, "/query/mark"),
        ({"mark": "' or 1=1"}, "/query/mark"),
        ({"channel": "7"}, "/query/channel"),
        ({"topic": "Case Received"}, "/query/topic"),
        ({"order": "random"}, "/query/order"),
        ({"format": "pdf"}, "/query/format"),
        ({"after": "-1"}, "/query/after"),
        ({"limit": "0"}, "/query/limit"),
        ({"person": ""}, "/query/person"),
        ({"recorded_from": "2026-13-01"}, "/query/recorded_from"),
        ({"recorded_from": "2026-05-02", "recorded_to": "2026-05-01"}, "/query"),
        ({"case_no": CASE_NO, "stream": "policy:county"}, "/query/stream"),
        ({"staff": "a-agent"}, "/query"),
    ],
)
async def test_what_no_filter_can_mean_is_a_clear_problem(trail, query, pointer):
    problem = await trail.refused("/v1/audit", **query)
    assert (problem["status"], problem["type"]) == (422, "urn:jiandu:problem:parameter-invalid")
    assert problem["errors"][0]["pointer"] == pointer
    assert problem["errors"][0]["message_en"].isascii()


async def test_a_case_number_that_is_none_is_unknown(trail):
    assert (await trail.refused("/v1/audit", case_no="123"))["status"] == 404


async def test_the_trail_is_for_those_who_say_who_they_are(trail):
    del trail.client.headers["X-Jiandu-Speaks-For"]
    assert (await trail.refused("/v1/audit"))["status"] == 401
    assert (await trail.refused("/v1/audit", format="csv"))["status"] == 401


@pytest.mark.parametrize("guide", ["auditing.md", "auditing.zh-CN.md"])
async def test_every_request_of_the_guide_to_auditing_is_answered_as_it_says(trail, guide):
    del trail.client.headers["X-Jiandu-Speaks-For"]
    answer = {}
    for kind, block in BLOCK.findall((ROOT / "docs" / guide).read_text(encoding="utf-8")):
        if kind == "json":
            assert_holds(answer, json.loads(block))
        else:
            answer = (await trail.client.request(**as_told(block, {"key": "jdk_any"}))).json()

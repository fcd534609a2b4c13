"""审计轨迹 over HTTP: every event, who, where, on what authority, what is not in order, and what became of it."""

from hashlib import sha256

import psycopg

from domain.aggregates import AGGREGATES
from domain.attestation import COSIGNATURES, HEADS
from domain.case.acceptance.commands import AcceptCase
from domain.case.steps.commands import StartStep
from projections.audit import AUDIT
from projections.audit.marks import names
from projections.engine import differences
from tests import county
from tests.audited import entry, offline, positions, put
from tests.examples import VOUCHED, a_legacy_case, entrusting, receiving
from tests.projected import SCHEMA, Writer, told
from tests.reads import CASE_NO, OTHER_NO
from tests.spec import at, deed


async def test_every_event_of_the_log_stands_in_the_trail_in_its_order(trail):
    assert await positions(trail) == list(range(1, 15))
    gaps = await trail.read("/v1/audit/gaps")
    assert (gaps["recorded"], gaps["told"]) == (14, 14)


async def test_an_entry_tells_who_where_when_and_how_late_it_was_recorded(trail):
    entrusted = await entry(trail, 1)
    assert (entrusted["stream"], entrusted["version"]) == (f"case:{CASE_NO}", 1)
    assert (entrusted["label"], entrusted["label_en"]) == ("委托代办", "Agent entrusted")
    assert (entrusted["occurred_at"], entrusted["recorded_at"]) == (
        "2026-04-03T01:00:00Z",
        "2026-04-09T10:20:00Z",
    )
    # Friday 3 April to Thursday 9 April, the Qingming holiday of Monday 6 April between them
    assert (entrusted["lag_days"], entrusted["lag_seconds"]) == (3, 6 * 86_400 + 9 * 3600 + 20 * 60)
    assert entrusted["who"] == {
        "person": "a-agent",
        "recorded_by": "a-agent",
        "role": "agent",
        "post_id": county.AGENT_POST,
        "duty": "A",
        "on_behalf_of": None,
        "delegation_no": None,
        "operator": None,
    }
    assert entrusted["where"] == {
        "unit_code": county.TOWN_CENTRE,
        "window_id": None,
        "place": None,
        "channel": "93",
        "device_id": "DB-1",
        "device_seq": 41,
        "clock_offset_ms": 2000,
    }
    assert entrusted["backfill"] == {"reason": "停电", "evidence": 1, "approved_by": None}
    assert entrusted["fact"]["entrust_no"] == "WT-1"


async def test_an_entry_tells_on_what_authority_it_was_done(trail):
    received, accepted = await entry(trail, 5), await entry(trail, 6)
    assert received["authority"]["basis"] == "行政许可法第三十二条"
    assert received["authority"]["item_version"] == "1"
    assert accepted["where"]["place"] == "二号柜台"
    assert accepted["authority"] == {
        "authorisation_no": county.TOWN_ACCEPTS,
        "basis": None,
        "item_code": county.PERMIT,
        "item_version": "1",
        "policy_version": "default-1",
        "calendar_version": accepted["authority"]["calendar_version"],
    }
    assert accepted["authority"]["calendar_version"].startswith("2026-")


async def test_the_digest_is_of_the_bytes_that_stand_in_the_log(trail):
    with psycopg.connect(trail.dsn) as connection:
        connection.execute(f"set search_path = {SCHEMA}")
        rows = connection.execute("select state from events order by position").fetchall()
    entries = (await trail.read("/v1/audit"))["entries"]
    assert [each["state_sha256"] for each in entries] == [sha256(state).hexdigest() for (state,) in rows]


async def test_corrections_stand_beside_what_they_correct_and_tell_was_should_be_by_whom_and_why(trail):
    received = await entry(trail, 5)
    assert received["marks"] == ["corrected"]
    assert received["fact"]["receipt_no"] == "SJ-1"  # as it was recorded
    first, second = received["amended_by"]
    assert first == {
        "position": 7,
        "recorded_at": "2026-04-13T01:00:00Z",
        "kind": "corrected",
        "field": "receipt_no",
        "was": "SJ-1",
        "should_be": "SJ-2",
        "reason": "抄错",
        "approved_by": "a-director",
        "person": "a-town-clerk",
        "post_id": county.TOWN_CLERK_POST,
    }
    assert (second["position"], second["was"], second["should_be"]) == (8, "SJ-2", "SJ-3")


async def test_a_voided_event_stays_in_the_trail_with_its_void_beside_it(trail):
    accepted = await entry(trail, 6)
    assert (accepted["marks"], accepted["marks_zh"]) == (["voided"], ["已作废"])
    (void,) = accepted["amended_by"]
    assert (void["kind"], void["position"], void["reason"], void["field"]) == ("voided", 9, "误点", None)


async def test_an_amendment_names_the_event_that_it_amends(trail):
    void = await entry(trail, 9)
    assert void["marks"] == ["amendment"]
    assert void["approvers"] == ["a-director"]
    amends = void["amends"]
    assert (amends["position"], amends["version"], amends["label"]) == (6, 6, "受理")
    assert (await entry(trail, 8))["amends"]["should_be"] == "SJ-3"


async def test_who_vouched_for_a_late_record_is_told(trail):
    approved = await entry(trail, 13)
    assert approved["approvers"] == ["a-director"]
    # Saturday 9 May, a make-up day, and Monday to Friday
    assert (approved["lag_days"], approved["marks"]) == (6, ["P08", "backfilled", "corrected"])
    assert approved["marks_zh"] == ["补录", "附补录说明", "已更正"]


async def test_numbers_that_a_device_left_out_are_marked_and_listed(trail):
    assert (await entry(trail, 2))["marks"] == ["P08", "backfilled", "device-gap"]
    assert await positions(trail, mark="device-gap") == [2]
    gaps = await trail.read("/v1/audit/gaps")
    assert gaps["device_gaps"] == [
        {"device_id": "DB-1", "first_missing": 42, "last_missing": 43, "position": 2}
    ]
    assert gaps["device_repeats"] == gaps["position_gaps"] == gaps["version_gaps"] == []


async def test_a_number_that_a_device_gave_twice_is_marked_and_listed(own):
    await own.insert(deed(entrusting(), "04-03 09:00", **offline(41)))
    await own.record(deed(entrusting(), "04-03 10:00", **offline(41)), case_no=OTHER_NO)
    assert (await entry(own, 2))["marks"][-1] == "device-repeat"
    assert await positions(own, mark="device-repeat") == [1, 2]
    repeats = (await own.read("/v1/audit/gaps"))["device_repeats"]
    assert repeats == [{"device_id": "DB-1", "device_seq": 41, "positions": [1, 2]}]


async def test_what_was_taken_over_is_the_persons_whom_the_source_names(own):
    await own.record(*a_legacy_case())
    received = await entry(own, 1)
    assert received["imported_from"] == "old-system"
    assert "imported" in received["marks"]
    assert (received["who"]["person"], received["who"]["recorded_by"]) == ("Resource21", "importer")
    assert await positions(own, person="Resource21") == [1]
    assert await positions(own, person="importer") == []


async def test_an_event_before_what_its_record_had_told_is_marked(own):
    await own.record(
        deed(receiving(county.PERMIT), "04-27 09:00"),
        deed(AcceptCase(), "04-27 09:30"),
        deed(
            StartStep(step_code="CB", step_title="承办"),
            "04-26 09:00",
            recorded="04-28 09:00",
            backfill=VOUCHED,
        ),
    )
    assert await positions(own, mark="out-of-order") == [3]
    assert "P05" in (await entry(own, 3))["marks"]
    assert await positions(own, mark="P05") == [3]


async def test_missing_versions_and_positions_are_told_and_an_event_ahead_of_its_recording(own):
    writer = Writer(own.dsn)
    writer.append(("case:x", "case.accepted.v1", told(), at("12-31 09:00")))
    writer.close()
    # somebody took away what stood between
    await put(own, 4, "case:x", 3, "case.accepted.v1", told())
    assert await positions(own, mark="ahead") == [1]
    assert (await entry(own, 4))["marks"] == ["out-of-order", "version-gap"]
    gaps = await own.read("/v1/audit/gaps")
    assert gaps["position_gaps"] == [{"first_missing": 2, "last_missing": 3}]
    assert gaps["version_gaps"] == [
        {"stream": "case:x", "first_missing": 2, "last_missing": 2, "position": 4}
    ]
    assert (await entry(own, 4))["who"]["person"] is None


async def test_what_a_document_says_later_of_an_event_that_is_not_there_is_told_as_such(own):
    writer = Writer(own.dsn)
    writer.append(("case:x", "event.voided.v1", told(target_version=7, reason="误点")))
    writer.close()
    await own.engine.catch_up()
    amends = (await entry(own, 1))["amends"]
    assert (amends["position"], amends["version"], amends["label"]) == (None, 7, None)


async def test_every_mark_has_a_name_in_both_languages(trail):
    marks = (await trail.read("/v1/audit/marks"))["marks"]
    assert {mark["code"]: mark["zh"] for mark in marks} == {code: zh for code, (zh, _) in names().items()}
    assert all(not mark["zh"].isascii() and mark["en"][:4].isascii() for mark in marks)
    assert {"P01", "P08", "F01", "case-paused", "voided", "device-gap"} <= {mark["code"] for mark in marks}


def test_the_trail_follows_every_stream_that_can_be():
    of_the_tree = {HEADS.name, COSIGNATURES.name}  # programmes say it every minute; nobody acts
    assert set(AUDIT.kinds) == {aggregate.name for aggregate in AGGREGATES} - of_the_tree


async def test_what_the_log_says_of_its_own_tree_is_no_entry_and_nothing_is_missing(own):
    writer = Writer(own.dsn)
    writer.append(("heads:county", "log.case_heads_rooted.v1", told()))
    writer.append(("cosignatures:county", "checkpoint.cosigned.v1", told()))
    writer.append(("case:x", "event.voided.v1", told(target_version=7, reason="误点")))
    writer.close()
    await own.engine.catch_up()
    assert await differences(own.engine.desk, AUDIT) == (0, 0)
    assert await positions(own) == [3]
    gaps = await own.read("/v1/audit/gaps")
    assert (gaps["recorded"], gaps["told"], gaps["position_gaps"]) == (1, 1, [])

"""审计轨迹 over HTTP: every event, who, where, on what authority, what is not in order, and what became of it."""

import asyncio
import csv
import io
import json
from hashlib import sha256

import openpyxl
import psycopg
import pytest

from domain.aggregates import AGGREGATES
from domain.amendment import CorrectEvent, VoidEvent
from domain.attestation import COSIGNATURES, HEADS
from domain.case.acceptance.commands import AcceptCase
from domain.case.agency.commands import HandToHall, PickUpPapers, SignHallReceipt
from domain.case.decision.commands import Approve
from domain.case.steps.commands import StartStep
from domain.case.values import Mode
from domain.grammar import Channel, Device
from projections.audit import AUDIT
from projections.audit.marks import names
from projections.calendar import CALENDAR
from projections.engine import differences
from projections.view_readers import ViewReaders
from tests import county
from tests.contract.test_guides import BLOCK, ROOT, as_told, assert_holds
from tests.doors import Doorway
from tests.examples import EXPLAINED, VOUCHED, a_legacy_case, completing, entrusting, receiving
from tests.projected import SCHEMA, Writer, access, an_engine, founded, told
from tests.reads import CASE_NO, OTHER_NO, ReadCounty, a_read_county
from tests.servers import fresh_database
from tests.spec import at, deed

VIEWS = (CALENDAR, AUDIT)


def offline(number):
    device = Device(device_id="DB-1", device_seq=number, clock_offset_ms=2000)
    return {
        "device": device,
        "backfill": EXPLAINED,
        "channel": Channel.agent_point,
        "recorded": "04-09 18:20",
    }


def through_the_agent():
    """Positions 1 to 9; the numbers 42 and 43 of the agent's device never came."""
    return (
        deed(entrusting(item_codes=(county.PERMIT,)), "04-03 09:00", **offline(41)),
        deed(PickUpPapers(is_offline=True), "04-03 09:10", **offline(44)),
        deed(HandToHall(to_unit=county.TOWN_CENTRE), "04-10 08:50"),
        deed(SignHallReceipt(), "04-10 09:00"),
        deed(receiving(county.PERMIT, mode=Mode.agent), "04-10 09:10", basis="行政许可法第三十二条"),
        deed(AcceptCase(), "04-10 09:20", place="二号柜台"),
        deed(misread("receipt_no", "SJ-1", "SJ-2"), "04-13 09:00"),
        deed(misread("receipt_no", "SJ-2", "SJ-3"), "04-14 09:00"),
        deed(VoidEvent(target_version=6, reason="误点", approved_by="a-director"), "04-15 09:00"),
    )


def misread(field, was, should_be, version=5):
    return CorrectEvent(
        target_version=version,
        field=field,
        was=was,
        should_be=should_be,
        reason="抄错",
        approved_by="a-director",
    )


def entered_late():
    """Positions 10 to 14: the approval of 8 May recorded on 15 May, its time corrected on 18 May."""
    return (
        deed(receiving(county.PERMIT), "04-27 09:00", channel=Channel.web),
        deed(AcceptCase(), "04-27 09:30"),
        deed(completing("CB"), "04-30 09:00", by=county.HANDLER_POST),
        deed(Approve(decision_no="XK-6"), "05-08 15:00", recorded="05-15 09:00", backfill=VOUCHED),
        deed(
            misread("occurred_at", "2026-05-08T15:00:00+08:00", "2026-05-12T15:00:00+08:00", version=4),
            "05-18 09:00",
        ),
    )


async def a_told_county(dsn):
    founded(dsn)
    async with an_engine(dsn, VIEWS) as engine:
        read_county = ReadCounty(dsn, None, engine)
        await read_county.insert(*through_the_agent())
        await read_county.insert(*entered_late(), case_no=OTHER_NO)
        await engine.catch_up()


@pytest.fixture(scope="module")
def told_county(postgres18):
    with fresh_database(postgres18.dsn) as dsn:
        asyncio.run(a_told_county(dsn))
        yield dsn


@pytest.fixture
async def trail(told_county):
    """Read only."""
    readers = ViewReaders(access(told_county), VIEWS, size=2)
    async with Doorway(views=readers).entered(county.SUPERVISION_POST) as client:
        yield ReadCounty(told_county, client, None)
    await readers.close()


@pytest.fixture
async def own(database18):
    """A county of its own, to record in."""
    async with a_read_county(database18, VIEWS) as read_county:
        yield read_county


async def put(read_county, position, stream, version, topic, state):
    """Past the one door, as somebody could who owns the database; the views hold it."""
    async with await psycopg.AsyncConnection.connect(read_county.dsn) as connection:
        await connection.execute(f"set search_path = {SCHEMA}")
        await connection.execute(
            "insert into events (position, stream, version, topic, occurred_at, recorded_at, state)"
            " values (%s, %s, %s, %s, now(), now(), %s)",
            [position, stream, version, topic, state],
        )
    await read_county.engine.catch_up()


async def positions(read_county, **query):
    return [entry["position"] for entry in (await read_county.read("/v1/audit", **query))["entries"]]


async def entry(read_county, position, **query):
    page = await read_county.read("/v1/audit", after=position - 1, limit=1, **query)
    (found,) = page["entries"]
    assert found["position"] == position
    return found


# ── what an entry tells ─────────────────────────────────────────────────────────────────────────────────────


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


# ── marks ───────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── filters and orders ──────────────────────────────────────────────────────────────────────────────────────


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


# ── as of another day ───────────────────────────────────────────────────────────────────────────────────────


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


# ── files ───────────────────────────────────────────────────────────────────────────────────────────────────


async def file(read_county, **query):
    response = await read_county.client.get("/v1/audit", params=query)
    assert response.status_code == 200, response.text
    return response


async def test_json_lines_hold_what_the_pages_hold(trail):
    *lines, last = (await file(trail, format="jsonl")).text.splitlines()
    entries = (await trail.read("/v1/audit"))["entries"]
    assert [json.loads(line) for line in lines] == entries
    end = json.loads(last)["end"]
    assert (end["rows"], end["basis"]["until"]) == (14, 14)
    assert end["basis"]["asked"] == {"after": 0, "order": "recorded"}
    assert end["sha256"] == sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


async def test_a_file_of_several_pages_is_the_whole(own, monkeypatch):
    monkeypatch.setattr("api.audit.FILE_PAGE", 4)
    await own.insert(*entered_late(), case_no=OTHER_NO)
    await own.record(*through_the_agent())
    *lines, _ = (await file(own, format="jsonl")).text.splitlines()
    assert [json.loads(line)["position"] for line in lines] == list(range(1, 15))
    *occurred, _ = (await file(own, format="jsonl", order="occurred")).text.splitlines()
    assert [json.loads(line) for line in occurred] == (await own.read("/v1/audit", order="occurred"))[
        "entries"
    ]


async def test_csv_is_headed_in_chinese_and_tells_amendments_in_words(trail):
    response = await file(trail, format="csv", case_no=CASE_NO)
    assert response.headers["content-type"].startswith("text/csv")
    assert "audit-trail.csv" in response.headers["content-disposition"]
    heading, *rows, ending = csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline=""))
    told_by_heading = dict(zip(heading, rows[4], strict=True))
    assert told_by_heading["位置"] == "5"
    assert told_by_heading["发生时间"] == "2026-04-10T09:10:00+08:00"
    assert told_by_heading["标记"] == "corrected 已更正"
    assert told_by_heading["其后的更正与作废"].startswith(
        "更正 receipt_no：原为 SJ-1，应为 SJ-2，因抄错（登记人 a-town-clerk，批准人 a-director，位置 7）；更正"
    )
    assert [row[0] for row in rows] == [str(n) for n in range(1, 10)]
    assert f'"case_no":"{CASE_NO}"' in ending[0]


async def test_the_workbook_reads_as_the_pages_do(trail):
    response = await file(trail, format="xlsx")
    workbook = openpyxl.load_workbook(io.BytesIO(response.content))
    assert workbook.sheetnames == ["审计轨迹", "依据 basis"]
    heading, *rows = workbook["审计轨迹"].iter_rows(values_only=True)
    assert [row[0] for row in rows] == list(range(1, 15))
    lags = [row[heading.index("滞后工作日")] for row in rows]
    assert lags == [each["lag_days"] for each in (await trail.read("/v1/audit"))["entries"]]
    basis = dict(workbook["依据 basis"].iter_rows(values_only=True))
    assert (basis["行数 rows"], basis["position"]) == (14, 14)


async def test_a_file_of_a_past_day_is_what_was_known_then(trail):
    known = {"known_at": "2026-04-13T12:00:00+08:00"}
    *lines, last = (await file(trail, format="jsonl", **known)).text.splitlines()
    assert [json.loads(line) for line in lines] == (await trail.read("/v1/audit", **known))["entries"]
    assert json.loads(last)["end"]["basis"]["known_at"] == "2026-04-13T04:00:00Z"


async def test_head_of_a_file_reads_nothing_of_it(trail):
    response = await trail.client.head("/v1/audit", params={"format": "csv"})
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-type"].startswith("text/csv")


# ── what cannot be asked ────────────────────────────────────────────────────────────────────────────────────


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


# ── the guide ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("guide", ["auditing.md", "auditing.zh-CN.md"])
async def test_every_request_of_the_guide_to_auditing_is_answered_as_it_says(trail, guide):
    del trail.client.headers["X-Jiandu-Speaks-For"]
    answer = {}
    for kind, block in BLOCK.findall((ROOT / "docs" / guide).read_text(encoding="utf-8")):
        if kind == "json":
            assert_holds(answer, json.loads(block))
        else:
            answer = (await trail.client.request(**as_told(block, {"key": "jdk_any"}))).json()

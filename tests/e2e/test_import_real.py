"""A real municipality's log goes in through the HTTP door of a running server, its own figures come out, and it itself.

The figures were counted independently from the file; here they are counted from the log and the case reads alone.
"""

import csv
import gzip
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import datetime
from itertools import pairwise

import orjson
import pytest

from tests.exported import read_by_pm4py
from tests.imported import (
    RECEIVED,
    STEP,
    Imported,
    answered,
    cases,
    group_of,
    municipality,
    of,
    read,
    real_log,
    told_by,
)
from tests.xml_tree import breaches, tree


@pytest.fixture(scope="module")
def imported(servers, tmp_path_factory):
    """The log taken in by a run that was killed midway and one that went on from there."""
    log = real_log()
    with municipality(servers) as client:
        imported = Imported(client, tmp_path_factory.mktemp("import"), log)
        imported.run_and_kill()
        imported.first = len(cases(client))
        imported.outcome = imported.run()
        imported.events = cases(client)
        yield imported


@pytest.fixture(scope="module")
def histories(imported) -> dict[str, list[dict]]:
    return {case_no: body["events"] for case_no, body in read(imported, "/v1/cases/{}/history").items()}


@pytest.fixture(scope="module")
def states(imported) -> dict[str, dict]:
    return {case_no: body["state"] for case_no, body in read(imported, "/v1/cases/{}").items()}


def test_a_killed_import_goes_on_where_it_stopped(imported):
    assert 0 < imported.first < 9906
    assert (imported.outcome["cases"], imported.outcome["refused"]) == (1434, [])
    assert imported.outcome["repeats"] >= 2000
    assert len(imported.events) == 1434 + 7143 + 1329


def test_every_case_is_received(imported):
    assert len(of(imported, RECEIVED)) == 1434
    assert len({event["fact"]["external_ref"] for event in of(imported, RECEIVED)}) == 1434


def test_every_step_is_recorded_and_of_its_kind(imported):
    steps = of(imported, STEP)
    assert len(steps) + len(of(imported, RECEIVED)) == 8577
    kinds = {(step["fact"]["step_code"], step["fact"]["step_title"]) for step in steps}
    assert len(kinds) + 1 == 27
    assert len({step["fact"]["source_ref"] for step in steps}) == 7143


def test_the_channels_are_those_of_the_source(imported):
    channels = Counter(event["fact"]["origin"]["source_channel"] for event in of(imported, RECEIVED))
    assert channels == {"Internet": 1250, "Desk": 109, "Post": 53, "e-mail": 21, "Intern": 1}
    ours = Counter(event["envelope"]["circumstances"].get("channel", "1") for event in of(imported, RECEIVED))
    assert ours == {"2": 1250, "1": 109, "4": 53, "9": 22}


def test_the_departments_are_those_of_the_source(imported):
    departments = Counter(event["fact"]["origin"]["department"] for event in of(imported, RECEIVED))
    assert departments == {"General": 1390, "Customer contact": 29, "Experts": 15}


def test_what_is_concluded_and_what_is_open(states):
    assert Counter(state["status"] == "concluded" for state in states.values()) == {True: 1329, False: 105}


def test_how_many_were_concluded_after_their_deadline(states):
    late = [
        state
        for state in states.values()
        if state["ending"]
        and moment(state["ending"]["ended_at"]) > moment(state["application"]["origin"]["deadline"])
    ]
    assert len(late) == 377


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_how_many_steps_each_group_took(imported):
    assert Counter(group_of(event) for event in of(imported, RECEIVED, STEP)) == {
        "Group 1": 3152,
        "EMPTY": 1936,
        "Group 2": 1228,
        "Group 3": 1146,
        "Group 4": 1048,
        "Group 13": 28,
        "Group 15": 25,
        "Group 14": 8,
        "Group 12": 4,
        "Group 7": 2,
    }


def test_how_often_a_case_went_to_another_group(histories):
    changes = 0
    for history in histories.values():
        steps = [event for event in history if event["topic"] in (RECEIVED, STEP)]
        steps.sort(key=lambda event: moment(event["occurred_at"]))
        changes += sum(group_of(one) != group_of(next_one) for one, next_one in pairwise(steps))
    assert changes == 5440


def figures(imported: Imported, path: str, **query) -> dict:
    """What the statistics say of all years, once they hold what was imported."""
    last = imported.client.get("/v1/events", params={"limit": 1}).json()["last_position"]
    query |= {"from": "2010-01-01", "to": "2012-12-31", "min_position": last}
    return answered(imported, path, **query)


def test_the_statistics_tell_the_same_of_cases(imported):
    (every,) = figures(imported, "/v1/statistics")["figures"]
    counts = every["counts"]
    assert (counts["received"], counts["done"], counts["open"]) == (1434, 1329, 105)
    assert counts["after_source_deadline"] == 377
    channels = figures(imported, "/v1/statistics", by="source_channel")["figures"]
    assert {each["key"]: each["counts"]["received"] for each in channels} == {
        "Internet": 1250,
        "Desk": 109,
        "Post": 53,
        "e-mail": 21,
        "Intern": 1,
    }
    departments = figures(imported, "/v1/statistics", by="department")["figures"]
    assert {each["key"]: each["counts"]["received"] for each in departments} == {
        "General": 1390,
        "Customer contact": 29,
        "Experts": 15,
    }


def test_the_statistics_tell_the_same_of_steps(imported):
    kinds = figures(imported, "/v1/statistics/steps", by="kind")
    assert (kinds["steps"], len(kinds["kinds"])) == (8577, 27)
    units = figures(imported, "/v1/statistics/steps", by="unit")["kinds"]
    assert [each["steps"] for each in units] == [3152, 1936, 1228, 1146, 1048, 28, 25, 8, 4, 2]
    assert figures(imported, "/v1/statistics/handovers")["handovers"] == 5440


def test_nothing_is_smoothed_what_is_odd_is_flagged(imported):
    """117 cases end before their first recorded step, 28 more before their last; all of it stands in the record."""
    flagged = {code: len(set(case)) for code, case in imported.outcome["flagged"].items()}
    assert flagged["before-its-cause"] == 117
    assert flagged["work-still-recorded"] == 117 + 28
    assert flagged["case-not-decided"] == 1329
    assert {event["envelope"]["circumstances"]["imported_from"] for event in imported.events} == {
        "coselog-receipt-phase"
    }


def test_the_data_quality_shows_every_odd_end_and_every_gap(imported):
    """1,936 steps name no group, and nobody knows who concluded the 1,329 cases that were."""
    last = imported.client.get("/v1/events", params={"limit": 1}).json()["last_position"]
    answer = answered(imported, "/v1/data-quality/tallies", min_position=last)
    cases = {(each["code"], each["about"]): each["cases"] for each in answer["tallies"]}
    flaws = {(each["code"], each["about"]): each["flaws"] for each in answer["tallies"]}
    assert cases["ends-before-it-began", None] == 117
    assert cases["work-after-the-end", None] == 28
    assert cases["recorded-out-of-order", None] == 117 + 28
    assert flaws["missing-field", "actor.unit_code"] == 1936 + 1329
    assert flaws["missing-field", "applicant_ref"] == 1434
    assert ("P08", None) not in cases


def test_the_board_holds_what_is_still_open_and_all_of_it_is_red(imported):
    last = imported.client.get("/v1/events", params={"limit": 1}).json()["last_position"]
    lights = answered(imported, "/v1/deadlines/lights", min_position=last)["lights"]
    assert sum(each["open_cases"] for each in lights) == sum(each["red"] for each in lights) == 105


# ── the same figures from the views ─────────────────────────────────────────────────────────────────────────


def told(imported, path, **query):
    """An answer over the years of the log, not before the views hold all of it."""
    last = imported.client.get("/v1/events", params={"limit": 1}).json()["last_position"]
    span = {"from": "2009-01-01", "to": "2013-12-31", "day": "2013-12-31", "min_position": last}
    return answered(imported, path, **span | query)


def counted(imported, by, figure):
    return {
        each["key"]: each["counts"][figure] for each in told(imported, "/v1/statistics", by=by)["figures"]
    }


def test_the_statistics_say_what_came_in_was_concluded_and_was_late(imported):
    (whole,) = told(imported, "/v1/statistics")["figures"]
    figures = ("received", "done", "open", "after_source_deadline")
    assert [whole["counts"][figure] for figure in figures] == [1434, 1329, 105, 377]


def test_the_statistics_tell_channels_and_departments_apart(imported):
    assert counted(imported, "channel", "received") == {"2": 1250, "1": 109, "4": 53, "9": 22}
    departments = {"General": 1390, "Customer contact": 29, "Experts": 15}
    assert counted(imported, "department", "received") == departments


def test_the_statistics_tell_the_steps_of_each_group_and_how_often_it_changed(imported):
    steps = told(imported, "/v1/statistics/steps", by="unit")
    assert steps["steps"] == 8577
    by_group = {each["key"]: each["steps"] for each in steps["kinds"]}
    assert by_group == {
        "group-1": 3152,
        None: 1936,
        "group-2": 1228,
        "group-3": 1146,
        "group-4": 1048,
        "group-13": 28,
        "group-15": 25,
        "group-14": 8,
        "group-12": 4,
        "group-7": 2,
    }
    assert told(imported, "/v1/statistics/handovers")["handovers"] == 5440


def test_a_second_run_records_nothing_whether_it_knows_of_the_first_or_not(imported, tmp_path):
    last = imported.client.get("/v1/events", params={"limit": 1}).json()["last_position"]
    for progress in (None, tmp_path / "begun-anew.jsonl"):
        outcome = imported.run(progress)
        assert (outcome["cases"], outcome["steps"], outcome["conclusions"]) == (1434, 7143, 1329)
        assert outcome["repeats"] == 9906
    assert imported.client.get("/v1/events", params={"limit": 1}).json()["last_position"] == last


# ── and it comes out again: as XES, as OCEL 2.0 and as exchange rows ─────────────────────────────────────────

STEPS = ("case.received.v1", "case.step_completed.v1")
RECEIPT = "收件登记"


@pytest.fixture(scope="module")
def source():
    with gzip.open(real_log(), "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def exported(imported, tmp_path_factory):
    """A folder with cases.xes, cases.json and cases.sqlite, and the client that fetched them."""
    folder, client = tmp_path_factory.mktemp("export"), imported.client
    head = client.get("/v1/events").json()["last_position"]
    for name, path, query in (
        ("cases.xes", "/v1/exports/xes", {"min_position": head}),
        ("cases.json", "/v1/exports/ocel", {}),
        ("cases.sqlite", "/v1/exports/ocel", {"format": "sqlite"}),
    ):
        (folder / name).write_bytes(fetched(client, path, query))
    return folder, client


def fetched(client, path, query):
    return told_by(client, path, query).content


@pytest.fixture(scope="module")
def log(exported):
    return tree((exported[0] / "cases.xes").read_bytes())


def steps(trace):
    told = (event.attributes for event in trace.all("event"))
    return [event for event in told if event["jiandu:topic"] in STEPS]


def test_the_xes_is_in_order(log):
    assert list(breaches(log)) == []


def test_every_case_and_every_step_of_the_source_is_there_again(log):
    traces = log.all("trace")
    assert len(traces) == 1434
    assert sum(len(steps(trace)) for trace in traces) == 8577
    assert len({event["concept:name"] for trace in traces for event in steps(trace)}) == 27


def test_each_step_is_what_the_source_says_at_its_time_by_its_person_and_group(log, source):
    told = Counter(
        (
            trace.attributes["jiandu:external_ref"],
            event["concept:name"].replace(RECEIPT, "Confirmation of receipt"),
            event["time:timestamp"],
            event.get("org:resource"),
            event.get("org:group", "EMPTY").replace("group-", "Group "),
        )
        for trace in log.all("trace")
        for event in steps(trace)
    )
    assert told == Counter(
        (
            row["case:concept:name"],
            row["concept:name"],
            to_the_millisecond(row["time:timestamp"]),
            row["org:resource"],
            row["org:group"],
        )
        for row in source
    )


def to_the_millisecond(text):
    moment = datetime.fromisoformat(text)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def test_the_ocel_holds_the_same_cases_and_events(exported):
    folder, _ = exported
    in_json = orjson.loads((folder / "cases.json").read_bytes())
    assert Counter(each["type"] for each in in_json["objects"])["办件"] == 1434
    assert len(in_json["events"]) == 9906
    with closing(sqlite3.connect(folder / "cases.sqlite")) as connection:
        assert connection.execute("pragma foreign_key_check").fetchall() == []
        assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
        assert connection.execute("select count(*) from event").fetchone() == (9906,)
        assert connection.execute(
            "select count(*) from object_Case where ocel_changed_field is null"
        ).fetchone() == (1434,)


@pytest.mark.parametrize(
    ("table", "rows"), [("up_pro_process", 7143), ("up_pro_result", 1329), ("gd-0", 1434)]
)
def test_the_exchange_has_a_row_for_each(exported, table, rows):
    *told, end = fetched(exported[1], f"/v1/exports/exchange/{table}", {}).splitlines()
    assert len(told) == orjson.loads(end)["end"]["rows"] == rows


def test_pm4py_reads_what_was_exported(exported):
    told = read_by_pm4py(exported[0])
    assert (told["traces"], told["events"], told["activities"]) == (1434, 9906, 28)
    assert (told["kept"], told["broken"]) == (24, [])
    for form in told["ocel"].values():
        assert (form["events"], form["flattened"]) == (9906, 1434)
    assert told["ocel"]["json"]["relations"] == told["ocel"]["sqlite"]["relations"]
    assert told["ocel"]["json"]["o2o"] == told["ocel"]["sqlite"]["o2o"]

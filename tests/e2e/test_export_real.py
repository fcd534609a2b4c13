"""A real municipality's log goes in and comes out again: as XES, as OCEL 2.0 and as exchange rows."""

import csv
import gzip
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import datetime

import orjson
import pytest

from tests.exported import read_by_pm4py
from tests.imported import municipality, real_log, told_by
from tests.serving import TOKEN, jiandu
from tests.xml_tree import breaches, tree

STEPS = ("case.received.v1", "case.step_completed.v1")
RECEIPT = "收件登记"


@pytest.fixture(scope="module")
def source():
    with gzip.open(real_log(), "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def exported(servers, tmp_path_factory):
    """A folder with cases.xes, cases.json and cases.sqlite, and the client that fetched them."""
    log, folder = real_log(), tmp_path_factory.mktemp("export")
    with municipality(servers) as client:
        address = str(client.base_url).rstrip("/")
        done = jiandu(
            "import", str(log), "--mapping", "receipt_phase", "--server", address,
            "--progress", str(folder / "progress.jsonl"), "--report", str(folder / "report.json"),
            settings={"JIANDU_API_KEY": TOKEN},
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        head = client.get("/v1/events").json()["last_position"]
        for name, path, query in (
            ("cases.xes", "/v1/exports/xes", {"min_position": head}),
            ("cases.json", "/v1/exports/ocel", {}),
            ("cases.sqlite", "/v1/exports/ocel", {"format": "sqlite"}),
        ):
            (folder / name).write_bytes(fetched(client, path, query))
        yield folder, client


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

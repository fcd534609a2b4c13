"""A log with broken rows goes in as far as it can: each broken row is named, the others are recorded."""

import asyncio
import subprocess
from pathlib import Path

import httpx
import pytest

from ops.failures import CannotDo
from ops.importing.command import bring_in, load
from ops.importing.report import Report
from ops.importing.sending import StrictlyStopped
from tests.imported import cases, municipality
from tests.serving import TOKEN, jiandu

HEADER = "case,what,who,group,at,channel,ended"
MAPPING = """
source: {source}
title: A log made for this test
event: {{case: case, activity: what, occurred_at: at, person: who, unit: group}}
case: {{channel: channel, concluded_at: ended}}
receipt: {{activity: Receipt, item_code: environmental-permit}}
steps: {{pattern: '(?P<code>T[0-9]+) (?P<title>.+)'}}
channels: {{Desk: "1"}}
units: {{A: {{code: group-1, title: Group 1}}}}
"""


@pytest.fixture(scope="module")
def client(servers):
    with municipality(servers) as client:
        yield client


class Outcome:
    """What became of a file: the report, or the sentence that says why there is none."""

    def __init__(self, report: Report | None, said: str = "") -> None:
        self.report, self.said = report, said

    def refused(self) -> list[tuple[int, str, str | None]]:
        return [(each.line, each.code, each.column) for each in self.report.refused]


def take_in(
    client: httpx.Client,
    folder: Path,
    source: str,
    content: str | bytes,
    *,
    name: str = "log.csv",
    mapping: str = MAPPING,
    is_strict: bool = False,
) -> Outcome:
    path, server = written(folder, source, content, name, mapping), str(client.base_url).rstrip("/")
    kept_at = folder / "progress.jsonl"
    try:
        said = load(str(folder / "mapping.yaml"))
        return Outcome(asyncio.run(bring_in(path, said, server, kept_at, key=TOKEN, is_strict=is_strict)))
    except (CannotDo, StrictlyStopped) as error:
        return Outcome(None, str(error))


def written(folder: Path, source: str, content: str | bytes, name: str, mapping: str) -> Path:
    (folder / "mapping.yaml").write_text(mapping.format(source=source))
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def commanded(client: httpx.Client, folder: Path, content: str, *words: str) -> subprocess.CompletedProcess:
    """The same, as an operator would say it."""
    path = written(folder, "commanded", content, "log.csv", MAPPING)
    server = str(client.base_url).rstrip("/")
    return jiandu(
        "import", str(path), "--mapping", str(folder / "mapping.yaml"), "--server", server,
        "--progress", str(folder / "progress.jsonl"), *words, settings={"JIANDU_API_KEY": TOKEN},
    )  # fmt: skip


def recorded_from(client: httpx.Client, source: str) -> list[dict]:
    return [
        event for event in cases(client) if event["envelope"]["circumstances"].get("imported_from") == source
    ]


ROWS = (
    HEADER,
    "K-1,Receipt,w1,A,2026-03-04T09:00:00+08:00,Desk,",
    "K-1,T1 Check,w1,A,yesterday,Desk,",
    "K-1,T1 Check,w1,A",
    "K-1,Coffee,w1,A,2026-03-04T09:30:00+08:00,Desk,",
    "K-1,T1 Check,w1,B,2026-03-04T09:30:00+08:00,Desk,",
    "K-1,T1 Check,w1,A,2026-03-04T09:30:00,Desk,",
    "K-2,Receipt,w2,A,2026-03-04T10:00:00+08:00,Fax,",
    "K-2,T1 Check,w2,A,2026-03-04T10:30:00+08:00,Desk,",
    "K-1,T2 'Approve'; drop table events; --,w1,,2026-03-05T09:00:00+08:00,Desk,",
    "K-1,T3 <b>Send</b>,w1,A,2099-03-05T09:00:00+08:00,Desk,",
    "K-3,T1 Check,w3,A,2026-03-06T09:00:00+08:00,Desk,",
    "K-3,Receipt,w3,A,2026-03-06T10:00:00+08:00,Desk,2026-03-07T10:00:00+08:00",
)


def test_each_broken_row_is_named_and_the_others_are_recorded(client, tmp_path):
    outcome = take_in(client, tmp_path, "broken", "\n".join(ROWS) + "\n")
    assert sorted(outcome.refused()) == [
        (3, "time-not-understood", "at"),
        (4, "cell-count-wrong", None),
        (5, "activity-unknown", "what"),
        (6, "value-not-mapped", "group"),
        (7, "offset-missing", "at"),
        (8, "value-not-mapped", "channel"),
        (9, "no-receipt", None),
        (11, "in-the-future", None),
    ]
    assert [event["topic"] for event in recorded_from(client, "broken")] == [
        "case.received.v1",
        "case.received.v1",
        "case.step_completed.v1",
        "case.step_completed.v1",
        "case.concluded.v1",
    ]


def test_the_operator_reads_it_in_both_languages(client, tmp_path):
    done = commanded(client, tmp_path, "\n".join(ROWS) + "\n")
    assert done.returncode == 2
    assert (
        "第 3 行 line 3, at: 时间的写法与映射文件的约定不符。 The time is not written as the mapping says."
        in done.stdout
    )
    stopped = commanded(client, tmp_path, "\n".join(ROWS) + "\n\n", "--strict")
    assert stopped.returncode == 1
    assert "Stopped at line 3" in stopped.stderr
    assert "停在第 3 行" in stopped.stderr


def test_what_stands_before_its_receipt_waits_for_it(client, tmp_path):
    rows = [ROWS[0], ROWS[11], ROWS[12]]
    outcome = take_in(client, tmp_path, "waits", "\n".join(rows) + "\n")
    assert outcome.report.flagged == {"applicant-missing": ["K-3"], "before-its-cause": ["K-3"], "P05": ["K-3"], "case-not-decided": ["K-3"], "case-not-accepted": ["K-3"]}  # fmt: skip


def test_the_same_row_twice_in_a_file_is_two_events_and_a_second_run_adds_none(client, tmp_path):
    twice = [ROWS[0], ROWS[1], *["K-1,T1 Check,w1,A,2026-03-04T09:30:00+08:00,Desk,"] * 3]
    for _ in range(2):
        outcome = take_in(client, tmp_path, "twice", "\n".join(twice) + "\n")
        assert (outcome.report.steps, outcome.report.refused) == (3, [])
        (tmp_path / "progress.jsonl").unlink()
        assert len(recorded_from(client, "twice")) == 4


def test_a_row_that_was_changed_since_it_was_recorded_is_refused(client, tmp_path):
    by_number = MAPPING.replace("occurred_at: at,", "occurred_at: at, row: who,")
    take_in(client, tmp_path, "changed", "\n".join(ROWS[:2]) + "\n", mapping=by_number)
    changed = [ROWS[0], ROWS[1].replace("09:00:00", "09:00:01")]
    outcome = take_in(client, tmp_path, "changed", "\n".join(changed) + "\n", mapping=by_number)
    assert outcome.refused() == [(2, "key-reused", None)]
    assert len(recorded_from(client, "changed")) == 1


def test_strict_stops_at_the_first_broken_row(client, tmp_path):
    outcome = take_in(client, tmp_path, "strict", "\n".join(ROWS) + "\n", is_strict=True)
    assert outcome.said == "line 3: The time is not written as the mapping says."
    assert recorded_from(client, "strict") == []


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        ("case,what\n", "log.csv", "the header lacks the columns at, channel, ended, group, who"),
        ("", "log.csv", "not a header"),
        (b"\x1f\x8b\x08\x00broken", "log.csv.gz", "breaks off"),
        ("<!DOCTYPE log [<!ENTITY a 'b'>]><log/>", "log.xes", "declares a document type"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(client, tmp_path, content, name, said):
    outcome = take_in(client, tmp_path, "unreadable", content, name=name)
    assert said in outcome.said
    assert recorded_from(client, "unreadable") == []


XES = """<log xmlns="http://www.xes-standard.org/"><trace><string key="concept:name" value="X-1"/>
<event><string key="concept:name" value="Receipt"/><date key="time:timestamp" value="2026-03-04T09:00:00+08:00"/></event>
<event><string key="concept:name" value="T1 Check"/><date key="time:timestamp" value="2026-03-04T10:00:00+08:00"/></event>
</trace></log>"""


def test_an_xes_log_goes_the_same_way(client, tmp_path):
    mapping = MAPPING.replace(
        "event: {{case: case, activity: what, occurred_at: at, person: who, unit: group}}\n"
        "case: {{channel: channel, concluded_at: ended}}",
        'event: {{case: "case:concept:name", activity: "concept:name", occurred_at: "time:timestamp"}}',
    ).replace('channels: {{Desk: "1"}}\n', "")
    outcome = take_in(client, tmp_path, "xes", XES, name="log.xes", mapping=mapping)
    assert outcome.report.refused == []
    topics = [event["topic"] for event in recorded_from(client, "xes")]
    assert topics == ["case.received.v1", "case.step_completed.v1"]


def test_an_import_without_its_item_says_what_to_load_first(client, tmp_path):
    mapping = MAPPING.replace("environmental-permit", "no-such-item")
    outcome = take_in(client, tmp_path, "itemless", "\n".join(ROWS) + "\n", mapping=mapping)
    assert "has no item no-such-item; load it first (jiandu load-catalogue)" in outcome.said
    assert recorded_from(client, "itemless") == []


def test_a_server_that_does_not_answer_is_said_in_a_sentence(tmp_path):
    path = written(tmp_path, "nobody", "\n".join(ROWS) + "\n", "log.csv", MAPPING)
    mapping = load(str(tmp_path / "mapping.yaml"))
    with pytest.raises(CannotDo, match=r"The server does not answer.*服务没有应答"):
        asyncio.run(bring_in(path, mapping, "http://127.0.0.1:9", None, key=TOKEN, patience_seconds=0.3))

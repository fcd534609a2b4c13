"""The audit trail as a file: JSON lines, CSV, a workbook; of any size, and as of a past day."""

import csv
import io
import json
from hashlib import sha256

import openpyxl

from tests.audited import entered_late, through_the_agent
from tests.reads import CASE_NO, OTHER_NO


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

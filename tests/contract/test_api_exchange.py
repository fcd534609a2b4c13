"""The exchange over HTTP: everything at first, then what changed since."""

import csv
import io
from datetime import date

import orjson
import psycopg

from domain.amendment import CorrectEvent, VoidEvent
from domain.application import Keeper
from domain.contact import CONTACT
from domain.contact.commands import AnswerConsultation, RegisterFirstAsk
from domain.grammar import Occasion
from domain.store.memory import MemoryLog
from domain.workdays import CALENDAR
from domain.workdays.commands import PublishCalendar
from tests import county
from tests.contract.test_api_differences import a_holiday_more
from tests.examples import a_concluded_case, completing
from tests.exported import STATION, accepted
from tests.reads import CASE_NO, OTHER_NO, a_read_county
from tests.spec import at, deed, the_county
from tests.views import insert


class Client:
    """Fetches one table, and goes on where it stopped."""

    def __init__(self, read, table):
        self.read = read
        self.table = table
        self.after = 0
        self.rows = {}

    async def fetch(self, **query):
        """What came, as (operation, row); kept by row_guid."""
        response = await self.read.client.get(
            f"/v1/exports/exchange/{self.table}", params={"after": self.after, **query}
        )
        assert response.status_code == 200, response.text
        *rows, end = map(orjson.loads, response.text.splitlines())
        self.after = end["end"]["basis"]["position"]
        assert end["end"]["rows"] == len(rows)
        for row in rows:
            if row["cd_operation"] == "D":
                del self.rows[row["row_guid"]]
            else:
                self.rows[row["row_guid"]] = _own(row)
        return [(row["cd_operation"], row) for row in rows]


def _own(row):
    return {name: value for name, value in row.items() if name not in {"cd_operation", "cd_time", "cd_batch"}}


def correcting(version, field, was, should_be):
    return CorrectEvent(
        target_version=version,
        field=field,
        was=was,
        should_be=should_be,
        reason="误录",
        approved_by="a-director",
    )


async def test_a_client_that_goes_on_has_what_one_has_that_begins_anew(database18):
    async with a_read_county(database18) as read:
        client = Client(read, "up_pro_process")
        await read.record(*accepted(county.PERMIT, "03-03"))
        assert await client.fetch() == []
        await read.record(
            *accepted(county.PERMIT, "03-03"),
            deed(completing("CB"), "03-04 09:00", by=STATION),
            case_no=OTHER_NO,
        )
        assert [operation for operation, _ in await client.fetch()] == ["I"]
        assert await client.fetch() == []
        anew = Client(read, "up_pro_process")
        await anew.fetch()
        assert anew.rows == client.rows


async def test_a_correction_changes_a_row_and_a_void_takes_it_away(database18):
    story = (
        *accepted(county.PERMIT, "03-03"),
        deed(completing("CB"), "03-04 09:00", by=STATION),
        deed(completing("SH", "审核"), "03-05 09:00", by=STATION),
        deed(correcting(3, "step_title", "承办", "勘验"), "03-06 09:00", by=STATION),
        deed(VoidEvent(target_version=4, reason="误录", approved_by="a-director"), "03-09 09:00", by=STATION),
    )
    async with a_read_county(database18) as read:
        client = Client(read, "up_pro_process")
        await read.record(*story)
        await client.fetch(known_at="2026-03-05T12:00:00+08:00")
        assert [row["process_name"] for row in client.rows.values()] == ["承办", "审核"]
        assert [(operation, row["process_name"]) for operation, row in await client.fetch()] == [
            ("U", "勘验"),
            ("D", "审核"),
        ]
        assert [row["process_name"] for row in client.rows.values()] == ["勘验"]


async def consultations():
    """What the log holds of a first ask at the town's window, and of its answer."""
    moment = at("03-03 09:00")
    log = MemoryLog(lambda: moment)
    keeper = Keeper(log, the_county())
    for command, asked_at in (
        (RegisterFirstAsk(matter="问农村建房"), "03-03 09:00"),
        (AnswerConsultation(answer="先到国土所申请"), "03-04 10:00"),
    ):
        moment = at(asked_at)
        occasion = Occasion(county.actor_at(county.TOWN_CLERK_POST), moment)
        await keeper.handle(CONTACT, "SW-1", command, occasion, key=None, digest=b"")
    return log.events


async def record_consultations(read):
    async with await psycopg.AsyncConnection.connect(read.dsn) as connection:
        await connection.execute("set search_path = county")
        await insert(connection, await consultations())
    await read.engine.catch_up()


async def test_a_consultation_is_told_when_it_is_asked_and_again_when_it_is_answered(database18):
    async with a_read_county(database18) as read:
        client = Client(read, "gbt39046-10-consultation")
        await record_consultations(read)
        ((operation, asked),) = await client.fetch(known_at="2026-03-03T12:00:00+08:00")
        assert (operation, asked["咨询编码"], asked["咨询内容"]) == ("I", "SW-1", "问农村建房")
        assert (asked["咨询时间"], asked["处理时间"]) == ("2026-03-03T09:00:00+08:00", None)
        ((operation, answered),) = await client.fetch()
        assert (operation, answered["处理时间"]) == ("U", "2026-03-04T10:00:00+08:00")
        assert (answered["处理人"], answered["处理意见"]) == ("a-town-clerk", "先到国土所申请")


async def test_consultations_are_told_to_whom_the_whole_county_is_shown_and_to_no_township(database18):
    """As docs/exporting.md says: also where the township's own window was asked."""
    async with a_read_county(database18) as read:
        await read.enter_registers()
        await record_consultations(read)
        director = f"{county.actor_at(county.DIRECTOR_POST).staff_id}@{county.DIRECTOR_POST}"
        counted = {}
        for who, headers in (("county", {}), ("township", {"X-Jiandu-Speaks-For": director})):
            response = await read.client.get("/v1/exports/exchange/gbt39046-10-consultation", headers=headers)
            assert response.status_code == 200, response.text
            counted[who] = orjson.loads(response.text.splitlines()[-1])["end"]["rows"]
        assert counted == {"county": 1, "township": 0}


async def test_a_calendar_that_changes_changes_the_promised_days(database18):
    """Accepted on Tuesday 17 November for ten days: due on 1 December; with the 18th off, on the 2nd."""
    async with a_read_county(database18) as read:
        client = Client(read, "up_pro_accept")
        await read.record(*accepted(county.PERMIT, "11-17"))
        ((_, row),) = await client.fetch()
        assert row["promise_date"] == "2026-12-01"
        await read.tell(CALENDAR, PublishCalendar(calendar=a_holiday_more(date(2026, 11, 18))), "11-20 09:00")
        ((operation, row),) = await client.fetch()
        assert (operation, row["promise_date"]) == ("U", "2026-12-02")


async def test_a_row_says_when_and_with_which_batch_it_came(database18):
    async with a_read_county(database18) as read:
        await read.record(*accepted(county.PERMIT, "03-03"))
        ((_, row),) = await Client(read, "up_pro_accept").fetch()
        assert (row["cd_time"], row["cd_batch"]) == ("2026-03-03 09:30:00", "0-2")
        assert len(row["row_guid"]) == 32


async def test_as_known_before_the_acceptance_there_is_no_row(database18):
    async with a_read_county(database18) as read:
        await read.record(*accepted(county.PERMIT, "03-03"))
        assert await Client(read, "up_pro_accept").fetch(known_at="2026-03-03T09:15:00+08:00") == []


async def test_a_table_can_be_had_as_csv_in_the_standards_columns(database18):
    async with a_read_county(database18) as read:
        await read.record(*a_concluded_case())
        response = await read.client.get("/v1/exports/exchange/gbt39046-8", params={"format": "csv"})
        head, row, _ = csv.reader(io.StringIO(response.text.removeprefix("\ufeff")))
        told = dict(zip(head, row, strict=True))
        assert (told["办件编号"], told["结果证照编号"], told["cd_operation"]) == (CASE_NO, "ZJD-1", "I")


async def test_every_table_is_listed_and_can_be_asked_for(database18):
    async with a_read_county(database18) as read:
        await read.record(*a_concluded_case())
        tables = (await read.read("/v1/exports/exchange"))["tables"]
        assert len(tables) == 26
        for table in tables:
            client = Client(read, table["name"])
            for _, row in await client.fetch():
                assert list(row) == sorted(table["columns"])


async def test_what_cannot_be_fetched_is_a_problem(database18):
    async with a_read_county(database18) as read:
        for table, query, status, code in (
            ("up_pro_nothing", {}, 404, "exchange-table-unknown"),
            ("up_pro_accept", {"after": 99}, 422, "fetched-beyond-views"),
            ("up_pro_accept", {"after": -1}, 422, "parameter-invalid"),
            ("up_pro_accept", {"format": "xml"}, 422, "parameter-invalid"),
        ):
            problem = await read.refused(f"/v1/exports/exchange/{table}", **query)
            assert (problem["status"], problem["type"]) == (status, f"urn:jiandu:problem:{code}")

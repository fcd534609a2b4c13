"""OCEL 2.0: cases and what they touch as objects, in SQLite and in JSON."""

import re
import sqlite3
from contextlib import closing
from datetime import date

import orjson
import pytest

from projections.exports.activity import Language
from projections.exports.fields import FIELDS_BY_TOPIC
from projections.exports.ocel.building import build
from projections.exports.ocel.document import document
from projections.exports.ocel.registers import registers
from projections.exports.ocel.telling import Teller
from projections.exports.ocel.types import EVENT_ATTRIBUTES, ObjectType
from projections.exports.xes import xes
from tests import county
from tests.examples import (
    VILLAGER,
    a_case_collected_by_the_agent,
    a_case_with_a_fee,
    a_delivered_case,
    a_joint_case,
    a_supplied_case,
    completing,
)
from tests.exported import STATION, a_surveyed_case, accepted, dossiers_of, in_pieces, read_by_pm4py
from tests.registers import enter_in_log
from tests.spec import at, deed
from tests.views import CASE_NO, defined_county, in_views, look_back, record

OTHER_NO = "61099910100020260303000025"
CASE, OTHER = f"case:{CASE_NO}", f"case:{OTHER_NO}"


@pytest.fixture(scope="module")
def county_of_views(postgres18):
    with defined_county(postgres18.dsn) as conninfo:
        yield conninfo


@pytest.fixture
async def views(county_of_views):
    async with in_views(county_of_views) as connection:
        yield connection


class Log:
    """Both forms of one log."""

    def __init__(self, path):
        self.path = path
        self.json = orjson.loads(b"".join(document(path)))

    def rows(self, statement, *parameters):
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(statement, parameters).fetchall()

    def object(self, id_):
        (found,) = (each for each in self.json["objects"] if each["id"] == id_)
        return found

    def values(self, id_):
        """What never changed."""
        return {
            value["name"]: value["value"]
            for value in self.object(id_)["attributes"]
            if value["time"].startswith("1970-01-01")
        }

    def changes(self, id_, name):
        return [
            (value["time"], value["value"])
            for value in self.object(id_)["attributes"]
            if value["name"] == name and not value["time"].startswith("1970-01-01")
        ]

    def relations(self, id_):
        found = (each for each in (*self.json["objects"], *self.json["events"]) if each["id"] == id_)
        return {(each["qualifier"], each["objectId"]) for each in next(found)["relationships"]}


@pytest.fixture
def the_log(views, tmp_path):
    async def _log(*, language=Language.zh, in_parts=False, **asked):
        dossiers = await dossiers_of(views, **asked)
        pieces = [[each] for each in dossiers] if in_parts else [dossiers]
        path = tmp_path / f"log{len(list(tmp_path.iterdir()))}.sqlite"
        await build(path, in_pieces(*pieces), Teller(await registers(views), language))
        log = Log(path)
        assert list(flaws(log.json)) == []
        assert log.rows("pragma foreign_key_check") == []
        assert log.rows("pragma integrity_check") == [("ok",)]
        return log

    return _log


TYPES = {"string": str, "integer": int, "boolean": bool, "time": str, "float": float}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def flaws(log):
    """Where the document is not what the JSON form of OCEL 2.0 asks: members, types declared, references that hold."""
    if set(log) != {"eventTypes", "objectTypes", "events", "objects"}:
        yield f"members {sorted(log)}"
    ids = [each["id"] for each in (*log["objects"], *log["events"])]
    if len(set(ids)) < len(ids):
        yield "an id stands twice"
    object_ids = {each["id"] for each in log["objects"]}
    for kind in ("event", "object"):
        types = {
            each["name"]: {attribute["name"]: attribute["type"] for attribute in each["attributes"]}
            for each in log[f"{kind}Types"]
        }
        for each in log[f"{kind}s"]:
            yield from _flaws_of(each, types[each["type"]], object_ids)
            if kind == "event" and not TIME.fullmatch(each["time"]):
                yield f"no time: {each['time']}"


def _flaws_of(each, attributes, object_ids):
    for value in each["attributes"]:
        declared = attributes[value["name"]]
        if type(value["value"]) is not TYPES[declared]:
            yield f"{each['id']}: {value} is no {declared}"
        if declared == "time" and not TIME.fullmatch(value["value"]):
            yield f"{each['id']}: {value}"
    for relation in each["relationships"]:
        if set(relation) != {"objectId", "qualifier"} or relation["objectId"] not in object_ids:
            yield f"{each['id']}: {relation}"


async def test_a_case_is_an_object_with_the_figures_of_its_clock(views, the_log):
    await record(views, *a_surveyed_case())
    told = (await the_log()).values(CASE)
    figures = ("gross_days", "used_days", "excluded_days", "remaining_days", "overdue_days", "pauses")
    assert [told[name] for name in figures] == [13, 10, 3, 5, 0, 1]
    assert told["due"] == "2026-03-26T16:00:00.000Z"  # 27 March begins in China


async def test_who_holds_a_case_changes_over_time(views, the_log):
    await record(views, *a_surveyed_case())
    log = await the_log()
    assert log.changes(CASE, "holder_unit") == [
        ("2026-03-03T01:00:00.000Z", county.TOWN_CENTRE),
        ("2026-03-20T02:05:00.000Z", county.LAND_STATION),
    ]
    assert log.changes(CASE, "is_in_transit") == [
        ("2026-03-18T08:40:00.000Z", True),
        ("2026-03-20T02:05:00.000Z", False),
    ]
    assert log.changes(CASE, "holder_window")[-1] == ("2026-03-20T02:05:00.000Z", "")


async def test_the_days_due_change_when_the_record_tells_new_ones(views, the_log):
    await record(views, *a_surveyed_case())
    assert [value[:10] for _, value in (await the_log()).changes(CASE, "promise_due")] == [
        "2026-03-23",
        "2026-03-26",
    ]


async def test_an_event_relates_to_all_that_took_part(views, the_log):
    await record(views, *a_surveyed_case())
    log = await the_log()
    assert log.relations("event:1") == {
        ("办件", CASE),
        ("办理人", "staff:a-town-clerk"),
        ("办理单位", f"unit:{county.TOWN_CENTRE}"),
        ("办理窗口", f"window:{county.TOWN_WINDOW}"),
        ("办理岗位", f"post:{county.TOWN_CLERK_POST}"),
        ("申请人", f"party:{VILLAGER}"),
        ("事项", f"item:{county.HOMESTEAD}@1"),
    }
    assert ("去向单位", f"unit:{county.LAND_STATION}") in log.relations("event:5")


async def test_a_special_procedure_is_an_object_that_starts_and_ends(views, the_log):
    await record(views, *a_surveyed_case())
    log = await the_log()
    procedure = f"procedure:{CASE_NO}/1"
    assert log.values(procedure)["planned_days"] == 5
    assert log.relations(procedure) == {("所属办件", CASE)}
    assert {("特别程序", procedure)} <= log.relations("event:3") & log.relations("event:4")


async def test_notices_and_certificates_and_fees_belong_to_their_case(views, the_log):
    await record(views, *a_supplied_case())
    await record(views, *a_delivered_case(), case_no=OTHER_NO)
    log = await the_log()
    assert log.values(f"notice:{CASE_NO}/GZ-1") == {
        "notice_no": "GZ-1",
        "ordinal": 1,
        "missing": 1,
        "method": "当面",
    }
    assert log.relations("certificate:ZJD-1") == {("所属办件", OTHER)}
    about = [
        each for each in log.json["events"] if ("证照", "certificate:ZJD-1") in log.relations(each["id"])
    ]
    assert [each["type"] for each in about] == ["制证", "证照送达窗口", "证照送达"]


async def test_a_fee_is_counted_in_fen(views, the_log):
    await record(views, *a_case_with_a_fee())
    log = await the_log()
    (fee,) = (each["id"] for each in log.json["objects"] if each["type"] == "缴款单")
    assert log.values(fee)["amount_fen"] == log.values(CASE)["fees_fen"]


async def test_what_came_through_a_point_relates_to_it(views, the_log):
    await record(views, *a_case_collected_by_the_agent())
    log = await the_log()
    assert ("代办点", f"point:{county.POINT_SHANG}") in log.relations(CASE)


async def test_a_joint_review_asks_every_unit(views, the_log):
    await record(views, *a_joint_case())
    log = await the_log()
    (opened,) = (each["id"] for each in log.json["events"] if each["type"] == "联合审批发起")
    asked = {id_ for qualifier, id_ in log.relations(opened) if qualifier == "征询单位"}
    assert asked == {f"unit:{county.HOUSING}", f"unit:{county.FIRE}"}


async def test_each_step_is_a_type_of_its_own(views, the_log):
    await record(
        views,
        *accepted(county.PERMIT, "03-03"),
        deed(completing("CB"), "03-04 09:00", by=STATION),
        deed(completing("KC", "勘察"), "03-05 09:00", by=STATION),
    )
    log = await the_log()
    assert [each["name"] for each in log.json["eventTypes"]] == ["收件登记", "受理", "CB 承办", "KC 勘察"]
    assert log.rows("select ocel_type_map from event_map_type where ocel_type like '%勘察'") == [
        ("StepCompleted_2",)
    ]


async def test_the_names_can_be_english(views, the_log):
    await record(views, *a_surveyed_case())
    log = await the_log(language=Language.en)
    assert log.json["events"][0]["type"] == "Case received"
    assert {"Case", "Party", "Special procedure"} <= {each["name"] for each in log.json["objectTypes"]}
    assert log.rows("select ocel_type from object_map_type where ocel_type_map = 'SpecialProcedure'")
    assert ("about", CASE) in log.relations("event:1")


async def test_an_object_of_many_cases_stands_once_however_the_cases_come(views, the_log):
    await record(views, *a_surveyed_case())
    await record(views, *accepted(county.PERMIT, "03-09"), case_no=OTHER_NO)
    together, apart = await the_log(), await the_log(in_parts=True)
    assert [each["id"] for each in together.json["objects"]].count(f"party:{VILLAGER}") == 1

    def told(log):
        return {each["id"]: each["attributes"] for each in log.json["objects"]}

    assert told(together) == told(apart)
    assert len(together.json["events"]) == len(apart.json["events"]) == 8


async def test_both_forms_say_the_same(views, the_log):
    await record(views, *a_surveyed_case())
    log = await the_log()
    for name, kind in (("event", "events"), ("object", "objects")):
        assert log.rows(f"select ocel_id, ocel_type from {name}") == [  # noqa: S608  — two names of our own
            (each["id"], each["type"]) for each in log.json[kind]
        ]
    assert len(log.rows("select 1 from event_object")) == sum(
        len(each["relationships"]) for each in log.json["events"]
    )
    assert log.rows("select ocel_time, to_unit from event_CaseForwardedToStation") == [
        ("2026-03-18T08:40:00.000Z", county.LAND_STATION)
    ]


async def test_an_object_of_no_event_stands_there_because_another_names_it(views, the_log):
    """The superior of a unit that took part. OCEL asks for both ends of a relation, and for no event of an object."""
    await enter_in_log(views)
    await record(views, *a_surveyed_case())
    log = await the_log()
    took_part = {named["objectId"] for event in log.json["events"] for named in event["relationships"]}
    silent = {each["id"] for each in log.json["objects"]} - took_part
    named = {end["objectId"] for each in log.json["objects"] for end in each.get("relationships", ())}
    assert silent
    assert silent <= named
    assert {identity.partition(":")[0] for identity in silent} == {"unit"}


async def test_pm4py_reads_every_form(views, the_log, tmp_path):
    await record(views, *a_surveyed_case())
    await record(views, *a_delivered_case(), case_no=OTHER_NO)
    log = await the_log()
    dossiers = await dossiers_of(views)
    log.path.rename(tmp_path / "cases.sqlite")
    (tmp_path / "cases.json").write_bytes(orjson.dumps(log.json))
    (tmp_path / "cases.xes").write_bytes(
        b"".join([piece async for piece in xes(in_pieces(dossiers), {}, Language.zh)])
    )
    told = read_by_pm4py(tmp_path)
    assert (told["traces"], told["events"], told["starts"]) == (2, 16, {"收件登记": 2})
    assert (told["kept"], told["broken"]) == (24, [])
    in_json, in_sqlite = told["ocel"]["json"], told["ocel"]["sqlite"]
    for name in ("events", "objects", "relations", "o2o", "flattened"):
        assert in_json[name] == in_sqlite[name]
    assert (in_json["events"], in_json["flattened"]) == (16, 2)


async def test_as_known_the_survey_has_not_ended(views, the_log):
    await record(views, *a_surveyed_case())
    await look_back(views, known_at=at("03-06 00:00"))
    log = await the_log(day=date(2026, 3, 6))
    assert len(log.json["events"]) == 3
    assert log.values(CASE)["is_paused"] is True


async def test_nothing_is_said_of_a_person_but_the_reference(views, the_log):
    await record(views, *a_surveyed_case())
    log = await the_log()
    assert set(log.values(f"party:{VILLAGER}")) == {"type"}
    assert "四至清楚" not in orjson.dumps(log.json).decode()


HOSTILE = "承办\"';--</script>\\u0000😀"


async def test_a_hostile_title_stays_a_title_in_both_forms(views, the_log):
    await record(
        views,
        *accepted(county.PERMIT, "03-03"),
        deed(completing("CB", HOSTILE), "03-04 09:00", by=STATION),
    )
    log = await the_log()
    assert log.json["events"][-1]["type"] == f"CB {HOSTILE}"
    assert log.rows("select ocel_type from event_map_type where ocel_type_map = 'StepCompleted'") == [
        (f"CB {HOSTILE}",)
    ]


def test_no_field_of_a_fact_takes_the_name_of_what_every_event_has():
    for topic, fields in FIELDS_BY_TOPIC.items():
        assert not set(fields) & set(EVENT_ATTRIBUTES), topic


def test_every_type_of_object_has_a_table_of_its_own():
    assert len({type_.table for type_ in ObjectType}) == len(ObjectType)

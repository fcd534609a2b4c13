"""A county's files: read as a whole or not at all, loaded once, and what is wrong is told by its place."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from domain.application import Keeper
from domain.catalogue import Catalogue
from domain.store.memory import MemoryLog
from domain.workdays import CALENDAR
from domain.workdays.seed import shipped
from ops.catalogue_files import FilesBroken, load, read

NOW = datetime(2026, 3, 3, 1, tzinfo=UTC)

UNITS = """
defaults: {valid_from: 2020-01-01}
units:
  - {unit_code: A, title: 甲县人民政府, kind: government, division_code: "610999000000"}
  - {unit_code: A-1, title: 甲县政务服务中心, kind: centre, division_code: "610999000000", parent_code: A}
"""
STAFF = """
staff:
  - {staff_id: G1, unit_code: A-1, name: 王小明, valid_from: 2020-01-01}
  - {staff_id: G2, unit_code: A-1, name: 李小红, valid_from: 2020-01-01}
"""
HALL = """
windows:
  - {window_id: W1, unit_code: A-1, title: 1号窗口, opened_on: 2020-01-01}
posts:
  - {post_id: P1, unit_code: A-1, window_id: W1, title: 窗口岗, role: window_clerk, since: 2020-01-01, a: G1, b: G2}
"""
ITEMS = """
items:
  - item_code: S1
    version: "1"
    title: 测试事项
    class_code: "01"
    kind: promised
    level: "4"
    unit_code: A
    legal_basis: 中华人民共和国行政许可法
    legal_days: 20
    promise_days: 10
    valid_from: 2020-01-01
stationings:
  - {items: [S1], windows: [W1], valid_from: 2020-01-01}
authorisations:
  - {authorisation_no: N1, granted_by: A, unit_code: A-1, item_codes: [S1], powers: [accept], valid_from: 2020-01-01}
"""


class People:
    """Remembers names, one person for one document."""

    def __init__(self):
        self.names = {}

    async def enrol(self, person, _occasion):
        self.names[person.id_number] = person.name
        return f"p-{list(self.names).index(person.id_number):032x}"


class Hall:
    """A county without a database."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.log = MemoryLog()
        self.keeper = Keeper(self.log, Catalogue())
        self.people = People()

    def write(self, **contents: str) -> "Hall":
        for name, content in contents.items():
            self.folder.joinpath(name.replace("_", ".", 1)).write_text(content, encoding="utf-8")
        return self

    async def load(self):
        return await load(self.keeper, self.people, self.folder, received_at=NOW)


@pytest.fixture
def hall(tmp_path):
    return Hall(tmp_path)


@pytest.fixture
def whole(hall):
    return hall.write(units_yaml=UNITS, staff_yaml=STAFF, hall_yaml=HALL, items_yaml=ITEMS)


def broken_places(hall):
    with pytest.raises(FilesBroken) as refused:
        read(hall.folder)
    return [(place.file, place.line, place.field) for place in refused.value.places]


# ── loading ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_folder_becomes_the_county(whole):
    report = await whole.load()
    catalogue = whole.keeper.catalogue
    assert report.refused == []
    assert catalogue.unit("A-1").parent_code == "A"
    assert [holder.staff_id for holder in catalogue.post("P1").assignments] == ["G1", "G2"]
    assert catalogue.item("S1", date(2026, 3, 3)).promise_days == 10
    assert catalogue.is_stationed("S1", "W1", date(2026, 3, 3))


async def test_the_second_time_nothing_is_recorded(whole):
    first = await whole.load()
    recorded = len(whole.log.events)
    second = await whole.load()
    assert (second.recorded, second.events, second.refused) == (0, 0, [])
    assert len(whole.log.events) == recorded == first.events


async def test_another_process_loads_nothing_twice_either(whole):
    await whole.load()
    recorded = len(whole.log.events)
    followed = Catalogue()
    for event in whole.log.events:
        followed.apply(event.stream, event.fact, event.version)
    again = await load(Keeper(whole.log, followed), whole.people, whole.folder, received_at=NOW)
    assert again.events == 0
    assert len(whole.log.events) == recorded


async def test_only_what_changed_is_recorded(whole):
    await whole.load()
    whole.write(hall_yaml=HALL.replace("1号窗口", "1号综合窗口"))
    report = await whole.load()
    assert (report.recorded, report.events) == (1, 1)
    assert whole.log.events[-1].topic == "window.changed.v1"


async def test_a_new_version_of_an_item_is_one_entry_more(whole):
    await whole.load()
    revised = (
        ITEMS.partition("stationings")[0].replace('"1"', '"2"').replace("promise_days: 10", "promise_days: 7")
    )
    whole.write(revised_yaml=revised.replace("valid_from: 2020-01-01", "valid_from: 2026-01-01"))
    assert (await whole.load()).events == 1
    assert whole.keeper.catalogue.item("S1", date(2026, 3, 3)).promise_days == 7


async def test_names_go_to_the_people_and_nowhere_else(whole):
    await whole.load()
    assert set(whole.people.names.values()) == {"王小明", "李小红"}
    assert not any("王小明".encode() in event.state for event in whole.log.events)


async def test_the_shipped_calendars_are_recorded_with_the_county(whole):
    await whole.load()
    assert set(whole.keeper.catalogue.entries(CALENDAR)) == {str(year) for year in shipped()}


async def test_what_a_rule_refuses_is_reported_and_the_rest_is_recorded(whole):
    whole.write(
        more_yaml=UNITS.replace("A-1, title", "B-1, title").replace("parent_code: A", "parent_code: X")
    )
    report = await whole.load()
    assert [(refused.place.file, refused.place.line) for refused in report.refused] == [("more.yaml", 5)]
    assert report.refused[0].rejected.details == {"register": "unit", "code": "X"}
    assert "more.yaml:5" in str(report.refused[0])
    assert whole.keeper.catalogue.item("S1", date(2026, 3, 3)) is not None


async def test_a_year_of_the_countys_own_comes_from_csv(whole):
    whole.write(
        calendars_yaml="calendars: [{year: 2027, version: '2027-1', source: 国办通知, days: 2027.csv}]",
        **{"2027_csv": "date,is_working,label\n2027-01-01,0,元旦\n2027-01-02,是,调休\n"},
    )
    await whole.load()
    days = whole.keeper.catalogue.working_days()
    assert not days.is_working(date(2027, 1, 1))
    assert days.is_working(date(2027, 1, 2))
    assert not days.is_provisional(date(2027, 1, 1))
    assert (await whole.load()).events == 0


async def test_a_year_is_amended_with_a_reason(whole):
    calendar = (
        "calendars: [{{year: 2026, version: '{v}', source: 国办通知, days: d.csv, amends_because: 补充通知}}]"
    )
    await whole.load()
    whole.write(calendars_yaml=calendar.format(v="2026-2"), d_csv="date,is_working\n2026-05-04,0\n")
    assert (await whole.load()).events == 1
    assert whole.log.events[-1].topic == "calendar.amended.v1"


async def test_items_may_come_from_a_spreadsheet(whole):
    heading = "item_code,version,title,class_code,kind,level,unit_code,legal_basis,legal_days,promise_days,materials,valid_from"
    whole.write(
        items_csv=f"{heading}\nS2,1,表格事项,05,promised,5,A,社会救助暂行办法,10,5,申请表;户口簿,2020-01-01\n"
    )
    await whole.load()
    item = whole.keeper.catalogue.item("S2", date(2026, 3, 3))
    assert (item.promise_days, [material.title for material in item.materials]) == (5, ["申请表", "户口簿"])


# ── what is wrong is told by its place ──────────────────────────────────────────────────────────────────────


async def test_nothing_is_recorded_of_a_folder_with_one_wrong_place(whole):
    whole.write(more_yaml=UNITS.replace("kind: centre", "kind: center"))
    with pytest.raises(FilesBroken):
        await whole.load()
    assert whole.log.events == []


@pytest.mark.parametrize(
    ("right", "wrong", "line", "where"),
    [
        ("kind: centre", "kind: center", 5, "kind"),
        ("kind: centre, ", "", 5, "kind"),
        ("title: 甲县政务服务中心", "titel: 甲县政务服务中心, title: 甲", 5, "titel"),
        ('"610999000000", parent_code', "610999000000, parent_code", 5, "division_code"),
        ('"610999000000", parent_code', '"610999600000", parent_code', 5, "division_code"),
        ("{valid_from: 2020-01-01}", "{valid_from: 2020-02-30}", 2, "valid_from"),
        ("{valid_from: 2020-01-01}", "{valid_from: 01/02/2020}", 2, "valid_from"),
        ("units:", "unit:", 3, "unit"),
        ("title: 甲县政务服务中心", "title: true", 5, "title"),
        ("title: 甲县政务服务中心", 'title: "\\ud800"', 5, ""),
        ("title: 甲县政务服务中心", 'title: "\\0"', 5, "title"),
        ("title: 甲县政务服务中心", "title: " + "9" * 5000, 5, "title"),
        ("title: 甲县政务服务中心", "title: 1234567890", 5, "title"),
        ("{valid_from: 2020-01-01}", "5", 2, "defaults"),
    ],
)
def test_a_wrong_field_is_told_by_file_line_and_name(hall, right, wrong, line, where):
    assert right in UNITS
    hall.write(units_yaml=UNITS.replace(right, wrong))
    places = broken_places(hall)
    assert places[0][2] == where
    assert {place[:2] for place in places} <= {("units.yaml", line), ("units.yaml", 4), ("units.yaml", 5)}


def test_a_name_with_what_cannot_be_seen_is_told_by_file_line_and_name(hall):
    hall.write(staff_yaml=STAFF.replace("李小红", "李小红\u3164"))
    assert broken_places(hall) == [("staff.yaml", 4, "name")]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("units: [", 1),
        ("units:\n  - {unit_code: A,\n     unit_code: B}", 3),
        ("units:\n  - &a {unit_code: A}\n  - *a", 2),
        ("units:\n  - !!python/object:os.system {}", 2),
        ("units:\n  - !secret x", 2),
        ("units:\n  - a: \x07", 1),
        ("units: " + "[" * 5000 + "]" * 5000, 1),
        ("[]", 1),
        ("", 1),
    ],
)
def test_yaml_that_cannot_be_read_is_told_by_its_line(hall, content, line):
    hall.write(units_yaml=content)
    assert broken_places(hall)[0] == ("units.yaml", line, "")


def test_a_file_that_is_not_utf_8_is_told(hall):
    hall.folder.joinpath("units.yaml").write_bytes(UNITS.encode("gb18030"))
    assert broken_places(hall) == [("units.yaml", 4, "")]


def test_a_folder_without_files_is_told(tmp_path):
    with pytest.raises(FilesBroken, match=r"no \.yaml file"):
        read(tmp_path)
    with pytest.raises(FilesBroken, match=r"no \.yaml file"):
        read(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("days", "place"),
    [
        ("date,is_working,label\n2027-01-01,maybe,元旦\n", ("2027.csv", 2, "is_working")),
        ("date,is_working,label\n2027-01-01,0,元旦\n2027-02-30,0,春节\n", ("2027.csv", 3, "day")),
        ("date,is_working,label\n2027-01-01,0\n", ("2027.csv", 2, "")),
        ("date,is_working,colour\n2027-01-01,0,red\n", ("2027.csv", 2, "colour")),
        ("is_working,label\n0,元旦\n", ("2027.csv", 2, "day")),
        ("date,date\n2027-01-01,0\n", ("2027.csv", 1, "")),
        ("", ("2027.csv", 1, "")),
        ('date,is_working,label\n2027-01-01,0,"元旦\n', ("2027.csv", 2, "")),
        ("date,is_working\n2026-01-01,0\n", ("2027.csv", 1, "date")),
        ("date,is_working\n2027-01-01,0\n2027-01-01,1\n", ("2027.csv", 1, "date")),
    ],
)
def test_a_wrong_day_is_told_by_file_line_and_column(hall, days, place):
    calendar = "calendars: [{year: 2027, version: '1', source: 国办通知, days: 2027.csv}]"
    hall.write(calendars_yaml=calendar, **{"2027_csv": days})
    assert broken_places(hall)[0] == place


@pytest.mark.parametrize("days", ["absent.csv", "../2027.csv", "/etc/passwd"])
def test_a_calendar_names_a_file_of_its_own_folder(hall, days):
    hall.folder.parent.joinpath("2027.csv").write_text("date,is_working\n2027-01-01,0\n")
    hall.write(calendars_yaml=f"calendars: [{{year: 2027, version: '1', source: 国办通知, days: {days}}}]")
    assert broken_places(hall) == [("calendars.yaml", 1, "days")]


def test_a_csv_that_nobody_names_is_told(whole):
    whole.write(days_csv="date,is_working\n2027-01-01,0\n")
    assert broken_places(whole) == [("days.csv", 1, "")]


def test_a_wrong_cell_of_a_spreadsheet_is_told_by_line_and_column(whole):
    whole.write(items_csv="item_code,title,legal_days\nS2,甲,zehn\n")
    places = broken_places(whole)
    assert ("items.csv", 2, "legal_days") in places
    assert ("items.csv", 2, "version") in places


def test_every_wrong_place_is_told_at_once(whole):
    whole.write(more_yaml=UNITS.replace("kind: centre", "kind: center"), worse_yaml="items: [")
    assert [place[0] for place in broken_places(whole)] == ["more.yaml", "worse.yaml"]


def test_a_message_says_in_both_languages_what_would_be_accepted(whole):
    whole.write(more_yaml=UNITS.replace("kind: centre", "kind: center"))
    with pytest.raises(FilesBroken) as refused:
        read(whole.folder)
    (place,) = refused.value.places
    assert "'centre'" in place.english
    assert place.chinese.startswith("只能取")


@pytest.mark.parametrize(
    ("wrong", "english", "chinese"),
    [
        ('"610999600000"', "must hold 001 to 599 in digits 7 to 9", "第 7 至 9 位应为 001 至 599"),
        ('"000999000000"', "must begin with the province", "应以省级代码"),
    ],
)
def test_what_is_wrong_with_a_division_is_said_in_both_languages(hall, wrong, english, chinese):
    hall.write(units_yaml=UNITS.replace('"610999000000", parent_code', f"{wrong}, parent_code"))
    with pytest.raises(FilesBroken) as refused:
        read(hall.folder)
    (place,) = refused.value.places
    assert place.english.startswith(english)
    assert place.chinese.startswith(chinese)

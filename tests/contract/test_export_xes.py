"""XES: what a tool for process mining reads of the cases."""

import re
from datetime import date

import pytest

from domain.amendment import CorrectEvent, VoidEvent
from domain.case.decision.commands import Approve
from ops.importing.rows import Row
from ops.importing.xes import XesReader
from projections.exports.activity import Language
from projections.exports.dossiers import Wanted
from projections.exports.xes import NO_XML, xes, yuan
from tests import county
from tests.examples import VOUCHED, a_case_with_a_fee, completing
from tests.exported import STATION, a_surveyed_case, accepted, dossiers_of, in_pieces
from tests.spec import at, deed
from tests.views import CASE_NO, defined_county, in_views, look_back, record
from tests.xml_tree import breaches, tree

OTHER_NO = "61099910100020260303000025"


@pytest.fixture(scope="module")
def county_of_views(postgres):
    with defined_county(postgres.dsn) as conninfo:
        yield conninfo


@pytest.fixture
async def views(county_of_views):
    async with in_views(county_of_views) as connection:
        yield connection


async def document(views, wanted=None, *, language=Language.zh, **asked):
    dossiers = await dossiers_of(views, wanted, **asked)
    return b"".join([piece async for piece in xes(in_pieces(dossiers), {"position": 7}, language)])


async def the_log(views, wanted=None, **asked):
    log = tree(await document(views, wanted, **asked))
    assert list(breaches(log)) == []
    return log


async def the_trace(views, **asked):
    (trace,) = (await the_log(views, **asked)).all("trace")
    return trace


def names(trace):
    return [event.attributes["concept:name"] for event in trace.all("event")]


async def test_a_case_is_a_trace_and_what_stands_of_it_are_its_events(views):
    await record(views, *a_surveyed_case())
    trace = await the_trace(views)
    assert trace.attributes["concept:name"] == CASE_NO
    assert names(trace) == ["收件登记", "受理", "特别程序", "特别程序", "转办", "站所签收"]


async def test_the_names_can_be_english(views):
    await record(views, *accepted(county.PERMIT, "03-03"))
    assert names(await the_trace(views, language=Language.en)) == ["Case received", "Case accepted"]


async def test_a_special_procedure_starts_and_completes_as_one_instance(views):
    await record(views, *a_surveyed_case())
    started, ended = (await the_trace(views)).all("event")[2:4]
    assert [each.attributes["lifecycle:transition"] for each in (started, ended)] == ["start", "complete"]
    assert {each.attributes["concept:instance"] for each in (started, ended)} == {"1"}


async def test_a_trace_tells_the_figures_of_clock_and_card(views):
    await record(views, *a_surveyed_case())
    told = (await the_trace(views)).attributes
    figures = ("gross_days", "used_days", "excluded_days", "remaining_days", "overdue_days", "pauses")
    assert [told[f"jiandu:{name}"] for name in figures] == [13, 10, 3, 5, 0, 1]
    assert told["jiandu:promise_due"] == at("03-27 00:00")
    assert (told["jiandu:irregular_events"], told["jiandu:hops"]) == (0, 1)


async def test_each_spell_of_custody_stands_with_its_days(views):
    await record(views, *a_surveyed_case())
    (custody,) = (await the_trace(views)).all("list")
    spells = [
        (spell.said["value"], spell.attributes["jiandu:gross_days"], spell.attributes["jiandu:net_days"])
        for spell in custody.children[0].children
    ]
    assert spells == [(county.TOWN_CENTRE, 11, 8), (county.TOWN_CENTRE, 2, 2), (county.LAND_STATION, 0, 0)]


async def test_an_event_says_whose_spell_it_ended_and_after_how_many_days(views):
    await record(views, *a_surveyed_case())
    *_, sent, signed = (await the_trace(views)).all("event")
    assert sent.attributes["jiandu:held_net_days"] == 8
    assert signed.attributes["jiandu:held_by"] == county.TOWN_CENTRE
    assert signed.attributes["jiandu:holder"] == county.LAND_STATION


async def test_who_did_it_is_told_by_number_role_and_unit(views):
    await record(views, *accepted(county.PERMIT, "03-03"))
    event = (await the_trace(views)).all("event")[0].attributes
    assert (event["org:resource"], event["org:role"], event["org:group"]) == (
        "a-town-clerk",
        "window_clerk",
        county.TOWN_CENTRE,
    )


async def test_a_fee_is_a_cost_in_yuan(views):
    await record(views, *a_case_with_a_fee())
    trace = await the_trace(views)
    (charged,) = (event for event in trace.all("event") if event.attributes["concept:name"] == "收费")
    assert charged.attributes["cost:total"] == trace.attributes["cost:total"]
    assert charged.attributes["cost:currency"] == "CNY"
    assert re.fullmatch(r"[0-9]+\.[0-9]{2}", charged.attributes["cost:total"])


@pytest.mark.parametrize(("fen", "told"), [(0, "0.00"), (5, "0.05"), (1000, "10.00"), (-101, "-1.01")])
def test_money_is_written_exactly(fen, told):
    assert yuan(fen) == told


async def test_what_somebody_wrote_freely_and_who_applied_stay_at_home(views):
    await record(views, *a_surveyed_case())
    text = (await document(views)).decode()
    assert "四至清楚" not in text
    assert re.search(r"p-[0-9a-f]{32}|sha256", text) is None


HOSTILE = "</event><x>&amp; \"'>]]> <!-- 办结 😀"


async def test_a_hostile_title_stays_a_title(views):
    await record(
        views,
        *accepted(county.PERMIT, "03-03"),
        deed(completing("CB", HOSTILE), "03-04 09:00", by=STATION),
    )
    assert names(await the_trace(views))[-1] == f"CB {HOSTILE}"


@pytest.mark.parametrize("char", ["\x00", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_what_xml_cannot_hold_is_replaced(char):
    assert NO_XML.sub("?", f"a{char}b") == "a?b"


async def test_a_correction_is_applied_and_a_voided_event_left_out(views):
    await record(
        views,
        *accepted(county.PERMIT, "03-03"),
        deed(completing("CB"), "03-05 09:00", by=STATION),
        deed(completing("SH"), "03-06 09:00", by=STATION),
        deed(
            CorrectEvent(
                target_version=3,
                field="step_title",
                was="承办",
                should_be="勘验",
                reason="误录",
                approved_by="a-director",
            ),
            "03-09 09:00",
            by=STATION,
        ),
        deed(VoidEvent(target_version=4, reason="误录", approved_by="a-director"), "03-09 10:00", by=STATION),
    )
    assert names(await the_trace(views)) == ["收件登记", "受理", "CB 勘验"]


def entered_late():
    return (
        *accepted(county.PERMIT, "04-27"),
        deed(completing("CB"), "04-30 09:00", by=STATION),
        deed(Approve(decision_no="XK-6"), "05-08 15:00", recorded="05-15 09:00", backfill=VOUCHED),
    )


async def test_as_known_the_approval_that_was_entered_late_is_not_there(views):
    await record(views, *entered_late())
    await look_back(views, known_at=at("05-14 18:00"))
    trace = await the_trace(views, day=date(2026, 5, 14))
    assert names(trace)[-1] == "CB 承办"
    assert trace.attributes["jiandu:overdue_days"] == 1


async def test_as_happened_it_is_there_with_its_lag(views):
    await record(views, *entered_late())
    await look_back(views, happened_by=at("05-14 18:00"))
    trace = await the_trace(views, day=date(2026, 5, 14))
    approved = trace.all("event")[-1].attributes
    assert approved["concept:name"] == "准予"
    # from 8 May, the working Saturday 9 May and the five days from 11 to 15 May
    assert (approved["jiandu:lag_days"], approved["jiandu:is_backfilled"]) == (6, True)
    assert trace.attributes["jiandu:overdue_days"] == 0


async def test_nothing_beyond_the_position_is_read(views):
    await record(views, *a_surveyed_case())
    assert names(await the_trace(views, position=2)) == ["收件登记", "受理"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), [CASE_NO, OTHER_NO]),
        (Wanted(item_code=county.PERMIT), [OTHER_NO]),
        (Wanted(unit_code=county.LAND_STATION), [CASE_NO]),
        (Wanted(since=date(2026, 3, 4)), [OTHER_NO]),
        (Wanted(until=date(2026, 3, 3)), [CASE_NO]),
        (Wanted(since=date(2026, 3, 3), until=date(2026, 3, 9)), [CASE_NO, OTHER_NO]),
        (Wanted(item_code=county.SUBSIDY), []),
    ],
)
async def test_an_export_can_be_of_an_item_a_unit_and_a_period(views, wanted, found):
    await record(views, *a_surveyed_case())
    await record(views, *accepted(county.PERMIT, "03-09"), case_no=OTHER_NO)
    log = await the_log(views, wanted)
    assert [trace.attributes["concept:name"] for trace in log.all("trace")] == found


async def test_our_own_importer_reads_what_was_exported(views, tmp_path):
    await record(views, *a_surveyed_case())
    path = tmp_path / "log.xes"
    path.write_bytes(await document(views))
    rows = list(XesReader(path))
    assert all(isinstance(row, Row) for row in rows)
    assert [row.cells["concept:name"] for row in rows][-1] == "站所签收"
    assert {row.cells["case:concept:name"] for row in rows} == {CASE_NO}

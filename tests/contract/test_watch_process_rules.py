"""监察 watch, the rules of process 流程, fee and activity: what each finds, and what it leaves alone."""

import psycopg
import pytest
from psycopg import sql

from domain.case.acceptance.commands import AcceptCase, RefuseAcceptance
from domain.case.decision.commands import Approve
from domain.case.ending.commands import LinkDuplicate
from domain.case.fees.commands import ChargeFee
from domain.case.pauses.commands import EndSpecialProcedure
from domain.signal.values import signal_no
from projections.registry import PROJECTIONS
from projections.watch import WATCH, Watch
from tests import county
from tests.examples import (
    EXPLAINED,
    a_received_case,
    a_supplied_case,
    an_accepted_case,
    asking_for,
    receiving,
    supplying,
    surveying,
)
from tests.registers import enter_in_log
from tests.spec import at, deed, imported
from tests.views import CASE_NO, COUNTY, defined_county, in_views, look_back, record
from tests.watch_cases import FORWARD, OTHER_NO, at_the_station, day, found, lights, told


@pytest.fixture(scope="module")
def county_of_views(postgres):
    with defined_county(postgres.dsn) as conninfo:
        yield conninfo


@pytest.fixture
async def views(county_of_views):
    async with in_views(county_of_views) as connection:
        yield connection


# ── P: process ──────────────────────────────────────────────────────────────────────────────────────────────


def asked_again(no="GZ-2", when="03-09 09:00", code="M3"):
    return deed(asking_for(code, no=no), when)


def asked_twice():
    """Q4: A and B on 4 March, supplied on the 6th; C on the 9th, which the list already had."""
    return (
        *a_received_case(county.PERMIT, "03-04 09:00", materials=()),
        deed(asking_for("M1", no="GZ-1"), "03-04 10:00"),
        deed(supplying("M1"), "03-06 09:00"),
        asked_again(code="M2"),
    )


async def test_q4_a_second_notice_of_what_could_be_known_is_yellow_a_third_red(views):
    async with told(views, *asked_twice()):
        (again,) = await found(views, "03-09", "P01")
        assert (again.light, again.state_on) == ("yellow", day("03-09"))
        assert (again.unit_code, again.person) == (county.TOWN_CENTRE, "a-town-clerk")
    supplied = deed(supplying("M2"), "03-11 09:00")
    await record(views, *asked_twice(), supplied, asked_again("GZ-3", "03-12 09:00", "M1"))
    assert await lights(views, "03-12", "P01") == [("P01", "yellow"), ("P01", "red")]


async def test_p01_the_acceptance_that_repeats_the_flag_is_no_further_finding(views):
    await record(
        views, *asked_twice(), deed(supplying("M2"), "03-11 09:00"), deed(AcceptCase(), "03-11 10:00")
    )
    assert await lights(views, "03-11", "P01") == [("P01", "yellow")]


async def test_p02_a_material_that_is_not_in_the_list(views):
    await record(views, *a_received_case(), deed(asking_for("X9"), "03-03 10:00"))
    assert await lights(views, "03-03", "P02") == [("P02", "yellow")]
    assert await lights(views, "03-02", "P02") == []


async def test_p03_a_procedure_without_written_notice_is_yellow_and_red_once_it_hides_an_overdue(views):
    """Its five days are counted: due 24 March. Whoever stopped the clock would say nothing is late."""
    pause = deed(surveying(notice_no=None), "03-05 14:00")
    await record(views, *an_accepted_case(), pause, deed(EndSpecialProcedure(result="好"), "03-12 09:00"))
    assert await lights(views, "03-05", "P03") == [("P03", "yellow")]
    assert await lights(views, "03-24", "P03") == [("P03", "yellow")]
    assert await lights(views, "03-25", "P03") == [("P03", "red")]


async def test_p03_a_procedure_longer_than_its_plan(views):
    """Planned until 12 March, ended on the 16th; due 31 March with the five days of the plan."""
    paused = (*an_accepted_case(), deed(surveying(), "03-05 14:00"))
    async with told(views, *paused):
        assert await lights(views, "03-12", "P03") == []
        (over,) = await found(views, "03-13", "P03")
        assert (over.light, over.due) == ("yellow", day("03-12"))
        assert (over.limit_days, over.used_days, over.over_days) == (5, 6, 1)
    await record(views, *paused, deed(EndSpecialProcedure(result="好"), "03-16 09:00"))
    (still,) = await found(views, "03-31", "P03")
    assert (still.light, still.due) == ("yellow", day("03-12"))
    # to its end, and no longer
    assert (still.limit_days, still.used_days, still.over_days) == (5, 7, 2)
    assert await lights(views, "04-01", "P03") == [("P03", "red")]


async def test_p03_a_weekend_behind_the_plan_is_no_day_too_long(views):
    """Planned until Friday, 13 March: over it from Monday on, by a working day; ended on the Saturday it is not."""
    paused = (*an_accepted_case(), deed(surveying(), "03-06 14:00"))
    async with told(views, *paused):
        assert await lights(views, "03-15", "P03") == []
        (over,) = await found(views, "03-16", "P03")
        assert (over.due, over.state_on, over.over_days) == (day("03-13"), day("03-16"), 1)
    await record(views, *paused, deed(EndSpecialProcedure(result="好"), "03-14 09:00"))
    assert await lights(views, "04-20", "P03") == []


async def test_p03_a_procedure_in_good_order_is_left_alone(views):
    await record(
        views,
        *an_accepted_case(),
        deed(surveying(), "03-05 14:00"),
        deed(EndSpecialProcedure(result="好"), "03-12 17:00"),
    )
    assert await lights(views, "04-20", "P03") == []


REFUSAL = RefuseAcceptance(reason_code="1", reasons="不符合申请条件", remedies="六十日内申请复议")


async def test_p04_refused_though_all_that_was_asked_for_came_is_red(views):
    """Asked for on 3 March, supplied on the 6th, refused on the 9th."""
    await record(views, *a_supplied_case(), deed(REFUSAL, "03-09 10:00"))
    assert await lights(views, "03-08", "P04") == []
    (refused,) = await found(views, "03-09", "P04")
    assert (refused.light, refused.state_on, refused.due) == ("red", day("03-09"), None)
    assert (refused.unit_code, refused.person) == (county.TOWN_CENTRE, "a-town-clerk")


async def test_p04_an_old_refusal_without_a_reason_is_red_and_nobodys_to_answer(views):
    mute = REFUSAL.model_copy(update={"reasons": None})
    who = {"unit": "Group-1", "person": "Resource21"}
    await record(views, imported(receiving(), "03-03 09:00"), imported(mute, "03-05 09:00", **who))
    (refused,) = await found(views, "03-05", "P04")
    assert (refused.light, refused.person, refused.is_legacy) == ("red", "Resource21", True)


async def test_p04_a_refusal_with_reasons_of_what_was_not_supplied_is_left_alone(views):
    asked = (*a_received_case(materials=()), deed(asking_for("M1"), "03-03 10:00"))
    await record(views, *asked, deed(REFUSAL, "03-09 10:00"))
    assert await lights(views, "12-31", "P04") == []


async def test_p05_what_the_record_flagged_as_out_of_order(views):
    """Papers signed over at the hall only later: 批准 without 承办 and 审核."""
    await record(
        views, *an_accepted_case(), *at_the_station("03-04"), deed(Approve(decision_no="1"), "03-05 09:00")
    )
    flagged = {each.rule_code for each in await Watch(views).of_cases(day("03-05"))}
    recorded = await views.execute(
        "select distinct code from events cross join lateral jsonb_array_elements_text("
        "convert_from(state, 'UTF8')::jsonb -> 'envelope' -> 'irregularities') as code where code ~ '^[A-Z][0-9]+$'"
    )
    assert flagged == {code for (code,) in await recorded.fetchall()}


async def test_p06_stands_on_what_an_import_was_flagged_for(views):
    """The same person accepted and approved, as the old system says."""
    who = {"unit": "Group-1", "person": "Resource21"}
    await record(
        views,
        imported(receiving(), "03-03 09:00", **who),
        imported(AcceptCase(), "03-03 09:30", **who),
        imported(Approve(decision_no="2026-9"), "03-05 09:00", **who),
    )
    (own,) = await found(views, "03-05", "P06")
    assert (own.light, own.person, own.is_legacy) == ("yellow", "Resource21", True)


async def test_p08_recorded_late_is_yellow_where_nothing_hung_on_it(views):
    late = deed(FORWARD, "03-04 09:00", recorded="03-06 09:00", backfill=EXPLAINED)
    await record(views, *an_accepted_case(), late)
    await look_back(views, known_at=at("03-05 23:59"))
    assert await lights(views, "03-05", "P08") == []
    await look_back(views)
    (backfilled,) = await found(views, "03-06", "P08")
    assert (backfilled.light, backfilled.state_on) == ("yellow", day("03-06"))


async def test_p09_an_item_that_was_cancelled(views):
    """Cancelled on 1 July 2025."""
    await record(views, imported(receiving(county.CANCELLED), "03-03 09:00"))
    assert await lights(views, "03-03", "P09") == [("P09", "red")]


def charging(fen, standard=county.FEE):
    """The homestead certificate costs at most 1,000 分."""
    return imported(
        ChargeFee(standard_id=standard, amount_fen=fen, receipt_no="JK-1"),
        "03-03 10:00",
        unit="Group-1",
        person="Resource21",
    )


@pytest.mark.parametrize(
    "charged",
    [charging(1001), charging(1, standard="SF-X"), charging(1, standard=None)],
    ids=["a fen too much", "a standard nobody published", "no standard"],
)
async def test_f01_a_fee_that_an_old_system_took_beyond_the_published_is_red(views, charged):
    await record(views, imported(receiving(), "03-03 09:00"), charged)
    assert await lights(views, "03-02", "F01") == []
    (taken,) = await found(views, "03-03", "F01")
    assert (taken.light, taken.state_on, taken.due) == ("red", day("03-03"), None)
    assert (taken.unit_code, taken.person, taken.is_legacy) == ("Group-1", "Resource21", True)


async def test_f01_a_fee_up_to_the_published_limit_is_left_alone(views):
    await record(views, imported(receiving(), "03-03 09:00"), charging(1000))
    assert await lights(views, "12-31", "F01") == []


# ── two cases, and none ─────────────────────────────────────────────────────────────────────────────────────


def at_the_county(when="03-04"):
    there = {"by": county.COUNTY_CLERK_POST}
    return (
        deed(receiving(object_ref="ZD-12"), f"{when} 09:00", **there),
        deed(AcceptCase(), f"{when} 09:30", **there),
    )


def at_the_town():
    return (deed(receiving(object_ref="ZD-12"), "03-03 09:00"), deed(AcceptCase(), "03-03 09:30"))


async def test_p07_the_same_matter_accepted_at_two_places(views):
    await record(views, *at_the_town())
    assert await Watch(views).accepted_twice(day("03-04")) == []
    await record(views, *at_the_county(), case_no=OTHER_NO)
    assert await Watch(views).accepted_twice(day("03-03")) == []
    (twice,) = await Watch(views).accepted_twice(day("03-04"))
    assert (twice.case_no, twice.light, twice.unit_code) == (OTHER_NO, "yellow", county.CENTRE)
    assert len(twice.facts) == 2


async def test_p07_linking_the_two_makes_no_further_finding(views):
    link = deed(LinkDuplicate(other_case=OTHER_NO, governing_case=CASE_NO), "03-05 09:00")
    await record(views, *at_the_town(), link)
    assert await lights(views, "03-05", "P07") == [("P07", "yellow")]
    await record(views, *at_the_county(), case_no=OTHER_NO)
    assert await lights(views, "03-05", "P07") == []
    (twice,) = await Watch(views).accepted_twice(day("03-05"))
    assert twice.case_no == OTHER_NO


async def test_p07_a_link_to_a_case_that_was_not_accepted_stands_by_itself(views):
    link = deed(LinkDuplicate(other_case="X-2", governing_case="X-2"), "03-05 09:00")
    await record(views, *at_the_town(), link)
    assert await Watch(views).accepted_twice(day("03-05")) == []
    assert await lights(views, "03-05", "P07") == [("P07", "yellow")]


async def test_z01_a_window_that_accepts_nothing_for_twenty_two_days_is_noticed_once(views):
    """The town's window accepted a case on 3 March: the 22nd working day is Thursday 2 April."""
    catalogue = await enter_in_log(views)
    await record(views, *an_accepted_case(), catalogue=catalogue)

    async def idle(today):
        found = await Watch(views).idle_windows(day(today))
        return [each for each in found if each.window_id == county.TOWN_WINDOW]

    assert await idle("04-01") == []
    (first,) = await idle("04-02")
    assert (first.light, first.subject, first.state_on) == ("notice", "window:T-03", day("04-02"))
    assert (first.limit_days, first.used_days, first.unit_code) == (22, 22, county.TOWN_CENTRE)
    (later,) = await idle("06-02")
    assert later.signal_no == first.signal_no


# ── the number ──────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_number_of_a_finding_is_the_one_the_record_computes(views):
    catalogue = await enter_in_log(views)
    await record(views, *at_the_town(), catalogue=catalogue)
    await record(views, *at_the_county(), case_no=OTHER_NO, catalogue=catalogue)
    watch = Watch(views)
    everything = [
        *await watch.of_cases(day("06-01")),
        *await watch.accepted_twice(day("06-01")),
        *await watch.idle_windows(day("06-01")),
    ]
    assert {each.rule_code for each in everything} == {"T04", "P07", "Z01"}
    for each in everything:
        said = (each.rule_code, each.light, each.subject, tuple(each.facts), each.due)
        assert each.signal_no == signal_no(*said)


# ── beside the tables that it stands on ─────────────────────────────────────────────────────────────────────


def test_asked_for_some_cases_it_reads_their_rows_alone(county_of_views):
    """As the engine asks when a case has moved: what it needs stands in tables."""
    with psycopg.connect(county_of_views, autocommit=True) as connection:
        connection.execute(f"create schema kept; set search_path = kept, {COUNTY}")
        for projection in PROJECTIONS:
            if projection.name in {need.name for need in WATCH.needs}:
                name = sql.Identifier(projection.name)
                connection.execute(
                    sql.SQL("create table kept.{} as select * from views.{}").format(name, name)
                )
                connection.execute(projection.table)
        connection.execute(sql.SQL("create view kept.watch as ") + WATCH.definition, {})
        connection.execute("set enable_seqscan = off; set enable_bitmapscan = off")
        plan = connection.execute(
            "explain (format json) select * from watch where stream = any (%s)", [["case:1", "case:2"]]
        ).fetchone()[0][0]["Plan"]
    tables = {"events", "clock", "duties", "steps"}
    by_case = [node for node in nodes(plan) if node.get("Relation Name") in tables]
    assert {node["Relation Name"] for node in by_case} == tables
    assert [node for node in by_case if "stream" not in node.get("Index Cond", "")] == []


def nodes(plan):
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)

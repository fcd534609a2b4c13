"""数据质量: what the record itself shows to be amiss, and nothing that is in order. All days are of 2026."""

from datetime import date

import pytest

from domain.amendment import CorrectEvent, VoidEvent
from domain.case.decision.commands import Approve
from domain.case.ending.commands import Conclude, Reopen
from domain.case.steps.commands import CompleteStep
from projections.flaws import DataQuality, Wanted
from tests import county
from tests.examples import (
    EXPLAINED,
    VOUCHED,
    a_case_at_the_station,
    a_case_handled,
    a_concluded_case,
    a_legacy_case,
    completing,
)
from tests.spec import at, deed, imported
from tests.views import CASE_NO, STREAM, defined_county, in_views, look_back, record

STATION = county.HANDLER_POST


@pytest.fixture(scope="module")
def county_of_views(postgres):
    with defined_county(postgres.dsn) as conninfo:
        yield conninfo


@pytest.fixture
async def views(county_of_views):
    async with in_views(county_of_views) as connection:
        yield connection


def day(text):
    return date.fromisoformat(f"2026-{text}")


async def flaws(views, today="12-31", **wanted):
    return await DataQuality(views).flaws(Wanted(**wanted), day(today))


async def codes(views, **wanted):
    return [
        flaw.code if flaw.about is None else f"{flaw.code} {flaw.about}"
        for flaw in await flaws(views, **wanted)
    ]


async def test_a_case_in_order_has_no_flaws_but_the_signature_nobody_took(views):
    await record(views, *a_concluded_case())
    assert await codes(views) == ["missing-field signature_sha256"]


async def test_a_late_record_is_flagged_with_its_lag_reason_and_who_vouched(views):
    """Happened on 8 May, recorded on the 15th: 9 (a Saturday worked), 11, 12, 13, 14, 15 May."""
    late = deed(Approve(decision_no="1"), "05-08 15:00", recorded="05-15 09:00", backfill=VOUCHED)
    await record(views, *a_case_handled(), late)
    (flaw,) = await flaws(views, code="P08")
    assert (flaw.flaw_kind, flaw.topic, flaw.lag_days) == ("flagged", "case.approved.v1", 6)
    assert (flaw.approved_by, flaw.reason, flaw.unit_code) == ("a-director", "停电", county.LAND_STATION)


async def test_an_old_event_that_was_not_flagged_is_not_late(views):
    """A legacy record is old by nature."""
    await record(views, *a_legacy_case())
    assert "P08" not in await codes(views)


async def test_corrections_and_voids_stand_in_the_list_with_what_they_amend(views):
    correct = CorrectEvent(
        target_version=3,
        field="transport",
        was=None,
        should_be="人工",
        reason="漏填",
        approved_by="a-director",
    )
    void = VoidEvent(target_version=4, reason="录错办件", approved_by="a-director")
    await record(views, *a_case_at_the_station(), deed(correct, "03-09 09:00"), deed(void, "03-10 09:00"))
    corrected, voided = await flaws(views)
    assert (corrected.flaw_kind, corrected.code, corrected.about) == ("amended", "corrected", "transport")
    assert (corrected.target_version, corrected.topic) == (3, "case.forwarded_to_station.v1")
    # 3 to 9 March
    assert (corrected.lag_days, corrected.approved_by, corrected.reason) == (4, "a-director", "漏填")
    assert (voided.code, voided.target_version, voided.topic) == (
        "voided",
        4,
        "case.station_receipt_signed.v1",
    )
    await look_back(views, known_at=at("03-09 18:00"))
    assert await codes(views) == ["corrected transport"]
    await look_back(views, happened_by=at("03-03 12:00"))
    assert await codes(views) == []


async def test_what_was_voided_shows_no_flaws_of_its_own(views):
    late = deed(completing("CB"), "03-05 09:00", by=STATION, recorded="03-18 09:00", backfill=EXPLAINED)
    void = deed(VoidEvent(target_version=5, reason="录错", approved_by="a-director"), "03-19 09:00")
    await record(views, *a_case_at_the_station(), late, void)
    assert await codes(views) == ["voided"]


async def test_a_legacy_case_shows_what_its_source_did_not_say(views):
    await record(views, *a_legacy_case())
    missing = [code for code in await codes(views) if code.startswith("missing-field")]
    assert missing == ["missing-field applicant_ref", "missing-field applicant_type"]
    assert {flaw.imported_from for flaw in await flaws(views)} == {"old-system"}


async def test_a_legacy_case_that_ended_before_it_began_says_so(views):
    await record(views, *a_legacy_case(), imported(Conclude(), "03-02 09:00"))
    assert "ends-before-it-began" in await codes(views)
    assert "work-after-the-end" not in await codes(views)


async def test_a_legacy_case_that_was_worked_on_after_its_end_says_so(views):
    step = imported(completing("T02"), "03-05 09:00", unit="Group-1", person="Resource21")
    await record(views, *a_legacy_case(), step, imported(Conclude(), "03-04 09:00"))
    assert "work-after-the-end" in await codes(views)
    assert "ends-before-it-began" not in await codes(views)


async def test_work_after_reopening_is_no_work_after_the_end(views):
    await record(
        views,
        *a_concluded_case(),
        deed(Reopen(basis_document="法院判决"), "03-20 09:00"),
        deed(completing("CB"), "03-23 09:00", by=STATION),
    )
    assert "work-after-the-end" not in await codes(views)


async def test_what_was_recorded_out_of_its_order_says_so(views):
    late = deed(completing("CB"), "03-04 12:00", by=STATION, recorded="03-18 09:00", backfill=EXPLAINED)
    reviewed = deed(completing("SH", "审核"), "03-06 09:00", by=county.REVIEWER_POST)
    await record(views, *a_case_at_the_station(), reviewed, late)
    (flaw,) = await flaws(views, code="recorded-out-of-order")
    assert (flaw.flaw_kind, flaw.topic) == ("order", "case.step_completed.v1")


async def test_a_step_told_to_have_begun_after_it_ended_says_so(views):
    told = CompleteStep(step_code="CB", step_title="承办", started_at=at("03-09 09:00"))
    backwards = imported(told, "03-06 09:00", unit="Group-1")
    await record(views, *a_legacy_case(), backwards)
    assert "starts-after-its-end started_at" in await codes(views)


async def test_the_list_is_filtered_and_read_page_by_page(views):
    await record(views, *a_legacy_case())
    quality, read = DataQuality(views), []
    page = await quality.flaws(Wanted(), day("12-31"), limit=1)
    while page:
        read += page
        page = await quality.flaws(Wanted(), day("12-31"), after=page[-1].place, limit=1)
    assert read == await flaws(views)
    assert len(read) == len({flaw.place for flaw in read})
    assert await flaws(views, unit="Group-1") == read
    assert await flaws(views, unit=county.LAND) == []
    assert await flaws(views, stream=STREAM) == read
    assert await flaws(views, first_day=day("03-04")) == []
    assert {flaw.case_no for flaw in read} == {CASE_NO}


async def test_the_tallies_count_the_list(views):
    await record(views, *a_legacy_case(), imported(Conclude(), "03-02 09:00"))
    late = deed(completing("CB"), "03-05 09:00", by=STATION, recorded="03-18 09:00", backfill=EXPLAINED)
    await record(views, *a_case_at_the_station(), late, case_no=CASE_NO[:-1] + "8")
    tallies = {
        (each.code, each.about): each for each in await DataQuality(views).by_code(Wanted(), day("12-31"))
    }
    assert sum(each.flaws for each in tallies.values()) == len(await flaws(views))
    late = tallies["P08", None]
    assert (late.flaws, late.cases, late.imported, late.median_lag_days, late.longest_lag_days) == (
        1,
        1,
        0,
        9,
        9,
    )
    backwards = tallies["ends-before-it-began", None]
    assert (backwards.flaws, backwards.imported, backwards.median_lag_days) == (1, 1, None)

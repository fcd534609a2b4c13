"""查阅: who looked into what, once for a person and a day."""

from datetime import date

import pytest

from domain.admission import InTheFuture
from domain.perusal import PERUSAL, identity_of
from domain.perusal.commands import ExportRecords, RunReplay, SearchRecords, ViewCaseFile
from domain.perusal.events import CaseFileViewed, RecordsExported, RecordsSearched, ReplayRun
from tests import county
from tests.examples import DIGEST
from tests.inquiries import CASE_NO
from tests.spec import deed, given

VIEW = ViewCaseFile(case_no=CASE_NO)
REPLAY = RunReplay(
    case_no=CASE_NO, course="happened", mode="live", day=date(2026, 3, 25), result_sha256=DIGEST
)
LOOKED = (deed(VIEW, "03-25 09:00"),)


@pytest.mark.parametrize(
    ("command", "fact"),
    [
        (VIEW, CaseFileViewed),
        (REPLAY, ReplayRun),
        (SearchRecords(of="v1/cases"), RecordsSearched),
        (ExportRecords(of="v1/cases", format="csv"), RecordsExported),
    ],
)
def test_a_look_is_recorded_whoever_takes_it(command, fact):
    for post in (county.AUDITOR_POST, county.TOWN_CLERK_POST, county.SUPERVISION_POST):
        given().when(command, "03-25 09:00", by=post).then_recorded(fact)


def test_the_same_look_again_is_nothing_new():
    given(*LOOKED).when(VIEW, "03-25 17:00").then_nothing()


def test_another_case_and_another_answer_are_looks_of_their_own():
    given(*LOOKED).when(ViewCaseFile(case_no="X-2"), "03-25 17:00").then_recorded(CaseFileViewed)
    other = REPLAY.model_copy(update={"result_sha256": "0" * 64})
    given(deed(REPLAY, "03-25 09:00")).when(other, "03-25 17:00").then_recorded(ReplayRun)


def test_a_stream_holds_the_looks_of_one_person_and_one_day():
    assert PERUSAL.stream(identity_of("a-auditor", date(2026, 3, 25))) == "perusal:a-auditor/2026-03-25"


def test_nobody_has_looked_tomorrow():
    given().when(VIEW, "03-25 09:00", recorded="03-24 09:00").then_rejected(InTheFuture)


def test_a_search_tells_its_conditions_by_name_and_never_by_what_was_looked_for():
    assert set(SearchRecords.model_fields) == {"type", "of", "by"}

"""核查: opened by supervision or 纪委 with two officers and a scope; what is read under it stands in its stream."""

from datetime import date
from itertools import chain

import pytest

from domain.admission import ImportOnly, InTheFuture, RoleMayNot, StaffUnknown
from domain.amendment import AmenderMayNot, VoidEvent
from domain.case.involved import people_of, units_of
from domain.grammar import Duty, Rejected
from domain.investigation import INVESTIGATION, rejections
from domain.investigation.commands import (
    AT_LEAST,
    OpenInvestigation,
    PlaceLegalHold,
    ProposeHoldRelease,
    RecordConclusion,
    ReleaseLegalHold,
    may_record,
)
from domain.investigation.events import (
    ConclusionRecorded,
    InvestigationOpened,
    LegalHoldPlaced,
    LegalHoldReleased,
    LegalHoldReleaseProposed,
)
from domain.investigation.values import Result, Scope
from domain.perusal.events import CaseFileViewed, EvidenceExported, ReplayRun
from domain.window.values import Role
from tests import county, examples
from tests.inquiries import (
    CASE_NO,
    HOLDING,
    OTHER_OFFICER,
    an_investigation_about_to_release,
    an_investigation_that_holds,
    an_open_investigation,
    exporting_evidence,
    opening_an_investigation,
    replaying,
    viewing,
)
from tests.spec import IMPORTER, deed, given, given_in_the_log

CONCLUDE = RecordConclusion(result=Result.substantiated, findings="批准在届满之后")
PROPOSE = ProposeHoldRelease(hold_no="BQ-1", reason="核查终结")
RELEASE = ReleaseLegalHold(hold_no="BQ-1")
VILLAGE_CASE = "61099910120120260303000017"
OTHER_CASE = "61099910200020260303000017"
STATION_OFFICER = county.actor_at(county.HANDLER_POST)


# ── opening ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("post", [county.SUPERVISION_POST, county.DISCIPLINE_POST])
def test_supervision_and_discipline_open_an_investigation(post):
    outcome = given().when(opening_an_investigation(), by=post)
    outcome.then_recorded(InvestigationOpened, officers=("a-discipline", "b-discipline"))
    assert outcome.state.opened.scope.case_nos == (CASE_NO,)


def test_nobody_else_opens_one():
    openers = {role for role in Role if may_record(role, OpenInvestigation)}
    assert openers == {Role.supervision, Role.discipline}


def test_it_takes_two_officers():
    assert AT_LEAST == 2


# ── looking under it ────────────────────────────────────────────────────────────────────────────────────────


def test_a_look_into_a_case_of_the_scope_is_recorded():
    given(*an_open_investigation()).when(viewing()).then_recorded(
        CaseFileViewed, case_no=CASE_NO, part="timeline"
    )


def test_the_same_look_of_the_same_day_is_recorded_once():
    looked = (*an_open_investigation(), deed(viewing(), "03-25 10:00"))
    given(*looked).when(viewing(), "03-25 23:59").then_nothing()
    given(*looked).when(viewing(), "03-26 00:00").then_recorded(CaseFileViewed)
    given(*looked).when(viewing(part="clock")).then_recorded(CaseFileViewed, part="clock")
    given(*looked).when(viewing(), by=OTHER_OFFICER).then_recorded(CaseFileViewed)


def test_a_replay_keeps_how_it_was_asked_and_the_hash_of_its_answer():
    given(*an_open_investigation()).when(replaying()).then_recorded(
        ReplayRun,
        mode="as_known",
        day=date(2026, 3, 24),
        what_if_calendar="weekdays",
        result_sha256=examples.DIGEST,
    )


def test_an_evidence_bundle_keeps_its_digest_and_the_checkpoint_it_is_proved_against():
    given(*an_open_investigation()).when(exporting_evidence()).then_recorded(
        EvidenceExported, bundle_sha256=examples.DIGEST, checkpoint_size=1042
    )


def test_a_scope_reaches_its_cases_the_cases_of_its_persons_and_those_within_its_divisions():
    scope = Scope(case_nos=("a",), persons=("a-approver",), divisions=(county.TOWN_DIVISION,))
    assert scope.reaches("a", ())
    assert scope.reaches(OTHER_CASE, ("a-clerk", "a-approver"))
    assert scope.reaches(VILLAGE_CASE, ())
    assert not scope.reaches(OTHER_CASE, ("a-clerk",))


def test_who_had_a_part_in_a_case_is_told_by_its_history():
    history = given(*examples.a_concluded_case()).history
    assert {"a-town-clerk", "a-approver", examples.VILLAGER} <= people_of(history)
    assert {county.TOWN_CENTRE, county.LAND_STATION} <= units_of(history)
    joint = given(*examples.a_joint_case()).history
    assert {county.HOUSING, county.FIRE} <= units_of(joint)
    agents = given(*examples.a_case_collected_by_the_agent()).history
    assert examples.AGENT in people_of(agents)


# ── holds ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_hold_names_what_it_keeps():
    given(*an_open_investigation()).when(HOLDING).then_recorded(LegalHoldPlaced, case_nos=(CASE_NO,))


def test_the_same_hold_again_changes_nothing():
    given(*an_investigation_that_holds()).when(HOLDING).then_nothing()


def test_one_proposes_the_release_of_a_hold_and_another_releases_it():
    proposed = given(*an_investigation_that_holds()).when(PROPOSE)
    proposed.then_recorded(LegalHoldReleaseProposed, reason="核查终结")
    released = given(*an_investigation_about_to_release()).when(RELEASE, by=OTHER_OFFICER)
    released.then_recorded(LegalHoldReleased, proposed_by="a-discipline")
    assert released.state.holds["BQ-1"].released_at


def test_a_proposal_is_made_once_by_one_person():
    given(*an_investigation_about_to_release()).when(PROPOSE).then_nothing()
    given(*an_investigation_about_to_release()).when(PROPOSE, by=OTHER_OFFICER).then_recorded(
        LegalHoldReleaseProposed
    )


def test_a_hold_that_outlived_the_conclusion_is_released_by_two_of_supervision():
    concluded = (*an_investigation_that_holds(), deed(CONCLUDE, "03-26 09:00"))
    supervision = [county.actor_at(county.SUPERVISION_POST, duty) for duty in Duty]
    proposed = (*concluded, deed(PROPOSE, "06-01 09:00", by=supervision[0]))
    given(*proposed).when(RELEASE, by=supervision[1]).then_recorded(LegalHoldReleased)


# ── the end, and who may know ───────────────────────────────────────────────────────────────────────────────


def test_the_conclusion_ends_it():
    outcome = given(*an_open_investigation()).when(CONCLUDE)
    outcome.then_recorded(ConclusionRecorded, result=Result.substantiated)
    assert outcome.state.concluded_at


def test_its_officers_and_supervision_may_know_of_it_but_never_whom_it_is_about():
    scope = Scope(persons=("a-supervision", county.person_ref("b-supervision"), "a-approver"))
    state = given(*an_open_investigation(scope=scope)).state

    def knows(staff_id, role):
        return state.is_open_to(staff_id, role, county.person_ref(staff_id))

    assert knows("a-discipline", Role.discipline)
    assert knows("c-supervision", Role.supervision)
    assert not knows("a-supervision", Role.supervision)
    assert not knows("b-supervision", Role.supervision)
    assert not knows("a-handler", Role.handler)


async def test_nobody_amends_an_investigation():
    opened = await given_in_the_log(*an_open_investigation())
    void = VoidEvent(target_version=1, reason="误录", approved_by="b-discipline")
    refused = deed(void, "03-25 10:00", by=county.DISCIPLINE_POST)
    with pytest.raises(AmenderMayNot):
        await opened.keeper.handle(
            INVESTIGATION, opened.identity, void, refused.occasion, key=None, digest=b""
        )


# ── refusals ────────────────────────────────────────────────────────────────────────────────────────────────

OPEN, HOLDS = an_open_investigation(), an_investigation_that_holds()
CONCLUDED = (*HOLDS, deed(CONCLUDE, "03-26 09:00"))
RELEASED = (*an_investigation_about_to_release(), deed(RELEASE, "03-26 10:00", by=OTHER_OFFICER))
TOWN = Scope(divisions=(county.TOWN_DIVISION,))

REFUSED = {
    rejections.InvestigationNumberTaken: [(OPEN, opening_an_investigation(), {})],
    rejections.TooFewOfficers: [
        ((), opening_an_investigation(officers=officers), {})
        for officers in ((), ("a-discipline",), ("a-discipline", "a-discipline"))
    ],
    rejections.ScopeEmpty: [((), opening_an_investigation(scope=Scope()), {})],
    rejections.OfficerIsInvestigated: [
        ((), opening_an_investigation(scope=Scope(persons=(person,))), {})
        for person in ("b-discipline", county.person_ref("b-discipline"))
    ],
    StaffUnknown: [((), opening_an_investigation(officers=("a-discipline", "nobody")), {})],
    RoleMayNot: [((), opening_an_investigation(), {"by": county.DIRECTOR_POST})],
    ImportOnly: [((), opening_an_investigation(), {"by": county.DISCIPLINE_POST, "imported_from": "x"})],
    InTheFuture: [((), opening_an_investigation(), {"happened": "03-25 09:00", "recorded": "03-24 09:00"})],
    rejections.InvestigationNotOpened: [
        ((), command, {}) for command in (viewing(), HOLDING, PROPOSE, CONCLUDE)
    ],
    rejections.InvestigationConcluded: [
        (CONCLUDED, command, {}) for command in (viewing(), replaying(), exporting_evidence(), CONCLUDE)
    ]
    + [(CONCLUDED, PlaceLegalHold(hold_no="BQ-2", case_nos=(CASE_NO,), reason="再保全"), {})],
    rejections.BeforeItWasOpened: [
        (OPEN, command, {"happened": "03-25 08:59"}) for command in (viewing(), HOLDING, PROPOSE, CONCLUDE)
    ],
    rejections.NotAnOfficer: [
        (HOLDS, command, {"by": county.SUPERVISION_POST}) for command in (viewing(), HOLDING, CONCLUDE)
    ]
    + [(HOLDS, PROPOSE, {"by": STATION_OFFICER})],
    rejections.OutsideScope: [
        (OPEN, viewing(OTHER_CASE), {}),
        (OPEN, viewing(OTHER_CASE, involved=("a-clerk",)), {}),
        (OPEN, replaying(case_no=OTHER_CASE), {}),
        (an_open_investigation(scope=TOWN), viewing(OTHER_CASE), {}),
    ],
    rejections.OfficerHadAPart: [(OPEN, viewing(involved=("a-discipline", "a-approver")), {})],
    rejections.HoldsNothing: [(OPEN, PlaceLegalHold(hold_no="BQ-2", reason="保全"), {})],
    rejections.HoldNumberTaken: [
        (HOLDS, PlaceLegalHold(hold_no="BQ-1", case_nos=(OTHER_CASE,), reason="保全"), {}),
        (RELEASED, HOLDING, {}),
    ],
    rejections.HoldUnknown: [(OPEN, PROPOSE, {}), (OPEN, RELEASE, {})],
    rejections.HoldReleased: [(RELEASED, PROPOSE, {}), (RELEASED, RELEASE, {})],
    rejections.ReleaseNotProposed: [(HOLDS, RELEASE, {})],
    rejections.ReleasedByProposer: [(an_investigation_about_to_release(), RELEASE, {})],
}


@pytest.mark.parametrize(
    ("refusal", "told"),
    [(refusal, told) for refusal, tries in REFUSED.items() for told in tries],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_what_is_refused(refusal, told):
    history, command, how = told
    given(*history).when(command, **how).then_rejected(refusal)


def test_every_refusal_is_provoked():
    ours = {each for each in Rejected.__subclasses__() if each.__module__ == rejections.__name__}
    assert ours <= set(REFUSED)
    assert all(chain(REFUSED.values()))


def test_programmes_and_who_runs_the_system_act_in_none():
    acting = {role for role in Role if may_record(role, RecordConclusion)}
    assert set(Role) - acting == {Role.system_admin, Role.clock, Role.importer}
    given(*OPEN).when(viewing(), by=IMPORTER).then_rejected(RoleMayNot)

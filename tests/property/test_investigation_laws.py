"""核查, whatever is tried in whatever order: what must hold of everything that was recorded."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.grammar import Duty, Envelope, Occasion, Rejected, local_day
from domain.investigation import INVESTIGATION
from domain.investigation.commands import (
    LookUnder,
    PlaceLegalHold,
    ProposeHoldRelease,
    RecordConclusion,
    ReleaseLegalHold,
)
from domain.investigation.events import (
    ConclusionRecorded,
    InvestigationOpened,
    LegalHoldPlaced,
    LegalHoldReleased,
    LegalHoldReleaseProposed,
)
from domain.investigation.values import Result, Scope
from domain.perusal.commands import ExportEvidence, RunReplay, SearchRecords, ViewCaseFile
from domain.perusal.events import LOOKS
from tests import county
from tests.county import person_ref
from tests.examples import DIGEST
from tests.inquiries import CASE_NO, opening_an_investigation
from tests.spec import at, the_county

FOREIGN = "61099910200020260303000016"
OFFICERS = (county.actor_at(county.DISCIPLINE_POST), county.actor_at(county.DISCIPLINE_POST, Duty.b))
ACTORS = (
    *OFFICERS,
    county.actor_at(county.SUPERVISION_POST),
    county.actor_at(county.AUDITOR_POST),
    county.actor_at(county.APPROVER_POST),
)
CASES = (CASE_NO, FOREIGN)
INVOLVED = ((), ("a-approver",), ("a-discipline",), (person_ref("b-discipline"),))
HOLDS = ("BQ-1",)

openings = st.builds(
    opening_an_investigation,
    officers=st.lists(
        st.sampled_from(["a-discipline", "b-discipline", "a-approver"]), min_size=1, max_size=3
    ).map(tuple),
    scope=st.builds(
        Scope,
        case_nos=st.sampled_from([(), (CASE_NO,)]),
        persons=st.sampled_from([(), ("a-approver",)]),
        divisions=st.sampled_from([(), ("610999101000",)]),
    ),
)
looks = st.one_of(
    st.builds(ViewCaseFile, case_no=st.sampled_from(CASES), part=st.sampled_from(["timeline", "clock"])),
    st.builds(ExportEvidence, case_no=st.sampled_from(CASES), bundle_sha256=st.just(DIGEST)),
    st.builds(
        RunReplay,
        case_no=st.sampled_from(CASES),
        course=st.just("known"),
        mode=st.just("live"),
        day=st.just(at("03-25 09:00").date()),
        result_sha256=st.just(DIGEST),
    ),
    st.just(SearchRecords(of="v1/cases")),
)
commands = st.one_of(
    openings,
    st.builds(LookUnder, look=looks, involved=st.sampled_from(INVOLVED)),
    st.builds(
        PlaceLegalHold, hold_no=st.sampled_from(HOLDS), case_nos=st.just((CASE_NO,)), reason=st.just("核查")
    ),
    st.builds(ProposeHoldRelease, hold_no=st.sampled_from(HOLDS), reason=st.just("终结")),
    st.builds(ReleaseLegalHold, hold_no=st.sampled_from(HOLDS)),
    st.just(RecordConclusion(result=Result.unsubstantiated, findings="不实")),
)
attempts = st.lists(st.tuples(commands, st.sampled_from((*OFFICERS, *ACTORS))), min_size=10, max_size=25)


def played(tried):
    """What was recorded: fact, who, when, and the command; the first attempt opens one, if it may."""
    state, recorded = INVESTIGATION.blank, []
    opening = (opening_an_investigation(), OFFICERS[0])
    for n, (command, actor) in enumerate((*tried[:1], opening, *tried[1:])):
        occasion = Occasion(actor, at("03-25 09:00") + timedelta(hours=7 * n))
        try:
            decision = INVESTIGATION.decide(state, command, occasion, the_county())
        except Rejected:
            continue
        for fact in decision.facts:
            recorded.append((fact, actor.staff_id, occasion.occurred_at, command))
            state = INVESTIGATION.evolve(state, fact, _envelope(occasion))
    return recorded


def _envelope(occasion):
    return Envelope(occasion.occurred_at, occasion.actor, occasion.circumstances, "c")


@settings(max_examples=150, deadline=None)
@given(attempts)
def test_whatever_is_tried_the_record_keeps_its_laws(tried):
    recorded = played(tried)
    facts = [fact for fact, *_ in recorded]
    assert sum(isinstance(fact, InvestigationOpened) for fact in facts) == 1
    opened = facts[0]
    assert len(set(opened.officers)) >= 2
    assert set(opened.officers).isdisjoint(opened.scope.persons)
    _looks_are_the_officers_and_within_the_scope(opened, recorded)
    _holds_are_released_by_two(recorded)
    _nothing_follows_the_conclusion_but_the_release_of_holds(facts)


def _looks_are_the_officers_and_within_the_scope(opened, recorded):
    taken = []
    for fact, staff_id, moment, command in recorded:
        if isinstance(fact, LOOKS):
            assert staff_id in opened.officers
            case_no = getattr(fact, "case_no", None)
            assert case_no is None or opened.scope.reaches(case_no, command.involved)
            assert case_no is None or {staff_id, person_ref(staff_id)}.isdisjoint(command.involved)
            taken.append((staff_id, local_day(moment), fact))
    assert len(taken) == len(set(taken)), "the same look of the same person on the same day, twice"


def _holds_are_released_by_two(recorded):
    standing, proposed = set(), {}
    for fact, staff_id, *_ in recorded:
        match fact:
            case LegalHoldPlaced(hold_no=hold_no):
                assert hold_no not in standing | proposed.keys()
                standing.add(hold_no)
            case LegalHoldReleaseProposed(hold_no=hold_no):
                assert hold_no in standing
                proposed[hold_no] = staff_id
            case LegalHoldReleased(hold_no=hold_no, proposed_by=first):
                assert hold_no in standing
                assert first == proposed[hold_no] != staff_id
                standing.discard(hold_no)
            case _:
                pass


def _nothing_follows_the_conclusion_but_the_release_of_holds(facts):
    ends = [n for n, fact in enumerate(facts) if isinstance(fact, ConclusionRecorded)]
    assert len(ends) <= 1
    for fact in facts[ends[0] + 1 :] if ends else ():
        assert isinstance(fact, LegalHoldReleaseProposed | LegalHoldReleased)

"""Laws over random histories of cases: what rules, folds, stored bytes and amendments never do."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from domain.amendment import EventVoided, effective
from domain.case import CASE, Case
from domain.case.acceptance.commands import AcceptCase, DeemAccepted, RefuseAcceptance
from domain.case.agency.commands import (
    CollectResult,
    HandToHall,
    PickUpPapers,
    ReturnToApplicant,
    RevokeEntrustment,
    SignHallReceipt,
)
from domain.case.custody.commands import (
    ForwardToStation,
    ReturnTransfer,
    SignReturnReceipt,
    SignStationReceipt,
)
from domain.case.custody.events import CaseForwardedToStation, TransferReturned
from domain.case.decision.commands import Approve, CloseAsInstant, Reject
from domain.case.delivery.commands import NotifyApplicant, ReceiveCertificateAtHall, RecordFailedDelivery
from domain.case.ending.commands import Archive, Conclude, LinkDuplicate, Reopen, Terminate, WithdrawCase
from domain.case.ending.events import CaseReopened
from domain.case.fees.commands import ChargeFee, DisbursePayment, RefundFee
from domain.case.intake.commands import CorrectOnSpot
from domain.case.joint.commands import ConsolidateJointReview, ReturnOpinion
from domain.case.joint.events import Stance
from domain.case.pauses.commands import (
    ApproveExtension,
    EndSpecialProcedure,
    InvalidateSpecialProcedure,
)
from domain.case.steps.commands import ReassignHandler, RecordSiteInspection, RemindStage, StartStep
from domain.case.steps.events import ReassignmentReason
from domain.case.superior.commands import ReceiveSuperiorDecision, ReportToSuperior, SignSuperiorReceipt
from domain.grammar import Rejected
from domain.item.values import SpecialProcedure
from domain.log import Entry
from domain.store.mapper import Mapper, StoredEvent
from tests import county
from tests.examples import (
    DIGEST,
    LEAD,
    VOUCHED,
    asking,
    asking_for,
    completing,
    delivering,
    entrusting,
    issuing,
    receiving,
    reviewing,
    supplying,
    surveying,
)
from tests.spec import at, decided, deed, envelope, imported, the_county

COMMANDS = (
    receiving(),
    receiving(county.JOINT),
    receiving(county.REPORT_UP),
    receiving(county.PROOF),
    receiving(applicant_ref=None),
    entrusting(),
    entrusting(county.POINT_XIA),
    CorrectOnSpot(what="补填"),
    asking_for("M2"),
    asking_for("M1", "M9", no="GZ-2"),
    supplying("M1"),
    supplying("M2"),
    AcceptCase(),
    DeemAccepted(),
    RefuseAcceptance(reason_code="1", reasons="非本机关职权", remedies="复议"),
    WithdrawCase(reason="不办了"),
    LinkDuplicate(other_case="X2", governing_case="X2"),
    ForwardToStation(to_unit=county.LAND_STATION),
    ForwardToStation(to_unit=county.TOWN_CENTRE),
    SignStationReceipt(),
    ReturnTransfer(reason="不符"),
    SignReturnReceipt(),
    StartStep(step_code="CB", step_title="承办"),
    completing("CB"),
    completing("SH"),
    ReassignHandler(from_staff="a-handler", to_staff="b-handler", to_post=county.HANDLER_POST, reason=ReassignmentReason.stand_in),
    RecordSiteInspection(inspectors=("a-handler", "b-handler")),
    RemindStage(to_unit=county.LAND_STATION, about="催办"),
    surveying(),
    surveying(kind=SpecialProcedure.testing, notice_no=None, planned_days=2),
    EndSpecialProcedure(result="合格"),
    InvalidateSpecialProcedure(procedure_no=1, grounds="无"),
    ApproveExtension(days=5, reason="复杂"),
    reviewing(),
    asking(county.HOUSING),
    ReturnOpinion(stance=Stance.agrees, opinion="同意"),
    ConsolidateJointReview(summary="同意", silent_units=(county.HOUSING, county.FIRE)),
    ReportToSuperior(to_unit=county.PREFECTURE, opinion="同意", materials_complete=True),
    SignSuperiorReceipt(),
    ReceiveSuperiorDecision(is_approved=True),
    PickUpPapers(),
    HandToHall(to_unit=county.TOWN_CENTRE),
    SignHallReceipt(),
    CollectResult(certificate_nos=("ZJD-1",)),
    ReturnToApplicant(signature_sha256=DIGEST),
    RevokeEntrustment(),
    Approve(decision_no="2026-17"),
    Reject(decision_no="2026-18", reasons="不符", remedies="复议"),
    CloseAsInstant(),
    issuing(),
    ReceiveCertificateAtHall(certificate_no="ZJD-1"),
    NotifyApplicant(method="短信"),
    delivering(),
    RecordFailedDelivery(reason="无人"),
    Conclude(),
    Terminate(ground="死亡", approved_by="a-government-head"),
    Reopen(basis_document="行复〔2026〕1号", decide_by=date(2026, 9, 1)),
    Archive(package_sha256=DIGEST),
    ChargeFee(standard_id=county.FEE, amount_fen=400, receipt_no="JK-1"),
    RefundFee(receipt_no="JK-1", amount_fen=400, reason="减免"),
    DisbursePayment(amount_fen=100, batch_no="1"),
)  # fmt: skip
POSTS = (
    None,
    None,
    county.TOWN_CLERK_POST,
    county.HANDLER_POST,
    county.APPROVER_POST,
    county.HOUSING_HANDLER_POST,
    county.PREFECTURE_POST,
    county.SUPERVISION_POST,
    county.GOVERNMENT_HEAD_POST,
    LEAD,
)

attempts = st.tuples(
    st.sampled_from(COMMANDS),
    st.sampled_from(POSTS),
    st.sampled_from(("now", "now", "now", "late", "imported")),
    st.integers(1, 400),
)
openings = st.sampled_from((receiving(), receiving(county.JOINT), receiving(county.REPORT_UP), entrusting()))
accepted_first = st.sampled_from(
    ((), (AcceptCase(),), (AcceptCase(), ForwardToStation(to_unit=county.LAND_STATION), SignStationReceipt()))
)


@dataclass(frozen=True)
class Past:
    version: int
    fact: object
    envelope: object


@dataclass(frozen=True)
class Told:
    """A history, and the states along it."""

    history: tuple
    states: tuple


def told(opening, usual, tried):
    """Tries everything in turn; what is refused is left out. Anything but Rejected is a bug and flies."""
    clock, state, history, states = at("03-03 09:00"), Case(), [], []
    deeds = [
        (command, county.HANDLER_POST if isinstance(command, SignStationReceipt) else None, "now", 5)
        for command in (opening, *usual)
    ]
    for command, post, manner, hours in (*deeds, *tried):
        clock += timedelta(hours=hours)
        happened = _deed(command, post, manner, clock)
        try:
            decision = decided(state, happened, the_county())
        except Rejected:
            continue
        for fact in decision.facts:
            written = envelope(happened, decision)
            state = CASE.evolve(state, fact, written)
            history.append((fact, written))
            states.append(state)
    return Told(tuple(history), tuple(states))


def _deed(command, post, manner, clock):
    if manner == "imported":
        return replace(imported(command, clock), recorded=clock + timedelta(days=900))
    if manner == "late":
        return deed(command, clock - timedelta(days=7), by=post, recorded=clock, backfill=VOUCHED)
    return deed(command, clock, by=post)


@st.composite
def histories(draw):
    return told(draw(openings), draw(accepted_first), draw(st.lists(attempts, max_size=40)))


@settings(max_examples=150, deadline=None)
@given(histories())
def test_folding_the_history_gives_the_state_that_was_built_along_the_way(case):
    assert CASE.fold(case.history) == (case.states[-1] if case.states else Case())


@settings(max_examples=60, deadline=None)
@given(histories())
def test_what_is_read_back_from_stored_bytes_folds_to_the_same_state(case):
    mapper = Mapper([CASE])
    read = []
    for n, (fact, written) in enumerate(case.history, start=1):
        state = mapper.state(Entry("case:1", n, fact, written))
        recorded = mapper.recorded(
            StoredEvent(n, "case:1", n, fact.TOPIC, written.occurred_at, written.occurred_at, state)
        )
        assert mapper.state(Entry("case:1", n, recorded.fact, recorded.envelope)) == state
        read.append((recorded.fact, recorded.envelope))
    assert CASE.fold(read) == CASE.fold(case.history)


@settings(max_examples=60, deadline=None)
@given(histories(), st.data())
def test_a_voided_event_is_as_if_it_had_not_happened(case, data):
    past = [Past(n, *event) for n, event in enumerate(case.history, start=1)]
    voided = data.draw(st.sampled_from(past))
    void = EventVoided(target_version=voided.version, reason="误录", approved_by="a-director")
    without = [event for n, event in enumerate(case.history, start=1) if n != voided.version]
    assert effective([*past, Past(len(past) + 1, void, voided.envelope)]) == without
    CASE.fold(without)


@settings(max_examples=60, deadline=None)
@given(histories(), st.randoms(use_true_random=False))
def test_evolving_never_refuses_whatever_the_order_or_the_gaps(case, random):
    events = [event for event in case.history if random.random() < 0.8]
    random.shuffle(events)
    state = CASE.fold(events)
    assert TypeAdapter(Case).validate_json(TypeAdapter(Case).dump_json(state)) == state


@settings(max_examples=60, deadline=None)
@given(histories())
def test_forwarding_and_returning_never_move_custody(case):
    before = Case()
    for (fact, _), after in zip(case.history, case.states, strict=True):
        if isinstance(fact, CaseForwardedToStation | TransferReturned):
            assert after.custody.holder == before.custody.holder
        before = after


@settings(max_examples=60, deadline=None)
@given(histories())
def test_a_received_case_always_has_a_holder(case):
    assert all(state.custody.holder is not None for state in case.states if state.application)


@settings(max_examples=60, deadline=None)
@given(histories())
def test_a_result_once_reached_stands_until_the_case_is_reopened(case):
    before = Case()
    for (fact, _), after in zip(case.history, case.states, strict=True):
        if before.ending and not isinstance(fact, CaseReopened):
            assert after.ending.result is before.ending.result
        before = after

"""Laws over random histories: what the views say follows from the record, and agrees with the rules' own folds."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain, pairwise

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import sql

from domain.calendar import CalendarUnknown, due, span, used
from domain.case import CASE, Case
from domain.case.acceptance.commands import AcceptCase, RefuseAcceptance
from domain.case.agency.commands import HandToHall, PickUpPapers, SignHallReceipt
from domain.case.custody.commands import (
    ForwardToStation,
    ReturnTransfer,
    SignReturnReceipt,
    SignStationReceipt,
)
from domain.case.decision.commands import Approve, Reject
from domain.case.ending.commands import Archive, Conclude, Reopen, Terminate, WithdrawCase
from domain.case.ending.events import CaseReopened
from domain.case.pauses.commands import ApproveExtension, EndSpecialProcedure, InvalidateSpecialProcedure
from domain.case.state import Status
from domain.case.steps.commands import ReassignHandler
from domain.case.steps.events import ReassignmentReason
from domain.case.superior.commands import ReceiveSuperiorDecision, SignSuperiorReceipt
from domain.case.values import Mode
from domain.grammar import Rejected
from domain.item.values import SpecialProcedure
from projections.case_card import CaseCards
from projections.clock import Clocks
from projections.custody import CustodyLedger
from tests import county, examples
from tests.property.test_case_laws import Told, histories
from tests.spec import decided, deed, envelope, the_county
from tests.views import COUNTY, STREAM, defined_county, in_views, insert

LAST_DAY = date(2030, 12, 31)
WORKING = the_county().working_days()


@pytest.fixture(scope="module")
def county_of_views(postgres18):
    with defined_county(postgres18.dsn) as conninfo:
        yield conninfo


STORIES = (
    examples.a_received_case(),
    examples.a_case_told_what_is_missing(),
    examples.a_supplied_case(),
    examples.a_forwarded_case(),
    examples.a_returned_case(),
    examples.a_paused_case(),
    examples.a_resumed_case(),
    examples.a_case_handled(),
    examples.a_joint_case(),
    examples.a_reported_case(),
    examples.a_case_with_the_superior(),
    examples.a_case_picked_up(),
    examples.a_case_handed_in(),
    examples.an_agents_case(),
    examples.a_case_with_a_certificate(),
    examples.a_rejected_case(),
    examples.a_delivered_case(),
    examples.a_concluded_case(),
    examples.a_case_with_a_fee(),
    examples.an_instant_case_closed(),
)
SENT = ForwardToStation(to_unit=county.LAND_STATION)
LATER = (
    (SENT, None),
    (SignStationReceipt(), county.HANDLER_POST),
    (ReturnTransfer(reason="不符"), county.HANDLER_POST),
    (SignReturnReceipt(), county.TOWN_CLERK_POST),
    (ReassignHandler(from_staff="a-handler", to_staff="b-handler", to_post=county.HANDLER_POST, reason=ReassignmentReason.leave), county.DIRECTOR_POST),
    (examples.surveying(), county.HANDLER_POST),
    (examples.surveying(kind=SpecialProcedure.testing, planned_days=2), county.HANDLER_POST),
    (EndSpecialProcedure(result="合格"), county.HANDLER_POST),
    (InvalidateSpecialProcedure(procedure_no=1, grounds="未到现场"), county.SUPERVISION_POST),
    (ApproveExtension(days=5, reason="复杂"), county.ORGAN_HEAD_POST),
    (SignSuperiorReceipt(), county.PREFECTURE_POST),
    (SignSuperiorReceipt(signed_by="收文岗"), county.HANDLER_POST),
    (ReceiveSuperiorDecision(is_approved=True), county.HANDLER_POST),
    (PickUpPapers(), None),
    (HandToHall(to_unit=county.TOWN_CENTRE), None),
    (SignHallReceipt(), None),
    (examples.receiving(mode=Mode.agent), None),
    (AcceptCase(), None),
    (examples.completing("CB"), county.HANDLER_POST),
    (Approve(decision_no="2026-17"), county.APPROVER_POST),
    (Reject(decision_no="2026-18", reasons="不符", remedies="复议"), county.APPROVER_POST),
    (Conclude(), None),
    (WithdrawCase(reason="不办了"), None),
    (Reopen(basis_document="行复〔2026〕1号"), None),
    (Reopen(basis_document="行复〔2026〕2号", decide_by=date(2026, 9, 1)), None),
    (RefuseAcceptance(reason_code="1", reasons="非本机关职权", remedies="复议"), None),
    (Terminate(ground="死亡", approved_by="a-government-head"), None),
    (Archive(package_sha256=examples.DIGEST), None),
)  # fmt: skip


NOTHING = Told((), (Case(),))


def told(deeds, before=NOTHING):
    """The history of what the rules let happen of the deeds after what was before, and the states along it."""
    history, states = list(before.history), list(before.states)
    for each in deeds:
        try:
            decision = decided(states[-1], each, the_county())
        except Rejected:
            continue
        for fact in decision.facts:
            history.append((fact, envelope(each, decision)))
            states.append(CASE.evolve(states[-1], *history[-1]))
    return Told(tuple(history), tuple(states))


def acted(moment, acts):
    """The acts as deeds, each so many hours after the one before it."""
    for command, post, hours in acts:
        moment += timedelta(hours=hours)
        yield deed(command, moment, by=post)


@st.composite
def timely_histories(draw):
    """A story, then whatever the rules let happen after it, each recorded when it happened."""
    story = draw(st.sampled_from(STORIES))
    acts = st.tuples(st.sampled_from(LATER), st.integers(1, 200)).map(lambda drawn: (*drawn[0], drawn[1]))
    return told(acted(story[-1].happened, draw(st.lists(acts, max_size=25))), told(story))


def every_course():
    """Every story, and after it every one act and every two that the rules let happen."""
    for story in STORIES:
        yield (begun := told(story))
        moment = story[-1].happened
        for first in LATER:
            went_on = told(acted(moment, [(*first, 50)]), begun)
            if went_on != begun:
                yield went_on
                for second in LATER:
                    yield told(acted(moment, [(*second, 90)]), went_on)


@dataclass(frozen=True)
class Recorded:
    stream: str
    version: int
    fact: object
    envelope: object
    recorded_at: datetime


def rows(history, stream=STREAM):
    return [
        Recorded(stream, n, fact, written, written.occurred_at)
        for n, (fact, written) in enumerate(history, start=1)
    ]


def asked(conninfo, history, question):
    """What the question's awaitable answers about the history."""

    async def answer():
        async with in_views(conninfo) as connection:
            await insert(connection, rows(history))
            return await question(connection)

    return asyncio.run(answer())


async def spells_of(connection):
    return await CustodyLedger(connection).spells([STREAM], LAST_DAY)


def is_reopened(history):
    return any(isinstance(fact, CaseReopened) for fact, _ in history)


@settings(max_examples=60, deadline=None)
@given(case=st.one_of(histories(), timely_histories()))
def test_the_spells_of_a_case_add_up_to_the_whole(county_of_views, case):
    spells = asked(county_of_views, case.history, spells_of)
    for earlier, later in pairwise(spells):
        assert earlier.to_at <= later.from_at
        assert earlier.to_at == later.from_at or is_reopened(case.history)
    if spells and not is_reopened(case.history):
        until = spells[-1].to_day or LAST_DAY
        assert sum(spell.gross_days for spell in spells) == WORKING.count(spells[0].from_day, until)
    assert all(spell.gross_days == spell.excluded_days + spell.net_days for spell in spells)


def agrees(state, spells, card, standing):
    """Whether custody, card and clock say of a case what its fold says."""
    custody, clock = state.custody, state.clock
    if state.ending is not None:
        assert all(spell.to_at is not None for spell in spells)
    elif custody.holder is not None:
        last, holder = spells[-1], custody.holder
        assert (last.holder_unit, last.holder_post) == (holder.unit_code, holder.post_id)
        assert last.holder_person == holder.staff_id
        assert last.is_in_transit == (custody.transfer is not None)
        assert last.to_at is None
    assert (card.status, card.reopenings) == (state.status, state.reopenings)
    assert (card.notices, card.pauses) == (len(state.intake.notices), len(clock.pauses))
    assert (card.returns, card.steps) == (custody.returns, state.steps.completed)
    assert card.fees_fen == sum(fee.amount_fen - fee.refunded_fen for fee in state.fees)
    assert standing is not None or state.application is None
    if standing is not None:
        assert standing.accepted_on == clock.accepted_on
        assert (standing.promise_due, standing.legal_due) == (clock.promise_due, clock.legal_due)
        assert standing.is_provisional == clock.is_provisional
    return True


async def all_three(connection, streams):
    """By case number: its spells, its card, its standing or None."""
    cards = {card.case_no: card for card in await CaseCards(connection).cards(streams)}
    standings = {each.case_no: each for each in await Clocks(connection).standing(streams, LAST_DAY)}
    spells = defaultdict(list)
    for spell in await CustodyLedger(connection).spells(streams, LAST_DAY):
        spells[spell.case_no].append(spell)
    return {case_no: (spells[case_no], card, standings.get(case_no)) for case_no, card in cards.items()}


async def test_after_whatever_the_rules_let_happen_the_views_say_what_the_rules_say(county_of_views):
    courses = {str(n): case for n, case in enumerate(every_course())}
    async with in_views(county_of_views) as connection:
        told_rows = (rows(case.history, f"case:{case_no}") for case_no, case in courses.items())
        await insert(connection, chain.from_iterable(told_rows))
        # What autovacuum does in a county soon after: without it the plan is that of an empty table.
        await connection.execute("analyze events")
        found = await all_three(connection, [f"case:{case_no}" for case_no in courses])
    assert found.keys() == courses.keys()
    assert all(agrees(case.states[-1], *found[case_no]) for case_no, case in courses.items())
    assert {case.states[-1].status for case in courses.values()} == set(Status) - {Status.blank}


@settings(max_examples=60, deadline=None)
@given(case=timely_histories())
def test_however_long_a_case_goes_on_the_views_say_what_the_rules_say(county_of_views, case):
    found = asked(county_of_views, case.history, lambda connection: all_three(connection, [STREAM]))
    assert agrees(case.states[-1], *found[STREAM.partition(":")[2]])


# ── days as sets ────────────────────────────────────────────────────────────────────────────────────────────

recent = st.dates(date(2025, 9, 1), date(2026, 12, 31))
pauses = st.lists(st.tuples(recent, st.integers(0, 40)), max_size=5)


@pytest.fixture(scope="module")
def arithmetic(county_of_views):
    with psycopg.connect(county_of_views, autocommit=True) as connection:
        connection.execute(f"set search_path = {COUNTY}")
        connection.execute(
            "create temp table known as select array_agg(day order by day) as working from calendar where is_working"
        )
        yield connection


def excluded(spans):
    return frozenset[date]().union(*(span(start, start + timedelta(days=length)) for start, length in spans))


def in_sql(connection, expression, spans=(), **values):
    """The expression over `excluded`, the union of the spans, and `working`."""
    starts = [start for start, _ in spans]
    ends = [start + timedelta(days=length) for start, length in spans]
    statement = sql.SQL(
        """
        select {}
        from known
        cross join (
            select coalesce(range_agg(days_between(start, last)), '{{}}') as excluded
            from unnest(%(starts)s::date[], %(ends)s::date[]) as given (start, last)
        ) as pauses
        """
    ).format(sql.SQL(expression))
    return connection.execute(statement, {"starts": starts, "ends": ends} | values).fetchone()[0]


@settings(max_examples=120, deadline=None)
@given(after=recent, length=st.integers(0, 400), spans=pauses)
def test_sql_counts_the_working_days_that_the_rules_count(arithmetic, after, length, spans):
    upto = after + timedelta(days=length)
    counted = in_sql(
        arithmetic,
        "array[count_working(days_between(%(after)s, %(upto)s) - excluded, working),"
        " working_between(%(after)s, %(upto)s, excluded, working)]",
        spans,
        after=after,
        upto=upto,
    )
    assert counted == [used(after, upto, WORKING, excluded(spans))] * 2


@settings(max_examples=120, deadline=None)
@given(accepted=recent, limit=st.integers(0, 90), spans=pauses)
def test_sql_finds_the_day_due_that_the_rules_find(arithmetic, accepted, limit, spans):
    found = in_sql(
        arithmetic,
        "due_day(%(accepted)s, %(limit)s, excluded, working)",
        spans,
        accepted=accepted,
        limit=limit,
    )
    assert found == due(accepted, limit, WORKING, excluded(spans))


@settings(max_examples=60, deadline=None)
@given(after=st.dates(date(1990, 1, 1), date(2060, 1, 1)), length=st.integers(1, 9000))
def test_sql_knows_no_answer_where_the_rules_know_none(arithmetic, after, length):
    upto = after + timedelta(days=length)
    try:
        expected = WORKING.count(after, upto)
    except CalendarUnknown:
        expected = None
    counted = in_sql(
        arithmetic, "count_working(days_between(%(after)s, %(upto)s), working)", after=after, upto=upto
    )
    assert counted == expected

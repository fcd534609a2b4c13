"""Laws of every registered projection over random courses of several cases: what is kept, rebuilt and defined is one,
and it does not matter when somebody wrote down what had happened."""

import asyncio
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from uuid import uuid4

import psycopg
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from domain.amendment import FACTS as AMENDMENTS
from domain.amendment import CorrectEvent, VoidEvent, standing
from domain.application import Keeper
from domain.case import CASE
from domain.case.ending.commands import Archive, Reopen
from domain.case.steps.commands import StartStep
from domain.contact import CONTACT
from domain.grammar import Rejected
from domain.loss import EventLost
from domain.signal import SIGNAL
from domain.store.memory import MemoryLog
from projections.calendar import CALENDAR
from projections.registry import PROJECTIONS
from projections.working_days import WORKING_DAYS
from tests import county, examples
from tests.looking import as_of
from tests.projected import SCHEMA, an_engine, founded, reading
from tests.property.test_view_laws import LATER, STORIES
from tests.registers import enter_in_log
from tests.servers import fresh_database
from tests.spec import deed, the_county
from tests.unit import test_contact, test_signal
from tests.views import defined_county, in_views, insert, look_back
from tests.watch_cases import STATION, at_the_station

CASES = tuple(f"6109991010002026030300{n}17" for n in (1, 2, 3))
LONG = (
    examples.a_case_with_a_certificate(),
    examples.a_delivered_case(),
    examples.a_concluded_case(),
    (*examples.a_concluded_case(), deed(Reopen(basis_document="行复〔2026〕1号"), "03-20 09:00")),
    (*examples.a_concluded_case(), deed(Archive(package_sha256=examples.DIGEST), "03-20 09:00")),
    examples.a_case_collected_by_the_agent(),
    examples.a_joint_case(),
    examples.a_case_with_the_superior(),
)


# ── courses ─────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Amending:
    """An amendment of whatever event of the case the number hits, once it is known which events there are."""

    number: int
    minutes: int | None
    """By how much the time told is put back; None: the event is voided."""

    def of(self, history):
        past = standing(history)
        if not past:
            return None
        version = sorted(past)[self.number % len(past)]
        said = {"target_version": version, "reason": "误录", "approved_by": "a-director"}
        if self.minutes is None:
            return VoidEvent(**said)
        was = past[version][1].occurred_at
        should_be = (was - timedelta(minutes=self.minutes)).isoformat()
        return CorrectEvent(field="occurred_at", was=was.isoformat(), should_be=should_be, **said)


acts = st.one_of(
    st.sampled_from(LATER),
    st.builds(Amending, st.integers(0, 30), st.sampled_from((None, 7, 1441, 20_011))).map(
        lambda a: (a, None)
    ),
)
further = st.lists(st.tuples(acts, st.integers(1, 200), st.sampled_from((0, 0, 0, 30, 170))), max_size=6)
courses = st.lists(st.tuples(st.sampled_from((*STORIES, *LONG)), further), min_size=1, max_size=len(CASES))
SIGNALS = (test_signal.RAISED, test_signal.REPLIED, test_signal.UPHELD, test_signal.WITHDRAWN)
FIRST_ASKS = ((test_contact.FIRST,), test_contact.HANDED, test_contact.ANSWERED)
beside = st.tuples(
    st.sampled_from(SIGNALS).map(lambda told: (SIGNAL, test_signal.raising().signal_no, told)),
    st.sampled_from(FIRST_ASKS).map(lambda told: (CONTACT, "SW-1", told)),
)
"""What is recorded beside cases: a signal, and somebody who was asked first."""


def log_of(course, others=()):
    """What the rules let happen of it, in the order in which it was recorded. What was late says why."""
    deeds = [
        *((CASE, case_no, each) for case_no, each in _deeds(course)),
        *((aggregate, identity, each) for aggregate, identity, told in others for each in told),
    ]
    return asyncio.run(_recorded(sorted(deeds, key=lambda each: each[2].recorded or each[2].happened)))


def _deeds(course):
    for case_no, (story, more) in zip(CASES, course, strict=False):
        yield from ((case_no, each) for each in story)
        moment = max(each.happened for each in story)
        for n, ((command, post), hours, late_hours) in enumerate(more):
            # no two at the same minute: what happened at one moment is told apart by its recording
            moment += timedelta(hours=hours, minutes=n + 1)
            if late_hours and not isinstance(command, Amending):
                then, how = (
                    moment - timedelta(hours=late_hours),
                    {"recorded": moment, "backfill": examples.VOUCHED},
                )
            else:
                then, how = moment, {}
            by = {"by": post or (county.TOWN_CLERK_POST if isinstance(command, Amending) else None)}
            yield case_no, deed(command, then, **by | how)


async def _recorded(deeds):
    log = MemoryLog(lambda: moment)
    keeper = Keeper(log, the_county())
    for aggregate, identity, each in deeds:
        moment = each.recorded or each.happened
        command = each.command
        if isinstance(command, Amending):
            command = command.of(await log.history(aggregate.stream(identity)))
        try:
            if command is not None:
                await keeper.handle(aggregate, identity, command, each.occasion, key=None, digest=b"")
        except Rejected:
            continue
    return log.events


# ── kept, rebuilt, defined; as of any position, as known at any time ────────────────────────────────────────


@pytest.fixture(scope="module")
def template(postgres18):
    """A county whose registers are recorded and whose views hold them."""
    with fresh_database(postgres18.dsn) as dsn:
        asyncio.run(_settled(founded(dsn)))
        yield dsn


async def _settled(dsn):
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        await connection.execute(sql.SQL("set search_path = {}").format(sql.Identifier(SCHEMA)))
        await enter_in_log(connection)
    async with an_engine(dsn, PROJECTIONS) as engine:
        await engine.catch_up()


@contextmanager
def copied(dsn):
    name = f"test_{uuid4().hex[:12]}"
    words = {"name": sql.Identifier(name), "template": sql.Identifier(conninfo_to_dict(dsn)["dbname"])}
    with psycopg.connect(make_conninfo(dsn, dbname="postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("create database {name} template {template}").format(**words))
        try:
            yield make_conninfo(dsn, dbname=name)
        finally:
            connection.execute(sql.SQL("drop database {name} with (force)").format(**words))


DERIVED = tuple(each for each in PROJECTIONS if each not in (CALENDAR, WORKING_DAYS))
"""Nothing here changes the calendar; its tens of thousands of days are what the others are derived with."""
ALL_ROWS = sql.SQL(" union all ").join(
    sql.SQL("select {}, kept::text from {} as kept").format(sql.Literal(each.name), sql.Identifier(each.name))
    for each in DERIVED
)


async def everything(connection):
    """By projection: its rows."""
    rows = Counter(await (await connection.execute(ALL_ROWS)).fetchall())
    return {name: Counter({row: n for (of, row), n in rows.items() if of == name}) for name, _ in rows}


def as_known(rows_by_name):
    """Without the spans: they say at which moments a case is as it is now, so they know of all that is recorded."""
    return {name: rows for name, rows in rows_by_name.items() if name != "case_spans"}


def in_batches(events, sizes):
    """What was recorded at one moment stays together."""
    batch = []
    sizes = iter(sizes)
    size = next(sizes, 12)
    for _, together in groupby(events, key=lambda event: event.recorded_at):
        batch += together
        if len(batch) >= size:
            yield batch
            batch, size = [], next(sizes, 12)
    if batch:
        yield batch


# An example takes seconds, most of them for the calendar: few, and as they fall rather than shrunk.
@settings(max_examples=2, deadline=None, phases=(Phase.generate,))
@given(
    course=courses,
    others=beside,
    sizes=st.lists(st.integers(4, 12), max_size=3),
    looked_at=st.integers(0, 9),
)
def test_every_view_kept_is_the_view_rebuilt_and_defined_as_of_any_position_and_time(
    template, course, others, sizes, looked_at
):
    """The views kept when the log held p events are what its definition says as of p later, when the log holds more;
    and as known when the event at p was recorded; and what is known now is what stands now."""
    events = log_of(course, others)
    assert {"signal", "contact"} <= {event.stream.partition(":")[0] for event in events}
    with copied(template) as dsn:
        asyncio.run(_hold_to_it(dsn, list(in_batches(events, sizes)), looked_at))


async def _goes_on(engine, dsn, events):
    async with await psycopg.AsyncConnection.connect(dsn) as writer:
        await writer.execute(sql.SQL("set search_path = {}").format(sql.Identifier(SCHEMA)))
        await insert(writer, events)
    await engine.catch_up()


async def _hold_to_it(dsn, batches, looked_at):
    async with an_engine(dsn, PROJECTIONS) as engine, reading(dsn) as connection:
        kept = []
        for batch in batches:
            await _goes_on(engine, dsn, batch)
            kept.append((engine.head, batch[-1].recorded_at, await everything(connection)))
        position, moment, was = kept[looked_at % len(kept)]
        async with as_of(connection, upto=position):
            assert await everything(connection) == was
        async with as_of(connection, moment):
            assert as_known(await everything(connection)) == as_known(was)
        live = kept[-1][2]
        async with as_of(connection, datetime.now(UTC)):
            assert await everything(connection) == live
        for projection in DERIVED:
            await engine.desk.run("want_rebuild", {"name": projection.name})
        await engine.catch_up()
        assert await everything(connection) == live


# ── what a lossy restore left ────────────────────────────────────────────────────────────────────────────────

LOST_COURSE = (
    (examples.a_concluded_case(), ()),
    (examples.a_case_with_a_certificate(), ()),
    (examples.a_case_collected_by_the_agent(), (((Amending(6, 7), None), 24, 0),)),
)
LOST = slice(4, 24)
"""The middle of the agent's case and what is corrected later, the beginning of a case, all of another and of a first ask."""


def lost(event):
    return replace(event, fact=EventLost(topic=event.fact.TOPIC, leaf="AAAA"))


def test_every_view_outlives_events_that_are_lost(template):
    """What is recorded behind the loss goes on; the case that is wholly lost is opened again under its number."""
    ask = (CONTACT, "SW-1", test_contact.HANDED)
    signal = (SIGNAL, test_signal.raising().signal_no, test_signal.REPLIED)
    events, whole = log_of(LOST_COURSE, (ask, signal)), f"case:{CASES[1]}"
    gone = events[LOST]
    entry = replace(gone[0], stream="staff:a-newcomer", version=1)
    first, *_, last = (event for event in gone if event.stream == whole)
    behind = [event for event in events[LOST.stop :] if event.stream != whole]
    again = replace(first, version=last.version + 1, recorded_at=behind[0].recorded_at)
    batches = [events[: LOST.start], [lost(event) for event in (entry, *gone)], [again, *behind]]
    with copied(template) as dsn:
        asyncio.run(_hold_to_it(dsn, batches, 1))
        asyncio.run(_is_registered(dsn, whole))


async def _is_registered(dsn, stream):
    async with reading(dsn) as connection:
        asked = "select status, events from case_card where stream = %s"
        assert await (await connection.execute(asked, [stream])).fetchall() == [("registered", 1)]


# ── what steps pass on to the watch ─────────────────────────────────────────────────────────────────────────


BEGUN = (
    *examples.an_accepted_case(),
    *at_the_station("03-04"),
    deed(StartStep(step_code="CB", step_title="承办"), "03-04 10:00", by=STATION),
)
"""承办 has five days: due 11 March. Until it is done, it will be late."""


@pytest.mark.parametrize(("done", "stays"), [("03-04", False), ("03-05", False), ("03-13", True)])
def test_the_watch_kept_follows_work_that_lasted_and_forgets_what_was_in_time(template, done, stays):
    ended = deed(examples.completing("CB"), f"{done} 17:00", by=STATION)
    further = deed(examples.completing("SH", "审核"), f"{done} 17:30", by=county.REVIEWER_POST)
    events = asyncio.run(_recorded([(CASE, CASES[0], each) for each in (*BEGUN, ended, further)]))
    at = next(n for n, event in enumerate(events) if event.envelope.occurred_at == ended.happened)
    with copied(template) as dsn:
        kept = asyncio.run(_watched(dsn, (events[:at], events[at : at + 1], events[at + 1 :])))
    assert ["T05" in each for each in kept] == [True, stays, stays]


async def _watched(dsn, batches):
    """The rules that find something, after each batch, as kept; what is kept is what the definition says."""
    kept, found = sql.SQL("select kept::text, rule_code from watch as kept"), []
    async with an_engine(dsn, PROJECTIONS) as engine, reading(dsn) as connection:
        for batch in batches:
            await _goes_on(engine, dsn, batch)
            live = Counter(await (await connection.execute(kept)).fetchall())
            async with as_of(connection, upto=engine.head):
                assert Counter(await (await connection.execute(kept)).fetchall()) == live
            found.append({rule for _, rule in live})
    return found


# ── the order of recording ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def county_of_views(postgres18):
    with defined_county(postgres18.dsn) as conninfo:
        yield conninfo


OF_THE_RECORDING = {
    "custody": ("from_position", "to_position", "from_recorded_at"),
    "clock": (),
    "case_card": ("last_position", "backfilled_events", "irregular_events"),
}
"""Columns that tell how it was recorded."""


def recorded_in(events, order):
    """The same, recorded in another order: by `order`, as the random numbers fall. What happened at one moment keeps
    its order, and an amendment comes after what it amends; what is amended is named by its new version."""
    told = [event for event in events if not isinstance(event.fact, AMENDMENTS)]
    amending = [event for event in events if isinstance(event.fact, AMENDMENTS)]
    shuffled = [
        event
        for _, group in sorted(
            ((order.random(), list(group)) for _, group in groupby(
                sorted(told, key=_when), key=_when)), key=lambda each: each[0])
        for event in group
    ]  # fmt: skip
    version, new_by_old, written = Counter(), {}, []
    begun = events[-1].recorded_at + timedelta(days=1)
    for n, event in enumerate([*shuffled, *amending]):
        version[event.stream] += 1
        new_by_old[event.stream, event.version] = version[event.stream]
        fact = event.fact
        if isinstance(fact, AMENDMENTS):
            fact = fact.model_copy(update={"target_version": new_by_old[event.stream, fact.target_version]})
        written.append(
            replace(event, version=version[event.stream], fact=fact, recorded_at=begun + timedelta(minutes=n))
        )
    return written


def _when(event):
    return event.stream, event.envelope.occurred_at


async def as_happened(conninfo, events, happened_by):
    """By projection: the rows, without what tells of the recording."""
    async with in_views(conninfo) as connection:
        await insert(connection, events)
        await look_back(connection, happened_by=happened_by)
        return {
            name: Counter(await (await connection.execute(
                sql.SQL("select (to_jsonb(told) - %s::text[])::text from {} as told").format(sql.Identifier(name)),
                [list(left_out)],
            )).fetchall())
            for name, left_out in OF_THE_RECORDING.items()
        }  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(course=courses, order=st.randoms(use_true_random=False), number=st.integers(0, 60))
def test_in_whatever_order_it_was_recorded_the_same_is_as_happened(county_of_views, course, order, number):
    """Custody, clock and case card follow what happened, by when it happened. The columns that tell of the recording
    differ, and so may events that happened at one moment: those are told apart by their recording alone, and keep its
    order here. Every order is tried, those too that the rules would refuse; amendments come last, in theirs.
    """
    events = log_of(course)
    moments = sorted({event.envelope.occurred_at for event in events})
    happened_by = moments[-1 - number % len(moments)] if number else None
    again = recorded_in(events, order)

    async def both():
        return [await as_happened(county_of_views, each, happened_by) for each in (events, again)]

    one, other = asyncio.run(both())
    assert one == other

"""重演 replay: a case event by event, with custody, clock and status at each step, and what follows from it in the end.

As known: after each entry of the record, what was known then. As happened: after each event, at its corrected time, what
had happened by then. Each step asks the definitions anew, so no step can know more than it should.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from psycopg import sql

from domain.grammar import local_day
from domain.signal.values import RULES, RuleCode
from domain.store.statements import statements_of
from projections.clock import Clocks, Lateness, Standing
from projections.custody import AgentLeg, CustodyLedger, Spell, UnitShare
from projections.finding import find
from projections.reading import Reading
from projections.timeline import Moment, timeline

STATEMENTS: Final = statements_of("projections", "replay.sql")


class Course(StrEnum):
    """In which order the case is told."""

    known = "known"  # 当时已知: in the order of the record
    happened = "happened"  # 实际发生: in the order of what happened, corrections applied


@dataclass(frozen=True, slots=True)
class Hands:
    """Where the case stood after a step, and in whose hands; nobody's before it was held and after it ended."""

    status: str | None
    holder_unit: str | None
    holder_post: str | None
    holder_window: str | None
    holder_person: str | None
    is_agent: bool | None
    is_in_transit: bool | None
    in_transit_to: str | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class RaisedSignal:
    """A signal of the case and where it stood."""

    signal_no: str
    rule_code: str
    light: str
    state: str
    basis: str
    unit_code: str | None
    person: str | None
    raised_on: date
    raised_position: int


@dataclass(frozen=True, slots=True)
class Step:
    """After this event, on its day: who had the case, how it stood against the clock, what had been raised."""

    event: Moment
    day: date
    hands: Hands
    clock: Standing | None
    signals: list[RaisedSignal]


@dataclass(frozen=True, slots=True)
class Late:
    """Somebody was late. `rule`: the code under which the watch would raise it; `basis`: the article or the policy."""

    holder_unit: str | None
    holder_post: str | None
    holder_person: str | None
    is_agent: bool
    rule: str
    title: str
    title_en: str
    basis: str
    due: date | None
    limit_days: int | None
    used_days: int | None
    late_days: int


@dataclass(frozen=True, slots=True)
class Total:
    """Working days of all holders together: gross is held and in transit, excluded those that stopped the clock."""

    held_days: int | None
    transit_days: int | None
    gross_days: int | None
    excluded_days: int | None
    net_days: int | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """谁持件、多久、谁超时、依据何在。"""

    holders: list[UnitShare]
    total: Total
    spells: list[Spell]
    clock: Standing | None
    late: list[Late]
    signals: list[RaisedSignal]


@dataclass(frozen=True, slots=True)
class HandoffLimit:
    valid_from: date
    version: str
    handoff_days: int
    agent_leg_days: int


@dataclass(frozen=True, slots=True)
class Overrun:
    """What the watch finds late, beside what follows from custody and clock."""

    rule_code: str
    holder_unit: str | None
    holder_post: str | None
    holder_person: str | None
    due: date
    limit_days: int
    used_days: int
    over_days: int


async def replay(found: Reading, stream: str, course: Course) -> list[Step]:
    """`found` reads from definitions: clock, custody, card and calendar. Leaves it where it looked before."""
    is_happened = course is Course.happened
    moments = await timeline(found, stream, is_effective=is_happened, is_by_occurred=is_happened)
    signals = await _signal_streams(found, stream)
    steps = [await _step(found, stream, signals, moment, course) for moment in moments]
    await found.look()
    return steps


async def _step(found: Reading, stream: str, signals: list[str], moment: Moment, course: Course) -> Step:
    if course is Course.happened:
        when = moment.occurred_at
        await found.look_at(known_at=found.asked.known_at, happened_by=when)
    else:
        when = moment.recorded_at
        await found.look_at(
            known_at=found.asked.known_at, happened_by=found.asked.happened_by, upto=moment.position
        )
    day = local_day(when)
    (hands,) = await find(found.connection, Hands, STATEMENTS["step"], {"stream": stream})
    standing = await Clocks(found.connection).standing([stream], day)
    raised = await _signals(found, signals)
    return Step(moment, day, hands, standing[0] if standing else None, raised)


async def _signal_streams(found: Reading, stream: str) -> list[str]:
    """By the table, whose index knows the case; what each says is asked of the definition."""
    cursor = await found.connection.execute(STATEMENTS["place_of_tables"])
    place, is_built = await cursor.fetchone() or ("", False)
    if not is_built:
        return []
    signals = sql.Identifier(place, "signals")
    statement = sql.SQL("select stream from {} where case_no = split_part(%s, ':', 2)").format(signals)
    return [name for (name,) in await (await found.connection.execute(statement, [stream])).fetchall()]


async def _signals(found: Reading, streams: list[str]) -> list[RaisedSignal]:
    if not streams:
        return []
    return await find(found.connection, RaisedSignal, STATEMENTS["signals"], {"streams": streams})


async def verdict(found: Reading, stream: str) -> Verdict:
    """Who held it, how long, who was late, on which basis; as `found` looks at it, on its day."""
    ledger = CustodyLedger(found.connection)
    clocks = Clocks(found.connection)
    shares = await ledger.by_unit([stream], found.day)
    spells = await ledger.spells([stream], found.day)
    standing = await clocks.standing([stream], found.day)
    lateness = await clocks.overdue_by([stream], found.day)
    legs = await ledger.agent_legs([stream], found.day)
    limits = await find(found.connection, HandoffLimit, STATEMENTS["handoff_limits"], {})
    clock = standing[0] if standing else None
    late = [
        *(_late_cases(clock, lateness) if clock else ()),
        *(_late_reports(clock, spells) if clock else ()),
        *_late_legs(legs, spells, limits),
        *_late_handoffs(spells, limits),
        *await _late_by_rule(found, stream),
    ]
    signals = await _signals(found, await _signal_streams(found, stream))
    return Verdict(shares, _total(shares), spells, clock, late, signals)


def _total(shares: Sequence[UnitShare]) -> Total:
    return Total(
        held_days=_sum(share.held_days for share in shares),
        transit_days=_sum(share.transit_days for share in shares),
        gross_days=_sum(share.gross_days for share in shares),
        excluded_days=_sum(share.excluded_days for share in shares),
        net_days=_sum(share.net_days for share in shares),
    )


def _sum(days: Iterable[int | None]) -> int | None:
    """None where no calendar reaches one of them."""
    counted = list(days)
    known = [each for each in counted if each is not None]
    return sum(known) if len(known) == len(counted) else None


def _late(
    rule: RuleCode,
    holder: Spell | Lateness | Overrun | None,
    late_days: int,
    *,
    due: date | None = None,
    limit_days: int | None = None,
    used_days: int | None = None,
    basis: str | None = None,
) -> Late:
    told = RULES[rule]
    return Late(
        holder_unit=holder.holder_unit if holder else None,
        holder_post=holder.holder_post if holder else None,
        holder_person=holder.holder_person if holder else None,
        is_agent=isinstance(holder, Spell) and holder.is_agent,
        rule=rule,
        title=told.title,
        title_en=told.title_en,
        basis=basis or told.basis,
        due=due,
        limit_days=limit_days,
        used_days=used_days,
        late_days=late_days,
    )


def _late_cases(clock: Standing, lateness: Sequence[Lateness]) -> Iterator[Late]:
    """Over the promised or the legal time, in the hands of each who had the case on those days."""
    rule = RuleCode.over_law if clock.over_legal_days else RuleCode.over_promise
    limit = clock.promise_days if clock.promise_days is not None else clock.legal_days
    for share in lateness:
        yield _late(
            rule,
            share,
            share.overdue_days,
            due=clock.due,
            limit_days=None if limit is None else limit + clock.extension_days,
            used_days=clock.used_days,
        )


def _late_reports(clock: Standing, spells: Sequence[Spell]) -> Iterator[Late]:
    """报批: the first review by who sent it up, and the superior's own time."""
    if clock.first_review_overdue_days:
        before = [
            spell for spell in spells if clock.reported_on is None or spell.from_day <= clock.reported_on
        ]
        yield _late(
            RuleCode.report_late,
            next((spell for spell in reversed(before) if not spell.is_in_transit), None),
            clock.first_review_overdue_days,
            due=clock.first_review_due,
            used_days=clock.first_review_days,
        )
    if clock.superior_overdue_days:
        signed = [spell for spell in spells if spell.from_day == clock.superior_signed_on]
        yield _late(
            RuleCode.over_law,
            signed[-1] if signed else None,
            clock.superior_overdue_days,
            due=clock.superior_due,
            limit_days=clock.legal_days,
        )


def _late_legs(
    legs: Sequence[AgentLeg], spells: Sequence[Spell], limits: Sequence[HandoffLimit]
) -> Iterator[Late]:
    agents = [spell for spell in spells if spell.is_agent]
    for leg in legs:
        limit = _limit_on(leg.picked_up_on, limits)
        if leg.late_days and limit is not None:
            yield _late(
                RuleCode.handoff_stuck,
                agents[0] if agents else None,
                leg.late_days,
                due=leg.due,
                limit_days=limit.agent_leg_days,
                used_days=leg.used_days,
                basis=f"agent_leg_days, policy {limit.version}",
            )


def _late_handoffs(spells: Sequence[Spell], limits: Sequence[HandoffLimit]) -> Iterator[Late]:
    """What was sent and not signed for is its sender's. An agent's leg is counted as a whole, above."""
    for spell in spells:
        limit = _limit_on(spell.from_day, limits)
        sent_days = spell.gross_days if spell.is_in_transit and not spell.is_agent else None
        if limit and sent_days is not None and sent_days > limit.handoff_days:
            yield _late(
                RuleCode.handoff_stuck,
                spell,
                sent_days - limit.handoff_days,
                limit_days=limit.handoff_days,
                used_days=sent_days,
                basis=f"handoff_days, policy {limit.version}",
            )


async def _late_by_rule(found: Reading, stream: str) -> list[Late]:
    """Nobody was told in time whether it was accepted, a step was over its budget, the result came late."""
    asked = {"stream": stream, "today": found.day}
    return [
        _late(
            RuleCode(overrun.rule_code),
            overrun,
            overrun.over_days,
            due=overrun.due,
            limit_days=overrun.limit_days,
            used_days=overrun.used_days,
        )
        for overrun in await find(found.connection, Overrun, STATEMENTS["overruns"], asked)
    ]


def _limit_on(day: date, limits: Sequence[HandoffLimit]) -> HandoffLimit | None:
    """`limits`: the latest first."""
    return next((limit for limit in limits if limit.valid_from <= day), None)

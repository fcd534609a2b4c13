"""The views at several sizes of log: rebuilds and county-wide figures against COPY, reads of one case, as of any day.

COPY is `copy (select * from events) to '/dev/null'` by the server, in turns with what is measured; a ratio is the time of
COPY by the time of what is measured. Budgets are those of a log of BUDGET_EVENTS or more; of a smaller one the figures
stand without a verdict. "The window views" are case_figures: what every statistic of windows, posts and units is counted
from. JIANDU_BENCH_EVENTS names the sizes, "100000,1000000" where it names none; "…,5000000" needs 10 GB of disk and a quarter
of an hour more.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from itertools import islice, pairwise
from statistics import median, quantiles
from time import perf_counter
from typing import Final

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from domain.store.connecting import Access
from domain.store.schema import County
from ops.benchmarks import big_county
from ops.benchmarks.big_county import COUNTY, BigCounty
from ops.benchmarks.table import Latency, Row
from ops.embedded import EmbeddedPostgres
from projections.asked import Asked
from projections.case_card import CASE_CARD
from projections.case_figures import CASE_FIGURES
from projections.clock import CLOCK, Clocks
from projections.custody import CUSTODY, CustodyLedger
from projections.differences import Comparer
from projections.engine import Engine
from projections.engine_crew import crew_of
from projections.engine_desk import Desk
from projections.engine_schema import ViewNames, connect
from projections.projection import Projection
from projections.reading import Reading, reading
from projections.registry import PROJECTIONS
from projections.timeline import timeline
from projections.view_readers import ViewReaders

# taken out of the environment: the servers that are measured would warn of a setting that they do not know
SIZES: Final = tuple(int(size) for size in os.environ.pop("JIANDU_BENCH_EVENTS", "100000,1000000").split(","))
BUDGET_EVENTS: Final = 1_000_000
ROUNDS: Final = 3
READS: Final = 300
WARM_UP_READS: Final = 20
REBUILT: Final = (CUSTODY, CLOCK, CASE_FIGURES)
REBUILT_AT_LEAST: Final = 0.25
AS_OF_AT_LEAST: Final = 0.5
READ_AT_MOST_MS: Final = 10.0
COMPARISONS: Final = 10
DIFFERENCES_AT_MOST_MS: Final = 2000.0
"""The first hundred cases that differ between two days: a page that somebody waits for."""
FLAT_AT_LEAST: Final = 0.7
"""What one case costs may not grow with the log; so much of a ratio is the noise of caches."""

COUNTY_FIGURES: Final = """
select
    figures.window_id,
    date_trunc('month', figures.received_on)::date as month,
    count(*) as received,
    count(clock.done_on) as done,
    count(*) filter (where clock.overdue_days > 0) as overdue,
    sum(clock.used_days) as used_days
from case_figures as figures
left join clock on clock.stream = figures.stream
group by 1, 2
order by 1, 2
"""
"""Every window of the county, by month."""

Read = Callable[[Reading, str], Awaitable[object]]


@dataclass
class Measured:
    """Of one size; seconds by round, latencies in seconds by what was read and by round."""

    events: int
    copies: list[float] = field(default_factory=list)
    rebuilds: list[float] = field(default_factory=list)
    figures: list[float] = field(default_factory=list)
    reads: dict[str, list[list[float]]] = field(default_factory=dict)
    comparisons: dict[str, list[list[float]]] = field(default_factory=dict)


def measure(postgres: EmbeddedPostgres) -> tuple[list[Row], list[Latency]]:
    year = big_county.told_year()
    found = [_of_size(postgres, big_county.make(postgres, year, size)) for size in SIZES]
    rows = [row for measured in found for row in _rows(measured)]
    rows += [row for smaller, larger in pairwise(found) for row in _growth(smaller, larger)]
    latencies = [
        _latency(measured, what, measured.reads[what], READ_AT_MOST_MS)
        for what in found[0].reads
        for measured in found
    ]
    latencies += [
        _latency(measured, what, measured.comparisons[what], DIFFERENCES_AT_MOST_MS)
        for what in found[0].comparisons
        for measured in found
    ]
    return rows, latencies


def _of_size(postgres: EmbeddedPostgres, county: BigCounty) -> Measured:
    try:
        return asyncio.run(_measure(county))
    finally:
        with psycopg.connect(postgres.dsn, autocommit=True) as connection:
            name = sql.Identifier(str(conninfo_to_dict(county.dsn)["dbname"]))
            connection.execute(sql.SQL("drop database {} with (force)").format(name))


async def _measure(county: BigCounty) -> Measured:
    measured = Measured(county.events)
    access = Access(county.dsn, County.named(COUNTY))
    async with await connect(access, is_projector=True) as connection, crew_of(access) as crew:
        engine = Engine(Desk(connection, ViewNames(access.county)), _wanted(), crew=crew)
        await engine.prepare()
        await engine.catch_up()
        for _ in range(ROUNDS):
            measured.copies.append(_copied(county.dsn))
            measured.rebuilds.append(await _rebuilt(engine))
    await _read_all(county, access, measured)
    return measured


def _wanted() -> list[Projection]:
    """What is measured and all it stands on, what tells which cases changed since a day, and what is compared of them."""
    names = {"case_spans", "case_card", *(projection.name for projection in REBUILT)}
    for projection in reversed(PROJECTIONS):
        if projection.name in names:
            names.update(need.name for need in projection.needs)
    return [projection for projection in PROJECTIONS if projection.name in names]


def _copied(dsn: str) -> float:
    with psycopg.connect(dsn, autocommit=True) as connection:
        began = perf_counter()
        connection.execute(
            sql.SQL("copy (select * from {}) to '/dev/null'").format(sql.Identifier(COUNTY, "events"))
        )
        return perf_counter() - began


async def _rebuilt(engine: Engine) -> float:
    for projection in REBUILT:
        await engine.desk.run("want_rebuild", {"name": projection.name})
    began = perf_counter()
    states = await engine.desk.states()
    while any(states[each.name].building or states[each.name].is_rebuild_wanted for each in REBUILT):
        # a switch gives way to whoever reads the old table, autovacuum too: then it comes with the next round
        await engine.catch_up()
        states = await engine.desk.states()
    elapsed = perf_counter() - began
    if any(states[each.name].failure for each in REBUILT):
        raise RuntimeError(f"the rebuild failed: {states}")
    return elapsed


async def _read_all(county: BigCounty, access: Access, measured: Measured) -> None:
    _come_to_rest(county.dsn)
    views = ViewReaders(access, _wanted())
    days = county.last_day - county.first_day
    # three quarters through the year: a part of the cases had not begun, and some were under way
    then = datetime.combine(county.first_day + 3 * days / 4, time(18), UTC)
    now = Asked(county.last_day)
    by_mode = {
        "": now,
        ", as known at a day": Asked(then.date(), known_at=then),
        ", as happened by a day": Asked(then.date(), happened_by=then),
    }
    try:
        for _ in range(ROUNDS):
            measured.figures.append(await _figures(views, by_mode[", as known at a day"]))
        for nth in range(ROUNDS):
            for name, read in (("history", _history), ("custody", _custody), ("clock", _clock)):
                for mode, asked in by_mode.items():
                    rounds = measured.reads.setdefault(f"{name} of one case{mode}", [])
                    rounds.append(await _reads(views, _sample(county.streams, nth), asked, read))
        for mode, asked in islice(by_mode.items(), 1, None):
            what = f"what differs a week later{mode}"
            measured.comparisons[what] = [[await _differences(views, asked) for _ in range(COMPARISONS)]]
    finally:
        await views.close()


def _come_to_rest(dsn: str) -> None:
    """What follows a fill and the rebuilds for some minutes, on one of two processors, while the reads would be measured:
    autovacuum's work and writing all pages.
    """
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("vacuum (analyze)")
        connection.execute("checkpoint")


def _sample(streams: Sequence[str], nth: int) -> Sequence[str]:
    """Other cases in each round: nothing of them has been read before."""
    step = max(ROUNDS, len(streams) // (READS + WARM_UP_READS))
    return streams[nth * step // ROUNDS :: step]


async def _differences(views: ViewReaders, asked: Asked) -> float:
    """The first page of what the answer of a week later says otherwise, and why."""
    later = {
        name: moment + timedelta(days=7)
        for name in ("known_at", "happened_by")
        if (moment := getattr(asked, name))
    }
    began = perf_counter()
    needs = (CASE_CARD, CLOCK, CUSTODY)
    async with reading(views, asked, needs, is_narrow=True, from_definitions=True, within_seconds=600) as one:
        other = await one.seen_as(replace(asked, **later))
        if not (await Comparer(one, other).page(limit=100)).differences:
            raise RuntimeError("nothing differs")
    return perf_counter() - began


async def _figures(views: ViewReaders, asked: Asked) -> float:
    began = perf_counter()
    async with reading(views, asked, (CASE_FIGURES, CLOCK), within_seconds=600) as found:
        cursor = await found.connection.execute(COUNTY_FIGURES)
        if not await cursor.fetchall():
            raise RuntimeError("no figures")
    return perf_counter() - began


async def _reads(views: ViewReaders, streams: Sequence[str], asked: Asked, read: Read) -> list[float]:
    """One after the other, each a transaction of its own as over HTTP."""
    latencies = []
    for stream in streams:
        began = perf_counter()
        async with reading(views, asked, (CUSTODY, CLOCK), is_narrow=True) as found:
            await read(found, stream)
        latencies.append(perf_counter() - began)
    return latencies[WARM_UP_READS:]


async def _history(found: Reading, stream: str) -> object:
    return await timeline(found, stream)


async def _custody(found: Reading, stream: str) -> object:
    return await CustodyLedger(found.connection).spells([stream], found.day)


async def _clock(found: Reading, stream: str) -> object:
    return await Clocks(found.connection).standing([stream], found.day)


def _rows(measured: Measured) -> list[Row]:
    size = f"{measured.events:,} events"
    copied = _per_second(measured, measured.copies)
    is_judged = measured.events >= BUDGET_EVENTS
    return [
        Row(
            f"rebuild of custody, clock and window views, {size}",
            "COPY of the events by the server",
            "events/s",
            _per_second(measured, measured.rebuilds),
            copied,
            REBUILT_AT_LEAST if is_judged else None,
        ),
        Row(
            f"every window by month, as known at a day, {size}",
            "COPY of the events by the server",
            "events/s",
            _per_second(measured, measured.figures),
            copied,
            AS_OF_AT_LEAST if is_judged else None,
        ),
    ]


def _growth(smaller: Measured, larger: Measured) -> list[Row]:
    """What one case costs in the larger log, against the smaller."""
    rows = [
        Row(
            f"rebuild at {larger.events:,} events",
            f"at {smaller.events:,}",
            "events/s",
            _per_second(larger, larger.rebuilds),
            _per_second(smaller, smaller.rebuilds),
            FLAT_AT_LEAST,
        )
    ]
    return rows + [
        Row(
            f"{what}, {larger.events:,} events",
            f"in {smaller.events:,}",
            "reads/s",
            [1 / median(each) for each in larger.reads[what]],
            [1 / median(each) for each in smaller.reads[what]],
            FLAT_AT_LEAST,
        )
        for what in larger.reads
    ]


def _per_second(measured: Measured, seconds: Sequence[float]) -> list[float]:
    return [measured.events / each for each in seconds]


def _latency(measured: Measured, what: str, rounds: Sequence[Sequence[float]], at_most_ms: float) -> Latency:
    p50 = median(median(seconds) for seconds in rounds)
    return Latency(
        f"{what}, {measured.events:,} events",
        1,
        p50 * 1000,
        median(quantiles(seconds, n=100)[98] for seconds in rounds) * 1000,
        1 / p50,
        at_most_ms,
    )

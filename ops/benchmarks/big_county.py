"""A county with as many events as wanted: a believable year, told by the rules, and as many copies as it takes.

Every case of the year is recorded through the Keeper into a log in memory, at the time at which it reached the hall.
The server then writes each event once for every copy, under numbers and people of the copy's own, copies side by side: the
events of one case lie as far apart in the log as they would in a county of that size.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from domain.application import Keeper
from domain.case import CASE
from domain.catalogue import Catalogue
from domain.grammar import CHINA, Occasion
from domain.log import Recorded
from domain.numbers import CaseNumber
from domain.store.mapper import stored_state
from domain.store.memory import MemoryLog
from ops.benchmarks.references import DEMO_COUNTY, ForgottenPeople
from ops.catalogue_files import load
from ops.demo.filling import SEED, Edition, tell
from ops.embedded import EmbeddedPostgres
from ops.migrate import bring_up_to_date

COUNTY: Final = "county"
YEAR_END: Final = date(2026, 10, 30)
CASES: Final = 2400
CASE_KIND: Final = "case:"

_COPY: Final = """
insert into {events} (position, stream, version, topic, occurred_at, recorded_at, state)
select
    row_number() over (order by told.n, copy),
    case when told.case_no is null then told.stream else 'case:' || coalesce(renamed.case_no, told.case_no) end,
    told.version,
    told.topic,
    told.occurred_at,
    told.recorded_at,
    case
        when copy = 0 or told.case_no is null then told.state
        else convert_to(
            replace(
                replace(
                    replace(convert_from(told.state, 'UTF8'), told.case_no, renamed.case_no),
                    '"p-00', '"p-' || lpad(to_hex(copy), 2, '0')
                ),
                -- document numbers: prefix, year, story, place
                '-2026-', '-2026' || lpad(copy::text, 3, '0') || '-'
            ),
            'UTF8'
        )
    end
from told
cross join lateral generate_series(0, case when told.case_no is null then 0 else %(copies)s - 1 end) as copies (copy)
left join renamed using (old_no, copy)
order by 1
"""


@dataclass(frozen=True, slots=True)
class BigCounty:
    """Where it stands, and some of what stands in it."""

    dsn: str
    events: int
    cases: int
    streams: tuple[str, ...]
    """Of cases, in no order of time: any few of them are a fair sample."""
    first_day: date
    last_day: date


def told_year() -> list[Recorded]:
    """The catalogue and a year of cases, as the rules record them; some twenty seconds."""
    return asyncio.run(_told_year())


async def _told_year() -> list[Recorded]:
    moment = datetime.combine(YEAR_END.replace(year=YEAR_END.year - 2), time(9), CHINA)
    log = MemoryLog(lambda: moment)
    keeper = Keeper(log, Catalogue())
    people = ForgottenPeople()
    await load(keeper, people, DEMO_COUNTY, received_at=moment)
    edition = Edition(SEED, YEAR_END, CASES)
    filling = await tell(keeper.catalogue, people, edition)
    for told in filling.told:
        moment = told.deed.received_at
        await filling.take_over(keeper, [told])
        occasion = Occasion(told.deed.actor, moment, told.deed.told(told.device), edition.name(told))
        await keeper.handle(CASE, told.story.case_no, told.deed.command, occasion, key=None, digest=b"")
    return log.events


def make(postgres: EmbeddedPostgres, year: list[Recorded], events: int) -> BigCounty:
    """A fresh database with a county of about so many events, and its views not yet built."""
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(f"county_{events}")))
    dsn = make_conninfo(postgres.dsn, dbname=f"county_{events}")
    bring_up_to_date(dsn, COUNTY)
    of_cases = [event for event in year if event.stream.startswith(CASE_KIND)]
    copies = max(1, round(events / len(of_cases)))
    with psycopg.connect(dsn, autocommit=True) as connection:
        _tell(connection, year, copies)
        connection.execute(sql.SQL(_COPY).format(events=sql.Identifier(COUNTY, "events")), {"copies": copies})
        connection.execute("drop table told; drop table renamed")
        connection.execute(sql.SQL("vacuum analyze {}").format(sql.Identifier(COUNTY, "events")))
    streams = sorted({event.stream for event in of_cases})
    days = [event.envelope.occurred_at.astimezone(CHINA).date() for event in of_cases]
    return BigCounty(
        dsn,
        len(year) + (copies - 1) * len(of_cases),
        copies * len(streams),
        tuple(f"{CASE_KIND}{_renamed(_number(s), n % copies)}" for n, s in enumerate(streams)),
        min(days),
        max(days),
    )


def _tell(connection: psycopg.Connection, year: Iterable[Recorded], copies: int) -> None:
    connection.execute(
        "create table told (n bigint, stream text, case_no text, old_no text, version bigint, topic text,"
        " occurred_at timestamptz, recorded_at timestamptz, state bytea)"
    )
    connection.execute("create table renamed (old_no text, copy integer, case_no text)")
    numbers = {event.stream: _number(event.stream) for event in year}
    with connection.cursor() as cursor:
        with cursor.copy("copy told from stdin") as rows:
            for n, event in enumerate(year):
                number = numbers[event.stream]
                rows.write_row(
                    (
                        *(n, event.stream, number, number, event.version, event.fact.TOPIC),
                        *(event.envelope.occurred_at, event.recorded_at),
                        stored_state(event.fact, event.envelope),
                    )
                )
        with cursor.copy("copy renamed from stdin") as rows:
            for number in filter(None, set(numbers.values())):
                for copy in range(1, copies):
                    rows.write_row((number, copy, _renamed(number, copy)))
    connection.execute("analyze told, renamed")


def _number(stream: str) -> str | None:
    return stream.removeprefix(CASE_KIND) if stream.startswith(CASE_KIND) else None


def _renamed(number: str | None, copy: int) -> str:
    """The number that the case has in a copy: of a county of its own."""
    told = CaseNumber.parse(number or "")
    return str(CaseNumber(f"61{copy:04d}{told.division[6:]}", told.day, told.serial)) if copy else str(told)

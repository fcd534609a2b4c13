"""A county with every view there is, whose keepers can be held in the middle of a transaction, to be killed there."""

import asyncio
from contextlib import closing, contextmanager

import psycopg

from domain.store.mapper import stored_state
from projections.registry import PROJECTIONS
from tests.disputed import asked_twice, called_overdue_by_the_spreadsheet, through_the_agent, who_sat_on_it
from tests.projected import Writer
from tests.serving import jiandu
from tests.told_time import numbered
from tests.views import recorded
from tests.waiting import until

STORIES = (who_sat_on_it, asked_twice, called_overdue_by_the_spreadsheet, through_the_agent)

HOLDS = """
create function public.held() returns trigger language plpgsql as
    'begin perform pg_advisory_xact_lock(42); return new; end';
create trigger held before update on county_views.projections for each row
    when (new.name = 'audit' and new.position > old.position and old.building is null)
    execute function public.held();
create trigger held before update on county_views.portions for each row
    when (new.projection = 'clock' and new.is_filled) execute function public.held();
"""
"""Rows are replaced, or a portion is filled, and nothing is committed yet."""

CURRENT = """
select count(*) from county_views.projections
where definition is not null and position = (select max(position) from county.events)
    and not is_rebuild_wanted and building is null and failed_at is null
"""

DOUBLED_OR_LOST = """
with acts as (
    select position from county.events where split_part(stream, ':', 1) not in ('heads', 'cosignatures')
)
-- no event is voided twice here, and neither a void nor what it voids counts in the card
select 'audit', position from (
    (select position from acts except all select position from county_views.audit)
    union all (select position from county_views.audit except all select position from acts)
) as told
union all
select 'case_card', coalesce(kept.events, 0) - coalesce(told.events, 0)
from (
    select
        stream,
        count(*) filter (where topic not in ('event.voided.v1', 'event.corrected.v1'))
            - count(*) filter (where topic = 'event.voided.v1') as events
    from county.events
    where stream like 'case:%' group by stream
) as told
full join county_views.case_card as kept using (stream)
where kept.events is distinct from told.events
"""


def ask(dsn, statement):
    with psycopg.connect(dsn, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else None


async def until_told(is_so):
    """Asked in a thread: the answer may take long."""
    await until(lambda: asyncio.to_thread(is_so))


async def all_current(dsn):
    await until_told(lambda: ask(dsn, CURRENT) == [(len(PROJECTIONS),)])


@contextmanager
def holding(dsn):
    """Whoever comes to the held place waits there for as long as this lasts, or the database does."""
    connection = psycopg.connect(dsn, autocommit=True)
    connection.execute("select pg_advisory_lock(42)")
    try:
        yield
    finally:
        connection.close()


async def somebody_held(dsn):
    waiting = (
        "select 1 from pg_locks where locktype = 'advisory' and objid = 42 and objsubid = 1 and not granted"
    )
    await until_told(lambda: ask(dsn, waiting))


async def cases(many):
    """The events of so many cases as the rules decided them: for each case what Writer.append takes."""
    stories = [STORIES[n % len(STORIES)]() for n in range(many)]
    told = []
    for case_no, deeds in numbered(*stories).items():
        _, events = await recorded(*deeds, case_no=case_no)
        told.append(
            [
                (e.stream, e.fact.TOPIC, stored_state(e.fact, e.envelope), e.envelope.occurred_at)
                for e in events
            ]
        )
    return told


def write(dsn, *told):
    """Each case in one commit."""
    with closing(Writer(dsn)) as writer:
        for events in told:
            writer.append(*events)


def is_checked(dsn):
    """By the operator's own command, and by counting."""
    checked = jiandu("projections", "check", settings={"JIANDU_DATABASE_URL": dsn})
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert ask(dsn, DOUBLED_OR_LOST) == []

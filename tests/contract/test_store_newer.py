"""A programme that runs on while a newer one migrates its database: what it is then refused, and cannot know, is told as that."""

import asyncio

import psycopg
import pytest

from domain.log import NewerSchema, Receipt
from domain.store.schema import STEPS
from tests.notes import in_county, new_stream, noted, open_store

LATER_GUARD = """
    create function refuse_later() returns trigger language plpgsql as $$
    begin
        raise exception using errcode = 'JD999', message = 'refused by a rule of a later step';
    end
    $$
"""
GUARDED = {
    "a guard's code": (
        LATER_GUARD,
        "create trigger later before insert on events for each row when ({}) execute function refuse_later()",
    ),
    "a constraint": ("alter table events add constraint events_later check (not ({}))",),
}
LATER = "position('\"later\"' in convert_from(new.state, 'UTF8')) > 0"
"""What the later step refuses."""


def migrate(dsn, *steps):
    with in_county(dsn) as connection:
        for each in steps:
            connection.execute(each)
        connection.execute("insert into schema_steps values (%s, now())", [len(STEPS) + 1])


def guarded(guard):
    later = LATER if guard == "a guard's code" else LATER.replace("new.", "")
    return [each.replace("{}", later) for each in GUARDED[guard]]


@pytest.mark.parametrize("guard", GUARDED)
async def test_what_a_later_step_refuses_is_told_as_that(database, guard):
    async with open_store(database) as store:
        migrate(database, *guarded(guard))
        with pytest.raises(NewerSchema):
            await store.log.append(noted(new_stream(), 1, "later"))
        assert await store.events.last_position() == 0


@pytest.mark.parametrize("guard", GUARDED)
async def test_those_that_were_sent_with_it_are_recorded(database18, guard):
    async with open_store(database18) as store:
        migrate(database18, *guarded(guard))
        submitted = [noted(new_stream(), 1, text) for text in ("one", "later", "two", "later")]
        answers = await asyncio.gather(*map(store.log.append, submitted), return_exceptions=True)
    assert [type(each) for each in answers] == [Receipt, NewerSchema, Receipt, NewerSchema]


async def test_so_is_what_is_refused_beside_the_log(database18):
    async with open_store(database18) as store:
        later = (
            "create trigger later before insert on credentials for each row execute function refuse_later()"
        )
        migrate(database18, LATER_GUARD, later)
        with pytest.raises(NewerSchema):
            await store.secrets.keep_password("S-01", "hash")


@pytest.mark.parametrize("guard", GUARDED)
async def test_on_its_own_schema_an_unknown_refusal_is_a_bug(database18, guard):
    async with open_store(database18) as store:
        with in_county(database18) as connection:
            for each in guarded(guard):
                connection.execute(each)
        with pytest.raises(psycopg.Error):
            await store.log.append(noted(new_stream(), 1, "later"))
        assert (await store.log.append(noted(new_stream(), 1, "now"))).first_position == 1

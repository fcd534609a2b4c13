"""Sessions and attempts to sign in, beside the log: the database answers as memory does."""

from datetime import UTC, datetime, timedelta

import psycopg

from domain.store.county import Store
from domain.store.memory import MemorySecrets
from domain.store.secrets import Session
from tests.notes import COUNTY, NOTE, in_county
from tests.templates import make_county

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
SESSION = Session("s-1", "G0001", "P-1", 3, NOW, NOW + timedelta(hours=10), NOW)


async def attempts_of(secrets):
    """What attempts are answered, minute by minute, with forgiveness in between."""
    told = []
    for minute in (*range(4), 14, 15, 16):
        told.append(await secrets.attempt("name", 7, NOW + timedelta(minutes=minute), QUARTER, 2))
        told.append(await secrets.attempt("address", 7, NOW + timedelta(minutes=minute), QUARTER, 4))
    await secrets.forgive(7, 7)
    told += [await secrets.attempt(kind, 7, NOW + timedelta(minutes=17), QUARTER, 4) for kind in KINDS]
    await secrets.forgive(None, 7)
    return told + [await secrets.attempt(kind, 7, NOW + timedelta(minutes=18), QUARTER, 4) for kind in KINDS]


KINDS = ("name", "address")


async def test_attempts_and_sessions_are_kept_as_in_memory(database):
    make_county(database, COUNTY)
    async with Store.open(database, COUNTY, [NOTE]) as store:
        assert await attempts_of(store.secrets) == await attempts_of(MemorySecrets())

        await store.secrets.open_session("token", SESSION)
        assert await store.secrets.session("token") == SESSION
        for seen in (NOW + QUARTER, NOW):
            await store.secrets.see_session("token", seen)
        assert (await store.secrets.session("token")).seen_at == NOW + QUARTER
        await store.secrets.end_session("token")
        assert await store.secrets.session("token") is None

    async with Store.open(database, COUNTY, [NOTE]) as store:
        attempts = await store.secrets.attempt("name", 7, NOW + timedelta(minutes=18), QUARTER, 4)
    assert attempts == 3, "a restart begins nothing anew"
    with in_county(database) as connection:
        drawers = connection.execute("select kind, drawer from sign_in_attempts order by kind").fetchall()
        assert drawers == [("address", 7), ("name", 7)]
        for beyond in (-1, 65_536):
            try:
                connection.execute("insert into sign_in_attempts values ('name', %s, 1, now())", [beyond])
            except psycopg.errors.CheckViolation:
                continue
            raise AssertionError("the table has no end")

"""A bit of a stored event flips on the disk: an error, never a wrong answer."""

import psycopg
import pytest

from tests.clusters import own_postgres
from tests.notes import in_county, noted, open_store

NOTES = 200
ROTTEN = f"WORD-{NOTES // 2}-"


def flip_a_bit(file):
    """The W of the word becomes a V."""
    content = bytearray(file.read_bytes())
    content[content.index(ROTTEN.encode())] ^= 1
    file.write_bytes(content)


async def test_a_bit_that_rots_is_an_error_and_no_other_event_is_concerned():
    with own_postgres() as postgres:
        async with open_store(postgres.dsn) as store:
            for n in range(NOTES):
                await store.log.append(noted(f"note:{n}", 1, text=f"WORD-{n}-"))
            with in_county(postgres.dsn) as connection:
                (path,) = connection.execute("select pg_relation_filepath('events')").fetchone()
            postgres.stop()
            flip_a_bit(postgres.cluster / path)
            postgres.start()

            with pytest.raises(psycopg.errors.DataCorrupted):
                await store.log.history(f"note:{NOTES // 2}")
            assert (await store.log.history("note:1"))[0].fact.text == "WORD-1-"
            assert (await store.log.append(noted("note:new", 1))).first_position == NOTES + 1
        with in_county(postgres.dsn) as connection:
            assert told_without_checksums(connection) == ROTTEN.replace("W", "V")


def told_without_checksums(connection):
    """The control: a database that did not look would answer wrongly, and say nothing."""
    connection.execute("set ignore_checksum_failure = on")
    query = "select state from events where stream = %s"
    (state,) = connection.execute(query, [f"note:{NOTES // 2}"]).fetchone()
    return state.decode().partition('"text":"')[2].partition('"')[0]

"""The schema is brought up to date under the programme of before, which goes on beside that of after: no request fails."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from domain.store import schema
from ops.migrate import bring_up_to_date
from tests.chaos.checker import rows_of, violations
from tests.chaos.journal import Invoke, Ok
from tests.notes import COUNTY, in_county, noted, open_store

OLD_STEPS = 2
"""The version of the schema that the first programmes with signatures made."""
OLD_APPEND = """
    select verdict, first_position, last_position
    from append(%s::text[], %s::bytea[], %s::integer[], %s::text[], %s::bigint[], %s::text[], %s::timestamptz[],
        %s::bytea[], %s::bytea[])
"""
"""What those programmes say; it stays as it is here."""
OLD_READ = """
    select version, topic, occurred_at, recorded_at, state
    from events
    where stream = %s
    order by version desc
    limit 1
"""
STATE = '{"envelope": {"circumstances": {"place": "%s"}, "correlation": "%s"}}'
CLIENTS = 4
PAUSE_SECONDS = 0.002


async def test_old_and_new_work_on_one_database_while_it_is_brought_up_to_date(database18, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(schema, "STEPS", schema.STEPS[:OLD_STEPS])
        schema.create(database18, COUNTY)
    journal, writing, is_over = [], threading.Lock(), threading.Event()

    def tell(line):
        with writing:
            journal.append(line)

    def old(number):
        with in_county(database18, role=f"jiandu_{COUNTY}_recorder") as connection:
            version = 0
            while not is_over.is_set():
                version += 1
                key = f"{number}-{version}"
                tell(Invoke(number, key, str(number)))
                tell(said_by_the_old(connection, number, key, version))
                is_over.wait(PAUSE_SECONDS)
            return version

    with ThreadPoolExecutor(CLIENTS) as clients:
        olds = [clients.submit(old, number) for number in range(CLIENTS)]
        try:
            await asyncio.sleep(0.3)
            await asyncio.to_thread(bring_up_to_date, database18, COUNTY)
            async with open_store(database18) as store:
                for version in range(1, 51):
                    assert (await store.log.append(noted("note:new", version))).first_position
        finally:
            is_over.set()
        recorded = sum(each.result() for each in olds)
    log = rows_of(database18, COUNTY)
    assert violations(journal, log) == []
    assert len(log) == recorded + 50
    with in_county(database18) as connection:
        assert connection.execute("select max(step) from schema_steps").fetchone() == (len(schema.STEPS),)


def said_by_the_old(connection, number, key, version):
    """Raises what the database refuses."""
    stream, topic = f"case:{number}", "case.received.v1"
    state = (STATE % (key, key)).encode()
    row = connection.execute(
        OLD_APPEND, ([key], [b""], [1], [stream], [version], [topic], [None], [state], [None])
    ).fetchone()
    assert row[0] == "appended"
    assert connection.execute(OLD_READ, [stream]).fetchone()[0] == version
    event = {"position": row[1], "version": version, "topic": topic}
    return Ok(number, key, {"case_no": str(number), "events": [event]}, is_repeat=False)

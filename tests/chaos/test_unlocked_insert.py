"""A control: the insert everybody writes first, its position from a sequence and no writer's lock, must be caught."""

from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import psycopg

from tests.chaos.checker import rows_of, violations
from tests.chaos.journal import Fail, Invoke, Ok

STATE = """{"envelope": {"circumstances": {"place": "%s"}, "correlation": "%s"}}"""
TABLE = """
    create schema county;
    create table county.events (
        position bigserial primary key, stream text, version bigint, topic text,
        recorded_at timestamptz default clock_timestamp(), state bytea, unique (stream, version)
    )
"""


def test_an_insert_without_the_lock_leaves_holes_and_the_checker_sees_them(database18):
    with psycopg.connect(database18) as connection:
        connection.execute(TABLE)
    journal, writing = [], Lock()

    def tell(line):
        with writing:
            journal.append(line)

    def client(number):
        with psycopg.connect(database18, autocommit=True) as connection:
            for version in range(1, 21):
                key = f"{number}-{version}"
                tell(Invoke(number, key, "A"))
                tell(insert(connection, number, key, version))

    with ThreadPoolExecutor(8) as clients:
        list(clients.map(client, range(8)))
    with psycopg.connect(database18, autocommit=True) as connection:
        # whoever lost last left a hole at the end, which is none until somebody comes after it
        assert isinstance(insert(connection, 8, "8-21", 21), Ok)
    assert any(
        "is missing or doubled" in sentence for sentence in violations(journal, rows_of(database18, "county"))
    )


def insert(connection, number, key, version):
    """Eight clients race for each version of one stream: seven lose, and each loser has used up a position."""
    query = """
        insert into county.events (stream, version, topic, state) values ('case:A', %s, 'case.received.v1', %s)
        returning position
    """
    try:
        row = connection.execute(query, [version, (STATE % (key, key)).encode()]).fetchone()
    except psycopg.errors.UniqueViolation:
        return Fail(number, key, "version-conflict")
    event = {"position": row[0], "version": version, "topic": "case.received.v1"}
    return Ok(number, key, {"case_no": "A", "events": [event]}, is_repeat=False)

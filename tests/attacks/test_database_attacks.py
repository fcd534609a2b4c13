"""What a superuser can do to the log in its own database, every trigger silent: each is found, and the event is named.

Each attack also goes past what the database itself could notice (the control): without signatures, tree, witness and
memory nobody would know.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import process_time

import pytest

from domain.evidence.verify import Trust
from domain.proof.leaf import Leaf, SealedEvent, state_hash
from ops.verify.inspection import inspect
from tests.attacks.big_log import EVENTS, copied, made
from tests.evidenced import KEYS, LOG_KEY, ORIGIN, POLICY, PROCESS, a_signer
from tests.servers import fresh_database

WITHIN_SECONDS = 10
THIEF = a_signer(f"{ORIGIN}/process#thief")
THIEF_OF_LOGS = a_signer(f"{ORIGIN}#thief")
EVENT = 54_321
"""The one that somebody would like to be different."""


@pytest.fixture(scope="module")
def log(postgres18):
    with fresh_database(postgres18.dsn) as dsn:
        yield made(dsn)


@pytest.fixture
def county(log):
    with copied(log) as own:
        yield own


def found(county, **brought):
    """The verdict, in time: of the processor, for what else the machine does says nothing of us."""
    began = process_time()
    verdict = inspect(county.source, county.brought(**brought))
    assert process_time() - began < WITHIN_SECONDS
    return verdict


def first(verdict):
    assert not verdict.is_good
    return verdict.troubles[0].position, verdict.troubles[0].what


def looks_whole(connection):
    """All that the database could notice by itself: places, versions and times are in order."""
    return connection.execute(
        """
        select count(*) = max(position) and bool_and(follows) and bool_and(is_in_time)
        from (
            select
                position,
                version = row_number() over (partition by stream order by position) as follows,
                recorded_at >= coalesce(lag(recorded_at) over (order by position), recorded_at) as is_in_time
            from events
        ) as each
        """
    ).fetchone() == (True,)


def last_seen_before(county, position):
    return max(size for size in county.blocks if size < position)


def assert_stands_up_to(verdict, county, position):
    assert verdict.last_good.size == last_seen_before(county, position)
    assert verdict.last_good.is_witnessed


def shift(database, position, by):
    database.execute("alter table events drop constraint events_position_key")
    database.execute("update events set position = position + %s where position >= %s", [by, position])
    database.execute("alter table events add constraint events_position_key primary key (position)")


def insert(database, position, stream, version, state, *, signer=THIEF, at=None):
    """A row as good as somebody without the county's keys can make it."""
    at = (
        at
        or database.execute("select max(recorded_at) from events where position < %s", [position]).fetchone()[
            0
        ]
    )
    event = SealedEvent(ORIGIN, stream, version, at, "case.decided.v1", state_hash(state))
    signature = signer.private.sign(event.signed_bytes())
    database.execute(
        "insert into events (position, stream, version, topic, occurred_at, recorded_at, state, signature)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s)",
        [position, stream, version, event.topic, at, at, state, signature],
    )
    return Leaf(position, event, at, signature)


def test_the_log_that_nobody_touched_is_whole(log):
    verdict = found(log)
    assert verdict.is_good
    assert verdict.size >= EVENTS
    assert (verdict.troubles, verdict.unsigned) == ((), ())


def test_an_edited_event_is_named(county):
    with county.broken_into() as database:
        database.execute(
            "update events set state = %s where position = %s", [b'{"fact":{"granted":true}}', EVENT]
        )
        assert looks_whole(database)
    verdict = found(county)
    assert first(verdict) == (EVENT, "changed")
    assert_stands_up_to(verdict, county, EVENT)


def test_a_deleted_event_is_named(county):
    with county.broken_into() as database:
        database.execute("delete from events where position = %s", [EVENT])
    assert first(found(county)) == (EVENT, "missing")


def test_a_deleted_event_is_named_though_the_others_close_up(county):
    with county.broken_into() as database:
        stream, version = database.execute(
            "delete from events where position = %s returning stream, version", [EVENT]
        ).fetchone()
        database.execute(
            "update events set version = version - 1 where stream = %s and version > %s", [stream, version]
        )
        shift(database, EVENT, -1)
        assert looks_whole(database)
    assert first(found(county)) == (EVENT, "changed")


def test_a_truncated_tail_is_missed(county):
    with county.broken_into() as database:
        database.execute("delete from events where position > %s", [EVENT])
        database.execute("delete from checkpoints where size > %s", [EVENT])
        assert looks_whole(database)
    assert first(found(county)) == (EVENT + 1, "missing")


def test_two_events_that_change_places_are_named(county):
    with county.broken_into() as database:
        database.execute(
            """
            update events as one
            set state = other.state, signature = other.signature
            from events as other
            where (one.position, other.position) in ((%(one)s, %(other)s), (%(other)s, %(one)s))
            """,
            {"one": EVENT, "other": EVENT + 7},
        )
        assert looks_whole(database)
    assert first(found(county)) == (EVENT, "changed")


@pytest.mark.parametrize(
    "change",
    [
        "update events set occurred_at = occurred_at - interval '1 hour' where position = %s",
        "update events set recorded_at = recorded_at - interval '0.9 second' where position = %s",
    ],
    ids=["when it happened", "when it was recorded"],
)
def test_a_back_dated_event_is_named(county, change):
    with county.broken_into() as database:
        database.execute(change, [EVENT])
        assert looks_whole(database)
    assert first(found(county)) == (EVENT, "changed")


@pytest.mark.parametrize(
    "change",
    [
        "update events set occurred_at = %s where position = %s",
        "update events set recorded_at = %s where position = %s",
    ],
    ids=["when it happened", "when it was recorded"],
)
def test_a_time_beyond_all_calendars_hides_nothing(county, change):
    """One that the verifier could not even read would keep it from naming anything."""
    times = ("infinity", "-infinity", "294276-12-31 23:59:59Z", "4713-01-01Z BC", "10000-01-01Z")
    times_by_position = {EVENT + 256 * n: time for n, time in enumerate(times)}
    with county.broken_into() as database:
        for position, time in times_by_position.items():
            database.execute(change, [time, position])
    named = {each.position for each in found(county).troubles if each.what == "changed"}
    assert named == times_by_position.keys()


def test_an_event_inserted_at_an_old_position_is_named(county):
    """Tiles and checkpoints are made to fit, with a key that nobody knows."""
    with county.broken_into() as database:
        shift(database, EVENT, 1)
        insert(database, EVENT, "case:99999999", 1, b'{"fact":{}}')
        assert looks_whole(database)
        county.reseal(database, THIEF_OF_LOGS)
    verdict = found(county)
    assert (EVENT, "unsigned") in [(each.position, each.what) for each in verdict.troubles]
    assert_stands_up_to(verdict, county, EVENT)


def test_a_fabricated_new_event_is_named(county):
    with county.broken_into() as database:
        insert(database, county.size + 1, "case:99999999", 1, b'{"fact":{}}')
        assert looks_whole(database)
    assert first(found(county)) == (county.size + 1, "unsigned")
    assert is_good_to_who_does_not_ask_for_signatures(county)


def is_good_to_who_does_not_ask_for_signatures(county):
    """The control: somebody who takes the thief's signature for a process's."""
    deceived = Trust.read(POLICY, f"{KEYS}process {THIEF.key().vkey()} 1\n")
    return inspect(county.source, replace(county.brought(), trust=deceived)).is_good


def database_is_at_one_with_itself(verdict):
    """The control: rows, tiles and every checkpoint in the database fit each other."""
    own = [anchor for anchor in verdict.anchors if anchor.whose.startswith("数据库")]
    return (
        own and all(anchor.is_good for anchor in own) and "changed" not in {t.what for t in verdict.troubles}
    )


@pytest.mark.parametrize(
    "log_key", [THIEF_OF_LOGS, LOG_KEY], ids=["without the log's key", "with the stolen log key"]
)
def test_an_event_edited_under_rewritten_leaves_is_named(county, log_key):
    with county.broken_into() as database:
        database.execute(
            "update events set state = %s where position = %s", [b'{"fact":{"granted":true}}', EVENT]
        )
        assert looks_whole(database)
        county.reseal(database, log_key)
    verdict = found(county)
    assert (EVENT, "unsigned") in [(each.position, each.what) for each in verdict.troubles]
    assert first(verdict)[0] == EVENT
    assert database_is_at_one_with_itself(verdict)
    assert_stands_up_to(verdict, county, EVENT)
    assert bool(verdict.unsigned) == (log_key is THIEF_OF_LOGS)


def test_a_database_rolled_back_as_a_whole_is_missed(county):
    """As if a backup of the past had been restored: nothing in it contradicts anything else in it."""
    then = last_seen_before(county, EVENT)
    with county.broken_into() as database:
        database.execute("delete from events where position > %s", [then])
        database.execute("delete from checkpoints where size > %s", [then])
        county.reseal(database)
        assert looks_whole(database)
    assert first(found(county)) == (then + 1, "missing")
    assert first(found(county, held={})) == (then + 1, "missing"), "the sealing worker's memory is enough"
    assert first(found(county, remembered={})) == (then + 1, "missing"), "the witness is enough"
    assert found(county, held={}, remembered={}).is_good, "without both, nobody can know"


def test_an_event_tampered_with_before_it_is_sealed_is_named(county):
    """Its process has signed it; a sealing worker that asked for no signatures would seal what it finds."""
    with county.broken_into() as database:
        position = county.size + 1
        insert(database, position, "case:99999999", 1, b'{"fact":{"granted":false}}', signer=PROCESS)
    assert found(county).is_good
    with county.broken_into() as database:
        database.execute(
            "update events set state = %s where position = %s", [b'{"fact":{"granted":true}}', position]
        )
        assert looks_whole(database)
        county.reseal(database)
    verdict = found(county)
    assert first(verdict) == (position, "unsigned")
    assert database_is_at_one_with_itself(verdict)


def test_an_event_recorded_at_another_time_than_witnesses_saw_is_named(county):
    """Whoever holds a process key and the log's could still not place an event in the past."""
    early = datetime(2026, 1, 5, 1, tzinfo=UTC) - timedelta(days=30)
    with county.broken_into() as database:
        database.execute("update events set recorded_at = %s where position > %s", [early, county.size - 2])
        county.reseal(database)
    assert {each.what for each in found(county).troubles} >= {"time"}


def test_a_tile_that_somebody_changed_does_not_accuse_an_event(county):
    with county.broken_into() as database:
        database.execute(
            "update tiles set hashes = overlay(hashes placing '\\x00'::bytea from 33 for 1)"
            " where level = 0 and number = %s",
            [EVENT // 256],
        )
    assert first(found(county)) == (EVENT // 256 * 256 + 2, "tile")


def test_a_root_of_case_heads_that_events_do_not_have_is_named(county):
    with county.broken_into() as database:
        position = county.size
        state = database.execute("select state from events where position = %s", [position]).fetchone()[0]
        event = state.replace(b'"root":"', b'"root":"0')[: len(state)]
        database.execute("update events set state = %s where position = %s", [event, position])
    assert first(found(county))[0] == position


def test_a_retired_key_counts_no_more(county):
    deceived = Trust.read(POLICY, f"process {PROCESS.key().vkey()} 1 {EVENT}\n")
    verdict = inspect(county.source, replace(county.brought(held={}, remembered={}), trust=deceived))
    assert not verdict.is_good

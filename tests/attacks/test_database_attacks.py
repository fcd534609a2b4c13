"""What a superuser can do to the log in its own database, every trigger silent: each is found, and the event is named.

Each attack has its control: with the mechanism that finds it switched off, and all others at work, nobody would know.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing import active_children

import psycopg
import pytest
from psycopg.errors import UndefinedTable

from domain.evidence.verify import Bundle, Refused, Trust, verify
from domain.loss import EventLost
from ops.verify.comparing import compare, kept
from ops.verify.hands import Hands, read
from ops.verify.inspection import Brought, inspect
from tests.attacks.big_log import EVENTS, copied, made
from tests.attacks.blinded import LOG_KEY_CHECK, SIGNATURES, TREE, WITNESSES, Headless, blinded
from tests.attacks.breaking_in import (
    EVENT,
    THIEF_OF_LOGS,
    Sparing,
    TwoHanded,
    assert_stands_up_to,
    edit,
    first,
    found,
    insert,
    last_seen_before,
    looks_whole,
    shift,
    sign_again,
    taken,
)
from tests.evidenced import KEYS, LOG_KEY, POLICY, PROCESS, a_bundle, a_log
from tests.servers import fresh_database


@pytest.fixture(scope="module")
def log(postgres18):
    with fresh_database(postgres18.dsn) as dsn:
        yield made(dsn)


@pytest.fixture
def county(log):
    with copied(log) as own:
        yield own


def test_the_log_that_nobody_touched_is_whole(log):
    verdict = found(log)
    assert verdict.is_good
    assert verdict.size >= EVENTS
    assert (verdict.troubles, verdict.unsigned) == ((), ())


def test_several_hands_read_what_one_reads(log):
    """A second process, each with its parts of the log; nobody waits for it where this one is quicker."""
    (alone,), parts = (read(log.source, log.size, EVENTS // 2, count) for count in (1, 2))
    assert len(parts) > 1
    assert b"".join(part.hashes for part in parts) == alone.hashes
    assert [root for part in parts for root in part.roots] == alone.roots
    assert [at for part in parts for at in part.recorded] == [*alone.recorded]
    assert EVENTS // 2 in [piece.last for part in parts for piece in part.pieces]


@pytest.mark.parametrize("readers", [2, 3])
@pytest.mark.parametrize("followers", [1, 2])
def test_several_hands_find_the_heads_that_one_finds(log, readers, followers):
    """More of them than shares of the streams, and more shares than hands. Those up to the middle."""
    alone, several = (read(log.source, log.size, EVENTS // 2, count) for count in (1, readers))
    with psycopg.connect(log.dsn, autocommit=True) as connection:
        with Hands(connection, log.source, log.size, followers) as hands:
            found_by_several = hands.followed(several, EVENTS // 2)
        with Hands(connection, log.source, log.size, 1) as hands:
            assert hands.followed(alone, EVENTS // 2) == found_by_several
            assert hands.followed(alone, log.size) != found_by_several


def test_several_hands_find_the_log_whole(log):
    assert TwoHanded(log, log.brought()).verdict(every_signature=False).is_good


@pytest.mark.parametrize("hands", [1, 2])
def test_hands_that_cannot_read_the_log_say_so(log, hands):
    with pytest.raises(UndefinedTable):
        read(replace(log.source, schema="elsewhere"), log.size, count=hands)
    assert active_children() == []


def test_an_edited_event_is_named(county):
    """Though a stolen process key has signed it again."""
    with county.broken_into() as database:
        edit(database, EVENT)
        sign_again(database, county, EVENT)
        assert looks_whole(database)
    verdict = found(county)
    assert first(verdict) == (EVENT, "changed")
    assert_stands_up_to(verdict, county, EVENT)
    assert blinded(county, *TREE, around=EVENT).is_good, "without the tree"


@pytest.mark.parametrize("length", [0, 10, 65, 132])
def test_an_event_whose_signature_is_another_is_named(county, length):
    """Of a length that no leaf holds, or of one that another kind of signature has."""
    with county.broken_into() as database:
        database.execute("alter table events drop constraint events_signature_whole")
        database.execute("update events set signature = %s where position = %s", [bytes(length), EVENT])
    verdict = found(county)
    assert first(verdict) == (EVENT, "changed")
    assert_stands_up_to(verdict, county, EVENT)


def test_a_deleted_event_is_named(county):
    with county.broken_into() as database:
        database.execute("delete from events where position = %s", [EVENT])
    assert first(found(county)) == (EVENT, "missing")


def test_a_deleted_event_is_named_though_the_others_close_up(county):
    """The last of its case, so that no version is missing either."""
    with county.broken_into() as database:
        (last,) = database.execute(
            "select min(position) from events where position > %s and version = 5 and stream like 'case:%%'",
            [EVENT],
        ).fetchone()
        database.execute("delete from events where position = %s", [last])
        shift(database, last, -1)
        assert looks_whole(database)
    assert first(found(county)) == (last, "changed")
    assert blinded(county, *TREE, around=EVENT).is_good, "without the tree"


def test_a_truncated_tail_is_missed(county):
    with county.broken_into() as database:
        database.execute("delete from events where position > %s", [EVENT])
        database.execute("delete from checkpoints where size > %s", [EVENT])
        assert looks_whole(database)
    assert first(found(county)) == (EVENT + 1, "missing")
    assert blinded(county, *WITNESSES, around=EVENT).is_good, "without what lies outside the database"


def test_two_events_that_change_places_are_named(county):
    """Signed again, each where it now stands."""
    with county.broken_into() as database:
        database.execute(
            """
            update events as one
            set state = other.state
            from events as other
            where (one.position, other.position) in ((%(one)s, %(other)s), (%(other)s, %(one)s))
            """,
            {"one": EVENT, "other": EVENT + 7},
        )
        sign_again(database, county, EVENT, EVENT + 7)
        assert looks_whole(database)
    assert first(found(county)) == (EVENT, "changed")
    assert blinded(county, *TREE, around=EVENT).is_good, "without the tree"


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
        sign_again(database, county, EVENT)
        assert looks_whole(database)
    assert first(found(county)) == (EVENT, "changed")
    assert blinded(county, *TREE, around=EVENT).is_good, "without the tree"


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


def test_a_column_with_no_value_or_one_that_no_leaf_can_hold_hides_nothing(county):
    """As with times: each stands in a tile of its own, and each is named."""
    columns = ("version", "occurred_at", "recorded_at", "stream", "topic", "state")
    position_by_column = {column: EVENT + 256 * n for n, column in enumerate(columns)}
    with county.broken_into() as database:
        for column, position in position_by_column.items():
            database.execute(f"alter table events alter {column} drop not null")
            database.execute(f"update events set {column} = null where position = {position}")  # noqa: S608  — ours
        database.execute("alter table events drop constraint events_version_from_zero")
        changes = ("topic = repeat('x', 1 << 16)", "stream = repeat('x', 1 << 16)", "version = -1")
        for n, change in enumerate(changes, start=1):
            position_by_column[change] = position = EVENT - 256 * n
            database.execute(f"update events set {change} where position = {position}")  # noqa: S608  — ours
    named = {each.position for each in found(county).troubles if each.what == "changed"}
    assert named == set(position_by_column.values())


def test_an_event_called_lost_under_too_long_a_name_hides_nothing(county):
    """Its own leaf stands in it, and is that of no such stream."""
    with county.broken_into() as database:
        (leaf,) = county.rows(database, [EVENT])
        state = EventLost.of(leaf).model_dump_json()
        edit(database, EVENT, f'{{"envelope": {{}}, "fact": {state}}}'.encode())
        database.execute(
            "update events set topic = 'event.lost.v1', stream = repeat('x', 1 << 16) where position = %s",
            [EVENT],
        )
    assert first(found(county)) == (EVENT, "changed")


def test_an_event_inserted_at_an_old_position_is_named(county):
    """Tiles and checkpoints are made to fit, with a key that nobody knows."""
    with county.broken_into() as database:
        shift(database, EVENT, 1)
        insert(database, EVENT, "case:99999999", 1, b'{"fact":{}}')
        assert looks_whole(database)
        county.reseal(database, THIEF_OF_LOGS, since=EVENT)
    verdict = found(county)
    assert (EVENT, "unsigned") in [(each.position, each.what) for each in verdict.troubles]
    assert_stands_up_to(verdict, county, EVENT)
    unseen = blinded(county, *TREE, *SIGNATURES)
    assert (unseen.troubles, all(anchor.is_good for anchor in unseen.anchors)) == ((), True)


def test_a_fabricated_new_event_is_named(county):
    with county.broken_into() as database:
        insert(database, county.size + 1, "case:99999999", 1, b'{"fact":{}}')
        assert looks_whole(database)
    assert first(found(county)) == (county.size + 1, "unsigned")
    assert blinded(county, *SIGNATURES).is_good, "without signatures"


def database_is_at_one_with_itself(verdict):
    """Rows, tiles and every checkpoint in the database fit each other."""
    own = [anchor for anchor in verdict.anchors if anchor.whose.startswith("数据库")]
    return (
        own and all(anchor.is_good for anchor in own) and "changed" not in {t.what for t in verdict.troubles}
    )


@pytest.mark.parametrize(
    "log_key", [THIEF_OF_LOGS, LOG_KEY], ids=["without the log's key", "with the stolen log key"]
)
def test_an_event_edited_under_rewritten_leaves_is_named(county, log_key):
    with county.broken_into() as database:
        edit(database, EVENT)
        assert looks_whole(database)
        county.reseal(database, log_key, since=EVENT)
    verdict = found(county)
    assert (EVENT, "unsigned") in [(each.position, each.what) for each in verdict.troubles]
    assert first(verdict)[0] == EVENT
    assert database_is_at_one_with_itself(verdict)
    assert_stands_up_to(verdict, county, EVENT)
    by_the_log_key_alone = blinded(county, *SIGNATURES, *WITNESSES)
    assert by_the_log_key_alone.is_good == (log_key is LOG_KEY), "without signatures and witness"
    assert verdict.unsigned == by_the_log_key_alone.unsigned
    assert blinded(county, *SIGNATURES, *WITNESSES, *LOG_KEY_CHECK).is_good, (
        "nor asking whose checkpoint it is"
    )


def test_a_log_rewritten_with_every_stolen_key_contradicts_what_lies_outside(county):
    with county.broken_into() as database:
        edit(database, EVENT)
        sign_again(database, county, EVENT)
        county.reseal(database, since=EVENT)
        assert looks_whole(database)
    verdict = found(county)
    assert not verdict.is_good
    assert database_is_at_one_with_itself(verdict)
    assert_stands_up_to(verdict, county, EVENT)
    assert blinded(county, *WITNESSES, around=EVENT).is_good, "without what lies outside the database"


def test_a_database_rolled_back_as_a_whole_is_missed(county):
    """As if a backup of the past had been restored: nothing in it contradicts anything else in it."""
    then = last_seen_before(county, EVENT)
    with county.broken_into() as database:
        database.execute("delete from events where position > %s", [then])
        database.execute("delete from checkpoints where size > %s", [then])
        county.reseal(database, since=then + 1)
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
        edit(database, position)
        assert looks_whole(database)
        county.reseal(database, since=position)
    verdict = found(county)
    assert first(verdict) == (position, "unsigned")
    assert database_is_at_one_with_itself(verdict)
    assert blinded(county, *SIGNATURES).is_good, "without signatures"


def test_an_event_recorded_at_another_time_than_witnesses_saw_is_named(county):
    """Whoever holds a process key and the log's could still not place an event in the past."""
    early = datetime(2026, 1, 5, 1, tzinfo=UTC) - timedelta(days=30)
    with county.broken_into() as database:
        database.execute("update events set recorded_at = %s where position > %s", [early, county.size - 2])
        county.reseal(database, since=county.size - 1)
    assert {each.what for each in found(county).troubles} >= {"time"}


def test_an_event_of_another_time_is_named_where_another_hand_begins_too(county):
    """Whoever knows how the log is divided between processes could place an event in the past just there."""
    begin = read(county.source, county.size, count=2)[1].first
    with county.broken_into() as database:
        early = "update events set recorded_at = recorded_at - interval '1 hour' where position = %s"
        database.execute(early, [begin])
    verdict = TwoHanded(county, county.brought()).verdict(every_signature=False)
    assert (begin, "time") in {(each.position, each.what) for each in verdict.troubles}


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


def test_a_retired_key_counts_no_more(log):
    deceived = Trust.read(POLICY, f"process {PROCESS.key().vkey()} 1 {EVENT}\n")
    verdict = inspect(log.source, replace(log.brought(held={}, remembered={}), trust=deceived))
    assert not verdict.is_good


# ── two faces ───────────────────────────────────────────────────────────────────────────────────────────────

FORKED = 98_765
"""An event of the last block, of which the log tells no witness yet."""
ALONE = Trust.read(POLICY.replace("quorum either", "quorum none"), KEYS)
"""Of auditors whom no witness helps."""


@pytest.fixture(scope="module")
def fork(log):
    """The same log, but for one event, signed and sealed with the county's own keys."""
    with copied(log) as other:
        with other.broken_into() as database:
            edit(database, FORKED)
            sign_again(database, other, FORKED)
            other.reseal(database, since=FORKED)
        yield other


async def test_two_bundles_of_a_forked_log_name_the_event_that_differs(log, fork, tmp_path):
    one, other = [
        await taken(each, tmp_path / name, FORKED) for each, name in ((log, "one"), (fork, "other"))
    ]
    for path in (one, other):
        assert verify(str(path), ALONE, None, [], 120), "each for itself is proved: without the other"
    told = compare(kept(one, ALONE), kept(other, ALONE))
    assert (told.is_fork, told.differing) == (True, (FORKED,))


async def test_a_checkpoint_of_the_other_log_shows_the_fork_too(log, fork, tmp_path):
    one, other = [
        await taken(each, tmp_path / name, FORKED) for each, name in ((log, "one"), (fork, "other"))
    ]
    (tmp_path / "note").write_bytes(Bundle.opened(str(other), ALONE).files["checkpoint"])
    assert compare(kept(one, ALONE), kept(tmp_path / "note", ALONE)).is_fork
    with pytest.raises(Refused, match=r"before the checkpoint you hold|fork"):
        verify(str(one), ALONE, (tmp_path / "note").read_bytes(), [], 120)
    same = compare(kept(one, ALONE), kept(one, ALONE))
    assert (same.is_fork, same.is_shown) == (False, True)


def grown(log):
    log.tell("case:C", "case.noted.v1", note="later")
    log.root_heads()
    return log


def test_two_bundles_of_other_sizes_are_held_to_what_witnesses_saw_in_both(tmp_path):
    """Neither tells an event that the other tells otherwise."""
    told = (a_log(), grown(a_log()), grown(a_log(of="case:X")))
    for name, log in zip("abc", told, strict=True):
        (tmp_path / name).write_bytes(a_bundle(log, "case:B"))
    early, late, forked = (kept(tmp_path / name, Trust.read(POLICY, KEYS)) for name in "abc")
    same = compare(early, late)
    assert (same.is_fork, same.is_shown, same.agreed) == (False, False, sorted(early.root_by_size)[-2])
    assert compare(early, forked).is_fork


def test_the_fork_is_found_in_the_database_by_who_holds_the_other_checkpoint(log, fork):
    holding = Brought(ALONE, held={"witness": log.held})
    assert inspect(log.source, holding).is_good
    assert not Sparing(fork, holding).verdict(every_signature=False).is_good
    assert blinded(fork, *WITNESSES, around=FORKED).is_good, "without what lies outside the database"


async def test_the_newest_event_hidden_in_a_bundle_is_missed(log, tmp_path):
    whole = Bundle.opened(str(await taken(log, tmp_path / "whole.zip", EVENT)), ALONE)
    last = max(event.position for event in whole.case().events)
    files = {name: content for name, content in whole.files.items() if f"case/{last}." not in name}
    with pytest.raises(Refused, match="not all events"):
        Bundle(files, ALONE).case()
    assert len(Headless(files, ALONE).case().events) == 4, "without the root of case heads"

"""The end of a log is lost before it was sealed: whoever starts after that knows of it, and records nothing over the gap."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from shutil import copytree

import pytest
from structlog.testing import capture_logs

from domain.attestation import HEADS
from domain.attestation.commands import RootCaseHeads
from domain.attestation.events import CaseHeadsRooted, UnsealedLossStated
from domain.log import LogBusy
from domain.store.attesting import Attester
from domain.store.continuity import Acknowledged, Remembered
from domain.store.passing import made_again
from ops.acknowledged import acknowledged_of, recording
from ops.doctor import examine
from ops.doctor.findings import Health
from ops.failures import CannotDo
from ops.heads import SEALER
from ops.leaf_copy import leaf_copy_of
from ops.recovering import recovered
from ops.seal_memory import memory_of
from ops.sealing_worker import _seat, keep_sealed
from tests.contract.test_evidence import a_county
from tests.contract.test_recovering import OFFICERS, backed_up, recovering, set_back
from tests.contract.test_sealing import tamper
from tests.notes import COUNTY, in_county, noted, notes, open_store
from tests.sealed import chosen, open_signing
from tests.serving import jiandu
from tests.waiting import until

GONE = r"Event 5, recorded at .*, was acknowledged here.* ends at 3: .*`jiandu recover`.*remove .*\.acknowledged.*第 5 条.*日志止于 3"


@asynccontextmanager
async def opened(dsn, folder, **options):
    """The county as a process opens it that records: two keys stand in its log first."""
    async with open_signing(dsn, folder, **options) as store, recording(store, chosen(dsn, folder)):
        yield store


async def record(dsn, folder, *submissions):
    async with opened(dsn, folder) as store:
        for each in submissions:
            await store.log.append(each)


def lose_behind(dsn, position):
    tamper(dsn, "delete from events where position > %s", position)


async def stating(dsn, folder):
    async with open_signing(dsn, folder) as store:
        return await recovered(store, chosen(dsn, folder), OFFICERS, "磁盘损坏")


def known(dsn, folder):
    """What a process that starts finds remembered: the position."""
    return acknowledged_of(chosen(dsn, folder)).last().last.position


def remember(dsn, folder, position):
    """As if a process had acknowledged it a moment ago."""
    folder.mkdir(exist_ok=True)
    with in_county(dsn) as connection:
        (begun_at,) = connection.execute("select recorded_at from events where position = 1").fetchone()
    last = Acknowledged(datetime.now(UTC), position)
    acknowledged_of(chosen(dsn, folder)).renew(Remembered(last, begun_at))


@pytest.fixture
async def behind_a_loss(database, tmp_path):
    """Of three notes at 3 to 5, acknowledged and never sealed, the database has the first."""
    await record(database, tmp_path, noted("note:1", 1), notes("note:2", 1, 2))
    lose_behind(database, 3)
    return database, tmp_path


async def test_whoever_starts_behind_a_loss_that_nobody_sealed_records_nothing(behind_a_loss):
    with pytest.raises(CannotDo, match=GONE):
        await record(*behind_a_loss)


async def test_another_event_in_its_place_is_no_acknowledged_event(behind_a_loss):
    dsn, folder = behind_a_loss
    async with open_store(dsn) as elsewhere:
        await elsewhere.log.append(notes("note:3", 1, 3))
    with pytest.raises(CannotDo, match="ends at 6"):
        await record(dsn, folder)


async def test_what_others_record_behind_it_is_no_loss(database18, tmp_path):
    await record(database18, tmp_path, noted("note:1", 1))
    async with open_store(database18) as elsewhere:
        await elsewhere.log.append(noted("note:2", 1))
    await record(database18, tmp_path)


async def test_it_is_remembered_while_the_process_runs(database18, tmp_path):
    """It may be killed at any time."""
    async with opened(database18, tmp_path) as store:
        await store.log.append(noted("note:1", 1))
        await until(lambda: acknowledged_of(chosen(database18, tmp_path)).last())
        await store.log.append(noted("note:1", 2))
        await until(lambda: known(database18, tmp_path) == 4)


async def test_another_log_is_not_held_against_this_one(database18, tmp_path, database):
    """As where a database was made anew under keys that were kept."""
    await record(database18, tmp_path, notes("note:1", 1, 9))
    await record(database, tmp_path, noted("note:1", 1))
    assert known(database, tmp_path) == 3


async def test_a_log_without_keys_which_nobody_could_state_a_loss_in_goes_on(database18, tmp_path):
    for lost in ("note:1", "note:2"):
        with capture_logs() as logs:
            async with open_store(database18) as store, recording(store, chosen(database18, tmp_path)):
                await store.log.append(notes(lost, 1, 2))
        lose_behind(database18, 1)
    assert [log["acknowledged"] for log in logs if log["event"] == "log_set_back"] == [2]


async def test_what_cannot_be_written_or_read_stops_nobody_and_is_told(database18, tmp_path):
    memory = acknowledged_of(chosen(database18, tmp_path))
    memory.path.mkdir()
    with capture_logs() as logs:
        await record(database18, tmp_path, noted("note:1", 1))
    told = [log["event"] for log in logs if log.get("path") == str(memory.path)]
    assert (set(told), told[-1]) == (
        {"acknowledged_unreadable", "acknowledged_not_remembered"},
        "acknowledged_not_remembered",
    )


async def test_a_running_process_heeds_what_another_acknowledged(database18, tmp_path):
    await record(database18, tmp_path)
    async with opened(database18, tmp_path, patience_seconds=0) as store:
        await record(database18, tmp_path, notes("note:1", 1, 3))
        lose_behind(database18, 3)
        with pytest.raises(LogBusy):
            await store.log.append(noted("note:2", 1))


async def test_the_sealer_says_nothing_over_the_gap(behind_a_loss):
    dsn, folder = behind_a_loss
    async with _seat(dsn, chosen(dsn, folder)) as seat:
        seat.log._appender._patience_seconds = 0
        with pytest.raises(LogBusy):
            await Attester(seat.log, seat.readers, HEADS, SEALER).say(RootCaseHeads(size=3, root="0" * 64))


@asynccontextmanager
async def sealed_elsewhere(dsn, folder):
    """A machine that only seals: its keys' folder, and what it remembers, are as the county's were until now."""
    other = folder.with_name(f"{folder.name}-sealing")
    copytree(folder, other)
    sealing = asyncio.create_task(keep_sealed(dsn, chosen(dsn, other, heads_seconds=1)))
    try:
        yield other
    finally:
        sealing.cancel()
        await asyncio.gather(sealing, return_exceptions=True)


def roots(dsn):
    """How often the sealer has said the root of the heads."""
    with in_county(dsn) as connection:
        asked = "select count(*) from events where topic = %s"
        return connection.execute(asked, [CaseHeadsRooted.TOPIC]).fetchone()[0]


def disconnect_all(dsn):
    with in_county(dsn) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        )


async def test_a_machine_that_only_seals_goes_on_behind_a_statement_made_elsewhere(behind_a_loss):
    dsn, folder = behind_a_loss
    async with sealed_elsewhere(dsn, folder) as other:
        done = await stating(dsn, folder)
        await until(lambda: roots(dsn))
        assert known(dsn, other) == done.position


async def test_a_sealer_that_ran_through_a_restore_goes_on_behind_the_statement(database18, tmp_path):
    """What it said itself was lost with the rest, and put back as a leaf."""
    await record(database18, tmp_path, notes("note:1", 1, 3))
    restore = backed_up(database18)
    async with sealed_elsewhere(database18, tmp_path) as folder:
        memory = memory_of(chosen(database18, folder))
        await until(lambda: roots(database18) and memory.last().size == 6)
        await asyncio.to_thread(made_again, restore)  # the sealer may be in the middle of something
        disconnect_all(database18)
        done = await stating(database18, folder)
        assert len(done.lost) == 1
        await until(lambda: roots(database18))


async def test_two_officers_state_it_and_the_log_goes_on(behind_a_loss):
    dsn, folder = behind_a_loss
    done = await stating(dsn, folder)
    assert (done.lost, done.unsealed[:2], done.position) == ([], (4, 5), 4)
    assert known(dsn, folder) == 4
    await record(dsn, folder, noted("note:2", 1))
    assert known(dsn, folder) == 5
    async with open_signing(dsn, folder) as store:
        stated = (await store.log.history("keys:county"))[-1].fact
    assert (type(stated), stated.first, stated.last, stated.officers) == (UnsealedLossStated, 4, 5, OFFICERS)
    with pytest.raises(CannotDo, match="Nothing is missing"):
        await stating(dsn, folder)


async def test_where_something_else_stands_that_one_event_is_stated(behind_a_loss):
    dsn, folder = behind_a_loss
    async with open_store(dsn) as elsewhere:
        await elsewhere.log.append(notes("note:3", 1, 3))
    assert (await stating(dsn, folder)).unsealed[:2] == (5, 5)


async def test_what_was_sealed_and_what_was_not_are_stated_together(database18, tmp_path):
    async with set_back(database18, tmp_path) as county:
        remember(county.dsn, tmp_path, 10)
        done = await recovering(county)
        assert ([leaf.position for leaf in done.lost], done.unsealed[:2]) == ([5, 6, 7, 8], (9, 10))
        assert done.position == known(county.dsn, tmp_path) == 10
        await county.root()
        verdict = county.inspected()
        assert verdict.is_good, verdict
        await record(county.dsn, tmp_path)


async def test_a_leaf_that_was_copied_and_never_signed_hinders_nobody(database18, tmp_path):
    """The sealer was killed between the two; something else stands there now."""
    async with a_county(database18, tmp_path) as county:
        county.sealing._memory = memory_of(chosen(database18, tmp_path))
        await county.root()
        head = (await county.desk.standing()).size
        await county.store.log.append(noted("note:1", 1))
        origin = (await county.desk.told()).origin
        leaf_copy_of(chosen(database18, tmp_path)).extend(await county.desk.leaves(origin, 1, head + 1))
        lose_behind(database18, head)
        await county.store.log.append(noted("note:2", 1))
        remember(database18, tmp_path, head + 1)
        assert (await recovering(county)).unsealed[:2] == (head + 1, head + 1)


async def test_what_the_leaves_tell_of_is_stated_once(database18, tmp_path):
    async with set_back(database18, tmp_path) as county:
        remember(county.dsn, tmp_path, 8)
        assert (await recovering(county)).unsealed is None
        assert known(county.dsn, tmp_path) == 9


@pytest.mark.parametrize("last", [8, 10], ids=["sealed", "never sealed"])
async def test_what_is_stated_on_one_machine_is_stated_for_all(database18, tmp_path, last):
    other = tmp_path / "other"
    async with set_back(database18, tmp_path) as county:
        for folder in (tmp_path, other):
            remember(county.dsn, folder, last)
        done = await recovering(county)
        (other / "process-1.pub").write_bytes((tmp_path / "process-1.pub").read_bytes())
        async with open_store(database18) as store, recording(store, chosen(database18, other)):
            assert known(database18, other) == done.position
            await store.log.append(noted("note:3", 1))


async def test_a_statement_excuses_no_later_loss(behind_a_loss):
    dsn, folder = behind_a_loss
    await stating(dsn, folder)
    await record(dsn, folder, noted("note:2", 1))
    lose_behind(dsn, 4)
    with pytest.raises(CannotDo, match=r"Event 5, .* ends at 4"):
        await record(dsn, folder)


async def test_a_statement_that_nobody_signed_excuses_nothing(behind_a_loss):
    dsn, folder = behind_a_loss
    kept = acknowledged_of(chosen(dsn, folder)).path.read_bytes()
    await stating(dsn, folder)
    tamper(dsn, "update events set signature = null where position = 4")
    acknowledged_of(chosen(dsn, folder)).path.write_bytes(kept)
    with pytest.raises(CannotDo, match=r"Event 5, .* ends at 4"):
        await record(dsn, folder)


async def test_the_command_names_what_is_gone(behind_a_loss):
    dsn, folder = behind_a_loss
    settings = {"JIANDU_DATABASE_URL": dsn, "JIANDU_COUNTY": COUNTY, "JIANDU_KEYS_DIR": str(folder)}
    told = jiandu("seal", "missing", settings=settings)
    assert (told.returncode, told.stdout.splitlines()[0].rpartition(" ")[0]) == (
        1,
        "已确认而不在 acknowledged and not there: 5",
    )
    assert told.stdout.splitlines()[0] in jiandu("seal", "show", settings=settings).stdout


async def test_the_doctor_finds_it(behind_a_loss):
    found = [finding for finding in examine(chosen(*behind_a_loss)) if finding.health is Health.ill]
    assert [finding.en.partition(" and ")[0] for finding in found] == ["event 5 was acknowledged"]


async def test_the_doctor_finds_nothing_where_all_stands(database18, tmp_path):
    await record(database18, tmp_path, noted("note:1", 1))
    assert acknowledged_of(chosen(database18, tmp_path)).last()
    found = [finding for finding in examine(chosen(database18, tmp_path)) if finding.health is Health.ill]
    assert found == []

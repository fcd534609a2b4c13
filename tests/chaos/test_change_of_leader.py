"""The leading database is killed with clients at work, and the one that followed it leads: everything goes on by itself."""

import asyncio
from contextlib import asynccontextmanager, contextmanager
from itertools import count

import orjson

from ops.acknowledged import AcknowledgedMemory
from ops.admin import opened_accounts
from ops.seal_memory import SealMemory
from ops.settings import Settings
from tests.chaos.checker import rows_of
from tests.chaos.clients import SET_BACK, Wire
from tests.chaos.faults import CLERK, MortalServer, opening, under_load, verdict
from tests.chaos.held import all_current, ask, is_checked
from tests.chaos.standbys import NOT_REPLICATED, a_divisible_pair, a_pair
from tests.serving import SCHEMA, jiandu, keys_of, launched
from tests.waiting import until

OFFICERS = {"a-director": "correct horse one", "a-auditor": "correct horse two"}
CLIENTS = 60
FEW = 8
"""Who is never answered asks again for a while, and the last of many for long."""
ASKED_AGAIN = 50
SEALED = "select size from county.seal where size >= (select max(position) from county.events)"
TROUBLE = "select trouble from county.seal where trouble is not null"


def signing(dsn):
    """The settings of processes that sign and seal; a county from before signatures is taken into the tree."""
    settings = {
        "JIANDU_DATABASE_URL": dsn,
        "JIANDU_DATABASE_ANSWER_SECONDS": "2",
        "JIANDU_HEADS_SECONDS": "0",
    }
    adopted = jiandu("keys", "adopt", "--reason", "试验", settings=settings)
    assert adopted.returncode == 0, adopted.stderr
    return settings


@contextmanager
def keeping(*words, settings):
    """A process beside the server that follows the log."""
    with launched(*words, "keep", settings=settings) as keeper:
        yield
        assert keeper.process.poll() is None, keeper.said
        keeper.process.kill()


async def change_leaders(load, pair):
    """There, and back again."""
    for _ in range(2):
        await load.progress(200)
        pair.kill_leader()
        await asyncio.to_thread(pair.promote)
        await asyncio.to_thread(pair.rejoin)
    await load.progress(200)


async def test_a_leader_killed_in_mid_commit_costs_nothing_and_nothing_is_started_again(
    settled, place, tmp_path
):
    with a_pair(settled, place / "second") as pair:
        settings = signing(pair.dsn) | {"JIANDU_WATCH_SECONDS": "1"}
        with keeping("seal", settings=settings), keeping("projections", settings=settings):
            await all_current(pair.dsn)
            with MortalServer(settings) as server:
                load = await under_load(
                    server.port,
                    tmp_path / "journal",
                    lambda load: change_leaders(load, pair),
                    clients=CLIENTS,
                )
            await until(lambda: ask(pair.dsn, SEALED))
            await all_current(pair.dsn)
        assert load.unexpected == []
        assert ask(pair.dsn, "select timeline_id from pg_control_checkpoint()") == [(3,)], "led anew twice"
        assert verdict(tmp_path / "journal", pair.dsn) == []
        is_checked(pair.dsn)
        verified = jiandu("verify", settings=settings)
        assert verified.returncode == 0, verified.stdout


async def lose_what_was_acknowledged(load, pair, line):
    """The line to the follower is cut, nobody waits for it, and it leads all the same."""
    remembered = SealMemory(keys_of(pair.dsn) / f"{SCHEMA}.sealed")
    await load.progress(100)
    line.cut()
    known = len(rows_of(pair.follower.dsn, SCHEMA))
    await load.progress(100)
    await until(lambda: (signed := remembered.last()) and signed.size > known)
    pair.kill_leader()
    await asyncio.to_thread(pair.promote)
    await until(lambda: load.refused[SET_BACK])
    await until(lambda: ask(pair.dsn, TROUBLE) == [("log-shorter",)])
    assert len(rows_of(pair.dsn, SCHEMA)) == known, "nothing is recorded over the gap"


async def test_a_follower_that_lacks_what_was_acknowledged_is_found_out(settled, place, tmp_path):
    """The control: the checker sees the loss, and so do the server, the sealer and whoever would start again."""
    async with a_divisible_pair(settled, place / "second", settings=NOT_REPLICATED) as (pair, line, _):
        settings = await asyncio.to_thread(signing, pair.dsn)
        async with MortalServer(settings) as server:
            with keeping("seal", settings=settings):
                await under_load(
                    server.port,
                    tmp_path / "journal",
                    lambda load: lose_what_was_acknowledged(load, pair, line),
                    clients=FEW,
                    asked_again=ASKED_AGAIN,
                )
        found = verdict(tmp_path / "journal", pair.dsn)
        refused = await asyncio.to_thread(jiandu, "serve", settings=settings)
    assert any("acknowledged at position" in sentence for sentence in found)
    assert refused.returncode != 0
    assert "jiandu recover" in refused.stderr


@asynccontextmanager
async def at_counter(port):
    """Opens a case with each call; answers the position of its last event."""
    wire, numbers = Wire(port, CLERK), count()

    async def receive():
        action = opening(f"by hand {next(numbers)}")
        answer = await wire.ask("POST", "/v1/cases", orjson.dumps({"action": action}))
        assert answer.status == 201, answer
        return answer.document["events"][-1]["position"]

    yield receive
    wire.close()


async def admit_officers(dsn):
    chosen = Settings(database_url=dsn, county=SCHEMA, keys_dir=keys_of(dsn))
    async with opened_accounts(dsn, chosen) as accounts:
        for officer, password in OFFICERS.items():
            await accounts.admit(officer, password)


def state_the_loss(settings):
    words = [word for officer in OFFICERS for word in ("--officer", officer)]
    words += ["--reason", "主库损坏", "--password-stdin"]
    return jiandu(
        "recover", *words, settings=settings, said="".join(f"{word}\n" for word in OFFICERS.values())
    )


async def lose_unsealed(pair, line, server):
    """The server dies with its database a moment after it acknowledged what nobody else has: the position."""
    memory = AcknowledgedMemory(keys_of(pair.dsn) / f"{SCHEMA}.acknowledged")
    async with at_counter(server.port) as receive:
        await receive()
        await asyncio.to_thread(pair.be_in_step)
        line.cut()
        for _ in range(3):
            lost = await receive()
    await until(lambda: memory.last().last.position == lost)
    server.kill()
    pair.kill_leader()
    await asyncio.to_thread(pair.promote)
    return lost


async def test_a_server_started_anew_behind_an_unsealed_loss_waits_for_two_officers(settled, place):
    """Nobody sealed what is lost, and who acknowledged it is dead."""
    async with a_divisible_pair(settled, place / "second", settings=NOT_REPLICATED) as (pair, line, _):
        settings = await asyncio.to_thread(signing, pair.dsn)
        await admit_officers(pair.dsn)
        async with MortalServer(settings) as server:
            lost = await lose_unsealed(pair, line, server)
            left = rows_of(pair.dsn, SCHEMA)
            assert len(left) < lost
            refused = await asyncio.to_thread(jiandu, "serve", settings=settings)
            assert refused.returncode != 0
            assert f"Event {lost}, " in refused.stderr
            assert "jiandu recover" in refused.stderr
            assert rows_of(pair.dsn, SCHEMA) == left, "nothing is recorded over the gap"
            stated = await asyncio.to_thread(state_the_loss, settings)
            assert stated.returncode == 0, stated.stderr
            assert f"{len(left) + 1}–{lost}" in stated.stdout
            await asyncio.to_thread(server.start)
            async with at_counter(server.port) as receive:
                assert await receive() > len(left) + 1
            with keeping("seal", settings=settings):
                await until(lambda: ask(pair.dsn, SEALED))
        verified = await asyncio.to_thread(jiandu, "verify", settings=settings)
        assert verified.returncode == 0, verified.stdout

"""Everything at once, drawn by lot: `make soak` for half an hour, here for as long as the suite can spare.

SOAK_SECONDS says how long, SOAK_SEED repeats what a run has drawn; each run prints its seed.
"""

import os
from contextlib import ExitStack
from random import Random

import pytest

from domain.proof.note import COSIGNATURE
from ops.embedded.account import account_for
from ops.embedded.cluster import place_of
from ops.witness import keys
from tests.chaos.faults import MortalServer, free_port, under_load, verdict
from tests.chaos.held import all_current, ask, is_checked
from tests.chaos.mischief import Clock, Databases, MortalKeeper, MortalWitness, Server, at_once, say
from tests.chaos.standbys import a_pair, program
from tests.chaos.wrong_clocks import FAKETIME, put_under_faketime
from tests.serving import jiandu, keys_of
from tests.waiting import until

SECONDS = 10
CLIENTS = 60
SEALED = "select size from county.seal where size >= (select max(position) from county.events)"


@pytest.fixture
def seed():
    return int(os.environ.get("SOAK_SEED") or Random().randrange(1_000_000))


@pytest.fixture
def seconds():
    return float(os.environ.get("SOAK_SECONDS") or SECONDS)


@pytest.fixture
def clock(settled, place):
    """The directory of a PostgreSQL whose clock can be set, and the clock; without libfaketime neither."""
    if FAKETIME is None:
        say("libfaketime is not installed: the clock will not jump")
        return None, None
    file, programs = place / "clock", place / "bin"
    file.write_text("+0")
    file.chmod(0o644)
    programs.mkdir()
    put_under_faketime(program("postgres", account_for(place_of(settled))), file, programs)
    return programs, Clock(file)


def introduced(folder, settings, port):
    """The witness's folder; it knows the log, and the log's policy names it."""
    adopted = jiandu("keys", "adopt", "--reason", "试验", settings=settings)
    assert adopted.returncode == 0, adopted.stderr
    folder.mkdir()
    witness = keys.create(folder / "key", "jw.example/qx").key(COSIGNATURE).vkey()
    log = (keys_of(settings["JIANDU_DATABASE_URL"]) / "log-1.pub").read_text().strip()
    (folder / "logs").write_text(f"log {log}\nquorum none\n")
    policy = folder.with_name("policy")
    policy.write_text(f"witness jw {witness} http://127.0.0.1:{port}\nquorum jw\n")
    return settings | {"JIANDU_WITNESS_POLICY": str(policy), "JIANDU_WITNESS_SECONDS": "1"}


async def test_everything_at_once_costs_nothing_that_was_acknowledged(
    settled, place, tmp_path, clock, seed, seconds
):
    say(f"\nseed {seed}, {seconds:.0f} seconds: SOAK_SEED={seed} SOAK_SECONDS={seconds:.0f} make soak")
    programs, wrong_clock = clock
    port = free_port()
    with a_pair(settled, place / "second", bin_dir=programs) as pair, ExitStack() as stack:
        settings = {
            "JIANDU_DATABASE_URL": pair.dsn,
            "JIANDU_DATABASE_ANSWER_SECONDS": "2",
            "JIANDU_WATCH_SECONDS": "1",
            "JIANDU_HEADS_SECONDS": "1",
        }
        settings = introduced(tmp_path / "witness", settings, port)
        witness = stack.enter_context(MortalWitness(tmp_path / "witness", port))
        sealer = stack.enter_context(MortalKeeper("seal", "keep", settings=settings))
        views = stack.enter_context(MortalKeeper("projections", "keep", settings=settings))
        with MortalServer(settings) as server:
            hands = {
                "databases": Databases(pair).faults(),
                "server": [Server(server).is_killed],
                "keepers": [sealer.is_killed, views.is_killed],
                "witness": [witness.fall_silent],
            }
            if wrong_clock:
                hands["clock"] = [wrong_clock.jumps]
            load = await under_load(
                server.port,
                tmp_path / "journal",
                lambda load: at_once(load, hands, seed=seed, seconds=seconds),
                clients=CLIENTS,
            )
        say(f"{load.acknowledged} acknowledged, {load.unknown} unknown, refused {dict(load.refused)}")
        sealer.be_up()
        views.be_up()
        await until(lambda: ask(pair.dsn, SEALED))
        sealer.kill()  # it says its own roots in the log
        await all_current(pair.dsn)
        views.kill()
        assert load.unexpected == []
        assert verdict(tmp_path / "journal", pair.dsn) == []
        is_checked(pair.dsn)
        verified = jiandu("verify", settings=settings)
        assert verified.returncode == 0, verified.stdout

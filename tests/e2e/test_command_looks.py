"""What a command reads is in the record before it is told: by whom, and under which investigation."""

import asyncio
import json
from hashlib import sha256

import psycopg
import pytest

from domain.aggregates import AGGREGATES
from domain.application import Keeper
from domain.attestation import HEADS
from domain.case import CASE
from domain.grammar import Occasion
from domain.investigation import INVESTIGATION
from domain.store import schema
from domain.store.attesting import Attester
from domain.store.connecting import Access
from domain.store.county import Store
from domain.store.key_files import KeyFiles
from domain.store.schema import County
from domain.store.sealing import SealDesk, connect
from ops.acknowledged import acknowledged_of
from ops.admin import opened_accounts
from ops.at_machine import by_command
from ops.heads import SEALER, Rooting
from ops.keys import adopted
from ops.seal_memory import memory_of
from ops.sealing import Sealing
from ops.settings import Settings
from ops.signing import take_up_keys
from tests.county import DISCIPLINE_POST, TOWN_CLERK_POST, a_county, actor_at
from tests.examples import an_accepted_case
from tests.inquiries import CASE_NO, opening_an_investigation
from tests.proved import ProvedCounty
from tests.servers import fresh_database
from tests.serving import SCHEMA, furnish_county, jiandu, keys_of
from tests.spec import at

OFFICER = ("--as", f"a-discipline@{DISCIPLINE_POST}")
UNDER = ("--under", "HC-2026-3")
REPLAY = ("replay", CASE_NO, "--day", "2026-03-20", "--json")


@pytest.fixture(scope="module")
def settings(postgres18):
    with fresh_database(postgres18.dsn) as dsn:
        asyncio.run(_recorded(dsn))
        yield {"JIANDU_DATABASE_URL": dsn}


async def _recorded(dsn):
    await furnish_county(dsn)
    async with opened_accounts(dsn, Settings(database_url=dsn, keys_dir=keys_of(dsn))) as accounts:
        for staff_id in ("a-discipline", "b-discipline"):
            await accounts.admit(staff_id, "correct horse battery staple")
        await accounts.suspend("b-discipline", "停职")
        keeper: Keeper = accounts.keeper
        for each in an_accepted_case():
            await keeper.handle(CASE, CASE_NO, each.command, each.occasion, key=None, digest=bytes(32))
        opening = opening_an_investigation()
        occasion = Occasion(actor_at(DISCIPLINE_POST), at("03-25 09:00"))
        await keeper.handle(INVESTIGATION, "HC-2026-3", opening, occasion, key=None, digest=bytes(32))
    assert INVESTIGATION in AGGREGATES


def looks(settings):
    with psycopg.connect(settings["JIANDU_DATABASE_URL"]) as connection:
        rows = connection.execute(
            "select stream, topic, state from county.events where topic like 'perusal.%' order by position"
        ).fetchall()
    return [(stream.partition(":")[0], topic, json.loads(state)) for stream, topic, state in rows]


def test_nothing_is_told_before_it_is_said_who_looks(settings, tmp_path):
    for words in (
        REPLAY,
        ("export", "xes", "-o", str(tmp_path / "x")),
        (*REPLAY, *UNDER),
        (*REPLAY, "--as", "x"),
        ("events",),
        ("audit", "gaps"),
    ):
        told = jiandu(*words, settings=settings)
        assert (told.returncode, told.stdout) == (1, ""), told.stderr
        assert "--as" in told.stderr
    stranger = jiandu(*REPLAY, "--as", "a-catalogue@P-SX", settings=settings)
    assert (stranger.returncode, stranger.stdout) == (1, "")
    not_an_officer = jiandu(*REPLAY, *UNDER, "--as", "a-auditor@P-SJ", settings=settings)
    assert (not_an_officer.returncode, not_an_officer.stdout) == (1, "")
    suspended = jiandu(*REPLAY, *UNDER, "--as", f"b-discipline@{DISCIPLINE_POST}", settings=settings)
    assert (suspended.returncode, suspended.stdout) == (1, "")
    assert "账户已停用" in suspended.stderr
    assert list(tmp_path.iterdir()) == []
    assert looks(settings) == []


def test_a_replay_under_an_investigation_stands_in_it_with_the_hash_of_its_answer(settings):
    told = jiandu(*REPLAY, *OFFICER, *UNDER, settings=settings)
    assert told.returncode == 0, told.stderr
    kind, topic, state = looks(settings)[-1]
    assert (kind, topic) == ("investigation", "perusal.replay_run.v1")
    assert state["envelope"]["actor"]["staff_id"] == "a-discipline"
    assert state["fact"]["result_sha256"] == json.loads(told.stdout)["basis"]["rows_sha256"]


def test_who_only_reads_leaves_what_is_remembered_as_it_was(settings):
    """In a restored copy of the county, say: what is recorded there is nothing that the county itself must have."""
    chosen = Settings(
        database_url=settings["JIANDU_DATABASE_URL"], keys_dir=keys_of(settings["JIANDU_DATABASE_URL"])
    )
    before, known = len(looks(settings)), acknowledged_of(chosen).last()
    told = jiandu(*REPLAY, *OFFICER, settings=settings)
    assert told.returncode == 0, told.stderr
    assert (len(looks(settings)), acknowledged_of(chosen).last()) == (before + 1, known)


def test_the_log_is_told_as_far_as_whoever_is_named_may_read_it_and_that_they_read_it_stands_in_it(settings):
    told = jiandu("events", "--after", "0", "--json", *OFFICER, settings=settings)
    assert told.returncode == 0, told.stderr
    assert CASE_NO in told.stdout
    assert "investigation:HC-2026-3" in told.stdout
    kind, topic, state = looks(settings)[-1]
    assert (kind, topic) == ("perusal", "perusal.records_searched.v1")
    assert state["fact"] == {"of": "v1/events", "by": []}
    of_auditor = jiandu("events", "--after", "0", "--json", "--as", "a-auditor@P-SJ", settings=settings)
    assert CASE_NO in of_auditor.stdout
    assert "investigation:" not in of_auditor.stdout
    clerk = jiandu("events", "--as", f"a-town-clerk@{TOWN_CLERK_POST}", settings=settings)
    assert (clerk.returncode, clerk.stdout) == (1, "")


def test_the_events_of_one_case_are_its_file(settings):
    told = jiandu("events", "--stream", f"case:{CASE_NO}", *OFFICER, *UNDER, settings=settings)
    assert len(told.stdout.splitlines()) == 2, told.stderr
    kind, topic, state = looks(settings)[-1]
    assert (kind, topic) == ("investigation", "perusal.case_file_viewed.v1")
    assert state["fact"] == {"case_no": CASE_NO, "part": "events"}


def test_gaps_and_what_the_watch_would_find_are_looks(settings):
    for words, of in ((("audit", "gaps"), "v1/audit/gaps"), (("watch", "run", "--dry-run"), "v1/watch")):
        done = jiandu(*words, *OFFICER, settings=settings)
        assert done.returncode == 0, done.stderr
        _, topic, state = looks(settings)[-1]
        assert (topic, state["fact"]["of"]) == ("perusal.records_searched.v1", of)


def test_who_looks_is_asked_for_before_anything_is_waited_for(settings):
    """The case is not sealed, and will not be: whoever waited for it would be stopped long before."""
    unnamed = jiandu("evidence", CASE_NO, "--wait", "600", settings=settings)
    assert (unnamed.returncode, "--as STAFF@POST" in unnamed.stderr) == (1, True), unnamed.stderr


def test_whoever_checks_that_a_case_stands_has_looked_at_it(settings):
    asyncio.run(_rooted(settings["JIANDU_DATABASE_URL"]))
    checking = ("verify", "--case", CASE_NO)
    unnamed = jiandu(*checking, settings=settings)
    assert (unnamed.returncode, unnamed.stdout) == (1, "")
    assert "--as" in unnamed.stderr
    told = jiandu(*checking, *OFFICER, *UNDER, settings=settings)
    assert "complete as of position" in told.stdout, told.stderr
    kind, topic, state = looks(settings)[-1]
    assert (kind, topic) == ("investigation", "perusal.case_file_viewed.v1")
    assert state["fact"] == {"case_no": CASE_NO, "part": "verification"}


async def _rooted(dsn):
    chosen = Settings(database_url=dsn, keys_dir=keys_of(dsn))
    async with Store.open(dsn, SCHEMA, AGGREGATES) as store:
        await adopted(store, chosen, "一并封印", None)
        await ProvedCounty(dsn, chosen.keys_folder, store).root()


def test_whose_account_ran_the_command_stands_beside_whom_it_named(settings):
    """Somebody who looks under another's name on a day on which the other has looked leaves their own trace."""
    operators = {state["envelope"]["actor"]["operator"] for _, _, state in looks(settings)}
    assert operators == {by_command(actor_at(DISCIPLINE_POST)).operator}


def test_an_export_is_a_look_of_whoever_takes_it(settings, tmp_path):
    out = tmp_path / "cases.xes"
    done = jiandu("export", "xes", "--item", "SX-ZJD", "-o", str(out), *OFFICER, settings=settings)
    assert done.returncode == 0, done.stderr
    assert out.stat().st_size
    kind, topic, state = looks(settings)[-1]
    assert (kind, topic) == ("perusal", "perusal.records_exported.v1")
    assert state["fact"] == {"of": "v1/exports/xes", "by": ["item_code"], "format": "xes"}


async def _ended(dsn, chosen):
    """A log of which the last event was recorded and never sealed."""
    schema.create(dsn, chosen.county)
    async with (
        Store.open(dsn, chosen.county, AGGREGATES) as store,
        await connect(Access(dsn, County.named(chosen.county))) as connection,
    ):
        await connection.set_autocommit(True)
        await take_up_keys(store, chosen)
        keeper, desk = Keeper(store.log, a_county()), SealDesk(connection)
        sealing = Sealing(desk, KeyFiles(chosen.keys_folder), memory_of(chosen))
        first, last = an_accepted_case()
        for each in (first, last):
            await keeper.handle(CASE, CASE_NO, each.command, each.occasion, key=None, digest=bytes(32))
            if each is first:
                await sealing.round()
                await Rooting(desk, Attester(store.log, store.readers, HEADS, SEALER)).root()
                await sealing.round()


def test_a_look_into_a_closed_log_is_of_whoever_is_named_and_stands_in_the_new_one(settings, tmp_path):
    dsn, keys = settings["JIANDU_DATABASE_URL"], tmp_path / "keys"
    keys.mkdir()
    old = Settings(database_url=dsn, county="ended", keys_dir=keys, origin="jiandu.local/ended")
    asyncio.run(_ended(dsn, old))
    out, before = tmp_path / "old.zip", looks(settings)
    taking = ("evidence", CASE_NO, "--closed", old.county, "-o", str(out))
    for who in ((), ("--as", f"a-town-clerk@{TOWN_CLERK_POST}"), ("--as", "a-auditor@P-SJ", *UNDER)):
        refused = jiandu(*taking, *who, settings=settings)
        assert (refused.returncode, refused.stdout, out.exists()) == (1, "", False), refused.stderr
    assert looks(settings) == before
    taken = jiandu(*taking, *OFFICER, *UNDER, settings=settings)
    assert taken.returncode == 0, taken.stderr
    assert "named, NOT proved: #5 v2 case.accepted.v1" in taken.stdout
    kind, topic, state = looks(settings)[-1]
    assert (kind, topic) == ("investigation", "perusal.evidence_exported.v1")
    assert state["envelope"]["actor"]["staff_id"] == "a-discipline"
    assert state["fact"]["bundle_sha256"] == sha256(out.read_bytes()).hexdigest()
    with psycopg.connect(dsn) as connection:
        assert connection.execute("select max(position) from ended.events").fetchone() == (5,)

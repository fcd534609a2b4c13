"""A programme that runs on while a newer one migrates its database: what it is then refused, and cannot know, is told as that."""

import asyncio

import psycopg
import pytest
from psycopg.errors import CheckViolation
from structlog.testing import capture_logs

from domain.log import NewerSchema, Receipt
from domain.store.connecting import Access
from domain.store.interruptions import Interruptions
from domain.store.schema import STEPS, County
from ops.keeping import keep_views
from ops.sealing_worker import keep_sealed
from ops.witnesses.keeping import Witnessed, keep_witnessed
from ops.witnesses.metrics import WitnessMetrics
from tests.notes import COUNTY, in_county, new_stream, noted, open_store
from tests.projected import SCHEMA, founded
from tests.sealed import chosen, open_signing
from tests.serving import jiandu
from tests.templates import make_county
from tests.waiting import until
from tests.witnessed import made

LATER_GUARD = """
    create function refuse_later() returns trigger language plpgsql as $$
    begin
        raise exception using errcode = 'JD999', message = 'refused by a rule of a later step';
    end
    $$
"""
GUARDED = {
    "a guard's code": (
        LATER_GUARD,
        "create trigger later before insert on events for each row when ({}) execute function refuse_later()",
    ),
    "a constraint": ("alter table events add constraint events_later check (not ({}))",),
}
LATER = "position('\"later\"' in convert_from(new.state, 'UTF8')) > 0"
"""What the later step refuses."""


def migrate(dsn, *steps):
    with in_county(dsn) as connection:
        for each in steps:
            connection.execute(each)
        connection.execute("insert into schema_steps values (%s, now())", [len(STEPS) + 1])


def guarded(guard):
    later = LATER if guard == "a guard's code" else LATER.replace("new.", "")
    return [each.replace("{}", later) for each in GUARDED[guard]]


@pytest.mark.parametrize("guard", GUARDED)
async def test_what_a_later_step_refuses_is_told_as_that(database, guard):
    async with open_store(database) as store:
        migrate(database, *guarded(guard))
        with pytest.raises(NewerSchema):
            await store.log.append(noted(new_stream(), 1, "later"))
        assert await store.events.last_position() == 0


@pytest.mark.parametrize("guard", GUARDED)
async def test_those_that_were_sent_with_it_are_recorded(database18, guard):
    async with open_store(database18) as store:
        migrate(database18, *guarded(guard))
        submitted = [noted(new_stream(), 1, text) for text in ("one", "later", "two", "later")]
        answers = await asyncio.gather(*map(store.log.append, submitted), return_exceptions=True)
    assert [type(each) for each in answers] == [Receipt, NewerSchema, Receipt, NewerSchema]


async def test_so_is_what_is_refused_beside_the_log(database18):
    async with open_store(database18) as store:
        later = (
            "create trigger later before insert on credentials for each row execute function refuse_later()"
        )
        migrate(database18, LATER_GUARD, later)
        with pytest.raises(NewerSchema):
            await store.secrets.keep_password("S-01", "hash")


def unheeded(dsn, table):
    """A later step that lets nobody write there."""
    migrate(
        dsn,
        LATER_GUARD,
        f"create trigger later before insert or update on {table} for each row execute function refuse_later()",
    )


async def told_by(working):
    """What the operating log says of it, once a worker is refused."""
    with capture_logs() as logs:
        work = asyncio.create_task(working)
        try:
            await until(lambda: any(log["event"] == "refused_by_newer_schema" for log in logs))
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
    return [log for log in logs if log["log_level"] in {"warning", "error"}]


async def test_a_sealer_says_that_a_later_step_refuses_it(database18, tmp_path):
    async with open_signing(database18, tmp_path) as store:
        await store.log.append(noted(new_stream(), 1))
    unheeded(database18, "seal")
    interrupted, refused = await told_by(keep_sealed(database18, chosen(database18, tmp_path)))
    assert (interrupted["event"], interrupted["reason"]) == (
        "sealing_interrupted",
        "refused by a rule of a later step",
    )
    assert (refused["code"], refused["hint"].partition(":")[0]) == (
        "JD999",
        "a newer version of Jiandu has migrated the database",
    )


async def test_who_asks_the_witnesses_says_so_too(database18, tmp_path):
    told = tmp_path / "policy"
    told.write_text(f"witness w1 {made(tmp_path / 'witness')}\nquorum w1\n")
    async with open_signing(database18, tmp_path) as store:
        unheeded(database18, "witnesses")
        witnessed = Witnessed(chosen(database18, tmp_path, witness_policy=told))
        metrics = WitnessMetrics(COUNTY, store.metrics)
        asking = keep_witnessed(database18, store, witnessed, witnessed.policy, metrics)
        interrupted, refused = await told_by(asking)
    assert (interrupted["event"], refused["code"]) == ("witnessing_interrupted", "JD999")


async def test_who_keeps_the_views_says_so_too(database18):
    founded(database18)
    with psycopg.connect(database18) as connection:
        connection.execute("alter table county_views.projections add constraint later check (name is null)")
        connection.execute("insert into county.schema_steps values (%s, now())", [len(STEPS) + 1])
    interrupted, refused = await told_by(keep_views(database18, SCHEMA))
    assert (interrupted["event"], refused["code"]) == ("projecting_interrupted", "23514")


async def test_what_lasts_is_not_said_with_each_try(database18):
    interruptions = Interruptions(Access(database18, County.named(COUNTY)), "sealing_interrupted")
    with capture_logs() as logs:
        for error in (
            psycopg.OperationalError("gone"),
            psycopg.OperationalError("gone"),
            CheckViolation("no"),
        ):
            await interruptions.tell(error)
    assert [log["reason"] for log in logs if log["event"] == "sealing_interrupted"] == ["gone", "no"]


def test_a_sealing_machine_of_an_older_version_does_not_start(database18, tmp_path):
    make_county(database18, COUNTY)
    migrate(database18)
    settings = {"JIANDU_DATABASE_URL": database18, "JIANDU_COUNTY": COUNTY, "JIANDU_KEYS_DIR": str(tmp_path)}
    told = jiandu("seal", "keep", settings=settings)
    assert (told.returncode, "made by a newer version" in told.stderr) == (1, True)


@pytest.mark.parametrize("guard", GUARDED)
async def test_on_its_own_schema_an_unknown_refusal_is_a_bug(database18, guard):
    async with open_store(database18) as store:
        with in_county(database18) as connection:
            for each in guarded(guard):
                connection.execute(each)
        with pytest.raises(psycopg.Error):
            await store.log.append(noted(new_stream(), 1, "later"))
        assert (await store.log.append(noted(new_stream(), 1, "now"))).first_position == 1

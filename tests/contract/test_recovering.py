"""A restore that lost events: what is left of them stands at their positions, two officers say so, and nothing forks."""

from contextlib import asynccontextmanager

import pytest
from psycopg import sql

from domain.amendment import effective
from domain.attestation import ATTESTATIONS
from domain.attestation.rejections import OneOfficer
from domain.loss import EventLost
from domain.store.county import Store
from ops.failures import CannotDo
from ops.leaf_copy import leaf_copy_of
from ops.recovering import recovered
from ops.seal_memory import memory_of
from ops.signing import take_up_keys
from tests.contract.test_evidence import a_county
from tests.contract.test_sealing import tamper
from tests.notes import COUNTY, NOTE, in_county, noted, notes
from tests.sealed import chosen

OFFICERS = ("a-director", "a-auditor")
TABLES = ("tiles", "checkpoints", "seal", "heads", "quarantine", "events", "commands")


def backed_up(dsn):
    """The log's tables as they stand, as a function that puts them back."""

    def run(*statements):
        with in_county(dsn) as connection:
            for table in TABLES:
                names = {"own": sql.Identifier(table), "kept": sql.Identifier(f"kept_{table}")}
                for statement in statements:
                    connection.execute(sql.SQL(statement).format(**names))

    run("create table {kept} as table {own}")
    return lambda: run(
        "alter table {own} disable trigger all",
        "truncate {own}",
        "insert into {own} select * from {kept}",
    )


async def copy_leaves(county):
    """As the sealing worker does behind each round."""
    copy, size = leaf_copy_of(chosen(county.dsn, county.folder)), (await county.desk.standing()).size
    origin = (await county.desk.told()).origin
    copy.extend(await county.desk.leaves(origin, len(copy) + 1, size))


@asynccontextmanager
async def again(county):
    """The county's store as a programme finds it that has just begun."""
    async with Store.open(county.dsn, COUNTY, [NOTE, *ATTESTATIONS]) as store:
        yield store


async def recovering(county, officers=OFFICERS, reason="磁盘损坏"):
    async with again(county) as store:
        return await recovered(store, chosen(county.dsn, county.folder), officers, reason)


@asynccontextmanager
async def set_back(dsn, folder):
    """A county with four notes of which the backup knows two: note:1 v2 and all of note:2 are lost."""
    async with a_county(dsn, folder) as county:
        county.sealing._memory = memory_of(chosen(dsn, folder))
        await county.store.log.append(notes("note:1", 1, 1))
        await county.root()
        restore = backed_up(dsn)
        await county.store.log.append(notes("note:1", 2, 1))
        await county.store.log.append(notes("note:2", 1, 1))
        await county.root()
        await county.see()
        await county.seal()
        await copy_leaves(county)
        county.before = await county.reader._seal.checkpoint()
        restore()
        yield county


async def test_the_lost_stand_named_at_their_positions_and_the_tree_goes_on(database18, tmp_path):
    async with set_back(database18, tmp_path) as county:
        done = await recovering(county)
        assert [(leaf.position, leaf.event.stream, leaf.event.version) for leaf in done.lost] == [
            (5, "note:1", 2),
            (6, "note:2", 1),
            (7, "heads:county", 2),
            (8, "cosignatures:county", 1),
        ]
        assert done.position == 9
        await county.seal()
        kept = await county.reader._seal.checkpoint(county.before.size)
        assert (kept.size, kept.root) == (county.before.size, county.before.root)
        async with again(county) as store:
            await take_up_keys(store, chosen(county.dsn, county.folder))
            await store.log.append(noted("note:1", 3))
            history = await store.log.history("note:1")
        assert [type(event.fact) for event in history][1] is EventLost
        assert len(effective(history)) == 2
        county.sealing._is_stale = True
        await county.root()
        verdict = county.inspected()
        assert verdict.is_good, verdict
        assert [event.position for event in verdict.lost] == [5, 6, 7, 8]
        told = await county.proved("note:1", since=[county.before.size])
        assert "  内容 content 已失，见恢复声明 LOST, as stated" in told


async def test_one_officer_alone_states_nothing(database18, tmp_path):
    async with set_back(database18, tmp_path) as county:
        with pytest.raises(OneOfficer):
            await recovering(county, ("a-director", "a-director"))


async def test_what_nobody_remembers_is_not_recovered(database18, tmp_path):
    async with set_back(database18, tmp_path) as county:
        path = leaf_copy_of(chosen(county.dsn, tmp_path)).path
        path.write_bytes(path.read_bytes()[:-10])
        with pytest.raises(CannotDo, match="is known to nobody"):
            await recovering(county)


async def test_an_empty_database_is_not_gone_on_with(database18, tmp_path):
    async with set_back(database18, tmp_path) as county:
        tamper(database18, "truncate events")
        with pytest.raises(CannotDo, match="restore a backup of it first"):
            await recovering(county)


async def test_a_backup_that_was_changed_is_not_gone_on_with(database18, tmp_path):
    async with set_back(database18, tmp_path) as county:
        tamper(database18, "update events set topic = 'note.struck.v1' where position = 3")
        with pytest.raises(CannotDo, match="Event 3 is not what was sealed"):
            await recovering(county)


async def test_a_loss_that_nobody_stated_is_not_sealed_and_is_named(database18, tmp_path):
    """Somebody who owns the server empties an event and calls it lost."""
    async with set_back(database18, tmp_path) as county:
        await recovering(county)
        await county.seal()
        state = EventLost.of((await county.desk.leaves("jiandu.local/qingxi", 3, 3))[0]).model_dump_json()
        tamper(
            database18,
            "update events set topic = 'event.lost.v1', state = convert_to(%s, 'UTF8') where position = 3",
            f'{{"envelope": {{}}, "fact": {state}}}',
        )
        troubles = [(each.position, each.what) for each in county.inspected().troubles]
        assert troubles == [(3, "unstated")]

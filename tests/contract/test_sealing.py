"""The seal over what is recorded: sealed soon and in order, never what nobody vouches for, never two trees."""

from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from domain.attestation import ATTESTATIONS, HEADS
from domain.proof.checkpoint import Checkpoint
from domain.proof.heads import Head, Heads, is_head
from domain.proof.note import Note, opened
from domain.proof.signing import Use
from domain.proof.tree import CompactRange, leaf_hash
from domain.proof.verification import is_consistent, is_included
from domain.store.attesting import Attester
from domain.store.connecting import Access
from domain.store.county import Store
from domain.store.key_files import KeyFiles
from domain.store.leaves import leaves_between
from domain.store.schema import County
from domain.store.seal_reading import SealReader
from domain.store.sealing import SealDesk, connect
from ops import keys
from ops.failures import CannotDo
from ops.heads import SEALER, Rooting
from ops.keys import adopted, retired, rotated
from ops.leaf_copy import LeafCopy
from ops.seal_memory import SealMemory, Signed
from ops.sealing import Sealing, SealingRefused
from ops.sealing_worker import copied_before_signing
from ops.signing import take_up_keys
from tests.notes import COUNTY, NOTE, append_notes, in_county, noted, notes, open_store
from tests.sealed import chosen, open_signing


@asynccontextmanager
async def a_desk(dsn):
    async with await connect(Access(dsn, County.named(COUNTY))) as connection:
        await connection.set_autocommit(True)
        yield SealDesk(connection)


@asynccontextmanager
async def a_seal(dsn, folder, memory=None):
    async with a_desk(dsn) as desk:
        yield Sealing(desk, KeyFiles(folder), memory or SealMemory(folder / "sealed"))


async def sealed(dsn, folder):
    async with a_seal(dsn, folder) as sealing:
        return await sealing.round()


async def whole_root(store, size):
    tree = CompactRange()
    for leaf in await leaves_between(store.readers, (await SealReader(store.readers).keys()).origin, 1, size):
        list(tree.append(leaf_hash(leaf.to_bytes())))
    return tree.root()


def tamper(dsn, statement, *parameters):
    """As somebody does who owns the server."""
    with in_county(dsn) as connection:
        connection.execute("alter table events disable trigger all")
        connection.execute(statement, parameters)
        connection.execute("alter table events enable always trigger events_stand")


async def test_what_was_recorded_is_sealed_under_a_checkpoint_signed_by_the_log(database, tmp_path):
    async with open_signing(database, tmp_path) as store:
        await store.log.append(notes("note:1", 1, 5))
        done = await sealed(database, tmp_path)
        kept = await SealReader(store.readers).checkpoint()

        assert (done.before, done.size, done.quarantined) == (0, 7, None)
        note = Note.from_bytes(kept.note.encode())
        assert opened(note, [file.key for file in KeyFiles(tmp_path).of(Use.log)])
        assert Checkpoint.from_text(note.text) == Checkpoint(
            "jiandu.local/qingxi", 7, await whole_root(store, 7)
        )


async def test_a_quiet_log_is_not_sealed_again(database18, tmp_path):
    async with open_signing(database18, tmp_path) as store, a_seal(database18, tmp_path) as sealing:
        await sealing.round()
        assert not (await sealing.round()).has_grown
        await store.log.append(noted("note:1", 1))
        assert (await sealing.round()).size == 3


async def test_what_is_signed_was_copied_before_and_a_stale_copy_is_written_again(database18, tmp_path):
    async with open_signing(database18, tmp_path) as store, a_desk(database18) as desk:
        memory, copy = SealMemory(tmp_path / "sealed"), LeafCopy(tmp_path / "leaves")
        signed_before = []

        async def copied(origin, sealed, size):
            signed_before.append(memory.last())
            await copied_before_signing(copy, desk, origin, sealed, size)

        sealing = Sealing(desk, KeyFiles(tmp_path), memory, before_signing=copied)
        first = (await sealing.round()).size
        # copied, and neither signed nor kept: something else stands there afterwards
        copy.extend(copy_of_leaves := await desk.leaves("jiandu.local/qingxi", 1, first))
        assert len(copy) == first + len(copy_of_leaves)
        await store.log.append(notes("note:1", 1, 3))
        last = (await sealing.round()).size
        assert signed_before == [None, Signed(first, await whole_root(store, first))]
        assert (len(copy), copy.root()) == (last, await whole_root(store, last))
        assert LeafCopy(tmp_path / "leaves").root() == copy.root()


async def test_every_proof_out_of_the_tiles_holds_across_tiles(database18, tmp_path):
    async with open_signing(database18, tmp_path) as store, a_seal(database18, tmp_path) as sealing:
        sizes = []
        for n in range(6):
            await store.log.append(notes(f"note:{n}", 1, 101))
            sizes.append((await sealing.round()).size)
        reader = SealReader(store.readers)
        last, root = sizes[-1], await whole_root(store, sizes[-1])
        leaves = await reader.leaves("jiandu.local/qingxi", 1, last)
        for index in (0, 1, 255, 256, 300, 511, 512, last - 1):
            proof = await reader.tree.inclusion(index, last)
            assert is_included(leaf_hash(leaves[index].to_bytes()), index, last, proof, root)
        for size in sizes:
            earlier = await reader.tree.root(size)
            assert is_consistent(size, earlier, last, root, await reader.tree.consistency(size, last))
            assert (await reader.checkpoint(size)).root == earlier


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("update events set signature = null where position = 5", "unsigned"),
        ("update events set state = state || '\\x20' where position = 5", "wrongly-signed"),
        (
            "update events set occurred_at = occurred_at - interval '1 day' where position = 5",
            "wrongly-signed",
        ),
        ("update events set topic = 'note.struck.v1' where position = 5", "wrongly-signed"),
        # the notes of a command were signed together: with a neighbour's place, and with another index
        (
            "update events set signature = (select signature from events where position = 6) where position = 5",
            "wrongly-signed",
        ),
        ("update events set signature = set_byte(signature, 65, 3) where position = 5", "wrongly-signed"),
        ("update events set recorded_at = recorded_at - interval '1 day' where position = 5", "backdated"),
        ("update events set version = 9 where position = 5", "out-of-order"),
        ("delete from events where position = 5", "missing"),
    ],
)
async def test_what_nobody_vouches_for_is_quarantined_and_nothing_behind_it_is_sealed(
    database18, tmp_path, statement, reason
):
    async with open_signing(database18, tmp_path) as store:
        await store.log.append(notes("note:1", 1, 4))
        await store.log.append(notes("note:2", 1, 2))
        tamper(database18, statement)

        done = await sealed(database18, tmp_path)

        reader = SealReader(store.readers)
        assert (done.size, done.quarantined) == (4, 5)
        assert [(each.position, each.reason) for each in await reader.quarantined()] == [(5, reason)]
        assert (await reader.standing()).quarantined_events == 1


async def test_an_event_that_somebody_inserts_is_never_sealed_however_often_it_is_tried(database18, tmp_path):
    async with open_signing(database18, tmp_path) as store, a_seal(database18, tmp_path) as sealing:
        with in_county(database18, role="jiandu_qingxi_recorder") as connection:
            append_notes(connection, "note:1", [1])
        await store.log.append(noted("note:2", 1))
        for _ in range(3):
            assert (await sealing.round()).size == 2


async def test_a_quarantined_event_is_sealed_once_a_statement_names_it(database18, tmp_path):
    settings = chosen(database18, tmp_path)
    async with open_signing(database18, tmp_path) as store, a_seal(database18, tmp_path) as sealing:
        with in_county(database18, role="jiandu_qingxi_recorder") as connection:
            append_notes(connection, "note:1", [1, 2])
        await store.log.append(noted("note:2", 1))
        assert (await sealing.round()).quarantined == 3

        assert await adopted(store, settings, "旧版本程序所记", None) == (3, 4)

        assert (await sealing.round()).size == 6
        assert await SealReader(store.readers).quarantined() == []


async def test_a_statement_vouches_for_what_it_names_and_not_for_what_was_changed_since(database18, tmp_path):
    settings = chosen(database18, tmp_path)
    async with open_signing(database18, tmp_path) as store, a_seal(database18, tmp_path) as sealing:
        with in_county(database18, role="jiandu_qingxi_recorder") as connection:
            append_notes(connection, "note:1", [1, 2])
        assert (await sealing.round()).quarantined == 3
        await adopted(store, settings, "旧版本程序所记", None)
        tamper(database18, "update events set topic = 'note.struck.v1' where position = 4")

        assert (await sealing.round()).quarantined == 3


async def test_a_county_begun_without_keys_is_sealed_from_its_first_event_once_adopted(database18, tmp_path):
    async with open_store(database18) as store:
        await store.log.append(notes("note:1", 1, 300))
    with pytest.raises(SealingRefused, match="unsigned-log"):
        await sealed(database18, tmp_path)
    async with Store.open(database18, COUNTY, [NOTE, *ATTESTATIONS]) as store:
        assert await adopted(store, chosen(database18, tmp_path), "启用签名", None) == (1, 300)

    assert (await sealed(database18, tmp_path)).size == 303


async def test_an_event_of_an_unknown_topic_is_sealed_like_any_other(database18, tmp_path):
    async with open_signing(database18, tmp_path) as store:
        await store.log.append(noted("note:1", 1))
        signer = store.pen.signer
        state, when = b'{"of":"tomorrow"}', (await store.events.stored(0, 9))[-1].occurred_at
        signature = signer.sign("later:1", 1, when, "later.thing.v7", state).signature
        with in_county(database18, role="jiandu_qingxi_recorder") as connection:
            connection.execute(
                "select * from append(array[null]::text[], array['\\x'::bytea], array[1], array['later:1'],"
                " array[1::bigint], array['later.thing.v7'], array[%s], array[%s]::bytea[], array[%s]::bytea[])",
                [when, state, signature],
            )
        assert (await sealed(database18, tmp_path)).size == 4


async def test_a_key_that_was_rotated_in_is_taken_up_and_the_old_one_counts_no_more(
    database18, tmp_path, monkeypatch
):
    settings = chosen(database18, tmp_path)
    async with open_signing(database18, tmp_path) as store, a_seal(database18, tmp_path) as sealing:
        old = store.pen.signer
        made = await rotated(store, settings, Use.process)
        await take_up_keys(store, settings)
        assert store.pen.signer.key == made.key
        await store.log.append(noted("note:1", 1))
        with pytest.raises(CannotDo, match="may still sign"):
            await retired(store, settings, "process-1", "轮换", is_lost=False)
        monkeypatch.setattr(keys, "SETTLED", timedelta(0))
        await retired(store, settings, "process-1", "轮换", is_lost=False)
        assert (await sealing.round()).size == 5

        store.pen.signer = old
        await store.log.append(noted("note:1", 2))
        assert (await sealing.round()).quarantined == 6


async def test_while_log_keys_overlap_both_sign_and_then_the_new_one_alone(database18, tmp_path):
    settings = chosen(database18, tmp_path)

    async def signatures(store):
        note = Note.from_bytes((await SealReader(store.readers).checkpoint()).note.encode())
        return [one.key_id for one in note.signatures]

    async with open_signing(database18, tmp_path) as store, a_seal(database18, tmp_path) as sealing:
        one = KeyFiles(tmp_path).of(Use.log)[0].key.key_id
        two = (await rotated(store, settings, Use.log)).key.key_id
        await sealing.round()
        assert sorted(await signatures(store)) == sorted([one, two])
        await retired(store, settings, "log-1", "轮换", is_lost=False)
        await store.log.append(noted("note:1", 1))
        await sealing.round()
        assert await signatures(store) == [two]


# ── the memory outside the database ─────────────────────────────────────────────────────────────────────────


async def test_a_tree_that_contradicts_the_memory_is_not_signed(database18, tmp_path):
    async with open_signing(database18, tmp_path) as store:
        await store.log.append(notes("note:1", 1, 4))
        memory = SealMemory(tmp_path / "another")
        memory.remember(Signed(6, bytes(32)))
        async with a_seal(database18, tmp_path, memory) as sealing:
            with pytest.raises(SealingRefused, match="memory-contradicts"):
                await sealing.round()
        assert await SealReader(store.readers).checkpoint() is None


async def test_a_log_that_lost_its_end_is_not_signed(database18, tmp_path):
    async with open_signing(database18, tmp_path) as store:
        await store.log.append(notes("note:1", 1, 4))
    await sealed(database18, tmp_path)
    tamper(database18, "delete from events where position > 4")
    with pytest.raises(SealingRefused, match="log-shorter"):
        await sealed(database18, tmp_path)


async def test_tiles_that_were_rewritten_are_not_built_upon(database18, tmp_path):
    async with open_signing(database18, tmp_path) as store:
        await store.log.append(notes("note:1", 1, 4))
        await sealed(database18, tmp_path)
        tamper(database18, "update tiles set hashes = set_byte(hashes, 0, 255 - get_byte(hashes, 0))")
        await store.log.append(notes("note:1", 5, 1))
    with pytest.raises(SealingRefused, match="memory-contradicts"):
        await sealed(database18, tmp_path)


async def test_without_its_memory_a_sealed_log_is_not_signed_on(database18, tmp_path):
    async with open_signing(database18, tmp_path):
        pass
    await sealed(database18, tmp_path)
    (tmp_path / "sealed").unlink()
    with pytest.raises(SealingRefused, match="memory-missing"):
        await sealed(database18, tmp_path)


async def test_what_a_crash_took_back_is_sealed_again_exactly_as_it_was_signed(database18, tmp_path):
    async with open_signing(database18, tmp_path) as store:
        await store.log.append(notes("note:1", 1, 4))
        root = await whole_root(store, 4)
        SealMemory(tmp_path / "sealed").remember(Signed(4, root))  # and then the process died

        async with a_seal(database18, tmp_path) as sealing:
            assert (await sealing.round()).size == 4
            assert (await sealing.round()).size == 6
        reader = SealReader(store.readers)
        assert (await reader.checkpoint(4)).root == root


async def test_what_a_crash_took_back_and_was_changed_meanwhile_is_not_signed(database18, tmp_path):
    async with open_signing(database18, tmp_path) as store:
        await store.log.append(notes("note:1", 1, 4))
        SealMemory(tmp_path / "sealed").remember(Signed(4, await whole_root(store, 4)))
    tamper(database18, "update events set recorded_at = recorded_at + interval '1 second' where position > 2")
    with pytest.raises(SealingRefused, match="memory-contradicts"):
        await sealed(database18, tmp_path)


# ── case heads ──────────────────────────────────────────────────────────────────────────────────────────────


async def rooted(dsn, store):
    async with a_desk(dsn) as desk:
        rooting = Rooting(desk, Attester(store.log, store.readers, HEADS, SEALER))
        return await rooting.root()


async def test_the_root_of_the_heads_is_an_event_and_shows_each_streams_last(database, tmp_path):
    async with open_signing(database, tmp_path) as store:
        for n in range(40):
            await store.log.append(notes(f"note:{n}", 1, 3))
        await sealed(database, tmp_path)
        assert await rooted(database, store) == 122
        await store.log.append(notes("note:7", 4, 2))
        await sealed(database, tmp_path)
        assert await rooted(database, store) == 125

        said = (await store.events.page(0, 1000, topic="log.case_heads_rooted.v1"))[-1].fact
        root = bytes.fromhex(said.root)
        leaves = await SealReader(store.readers).leaves("jiandu.local/qingxi", 1, said.size)
        async with a_desk(database) as desk:
            last = {leaf.event.stream: leaf for leaf in leaves}
            for stream, leaf in last.items():
                head = Head(stream, leaf.event.version, leaf_hash(leaf.to_bytes()))
                proof = Heads(await desk.places([head])).proof(stream)
                assert is_head(head, proof, root)
    assert said.size == 125
    assert last["note:7"].event.version == 5


async def test_nothing_new_is_no_reason_for_another_root(database18, tmp_path):
    async with open_signing(database18, tmp_path) as store:
        await sealed(database18, tmp_path)
        assert await rooted(database18, store) == 2
        await sealed(database18, tmp_path)
        assert await rooted(database18, store) is None


async def test_a_root_that_a_crash_left_unsaid_is_said_the_next_time(database18, tmp_path):
    async with open_signing(database18, tmp_path) as store:
        await store.log.append(notes("note:1", 1, 4))
        await sealed(database18, tmp_path)
        async with a_desk(database18) as desk:
            await Rooting(desk, None)._take_in(0, 6)
        assert await rooted(database18, store) == 6

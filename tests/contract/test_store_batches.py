"""What is sent together is signed once; what is answered is what is stored, whatever happens on the way."""

import asyncio

import psycopg
import pytest

from domain.log import VersionConflict
from domain.store.key_files import KeyFiles
from domain.store.keys import told
from domain.store.leaves import leaves_between
from tests.notes import in_county, noted, notes
from tests.sealed import open_signing
from tests.wires import a_wire_to


async def ring_and_leaves(store, folder):
    said = await told(store.readers)
    leaves = await leaves_between(store.readers, said.origin, 1, 1000)
    return said.ring(said.origin, KeyFiles(folder).anchors()), leaves


async def assert_stored_as_answered(store, folder, receipts):
    """Each event of these receipts, byte for byte, signed by a key that counts."""
    ring, leaves = await ring_and_leaves(store, folder)
    for receipt in receipts:
        stored = leaves[receipt.first_position - 1 : receipt.last_position]
        assert [one.signature for one in receipt.signed] == [leaf.signature for leaf in stored]
        assert [one.event for one in receipt.signed] == [leaf.event for leaf in stored]
        assert all(ring.signer(leaf) for leaf in stored)


async def test_commands_that_wait_together_share_a_signature(database18, tmp_path):
    async with open_signing(database18, tmp_path) as store:
        submitted = [noted(f"note:{n}", 1) for n in range(40)] + [
            notes("note:x", 1, 3),
            notes("note:y", 1, 0),
        ]
        receipts = await asyncio.gather(*map(store.log.append, submitted))
        await assert_stored_as_answered(store, tmp_path, receipts[:-1])

    assert receipts[-1].signed == ()
    signatures = [one.signature for receipt in receipts for one in receipt.signed]
    assert len({signature[:64] for signature in signatures}) <= 4
    assert max(map(len, signatures)) >= 68 + 5 * 32


async def test_a_command_alone_is_signed_as_before(database18, tmp_path):
    async with open_signing(database18, tmp_path) as store:
        receipt = await store.log.append(noted("note:1", 1))
    assert [len(one.signature) for one in receipt.signed] == [64]


async def test_more_events_than_fit_a_batch_are_signed_in_several(database18, tmp_path):
    async with open_signing(database18, tmp_path) as store:
        receipt = await store.log.append(notes("note:1", 1, 300))
        await assert_stored_as_answered(store, tmp_path, [receipt])
    assert len({one.signature[:64] for one in receipt.signed}) == 2


async def test_a_command_that_is_refused_takes_nothing_from_those_signed_with_it(database18, tmp_path):
    async with open_signing(database18, tmp_path) as store:
        await store.log.append(noted("note:1", 1))
        answers = await asyncio.gather(
            *(store.log.append(noted(stream, 1)) for stream in ("note:0", "note:1", "note:2", "note:3")),
            return_exceptions=True,
        )
        assert isinstance(answers.pop(1), VersionConflict)
        await assert_stored_as_answered(store, tmp_path, answers)


async def test_commands_that_are_singled_out_keep_the_signature_of_their_batch(database18, tmp_path):
    """The database cannot take NUL in a name: each of the batch is sent again, by itself."""
    async with open_signing(database18, tmp_path) as store:
        blocking = asyncio.create_task(store.log.append(noted("note:first", 1)))
        streams = [f"note:{n}" for n in range(31)] + ["note:\0"]
        answers = await asyncio.gather(
            *(store.log.append(noted(stream, 1)) for stream in streams), return_exceptions=True
        )
        await blocking
        assert isinstance(answers.pop(), psycopg.DataError)
        await assert_stored_as_answered(store, tmp_path, answers)
    assert max(len(one.signature) for answer in answers for one in answer.signed) > 64


@pytest.mark.parametrize("lost", ["replies", "requests"])
@pytest.mark.parametrize("key", [None, "k"])
async def test_after_a_lost_connection_the_receipt_tells_what_is_stored(database18, tmp_path, key, lost):
    async with (
        a_wire_to(database18) as (wire, wired),
        open_signing(database18, tmp_path, through=wired) as store,
    ):
        await store.log.append(noted("note:first", 1))
        setattr(wire, f"loses_{lost}", 1)
        submitted = [notes(f"note:{n}", 1, 2, key=key and f"{key}{n}") for n in range(5)]
        gone = asyncio.create_task(store.log.append(noted("note:gone", 1)))
        waiting = asyncio.gather(*map(store.log.append, submitted))
        await asyncio.sleep(0)
        gone.cancel()  # it was signed with the others, and is sent again without it
        receipts = await waiting
        new = [receipt for receipt in receipts if not receipt.is_repeat]
        assert all(receipt.signed for receipt in new)
        assert new or (key, lost) == ("k", "replies")
        await assert_stored_as_answered(store, tmp_path, new)
        ring, leaves = await ring_and_leaves(store, tmp_path)
        assert all(ring.signer(leaf) for leaf in leaves)


def test_a_signature_of_another_length_is_refused_by_the_table(database18, tmp_path):
    asyncio.run(_opened(database18, tmp_path))
    with in_county(database18) as connection:
        asked = (
            "insert into events (position, stream, version, topic, occurred_at, recorded_at, state, signature)"
            " values (3, 'note:1', 1, 'note.noted.v1', now(), now(), '', %s)"
        )
        for length in (0, 63, 68, 99, 101, 356):
            with pytest.raises(psycopg.errors.CheckViolation):
                connection.execute(asked, [bytes(length)])
        connection.execute(asked, [bytes(324)])


async def _opened(dsn, folder):
    async with open_signing(dsn, folder):
        pass

"""kill -9 of the sealing process, again and again, while events are recorded: one tree, without a gap, and only one."""

import asyncio
from contextlib import contextmanager
from random import Random

from domain.proof.checkpoint import Checkpoint
from domain.proof.note import Note
from domain.proof.tree import CompactRange, leaf_hash
from domain.store.key_files import KeyFiles
from domain.store.leaves import leaves_between
from ops.seal_memory import SealMemory
from ops.signing import default_origin
from tests.notes import COUNTY, in_county, new_stream, notes
from tests.sealed import open_signing
from tests.serving import launched
from tests.waiting import until

KILLS = 4


@contextmanager
def a_sealer(dsn, folder):
    settings = {
        "JIANDU_DATABASE_URL": dsn,
        "JIANDU_COUNTY": COUNTY,
        "JIANDU_KEYS_DIR": str(folder),
        "JIANDU_HEADS_SECONDS": "1",
    }
    with launched("seal", "keep", settings=settings) as sealer:
        try:
            yield
        finally:
            sealer.process.kill()


async def write(store, chance):
    while True:
        await store.log.append(notes(new_stream(), 1, chance.randrange(1, 40)))
        await asyncio.sleep(0.01)


async def until_sealed(seal, is_so):
    async def answer():
        return is_so(await seal.standing())

    await until(answer, every_seconds=0.005)


async def test_a_sealer_that_is_killed_in_the_middle_leaves_one_tree(database18, tmp_path):
    chance = Random(20261122)
    async with open_signing(database18, tmp_path) as store:
        writing = asyncio.create_task(write(store, chance))
        for _ in range(KILLS):
            before = (await store.seal.standing()).size
            with a_sealer(database18, tmp_path):
                await until_sealed(store.seal, lambda standing, before=before: standing.size > before)
                await asyncio.sleep(chance.random() / 2)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        with a_sealer(database18, tmp_path):
            head = await store.events.last_position()
            await until_sealed(store.seal, lambda standing: standing.size > head)
            await until_sealed(store.seal, lambda standing: standing.size == standing.head)

        standing = await store.seal.standing()
        assert standing.quarantined_events == 0
        root_by_size = await recomputed(store, standing.size)
    with in_county(database18) as connection:
        kept = connection.execute("select size, root, note from checkpoints order by size").fetchall()
    assert len(kept) > KILLS
    for size, root, note in kept:
        assert root == root_by_size[size]
        assert Checkpoint.from_text(Note.from_bytes(note.encode()).text).root == root
    remembered = SealMemory(KeyFiles(tmp_path).folder / f"{COUNTY}.sealed").path.read_text().splitlines()
    assert all(root_by_size[int(line.split()[0])] == told_root(line) for line in remembered), (
        "every tree that was ever promised is the one there is"
    )


def told_root(line):
    return Checkpoint.from_text(f"o\n{line.split()[0]}\n{line.split()[1]}\n").root


async def recomputed(store, size):
    """The root at every size, from the rows alone."""
    tree, root_by_size = CompactRange(), {}
    for leaf in await leaves_between(store.readers, default_origin(COUNTY), 1, size):
        list(tree.append(leaf_hash(leaf.to_bytes())))
        root_by_size[tree.size] = tree.root()
    return root_by_size

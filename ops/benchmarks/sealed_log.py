"""A long log sealed at once, for what reads it: tiles, checkpoint, case heads, and what is remembered outside the database."""

import asyncio
from typing import Final

from domain.attestation import HEADS
from domain.proof.checkpoint import Checkpoint
from domain.proof.growing import grow
from domain.proof.note import Note
from domain.proof.signing import Use
from domain.proof.tree import CompactRange
from domain.store.attesting import Attester
from domain.store.connecting import Access
from domain.store.county import Store
from domain.store.key_files import KeyFiles
from domain.store.schema import County
from domain.store.sealing import SealDesk, connect
from ops.heads import SEALER, Rooting
from ops.seal_memory import Signed, memory_of
from ops.sealing import Sealing
from ops.settings import Settings
from ops.verify import hands
from ops.verify.rows import Source
from ops.verify.tree import cut

PORTION: Final = 65_536


async def seal(store: Store, source: Source, last: int, chosen: Settings) -> None:
    """The rows up to `last` as they are: whose signatures they bear is not asked. What then is said of the heads is sealed behind them as ever."""
    files, memory = KeyFiles(chosen.keys_folder), memory_of(chosen)
    async with await connect(Access(source.dsn, County.named(source.schema))) as connection:
        await connection.set_autocommit(True)
        desk = SealDesk(connection)
        memory.remember(await _sealed(desk, source, last, files))
        await Rooting(desk, Attester(store.log, store.readers, HEADS, SEALER)).root()
        await Sealing(desk, files, memory).round()


async def _sealed(desk: SealDesk, source: Source, last: int, files: KeyFiles) -> Signed:
    stretches = await asyncio.to_thread(hands.read, source, last)
    tree, hashes = CompactRange(), cut(b"".join(stretch.hashes for stretch in stretches))
    async with desk.transaction():
        for begin in range(0, len(hashes), PORTION):
            await desk.write_pieces(grow(tree, hashes[begin : begin + PORTION]))
        text = Checkpoint(source.origin, tree.size, tree.root()).text()
        (key,) = files.of(Use.log)
        await desk.advance(0, tree, Note(text, (key.signer().sign(text),)).to_bytes().decode())
    return Signed(tree.size, tree.root())

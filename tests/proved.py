"""A served county whose log is signed, sealed and rooted whenever a test says so."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime

from domain.aggregates import AGGREGATES
from domain.attestation import COSIGNATURES, HEADS
from domain.attestation.commands import RecordCosignatures
from domain.proof.checkpoint import Checkpoint
from domain.proof.note import Note
from domain.store.attesting import Attester
from domain.store.connecting import Access
from domain.store.county import Store
from domain.store.key_files import KeyFiles
from domain.store.schema import County
from domain.store.seal_reading import SealReader
from domain.store.sealing import SealDesk, connect
from ops.heads import SEALER, Rooting
from ops.seal_memory import SealMemory
from ops.sealing import Sealing
from ops.settings import Settings
from ops.signing import take_up_keys
from tests.county import a_county
from tests.doors import Doorway
from tests.evidenced import ORIGIN, WITNESS
from tests.serving import SCHEMA, jiandu
from tests.templates import make_county


async def see(store, *witnesses):
    """The witness, or these, cosign the latest checkpoint, and the log tells it."""
    kept = await SealReader(store.readers).checkpoint()
    note = Note.from_bytes(kept.note.encode())
    found = Checkpoint.from_text(note.text)
    now = int(datetime.now(UTC).timestamp())
    seen = [each.cosign(note.text, now) for each in witnesses or (WITNESS,)]
    lines = [one.line()[2:-1] for one in (*note.signatures, *seen)]
    attester = Attester(store.log, store.readers, COSIGNATURES, SEALER)
    said = RecordCosignatures(origin=found.origin, size=found.size, root=found.root.hex(), lines=tuple(lines))
    await attester.say(said)


class ProvedCounty:
    def __init__(self, dsn, folder, store):
        self.dsn, self.folder, self.store = dsn, folder, store
        self.doorway = Doorway(
            log=store.log, catalogue=a_county(), reader=store.events, serials=store.serials, seal=store.seal
        )

    @asynccontextmanager
    async def _desk(self):
        async with await connect(Access(self.dsn, County.named(SCHEMA))) as connection:
            await connection.set_autocommit(True)
            yield SealDesk(connection)

    async def seal(self):
        """Answers the size."""
        async with self._desk() as desk:
            memory = SealMemory(self.folder / f"{SCHEMA}.sealed")
            return (await Sealing(desk, KeyFiles(self.folder), memory).round()).size

    async def root(self):
        """Seals, roots the case heads, and seals that too; answers the size."""
        await self.seal()
        async with self._desk() as desk:
            await Rooting(desk, Attester(self.store.log, self.store.readers, HEADS, SEALER)).root()
        return await self.seal()

    @property
    def policy(self) -> str:
        """As an auditor was given it, long ago."""
        logs = [file.key.vkey() for file in KeyFiles(self.folder).all() if file.use == "log"]
        return "".join(f"log {vkey}\n" for vkey in logs) + "quorum none\n"

    @property
    def keys(self) -> str:
        return (
            f"process {next(f.key.vkey() for f in KeyFiles(self.folder).all() if f.name == 'process-1')} 1\n"
        )

    def jiandu(self, *arguments):
        """The command, as an operator says it: exit code and what it printed."""
        done = jiandu(*map(str, arguments), settings=self.settings)
        return done.returncode, done.stdout + done.stderr

    @property
    def settings(self):
        return {
            "JIANDU_DATABASE_URL": self.dsn,
            "JIANDU_COUNTY": SCHEMA,
            "JIANDU_KEYS_DIR": str(self.folder),
        }


@asynccontextmanager
async def a_proved_county(dsn, folder):
    make_county(dsn, SCHEMA)
    async with Store.open(dsn, SCHEMA, AGGREGATES) as store:
        await take_up_keys(store, Settings(county=SCHEMA, keys_dir=folder, origin=ORIGIN))
        yield ProvedCounty(dsn, folder, store)

"""Where a log cannot be gone on with, another is begun beside it, by settings alone; the old one is kept to be read."""

from datetime import date

import pytest

from domain.evidence import verify as verifier
from domain.evidence.bundle import bundle
from domain.evidence.verify import Trust
from domain.proof.checkpoint import Checkpoint
from domain.proof.note import Note
from domain.proof.signing import Use
from domain.store.connecting import Access
from domain.store.key_files import KeyFiles
from domain.store.schema import County
from domain.store.sealing import SealDesk, connect
from ops.county import opened_to_record
from ops.evidence import gathered
from ops.failures import CannotDo
from ops.leaf_copy import leaf_copy_of
from ops.seal_memory import memory_of
from ops.sealing import Sealing
from tests.contract.test_recovering import recovering, set_back
from tests.sealed import chosen

NEW = {"county": "anew", "origin": "jiandu.local/qingxi-2"}


def trusting(folder):
    logs, processes = (
        [file.key.vkey() for file in KeyFiles(folder).of(use)] for use in (Use.log, Use.process)
    )
    return Trust.read(f"log {logs[0]}\nquorum none\n", f"process {processes[0]} 1\n")


async def test_a_new_log_is_begun_beside_one_that_nobody_can_go_on_with(database18, tmp_path):
    old_keys, new_keys = tmp_path / "old", tmp_path / "new"
    old_keys.mkdir()
    async with set_back(database18, old_keys) as county:
        old = chosen(county.dsn, old_keys)
        new = old.model_copy(update=NEW | {"keys_dir": new_keys, "first_day": date(2026, 3, 3)})
        leaf_copy_of(old).path.unlink()
        with pytest.raises(CannotDo, match="JIANDU_KEYS_DIR"):
            await recovering(county)
        for wrong, why in (
            (old, "set back"),
            (new.model_copy(update={"county": old.county}), "calls itself jiandu.local/qingxi"),
            (new.model_copy(update={"keys_dir": old_keys}), "belongs to jiandu.local/qingxi"),
        ):
            with pytest.raises(CannotDo, match=why):
                async with opened_to_record(county.dsn, wrong):
                    pass
        async with (
            opened_to_record(county.dsn, new) as store,
            await connect(Access(county.dsn, County.named(new.county))) as connection,
        ):
            await connection.set_autocommit(True)
            assert await store.events.last_position() == 2, "its keys"
            assert await store.serials.next("610999100000", date(2026, 3, 2)) == 50_001, (
                "not taken in the old log"
            )
            await Sealing(SealDesk(connection), KeyFiles(new_keys), memory_of(new)).round()
            kept = await store.seal.checkpoint()
            told = Checkpoint.from_text(Note.from_bytes(kept.note.encode()).text)
            assert (told.origin, told.size) == (new.origin, 2)
        (tmp_path / "case.zip").write_bytes(bundle(await gathered(county.dsn, old, "note:1")))
        report = verifier.verify(str(tmp_path / "case.zip"), trusting(old_keys), None, [], 120)
        assert "#3 v1 note.noted.v1" in report

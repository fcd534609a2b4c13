"""A bundle out of a real, sealed database is proved by the file that knows nothing of it; and the rows verify."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.attestation import HEADS
from domain.evidence import verify as verifier
from domain.evidence.bundle import bundle, complete_as_of
from domain.evidence.verify import Refused, Trust
from domain.proof.note import COSIGNATURE, Note
from domain.proof.signing import Use
from domain.store import evidence
from domain.store.attesting import Attester
from domain.store.connecting import Access
from domain.store.evidence import Awaited, EvidenceBroken, EvidenceNotYet, EvidenceReader, NoSuchStream
from domain.store.key_files import KeyFiles
from domain.store.schema import County
from domain.store.seal_reading import SealReader
from domain.store.sealing import SealDesk, connect
from ops import keys
from ops.evidence import gathered
from ops.heads import SEALER, Rooting
from ops.keys import retired, rotated
from ops.seal_memory import SealMemory
from ops.sealing import Sealing
from ops.signing import take_up_keys
from ops.verify.inspection import Brought, inspect
from ops.verify.rows import Source
from tests.evidenced import ARCHIVE, WITNESS
from tests.notes import COUNTY, in_county, notes
from tests.proved import see
from tests.sealed import chosen, open_signing

ORIGIN = "jiandu.local/qingxi"


class Sealed:
    """A county whose log is sealed, rooted and seen by a witness whenever a test says so."""

    def __init__(self, store, desk, folder, dsn):
        self.store, self.desk, self.folder, self.dsn = store, desk, folder, dsn
        self.sealing = Sealing(desk, KeyFiles(folder), SealMemory(folder / "sealed"))
        self.reader = EvidenceReader(SealReader(store.readers))

    async def seal(self):
        await self.sealing.round()

    async def root(self):
        await self.seal()
        await Rooting(self.desk, Attester(self.store.log, self.store.readers, HEADS, SEALER)).root()
        await self.seal()

    async def see(self):
        await see(self.store)

    def trust(self, quorum="none", *others):
        logs = [file.key.vkey() for file in KeyFiles(self.folder).all() if file.use == "log"]
        first = next(file.key.vkey() for file in KeyFiles(self.folder).all() if file.name == "process-1")
        policy = [
            *(f"log {vkey}" for vkey in logs),
            f"witness jiwei {WITNESS.key(COSIGNATURE).vkey()}",
            *others,
            f"quorum {quorum}",
        ]
        return Trust.read("\n".join(policy), f"process {first} 1")

    async def proved(self, stream, quorum="none", path=None, **different):
        asked = {name: different.pop(name) for name in ("since", "standstill") if name in different}
        path = path or self.folder / "case.zip"
        path.write_bytes(bundle(await self.reader.of(stream, **asked)))
        given = {"held": None, "withheld": [], "tolerance": 120} | different
        named = (quorum,) if isinstance(quorum, str) else quorum
        return verifier.verify(str(path), self.trust(*named), **given)

    def inspected(self, quorum="none", **brought):
        return inspect(Source(self.dsn, COUNTY, ORIGIN), Brought(self.trust(quorum), **brought))


@asynccontextmanager
async def a_county(dsn, folder):
    async with (
        open_signing(dsn, folder) as store,
        await connect(Access(dsn, County.named(COUNTY))) as connection,
    ):
        await connection.set_autocommit(True)
        yield Sealed(store, SealDesk(connection), folder, dsn)


async def test_a_case_out_of_the_database_is_proved_and_complete(database, tmp_path):
    async with a_county(database, tmp_path) as county:
        await county.store.log.append(notes("note:1", 1, 3))
        await county.store.log.append(notes("note:2", 1, 300))
        await county.store.log.append(notes("note:1", 4, 2))
        await county.root()
        told = await county.proved("note:1")
        assert [line for line in told if line.startswith("#")] == [
            "#3 v1 note.noted.v1", "#4 v2 note.noted.v1", "#5 v3 note.noted.v1",
            "#306 v4 note.noted.v1", "#307 v5 note.noted.v1",
        ]  # fmt: skip
        assert told[-1] == "齐全至位置 complete as of position 308; 此后 after it: []"
        assert county.inspected().is_good


async def test_witnesses_seen_before_and_behind_an_event_bracket_it(database18, tmp_path):
    async with a_county(database18, tmp_path) as county:
        for n in range(1, 6):
            await county.store.log.append(notes("note:1", n, 1))
            await county.store.log.append(notes("note:2", n, 1))
            await county.seal()
            await county.see()
        await county.root()
        await county.see()
        told = await county.proved("note:1", "jiwei")
        brackets = [line for line in told if line.startswith("  见证")]
        assert len(brackets) == 5
        assert "witnessed — … 20" in brackets[0]
        assert all("—" not in line for line in brackets[1:])
        assert county.inspected("jiwei").is_good


async def test_a_log_is_whole_to_who_knows_only_the_witnesses_of_today(database18, tmp_path):
    async with a_county(database18, tmp_path) as county:
        await county.store.log.append(notes("note:1", 1, 1))
        await county.root()
        await county.see()
        today = county.trust(
            "both", f"witness archive {ARCHIVE.key(COSIGNATURE).vkey()}", "group both all jiwei archive"
        )
        verdict = inspect(Source(database18, COUNTY, ORIGIN), Brought(today))
        assert (verdict.is_good, verdict.unseen) == (True, 1)
        assert verdict.signatures_checked == verdict.size, (
            "nobody whom this policy knows vouches for the rows"
        )
        assert county.inspected("jiwei").unseen == 0


async def test_where_witnesses_look_nothing_is_given_that_they_have_not_seen(
    database18, tmp_path, monkeypatch
):
    async with a_county(database18, tmp_path) as county:
        await county.store.log.append(notes("note:1", 1, 1))
        await county.store.log.append(notes("note:2", 1, 1))
        await county.root()
        await county.see()
        await county.store.log.append(notes("note:2", 2, 1))
        await county.root()
        with pytest.raises(EvidenceNotYet) as lacking:
            await county.reader.of("note:2")
        assert (lacking.value.awaited, lacking.value.is_overdue) == (Awaited.witnesses, False)
        assert ending(await county.proved("note:1", "jiwei")) == [
            "齐全至位置 complete as of position 5; 此后 after it: []"
        ]
        assert len(ending(await county.proved("note:2", "jiwei", standstill=AT_ONCE))) == 2
        monkeypatch.setattr(evidence, "GIVEN_UP", -AT_ONCE - timedelta(1))
        assert ending(await county.proved("note:2")) == [
            "齐全至位置 complete as of position 8; 此后 after it: []"
        ]
        monkeypatch.undo()
        await county.see()
        assert ending(await county.proved("note:2", "jiwei")) == [
            "齐全至位置 complete as of position 8; 此后 after it: []"
        ]


async def test_a_statement_of_witnesses_that_tells_of_no_checkpoint_holds_nothing_up(database18, tmp_path):
    async with a_county(database18, tmp_path) as county:
        await county.store.log.append(notes("note:1", 1, 1))
        await county.root()
        await county.see()
        with in_county(database18) as connection:
            connection.execute("alter table events disable trigger all")
            connection.execute(
                """update events set state = '{"fact":{"lines":[],"origin":"","root":"","size":3}}'"""
                " where stream = 'cosignatures:county'"
            )
        assert len((await county.reader.of("note:1")).case) == 1


async def test_what_is_only_just_recorded_is_not_left_out_where_a_moment_brings_it(database18, tmp_path):
    async with a_county(database18, tmp_path) as county:
        await county.store.log.append(notes("note:1", 1, 1))
        await county.root()
        await county.see()
        await county.store.log.append(notes("note:1", 2, 1))
        await county.seal()
        with pytest.raises(EvidenceNotYet):
            await county.reader.of("note:1")
        asked = asyncio.create_task(
            gathered(database18, chosen(database18, tmp_path), "note:1", wait_seconds=60)
        )
        await county.root()
        await county.see()
        assert not (await asked).later


async def test_of_many_statements_of_witnesses_those_around_the_events_go_along(database18, tmp_path):
    async with a_county(database18, tmp_path) as county:
        for n in range(1, 10):
            stream, version = ("note:1", n // 6 + 1) if n in (1, 6) else ("note:2", n - 1 - n // 7)
            await county.store.log.append(notes(stream, version, 1))
            await county.seal()
            await county.see()
        await county.root()
        await county.see()
        beside = [verifier.event_of(row.leaf, None) for row in (await county.reader.of("note:1")).beside]
        assert [event.version for event in beside if event.stream == verifier.COSIGNED] == [1, 5, 6]


def cosigned_by_one(kept, dsn):
    """A witness has answered, and the log does not tell it: another whom the policy asks for is away."""
    text = Note.from_bytes(kept.note.encode()).text
    line = WITNESS.cosign(text, int(datetime.now(UTC).timestamp())).line()
    with in_county(dsn) as connection:
        connection.execute(
            "insert into witnesses (vkey, name, size, line, asked_since) values (%s, 'jiwei', %s, %s, now())",
            [WITNESS.key(COSIGNATURE).vkey(), kept.size, line],
        )


async def test_the_checkpoint_of_a_bundle_bears_the_lines_of_witnesses_that_have_seen_it(
    database18, tmp_path
):
    async with a_county(database18, tmp_path) as county:
        await county.store.log.append(notes("note:1", 1, 2))
        await county.root()
        cosigned_by_one(await SealReader(county.store.readers).checkpoint(), database18)
        assert "齐全至位置" in (await county.proved("note:1", "jiwei"))[-1]


async def test_where_one_of_two_witnesses_is_away_what_both_have_seen_is_proved_by_both(database18, tmp_path):
    async with a_county(database18, tmp_path) as county:
        await county.store.log.append(notes("note:1", 1, 1))
        await county.store.log.append(notes("note:2", 1, 1))
        await county.root()
        await see(county.store, WITNESS, ARCHIVE)
        await county.store.log.append(notes("note:2", 2, 1))
        await county.store.log.append(notes("note:3", 1, 1))
        await county.root()
        cosigned_by_one(await SealReader(county.store.readers).checkpoint(), database18)
        both = ("both", f"witness archive {ARCHIVE.key(COSIGNATURE).vkey()}", "group both all jiwei archive")
        assert ending(await county.proved("note:1", both)) == [
            "齐全至位置 complete as of position 5; 此后 after it: []"
        ]
        for fresh in ("note:2", "note:3"):
            with pytest.raises(EvidenceNotYet):
                await county.reader.of(fresh)
        assert ending(await county.proved("note:2", both, standstill=AT_ONCE))[1:] == [
            f"{verifier.UNPROVED} #7 v2 note.noted.v1"
        ]
        assert ending(await county.proved("note:3", ("jiwei",), standstill=AT_ONCE)) == [
            "齐全至位置 complete as of position 9; 此后 after it: []"
        ]


async def test_an_event_that_is_not_yet_under_a_root_of_case_heads_must_wait(database18, tmp_path):
    async with a_county(database18, tmp_path) as county:
        await county.store.log.append(notes("note:1", 1, 1))
        with pytest.raises(EvidenceNotYet):
            await county.reader.of("note:1")
        await county.root()
        assert await county.proved("note:1")
        await county.store.log.append(notes("note:2", 1, 1))
        await county.store.log.append(notes("note:1", 2, 1))
        await county.seal()
        assert (await county.proved("note:1"))[
            -1
        ] == "齐全至位置 complete as of position 4; 此后 after it: [6]"
        with pytest.raises(NoSuchStream):
            await county.reader.of("note:9")


async def test_keys_that_were_rotated_and_retired_still_count_where_they_did(
    database18, tmp_path, monkeypatch
):
    monkeypatch.setattr(keys, "SETTLED", timedelta(0))
    async with a_county(database18, tmp_path) as county:
        settings = chosen(database18, tmp_path)
        await county.store.log.append(notes("note:1", 1, 2))
        await rotated(county.store, settings, Use.process)
        county.store.pen.signer = None
        await take_up_keys(county.store, settings)
        await county.store.log.append(notes("note:1", 3, 2))
        await retired(county.store, settings, "process-1", "rotation", is_lost=False)
        await county.store.log.append(notes("note:1", 5, 1))
        await county.root()
        told = await county.proved("note:1")
        assert told.count("  签名 signature ✓") == 5
        verdict = county.inspected()
        assert verdict.is_good
        assert verdict.signatures_checked == verdict.size


async def test_who_holds_a_checkpoint_is_shown_that_the_log_goes_on_from_it(database18, tmp_path):
    async with a_county(database18, tmp_path) as county:
        await county.store.log.append(notes("note:1", 1, 2))
        await county.seal()
        held = (await SealReader(county.store.readers).checkpoint()).note.encode()
        await county.store.log.append(notes("note:1", 3, 2))
        await county.root()
        assert await county.proved("note:1", held=held, since=[4])
        with pytest.raises(Refused, match="does not reach back"):
            await county.proved("note:1", held=held)


async def test_who_holds_a_checkpoint_is_given_what_reaches_it_and_not_less(database18, tmp_path):
    async with a_county(database18, tmp_path) as county:
        await county.store.log.append(notes("note:1", 1, 2))
        await county.root()
        await county.store.log.append(notes("note:2", 1, 1))
        await county.seal()
        held = (await SealReader(county.store.readers).checkpoint()).note.encode()
        size = 6
        with pytest.raises(EvidenceNotYet) as lacking:
            await county.reader.of("note:1", since=[size])
        assert (lacking.value.awaited, lacking.value.is_overdue) == (Awaited.case_heads, False)
        assert complete_as_of(await county.reader.of("note:1", since=[size], standstill=AT_ONCE)) == size - 1
        assert complete_as_of(await county.reader.of("note:1", since=[size + 1000])) == size - 1, (
            "of another log"
        )
        await county.root()
        assert await county.proved("note:1", held=held, since=[size])


async def test_of_a_log_at_rest_the_newest_checkpoint_is_reached_at_once(database18, tmp_path):
    async with a_county(database18, tmp_path) as county:
        await county.store.log.append(notes("note:1", 1, 2))
        await county.root()
        kept = await SealReader(county.store.readers).checkpoint()
        assert await county.proved("note:1", held=kept.note.encode(), since=[kept.size])
        assert complete_as_of(await county.reader.of("note:1")) == kept.size


async def test_the_rows_are_held_against_what_the_sealing_worker_remembers(database18, tmp_path):
    async with a_county(database18, tmp_path) as county:
        await county.store.log.append(notes("note:1", 1, 5))
        await county.root()
        last = SealMemory(tmp_path / "sealed").last()
        remembered = {last.size: last.root}
        assert county.inspected(remembered=remembered).is_good
        with in_county(database18) as connection:
            connection.execute("alter table events disable trigger all")
            connection.execute(
                "update events set occurred_at = occurred_at - interval '1 hour' where position = 5"
            )
        verdict = county.inspected(remembered=remembered)
        assert (verdict.troubles[0].position, verdict.troubles[0].what) == (5, "changed")


def test_the_verifier_is_the_same_file_in_every_bundle():
    assert Path(verifier.__file__).name == "verify.py"


AT_ONCE = timedelta(0)


def ending(told):
    return [line for line in told if line.startswith(("齐全", verifier.UNPROVED))]


@asynccontextmanager
async def standing_still(dsn, folder):
    """note:1 v1 is rooted and witnesses have seen it; v2 is sealed; the root over v2 is not sealed, nor are v3 and note:3."""
    async with a_county(dsn, folder) as county:
        await county.store.log.append(notes("note:1", 1, 1))
        await county.store.log.append(notes("note:2", 1, 40))
        await county.root()
        await county.see()
        await county.store.log.append(notes("note:1", 2, 1))
        await county.store.log.append(notes("note:4", 1, 40))
        await county.seal()
        await Rooting(county.desk, Attester(county.store.log, county.store.readers, HEADS, SEALER)).root()
        await county.store.log.append(notes("note:1", 3, 1))
        await county.store.log.append(notes("note:3", 1, 1))
        yield county


async def test_where_sealing_stands_still_the_last_sealed_root_proves_and_what_follows_is_named(
    database18, tmp_path, monkeypatch
):
    async with standing_still(database18, tmp_path) as county:
        with pytest.raises(EvidenceNotYet):
            await county.reader.of("note:1")
        told = await county.proved("note:1", "jiwei", standstill=AT_ONCE)
        assert ending(told) == [
            "齐全至位置 complete as of position 44; 此后 after it: []",
            f"{verifier.UNPROVED} #46 v2 note.noted.v1",
            f"{verifier.UNPROVED} #88 v3 note.noted.v1",
        ]
        monkeypatch.setattr(evidence, "GIVEN_UP", AT_ONCE)
        told = await county.proved("note:1", standstill=AT_ONCE)
        assert ending(told) == [
            "齐全至位置 complete as of position 46; 此后 after it: []",
            f"{verifier.UNPROVED} #88 v3 note.noted.v1",
        ]
        for unrooted in ("note:3", "note:4"):
            with pytest.raises(EvidenceNotYet):
                await county.reader.of(unrooted, standstill=AT_ONCE)


async def test_a_case_whose_rows_were_changed_is_not_taken_for_one_that_stands_still(database18, tmp_path):
    async with standing_still(database18, tmp_path) as county:
        with in_county(database18) as connection:
            connection.execute("alter table events disable trigger all")
            connection.execute("update events set topic = 'note.struck.v1' where position = 3")
        with pytest.raises(EvidenceBroken) as broken:
            await county.reader.of("note:1", standstill=AT_ONCE)
        assert broken.value.position == 3

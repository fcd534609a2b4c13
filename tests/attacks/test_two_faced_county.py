"""A county that holds all of its keys and shows different things to different people: what each was given betrays it."""

from contextlib import asynccontextmanager

import pytest

from domain.evidence.bundle import bundle
from domain.evidence.verify import Bundle, Refused, Trust, verify
from domain.proof.leaf import SealedEvent, state_hash
from domain.store.connecting import Access, Readers
from domain.store.evidence import EvidenceReader
from domain.store.schema import County
from domain.store.seal_reading import SealReader
from ops.verify.comparing import compare, kept
from ops.verify.inspection import Brought, inspect
from tests.attacks.big_log import COUNTY, copied, made
from tests.evidenced import KEYS, ORIGIN, POLICY, PROCESS
from tests.servers import fresh_database

SMALLER = 20_000
"""What is compared here does not depend on how long the log is."""
EVENT = 12_315
GRANTED = b'{"envelope":{},"fact":{"granted":true}}'
TRUST = Trust.read(POLICY.replace("quorum either", "quorum none"), KEYS)
"""Of auditors whom no witness helps."""


@pytest.fixture(scope="module")
def log(postgres18):
    with fresh_database(postgres18.dsn) as dsn:
        yield made(dsn, SMALLER, is_told=False)


@pytest.fixture
def fork(log):
    """The same log, but for one event, signed and sealed with the county's own keys."""
    with copied(log) as other:
        with other.broken_into() as database:
            stream, version, topic, at = database.execute(
                "select stream, version, topic, occurred_at from events where position = %s", [EVENT]
            ).fetchone()
            event = SealedEvent(ORIGIN, stream, version, at, topic, state_hash(GRANTED))
            database.execute(
                "update events set state = %s, signature = %s where position = %s",
                [GRANTED, PROCESS.private.sign(event.signed_bytes()), EVENT],
            )
            other.reseal(database)
        yield other


@asynccontextmanager
async def evidence_of(log):
    readers = Readers(Access(log.dsn, County.named(COUNTY)), size=1)
    try:
        yield EvidenceReader(SealReader(readers))
    finally:
        await readers.close()


async def stream_of(reader, position):
    rows = await reader._seal.leaves(ORIGIN, position, position)
    return rows[0].event.stream


async def taken(log, path, position=EVENT):
    """A bundle of the case to which the event belongs."""
    async with evidence_of(log) as reader:
        found = await reader.of(await stream_of(reader, position))
    path.write_bytes(bundle(found))
    return path


async def test_two_bundles_of_a_forked_log_name_the_event_that_differs(log, fork, tmp_path):
    one, other = await taken(log, tmp_path / "one.zip"), await taken(fork, tmp_path / "other.zip")
    for path in (one, other):
        assert verify(str(path), TRUST, None, [], 120), "each for itself is proved: that is the control"
    found = compare(kept(one, TRUST), kept(other, TRUST))
    assert (found.is_fork, found.differing) == (True, (EVENT,))


async def test_a_checkpoint_of_the_other_log_shows_the_fork_too(log, fork, tmp_path):
    one, other = await taken(log, tmp_path / "one.zip"), await taken(fork, tmp_path / "other.zip")
    (tmp_path / "note").write_bytes(Bundle.opened(str(other), TRUST).files["checkpoint"])
    assert compare(kept(one, TRUST), kept(tmp_path / "note", TRUST)).is_fork
    with pytest.raises(Refused, match=r"before the checkpoint you hold|fork"):
        verify(str(one), TRUST, (tmp_path / "note").read_bytes(), [], 120)
    same = compare(kept(one, TRUST), kept(one, TRUST))
    assert (same.is_fork, same.is_shown) == (False, True)


def test_the_fork_is_found_in_the_database_by_who_holds_the_other_checkpoint(log, fork):
    assert inspect(log.source, Brought(TRUST, held={"witness": log.held})).is_good
    assert not inspect(fork.source, Brought(TRUST, held={"witness": log.held})).is_good


async def test_the_newest_event_hidden_in_a_bundle_is_missed(log, tmp_path):
    path = await taken(log, tmp_path / "whole.zip")
    whole = Bundle.opened(str(path), TRUST)
    last = max(event.position for event in whole.case().events)
    files = {name: content for name, content in whole.files.items() if f"case/{last}." not in name}
    hiding = Bundle(files, TRUST)
    assert len(hiding.events("case/")) == 4, "each event that is left is proved: that is the control"
    with pytest.raises(Refused, match="not all events"):
        hiding.case()

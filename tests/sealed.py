"""A log with keys, for tests: signers, leaves as a process would sign them, stores that sign."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.attestation import ATTESTATIONS
from domain.proof.leaf import Leaf, SealedEvent, state_hash
from domain.proof.note import Signer
from domain.proof.signing import UNSIGNED, ProcessSigner
from domain.store.county import Store
from ops.settings import Settings
from ops.signing import take_up_keys
from tests.notes import COUNTY, NOTE
from tests.templates import make_county

ORIGIN = "jiandu.example/qx"
NOON = datetime(2026, 3, 3, 4, 0, 0, 123456, tzinfo=UTC)


def a_process(number):
    """The same key each time, under a number."""
    private = Ed25519PrivateKey.from_private_bytes(bytes([number] * 32))
    return ProcessSigner(ORIGIN, Signer(f"{ORIGIN}/process", private))


def a_leaf(position, by=None, *, stream="note:1", version=None, topic="note.noted.v1", state=b"{}"):
    """The leaf of an event as that process recorded it; None: nobody signed it."""
    event = SealedEvent(ORIGIN, stream, version or position, NOON, topic, state_hash(state))
    if by is None:
        return Leaf(position, event, NOON, UNSIGNED)
    return Leaf(position, event, NOON, by.sign(stream, event.version, NOON, topic, state).signature)


def with_state(leaf, state):
    return leaf._replace(event=leaf.event._replace(state_hash=state_hash(state)))


def chosen(dsn, folder, **more):
    return Settings(database_url=dsn, county=COUNTY, keys_dir=folder, **more)


@asynccontextmanager
async def open_signing(dsn, folder, *, through=None, **options):
    """The county's store with its keys, made where they are missing; `through`: another way to the same database."""
    make_county(dsn, COUNTY)

    async with Store.open(through or dsn, COUNTY, [NOTE, *ATTESTATIONS], **options) as store:
        await take_up_keys(store, chosen(dsn, folder))
        yield store

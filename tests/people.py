"""People for tests: some whom the record knows without a vault, and a vault whose keys nobody writes down."""

from hashlib import sha256

from domain.dealings import NoHolds
from domain.people import People
from domain.store.memory_vault import MemoryKeys
from domain.subject import SUBJECT
from domain.subject.commands import EnrolSubject
from domain.subject.values import Commitment
from domain.vault.fields import Part
from tests.county import OCCASION
from tests.examples import AGENT, NEIGHBOUR, VILLAGER

NOBODYS = "p-" + "0" * 32
"""A reference that is easily told from those that are drawn."""
COMMITTED = Commitment(part=Part.name, digest=sha256(b"a name").hexdigest())
"""To a name that nobody knows."""


async def make_known(keeper, *person_refs):
    """Gives out the references; the vault holds nothing of these people."""
    for person_ref in person_refs or (VILLAGER, NEIGHBOUR, AGENT, NOBODYS):
        enrol = EnrolSubject(commitments=(COMMITTED,))
        await keeper.handle(SUBJECT, person_ref, enrol, OCCASION, key=None, digest=bytes(32))


async def people_of(store, keeper, *, keys=None, holds=None):
    """The people of a store that was just made."""
    keys = keys or MemoryKeys()
    await store.vault.use_key(keys.now.wrapping.newest)
    return People(keeper, store.vault, keys, holds or NoHolds(), store.dealings)

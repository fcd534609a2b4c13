"""The application with its real identification, for tests of how people and programmes come in."""

from datetime import UTC, datetime, timedelta

import httpx
from argon2 import PasswordHasher

from api.app import create_app
from api.authentication import Authentication
from api.journal import Journal
from api.passwords import Passwords
from api.provider.sign_in import ProviderSignIns
from api.sign_in import SignIns
from domain.application import Keeper
from domain.grammar import Duty
from domain.store.memory import MemoryLog, MemorySecrets
from domain.window import POST
from domain.window.posts import AssignPost, EstablishPost
from domain.window.values import Assignment, Role
from ops.accounts import Accounts, a_key
from tests.county import CENTRE, COUNTY_DIVISION, OCCASION, a_county
from tests.doors import MemoryReader, MemorySerials

QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
"""What takes 50 ms at a real door, so that guessing takes long too."""
PASSWORD = "清风两袖朝天去-2026"


class ServedDoor:
    """The application with its real identification, on a log in memory, at a clock that can be put on."""

    def __init__(self, first=None, provider=None, limits=None):
        """`first`: another process of the same county, with the same log and the same database. `provider`: of OpenID."""
        self.now = datetime.now(UTC)
        self.log = first.log if first else MemoryLog()
        self.keeper = Keeper(self.log, first.keeper.catalogue if first else a_county())
        self.secrets = first.secrets if first else MemorySecrets()
        self.accounts = Accounts(self.keeper, self.secrets, QUICK)
        journal = Journal(self.keeper, self.clock)
        authentication = Authentication(self.keeper, self.secrets, journal, self.clock)
        sign_ins = SignIns(self.keeper, self.secrets, authentication, journal, self.clock, QUICK)
        self.reader = MemoryReader(self.log)
        self.app = create_app(
            keeper=self.keeper,
            identification=authentication,
            journal=journal,
            sign_ins=sign_ins,
            provider=ProviderSignIns(provider, sign_ins, journal) if provider else None,
            reader=self.reader,
            people=None,
            serials=MemorySerials(),
            limits=limits,
            clock=self.clock,
        )

    def clock(self):
        return self.now

    def client(self, **headers):
        transport = httpx.ASGITransport(self.app)
        return httpx.AsyncClient(transport=transport, base_url="https://door", headers=headers)

    def told(self, topic):
        return [event.fact for event in self.log.events if event.topic == topic]

    async def keyed(self, **said):
        usual = {
            "programme": "approvals",
            "title": "对接",
            "role": Role.importer,
            "division_code": COUNTY_DIVISION,
        }
        return await self.accounts.issue(a_key(**(usual | said), today=self.now.date() - timedelta(days=1)))


async def a_post(door, post_id, role, staff_id):
    """A further post, held since last week."""
    post = EstablishPost(post_id=post_id, unit_code=CENTRE, title="新岗", role=role)
    held = Assignment(staff_id=staff_id, duty=Duty.a, valid_from=door.now.date() - timedelta(days=7))
    for command in (post, AssignPost(post_id=post_id, assignment=held)):
        await door.keeper.handle(POST, post_id, command, OCCASION, key=None, digest=b"")


async def sign_in(client, staff_id="a-town-clerk", password=PASSWORD, **more):
    return await client.post("/v1/sessions", json={"staff_id": staff_id, "password": password, **more})


def code(response):
    return response.json()["type"].removeprefix("urn:jiandu:problem:")

"""A county with one of everything that an address can name, and a door that is asked as raw as a socket brings it.

with an_attacked_county(postgres18.dsn) as county:
    answer = county.ask(Request("GET", "/v1/cases/%00", county.as_of(Role.auditor)))
"""

import asyncio
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.parse import unquote

import orjson
import psycopg
from anyio.from_thread import start_blocking_portal
from prometheus_client import CollectorRegistry

from api.app import create_app, utc_now
from api.authentication import SPEAKS_FOR, Authentication
from api.door import Limits
from api.examples import OPENING_INVESTIGATION_EXAMPLES, RAISING_EXAMPLES
from api.journal import Journal
from api.provider.sign_in import ProviderSignIns
from api.sign_in import SignIns
from domain.aggregates import AGGREGATES
from domain.application import Keeper
from domain.attestation import HEADS
from domain.grammar import local_day
from domain.store import schema
from domain.store.attesting import Attester
from domain.store.county import Store
from domain.store.key_files import KeyFiles
from domain.store.sealing import SealDesk, connect
from domain.window.values import Role
from ops.accounts import Accounts, a_key
from ops.heads import SEALER, Rooting
from ops.seal_memory import SealMemory
from ops.sealing import Sealing
from ops.settings import Settings
from ops.signing import take_up_keys
from projections.engine_schema import establish
from projections.registry import PROJECTIONS
from projections.view_readers import ViewReaders
from tests.county import (
    _HOLDERS,
    COUNTY_DIVISION,
    HANDLER_POST,
    HOMESTEAD,
    OCCASION,
    TOWN_CLERK_POST,
    _everything,
    actor_at,
)
from tests.doors import PROGRAMMES, SaidWhoActs
from tests.identity_provider import IdentityProvider, reached
from tests.people import make_known, people_of
from tests.projected import access, an_engine
from tests.served_door import PASSWORD, QUICK
from tests.servers import fresh_database
from tests.serving import SCHEMA

FORMULA = '=HYPERLINK("http://x","y")'
"""Stands in the texts of the one case."""
OWN_WORDS = ("access.", "perusal.", "user.sessions_ended.")
"""What a look, a denial, signing in and signing out leave in the log, whatever else was said."""


class Request(NamedTuple):
    """`target`: path and query as they would stand on the wire."""

    method: str
    target: str
    headers: dict[str, str | bytes] = {}  # noqa: RUF012  — nobody changes it
    content: bytes = b""
    address: str = "127.0.0.1"


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    def json(self):
        return orjson.loads(self.body)


SPEAKERS = {
    **{
        post.role: f"{post.staff_id}@{post.post_id}"
        for post in reversed([actor_at(post_id) for post_id in _HOLDERS])
    },
    **{programme.role: name for name, programme in PROGRAMMES.items()},
}
"""Who speaks for each role of the permission table."""


SIGNS_IN = actor_at(TOWN_CLERK_POST).staff_id
HANDLER = actor_at(HANDLER_POST).staff_id
JSON = {"Content-Type": "application/json"}


class SaidOrSignedIn:
    """It is believed who somebody says they are; who says nothing shows a session."""

    def __init__(self, authentication, said):
        self._authentication, self._said = authentication, said

    async def principal(self, request):
        is_said = SPEAKS_FOR in request.headers
        return await (self._said if is_said else self._authentication).principal(request)

    async def still(self, request):
        return await self.principal(request)


class AttackedCounty:
    """`words`: what stands for each name in the paths of the page."""

    def __init__(self, dsn, app, portal, words):
        self.dsn, self.app, self.words = dsn, app, words
        self._portal = portal

    def ask(self, request):
        return self.ask_all([request])[0]

    def ask_all(self, requests):
        """One after the other."""
        return self._portal.call(_all_of, self.app, requests)

    def signed_in(self):
        """The headers of a session that was just opened."""
        body = orjson.dumps({"staff_id": SIGNS_IN, "password": PASSWORD})
        # others fail to sign in from 127.0.0.1
        opened = self.ask(Request("POST", "/v1/sessions", JSON, body, "127.0.0.2"))
        cookie = opened.headers["set-cookie"].partition(";")[0]
        return {"Cookie": cookie, "X-CSRF-Token": opened.json()["csrf_token"]}

    def record(self):
        """What stands in the log, position by position: topic, and everything."""
        with psycopg.connect(self.dsn) as connection:
            rows = connection.execute(f"select position, topic, e::text from {SCHEMA}.events e").fetchall()  # noqa: S608  — a constant
        return {position: (topic, whole) for position, topic, whole in rows}


async def _all_of(app, requests):
    return [await asked(app, each) for each in requests]


async def asked(app, request):
    """The application's answer to a request that no client has looked over."""
    path, _, query = request.target.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "https",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), _bytes(value)) for name, value in request.headers.items()],
        "client": (request.address, 40_000),
        "server": ("127.0.0.1", 443),
    }
    bodies = [{"type": "http.request", "body": request.content, "more_body": False}]
    said = []

    async def receive():
        if bodies:
            return bodies.pop()
        return await asyncio.Event().wait()

    async def send(message):
        said.append(message)

    with suppress(Exception):  # it has been answered; whoever serves writes it down
        await app(scope, receive, send)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in said[0]["headers"]}
    return Answer(said[0]["status"], headers, b"".join(each.get("body", b"") for each in said[1:]))


def _bytes(value):
    return value if isinstance(value, bytes) else value.encode()


@contextmanager
def an_attacked_county(server_dsn):
    """In a database of its own; the application runs in a thread of its own."""
    with (
        fresh_database(server_dsn) as dsn,
        TemporaryDirectory() as folder,
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(_furnished(dsn, Path(folder))) as (app, words),
    ):
        yield AttackedCounty(dsn, app, portal, words)


@asynccontextmanager
async def _furnished(dsn, folder):
    schema.create(dsn, SCHEMA)
    async with Store.open(dsn, SCHEMA, AGGREGATES) as store:
        await take_up_keys(store, Settings(county=SCHEMA, keys_dir=folder))
        keeper = Keeper(store.log, store.catalogue)
        for aggregate, command in _everything():
            await keeper.handle(aggregate, command.identity, command, OCCASION, key=None, digest=bytes(32))
        await make_known(keeper)
        establish(dsn, SCHEMA)
        accounts = Accounts(keeper, store.secrets, QUICK)
        await accounts.admit(SIGNS_IN, PASSWORD)
        key = a_key("approvals", "对接", Role.importer, COUNTY_DIVISION)
        await accounts.issue(key)
        views = ViewReaders(access(dsn), PROJECTIONS, size=2)
        try:
            app = await _door(store, keeper, views)
            words = await _words(app) | {"key_id": key.key_id}
            await _seal(dsn, folder, store)
            async with an_engine(dsn, PROJECTIONS) as engine:
                await engine.catch_up()
            yield app, words
        finally:
            await views.close()


async def _door(store, keeper, views):
    journal = Journal(keeper, utc_now)
    authentication = Authentication(keeper, store.secrets, journal, utc_now)
    sign_ins = SignIns(keeper, store.secrets, authentication, journal, utc_now, QUICK)
    return create_app(
        keeper=keeper,
        identification=SaidOrSignedIn(authentication, SaidWhoActs(keeper.catalogue)),
        journal=journal,
        sign_ins=sign_ins,
        provider=ProviderSignIns(reached(IdentityProvider()), sign_ins, journal),
        reader=store.events,
        people=await people_of(store, keeper, holds=store.holds),
        serials=store.serials,
        views=views,
        registry=CollectorRegistry(),
        seal=store.seal,
        limits=Limits(stream_seconds=0.01),
    )


async def _seal(dsn, folder, store):
    async with await connect(access(dsn)) as connection:
        await connection.set_autocommit(True)
        desk = SealDesk(connection)
        sealing = Sealing(desk, KeyFiles(folder), SealMemory(folder / "sealed"))
        await sealing.round()
        await Rooting(desk, Attester(store.log, store.readers, HEADS, SEALER)).root()
        await sealing.round()


async def _words(app):
    """One of everything, recorded at the door."""

    async def told(role, path, body, status=201):
        headers = JSON | {SPEAKS_FOR: SPEAKERS[role], "If-Match": "*"}
        answer = await asked(app, Request("POST", path, headers, orjson.dumps(body)))
        assert answer.status == status, answer.text
        return answer.json()

    person_ref = (await told(Role.window_clerk, "/v1/persons", {"name": "李小河"}))["person_ref"]
    receipt = {"type": "receive_case", "item_code": HOMESTEAD, "applicant_ref": person_ref}
    formulas = {"action": receipt | {"receipt_no": FORMULA}, "circumstances": {"place": f"＝{FORMULA}"}}
    case = await told(Role.window_clerk, "/v1/cases", formulas)
    finding = RAISING_EXAMPLES["raise_signal"]["value"]["action"] | {
        "subject": f"case:{case['case_no']}",
        "case_no": case["case_no"],
    }
    signal = await told(Role.clock, "/v1/signals", {"action": finding})
    opening = OPENING_INVESTIGATION_EXAMPLES["open_investigation"]["value"]
    investigation = await told(Role.discipline, "/v1/investigations", opening)
    asking = {"type": "register_first_ask", "matter": "问农村建房要带什么材料"}
    contact = await told(Role.window_clerk, "/v1/contacts", {"action": asking})
    today = local_day(utc_now()).isoformat()
    granting = {
        "type": "grant_delegation",
        "delegate": HANDLER,
        "item_codes": [HOMESTEAD],
        "reason": "外出学习",
    }
    days = {"valid_from": today, "valid_to": today}
    delegation = await told(Role.window_clerk, "/v1/delegations", {"action": granting | days})
    return {
        "case_no": case["case_no"],
        "signal_no": signal["signal_no"],
        "investigation_no": investigation["investigation_no"],
        "contact_no": contact["contact_no"],
        "delegation_no": delegation["delegation_no"],
        "person_ref": person_ref,
        "table": "up_pro_accept",
        "register": "items",
        "code": HOMESTEAD,
        "tile": "0/000.p/3",
        "staff_id": SIGNS_IN,
        "post_id": TOWN_CLERK_POST,
        "receipt": case["events"][0]["leaf"]["receipt"],
    }

"""An event of a newer version may stand in any stream: the page names what is answered then, wherever it can be."""

import httpx
import orjson

from api.authentication import SPEAKS_FOR
from api.door import Limits
from domain.store.mapper import TopicUnknown
from domain.store.memory import MemoryLog
from domain.window.values import Role
from tests.attacked import JSON, SPEAKERS
from tests.doors import Doorway
from tests.hostile import OPERATIONS, PAGE, asker, target
from tests.reads import CASE_NO

WORDS = {
    "case_no": CASE_NO,
    "signal_no": "JC-2026-000001",
    "investigation_no": "HC-2026-1",
    "contact_no": "SW-2026-1",
    "delegation_no": "WT-2026-1",
    "person_ref": "p-" + "0" * 32,
    "table": "up_pro_accept",
    "register": "items",
    "code": "x",
    "tile": "0/000",
    "staff_id": "S-1",
    "post_id": "P-1",
    "key_id": "abcdef",
    "receipt": "1-AAAA-AAAA-AAAA-AAAA-A",
}
NOT_UNDERSTOOD = "urn:jiandu:problem:record-not-understood"
SHORT = Limits(stream_seconds=0.01)


class LogOfTomorrow(MemoryLog):
    """Every stream of it holds something that cannot be read yet."""

    async def history(self, stream):
        raise TopicUnknown(f"position 7: {stream}")


def example(verb, path):
    told = PAGE["paths"][path][verb].get("requestBody", {}).get("content", {}).get("application/json", {})
    return next((orjson.dumps(each["value"]) for each in told.get("examples", {}).values()), b"")


async def is_met(client, verb, path, role):
    headers = JSON | {SPEAKS_FOR: SPEAKERS[role], "If-Match": "*"}
    answer = await client.request(
        verb.upper(), target(path, WORDS), headers=headers, content=example(verb, path)
    )
    return answer.status_code == 409 and answer.json()["type"] == NOT_UNDERSTOOD


async def test_wherever_an_event_is_not_understood_the_page_says_so():
    met = set()
    transport = httpx.ASGITransport(Doorway(LogOfTomorrow(), limits=SHORT).app)
    async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
        for verb, path in OPERATIONS:
            for role in (asker(verb, path), Role.catalogue_admin):
                if await is_met(client, verb, path, role):
                    met.add((verb, path))
    assert {each for each in met if "409" not in PAGE["paths"][each[1]][each[0]]["responses"]} == set()
    assert len(met) > 20


def test_whoever_is_asked_who_they_are_may_meet_one():
    """That they came, or were refused, is recorded: in a stream which may hold one."""
    for verb, path in OPERATIONS:
        answers = PAGE["paths"][path][verb]["responses"]
        assert "401" not in answers or "409" in answers, path

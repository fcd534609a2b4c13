"""`jiandu serve` seals what it records, as somebody outside sees it."""

import asyncio

from domain.proof.checkpoint import Checkpoint
from domain.proof.note import Key, Note, opened
from tests import asking
from tests.county import HOMESTEAD, TOWN_CLERK_POST
from tests.serving import KEY, WITH_SEAL, keys_of, serving, settle_county
from tests.waiting import wait_until

RECEIPT = {"action": {"type": "receive_case", "item_code": HOMESTEAD, "applicant_ref": f"p-{0:032x}"}}
CLERK = KEY | {"X-Jiandu-Speaks-For": f"a-town-clerk@{TOWN_CLERK_POST}"}


def until(client, path, is_so):
    return wait_until(lambda: answer if is_so(answer := client.get(path)) else None)


def test_a_served_county_is_sealed_from_its_first_event(database18):
    settings = {"JIANDU_DATABASE_URL": database18, **WITH_SEAL}
    with serving(settings) as server, asking.a_client(base_url=server.address) as client:
        answer = until(client, "/v1/log/checkpoint", lambda answer: answer.text.splitlines()[1:2] == ["2"])
        until(client, "/metrics", lambda answer: 'jiandu_seal_position{county="county"} 2.0' in answer.text)
    note = Note.from_bytes(answer.content)
    key = Key.from_vkey((keys_of(database18) / "log-1.pub").read_text())
    assert opened(note, [key])
    assert Checkpoint.from_text(note.text).origin == "jiandu.local/county"


def test_a_county_of_the_version_before_serves_on_and_says_that_it_is_not_sealed(database18):
    asyncio.run(settle_county(database18))
    settings = {"JIANDU_DATABASE_URL": database18, **WITH_SEAL}
    with serving(settings) as server, asking.a_client(base_url=server.address, headers=CLERK) as client:
        answer = client.post("/v1/cases", json=RECEIPT)
        standing = until(client, "/v1/log/seal", lambda answer: answer.json()["trouble"]).json()
    assert answer.status_code == 201, answer.text
    assert "leaf" not in answer.json()["events"][0]
    assert (standing["size"], standing["trouble"]) == (0, "unsigned-log")
    assert "log_unsigned" in server.said

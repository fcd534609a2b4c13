"""Every action sent one to three times, shuffled, by eight at once: one event each, and one answer."""

from random import Random

import orjson

from tests.chaos import journal as journals
from tests.chaos.clients import Load, Wire
from tests.chaos.faults import CLERK, MortalServer, acting, opening, verdict
from tests.serving import settle_county

ACTIONS = 150
CLIENTS = 8


def doubled_and_shuffled(errands, chance):
    sent = [errand for errand in errands for _ in range(chance.randint(1, 3))]
    chance.shuffle(sent)
    return sent


async def test_retries_doubled_and_shuffled_are_one_event_each(database18, tmp_path):
    await settle_county(database18)
    chance = Random(17)
    with MortalServer({"JIANDU_DATABASE_URL": database18}) as server:
        with journals.Journal(tmp_path / "journal") as journal:
            load = Load(server.port, journal, CLIENTS, CLERK, opening, acting)
            opened = doubled_and_shuffled([(f"o{n}", None) for n in range(ACTIONS)], chance)
            await load.ask_at_once(opened, clients=CLIENTS)
            told = [line for line in journals.read(tmp_path / "journal") if isinstance(line, journals.Ok)]
            cases = sorted({line.receipt["case_no"] for line in told})
            assert len(cases) == ACTIONS
            acted = doubled_and_shuffled([(f"a{n}", case_no) for n, case_no in enumerate(cases)], chance)
            await load.ask_at_once(acted, clients=CLIENTS)
        assert await said_to_another_body(server.port, "o1") == (422, "urn:jiandu:problem:key-reused")
    assert load.unexpected == []
    assert load.acknowledged == len(opened) + len(acted) > 2 * ACTIONS
    assert verdict(tmp_path / "journal", database18) == []


async def said_to_another_body(port, key):
    wire = Wire(port, CLERK)
    body = orjson.dumps({"action": opening("another")})
    answer = await wire.ask("POST", "/v1/cases", body, Idempotency_Key=key)
    wire.close()
    return answer.status, answer.document["type"]

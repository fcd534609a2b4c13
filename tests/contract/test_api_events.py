"""Reading the log over HTTP: by position, filtered, and followed as it grows."""

import asyncio

import orjson
import pytest

from api.door import Limits
from tests.county import HOMESTEAD
from tests.doors import Doorway
from tests.waiting import until

RECEIPT = {"action": {"type": "receive_case", "item_code": HOMESTEAD, "applicant_ref": "p-" + "0" * 32}}
ACCEPTANCE = {"action": {"type": "accept_case"}}


@pytest.fixture
def doorway():
    return Doorway(limits=Limits(stream_seconds=0.6, heartbeat_seconds=0.1))


@pytest.fixture
async def client(doorway):
    async with doorway.entered() as client:
        yield client


@pytest.fixture
async def two_cases(client):
    """Positions 1 and 2 are receipts, 3 the acceptance of the first case."""
    first, second = [(await client.post("/v1/cases", json=RECEIPT)).json()["case_no"] for _ in range(2)]
    await client.post(f"/v1/cases/{first}/actions", json=ACCEPTANCE, headers={"If-Match": "*"})
    return first, second


async def page(client, **query):
    response = await client.get("/v1/events", params=query)
    assert response.status_code == 200, response.text
    return response.json()


def positions(page):
    return [event["position"] for event in page["events"]]


@pytest.mark.usefixtures("two_cases")
async def test_the_log_is_read_in_order_page_by_page(client):
    seen, after = [], 0
    while (read := await page(client, after=after, limit=1))["events"]:
        seen += positions(read)
        after = read["next_after"]
    assert seen == [1, 2, 3]


@pytest.mark.usefixtures("two_cases")
async def test_a_page_says_where_to_read_on_and_where_the_log_ends(client):
    read = await page(client, after=1, limit=1)
    assert (positions(read), read["next_after"], read["last_position"]) == ([2], 2, 3)


async def test_an_empty_log_has_an_end_too(client):
    assert await page(client) == {"events": [], "next_after": 0, "last_position": 0}


@pytest.mark.usefixtures("two_cases")
async def test_until_ends_a_page(client):
    read = await page(client, until=2)
    assert (positions(read), read["next_after"]) == ([1, 2], 2)


@pytest.mark.usefixtures("two_cases")
async def test_a_filtered_page_reads_on_behind_everything_it_looked_at(client):
    read = await page(client, topic="case.received.v1")
    assert (positions(read), read["next_after"]) == ([1, 2], 3)


async def test_a_stream_can_be_read_alone(client, two_cases):
    assert positions(await page(client, stream=f"case:{two_cases[0]}")) == [1, 3]
    assert positions(await page(client, stream=f"case:{two_cases[0]}", topic="case.accepted.v1")) == [3]


async def test_an_event_shows_the_stored_bytes_themselves(client, doorway, two_cases):
    response = await client.get("/v1/events", params={"limit": 1})
    assert doorway.log.events[0].state[1:-1] in response.content
    event = response.json()["events"][0]
    stored = orjson.loads(doorway.log.events[0].state)
    assert (event["envelope"], event["fact"]) == (stored["envelope"], stored["fact"])
    assert (event["label"], event["label_en"]) == ("收件登记", "Case received")
    assert (event["stream"], event["version"]) == (f"case:{two_cases[0]}", 1)


async def followed(client, headers=None, **query):
    """The messages of a stream that ends by itself, and its heartbeats."""
    response = await client.get("/v1/events/stream", params=query, headers=headers or {})
    assert response.headers["content-type"].startswith("text/event-stream")
    return messages(response.text)


def messages(text):
    parts = [part for part in text.replace("\r\n", "\n").split("\n\n") if part]
    return [
        dict(line.split(": ", 1) for line in part.split("\n")) for part in parts if not part.startswith(":")
    ]


@pytest.mark.usefixtures("two_cases")
async def test_a_stream_sends_what_stands_behind_a_position(client):
    sent = await followed(client, after=1)
    assert [(message["id"], message["event"]) for message in sent] == [
        ("2", "case.received.v1"),
        ("3", "case.accepted.v1"),
    ]
    assert orjson.loads(sent[0]["data"]) == (await page(client, after=1, limit=1))["events"][0]


@pytest.mark.usefixtures("two_cases")
async def test_a_stream_resumes_behind_its_last_event(client):
    sent = await followed(client, {"Last-Event-ID": "2"}, after=0)
    assert [message["id"] for message in sent] == ["3"]


@pytest.mark.usefixtures("two_cases")
async def test_a_stream_without_a_position_begins_now(client):
    assert await followed(client) == []


@pytest.mark.usefixtures("two_cases")
async def test_a_stream_sends_what_is_recorded_while_it_is_followed(client, doorway):
    following = asyncio.create_task(followed(client))
    await until(lambda: doorway.reader.followers)
    await client.post("/v1/cases", json=RECEIPT)
    assert [message["id"] for message in await following] == ["4"]


async def test_a_stream_can_be_filtered(client, two_cases):
    assert [one["id"] for one in await followed(client, after=0, topic="case.accepted.v1")] == ["3"]
    assert [one["id"] for one in await followed(client, after=0, stream=f"case:{two_cases[1]}")] == ["2"]


async def test_a_silent_stream_beats_so_that_nobody_takes_it_for_dead(client):
    response = await client.get("/v1/events/stream")
    assert response.text.count(": ping") >= 2


async def test_a_long_log_is_followed_in_pages_without_loss(client):
    batch = {"actions": [RECEIPT | {"key": f"k-{n}"} for n in range(450)]}
    await client.post("/v1/actions:batch", json=batch)
    assert [int(one["id"]) for one in await followed(client, after=0)] == list(range(1, 451))


async def test_head_of_a_stream_ends_at_once(client):
    response = await client.head("/v1/events/stream")
    assert (response.status_code, response.content) == (200, b"")

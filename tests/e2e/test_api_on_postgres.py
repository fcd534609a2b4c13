"""The door over the real log: what only a database can show."""

import asyncio

import httpx
import psycopg
import pytest

from api.app import create_app
from api.door import Limits
from domain.aggregates import AGGREGATES
from domain.application import Keeper
from domain.numbers import CaseNumber
from domain.store.county import Store
from tests.county import DIRECTOR_POST, HOMESTEAD, LAND_STATION, TOWN_CLERK_POST
from tests.doors import SaidWhoActs
from tests.people import people_of
from tests.serving import SCHEMA, settle_county

RECEIPT = {"action": {"type": "receive_case", "item_code": HOMESTEAD, "applicant_ref": "p-" + "0" * 32}}
ACCEPTANCE = {"action": {"type": "accept_case"}}
REMINDER = {"action": {"type": "remind_stage", "to_unit": LAND_STATION, "about": "请尽快签收"}}
ACTOR = {"X-Jiandu-Speaks-For": f"a-town-clerk@{TOWN_CLERK_POST}"}
DIRECTOR = {"X-Jiandu-Speaks-For": f"a-director@{DIRECTOR_POST}"}


@pytest.fixture
async def client(database18):
    await settle_county(database18)
    async with Store.open(database18, SCHEMA, AGGREGATES) as store:
        keeper = Keeper(store.log, store.catalogue, references=store.references)
        app = create_app(
            keeper=keeper,
            identification=SaidWhoActs(store.catalogue),
            reader=store.events,
            people=await people_of(store, keeper),
            serials=store.serials,
            registry=store.metrics,
            limits=Limits(stream_seconds=0.5),
        )
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://door", headers=ACTOR) as client:
            yield client


async def last_position(client):
    return (await client.get("/readyz")).json()["last_position"]


OF_A_NEWER_VERSION = """
    insert into county.events (position, stream, version, topic, occurred_at, recorded_at, state)
    select max(position) + 1, 'case:newer', 1, 'case.taken_further.v1', now(), max(recorded_at), '{}' from county.events
"""


async def test_a_day_at_the_door(client, database18):
    """One county for all of it: founding it takes longer than the day."""
    await many_clerks_get_many_numbers(client)
    await many_retries_record_one_case(client)
    await of_many_who_saw_one_version_one_is_recorded(client)
    await many_who_name_no_version_take_turns(client)
    await a_follower_hears_what_others_record(client)
    await a_batch_is_recorded_and_repeated(client)
    await what_a_newer_version_records_in_between_hinders_no_repeat(client, database18)
    await a_person_keeps_the_reference(client)
    await the_metrics_tell_of_the_appender(client)
    await what_a_database_cannot_hold_never_reaches_it(client)


async def many_clerks_get_many_numbers(client):
    opened = await asyncio.gather(*(client.post("/v1/cases", json=RECEIPT) for _ in range(50)))
    assert {response.status_code for response in opened} == {201}
    numbers = {response.json()["case_no"] for response in opened}
    assert {CaseNumber.parse(number).serial for number in numbers} == set(range(1, 51))


async def many_retries_record_one_case(client):
    before = await last_position(client)
    headers = {"Idempotency-Key": "one"}
    opened = await asyncio.gather(
        *(client.post("/v1/cases", json=RECEIPT, headers=headers) for _ in range(20))
    )
    assert {response.content for response in opened} == {opened[0].content}
    assert sum("idempotent-replayed" not in response.headers for response in opened) == 1
    assert await last_position(client) == before + 1


async def of_many_who_saw_one_version_one_is_recorded(client):
    case_no = (await client.post("/v1/cases", json=RECEIPT)).json()["case_no"]
    path, headers = f"/v1/cases/{case_no}/actions", {"If-Match": '"1"'}
    raced = await asyncio.gather(*(client.post(path, json=ACCEPTANCE, headers=headers) for _ in range(20)))
    assert sorted(response.status_code for response in raced) == [201, *[412] * 19]
    assert (await client.get(f"/v1/cases/{case_no}")).json()["version"] == 2


async def many_who_name_no_version_take_turns(client):
    case_no = (await client.post("/v1/cases", json=RECEIPT)).json()["case_no"]
    path, headers = f"/v1/cases/{case_no}/actions", DIRECTOR | {"If-Match": "*"}
    crowd = await asyncio.gather(*(client.post(path, json=REMINDER, headers=headers) for _ in range(60)))
    assert {response.status_code for response in crowd} == {201}
    assert sorted(response.json()["version"] for response in crowd) == list(range(2, 62))


async def a_follower_hears_what_others_record(client):
    position = await last_position(client)
    following = asyncio.create_task(client.get("/v1/events/stream", headers={"Last-Event-ID": str(position)}))
    await asyncio.sleep(0.1)
    await client.post("/v1/cases", json=RECEIPT)
    assert f"id: {position + 1}\nevent: case.received.v1\n" in (await following).text


async def a_batch_is_recorded_and_repeated(client):
    batch = {"actions": [RECEIPT | {"key": f"b-{n}"} for n in range(200)]}
    first, again = [await client.post("/v1/actions:batch", json=batch) for _ in range(2)]
    assert (first.status_code, again.status_code) == (200, 200)
    assert [one | {"replayed": True} for one in first.json()["answers"]] == again.json()["answers"]
    step = {"action": {"type": "correct_on_spot", "what": "页码"}}
    cases = [answer["case_no"] for answer in first.json()["answers"]]
    batch = {"actions": [step | {"key": f"s-{n}", "case_no": case} for n, case in enumerate(cases)]}
    first, again = [await client.post("/v1/actions:batch", json=batch) for _ in range(2)]
    assert {answer["status"] for answer in first.json()["answers"]} == {201}
    assert [one | {"replayed": True} for one in first.json()["answers"]] == again.json()["answers"]


async def what_a_newer_version_records_in_between_hinders_no_repeat(client, dsn):
    case_no = (await client.post("/v1/cases", json=RECEIPT)).json()["case_no"]
    other_no = (await client.post("/v1/cases", json=RECEIPT)).json()["case_no"]
    one, other = [
        {"action": {"type": "correct_on_spot", "what": "页码"}, "key": f"n-{each}", "case_no": each}
        for each in (case_no, other_no)
    ]
    first = (await client.post("/v1/actions:batch", json={"actions": [one]})).json()["answers"]
    with psycopg.connect(dsn) as newer:
        newer.execute(OF_A_NEWER_VERSION)
    first += (await client.post("/v1/actions:batch", json={"actions": [other]})).json()["answers"]
    again = await client.post("/v1/actions:batch", json={"actions": [one, other]})
    assert again.status_code == 200, again.text
    assert again.json()["answers"] == [each | {"replayed": True} for each in first]


async def a_person_keeps_the_reference(client):
    person = {"name": "李小河", "id_type": "111", "id_number": "610999198003150022"}
    first, again = [(await client.post("/v1/persons", json=person)).json() for _ in range(2)]
    assert first == again
    shown = await client.get(f"/v1/persons/{first['person_ref']}")
    assert shown.json()["id_number"] == "6109**********0022"


async def the_metrics_tell_of_the_appender(client):
    metrics = (await client.get("/metrics")).text
    assert "jiandu_append_batch_commands_count" in metrics
    assert "jiandu_append_commit_seconds_bucket" in metrics
    assert 'jiandu_http_requests_total{method="POST",route="/v1/cases",status="201"}' in metrics


async def what_a_database_cannot_hold_never_reaches_it(client):
    """PostgreSQL takes no NUL in a text: whoever lets one through answers with a server error."""
    for path in ("/v1/cases/%00", "/v1/cases/%00/history", "/v1/persons/%00", "/v1/contacts/%00"):
        assert (await client.get(path)).status_code == 404
    for path in ("/v1/events?stream=%00", "/v1/events?topic=%00", "/v1/events/stream?stream=%00"):
        assert (await client.get(path)).status_code == 422
    for path in ("/v1/cases/%00/actions", "/v1/contacts/%00/actions"):
        assert (await client.post(path, json=ACCEPTANCE, headers={"If-Match": "*"})).status_code == 404
    for headers in ({"Idempotency-Key": b"\x00"}, {"X-Jiandu-Speaks-For": b"\x00@\x00"}):
        assert (await client.post("/v1/cases", json=RECEIPT, headers=headers)).status_code in (400, 401)
    text = RECEIPT | {"circumstances": {"place": "\x00"}}
    assert (await client.post("/v1/cases", json=text)).status_code == 400

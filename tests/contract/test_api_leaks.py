"""Two townships: nothing of the one is told to the other, by number, in a list, in a file, in the log, or in a count."""

from datetime import date

import httpx
import pytest

from api.permitted import PERMITTED
from domain.numbers import CaseNumber
from tests.contract.test_api_custody import who_sat_on_it
from tests.county import DIRECTOR_POST, TOWN_CLERK_POST, actor_at
from tests.examples import a_case_with_a_certificate, a_received_case
from tests.reads import CASE_NO, a_read_county

FOREIGN = str(CaseNumber("610999102000", date(2026, 3, 3), 1))
MISSING = str(CaseNumber("610999101000", date(2026, 3, 3), 99))
LISTS = sorted(
    name.removeprefix("GET ")
    for name in PERMITTED
    if name.startswith("GET /v1/") and "{" not in name and not name.endswith("/stream")
)
OF_A_CASE = sorted(
    name.removeprefix("GET ") for name in PERMITTED if name.startswith("GET /v1/cases/{case_no}")
)
QUERIES = ({}, {"known_at": "2026-06-01T00:00:00Z"}, {"format": "csv"})
FROM_TO = {"from": "2026-01-01", "to": "2026-12-31"}


@pytest.fixture
async def county(database18):
    async with a_read_county(database18) as county:
        await county.record(*who_sat_on_it())
        yield county


def at(county, post):
    headers = {"X-Jiandu-Speaks-For": f"{actor_at(post).staff_id}@{post}"}
    return httpx.AsyncClient(transport=county.client._transport, base_url="http://door", headers=headers)


async def everything(county):
    """What the township's people are told, route by route; where the log ends is no secret."""
    told = {}
    for post in (TOWN_CLERK_POST, DIRECTOR_POST):
        client = at(county, post)
        for path in LISTS:
            for query in QUERIES:
                asked = query | {"day": "2026-06-01"}
                answer = await client.get(path, params=asked)
                if answer.status_code == 422:
                    answer = await client.get(path, params=asked | FROM_TO)
                if answer.status_code == 422:
                    answer = await client.get(path)
                told[post, path, str(query)] = (answer.status_code, shown(answer))
    return told


def shown(answer):
    if "json" not in answer.headers.get("content-type", ""):
        if answer.text.startswith("<?xml"):
            return answer.text.count("<trace>"), CASE_NO in answer.text
        # the last row of a table tells its basis: up to where in the log
        return [line for line in answer.text.split("\n") if "rows_sha256" not in line]
    document = answer.json()
    for name in ("basis", "and_basis", "last_position", "next_after"):
        document.pop(name, None)
    return document


async def test_what_another_township_records_changes_nothing_that_one_is_told(county):
    before = await everything(county)
    await county.record(*a_case_with_a_certificate(), case_no=FOREIGN)
    after = await everything(county)
    changed = {key for key in before if before[key] != after[key]}
    assert not changed, [(key, before[key], after[key]) for key in sorted(changed)][:6]
    assert FOREIGN not in str(after)
    assert CASE_NO in str(after)
    assert sum(status == 200 for status, _ in after.values()) > 100


async def test_supervision_is_told_of_both(county):
    await county.record(*a_received_case(), case_no=FOREIGN)
    told = str(await county.read("/v1/cases"))
    assert FOREIGN in told
    assert CASE_NO in told


@pytest.mark.parametrize("post", [TOWN_CLERK_POST, DIRECTOR_POST])
async def test_a_foreign_case_is_answered_as_one_that_does_not_exist(county, post):
    await county.record(*a_received_case(), case_no=FOREIGN)
    client = at(county, post)
    for path in OF_A_CASE:
        foreign = await client.get(path.replace("{case_no}", FOREIGN))
        missing = await client.get(path.replace("{case_no}", MISSING))
        is_same = foreign.content == missing.content
        # this county's log has no seal: of a case of one's own, that is said first
        assert foreign.status_code == missing.status_code, path
        assert is_same or path.endswith("/evidence"), path
        assert foreign.status_code in (403, 404), path
    acting = {"action": {"type": "accept_case"}}
    refused = await client.post(f"/v1/cases/{FOREIGN}/actions", json=acting, headers={"If-Match": "*"})
    assert refused.status_code == 404
    batch = {"actions": [{"key": "k", "case_no": FOREIGN, "action": acting["action"]}]}
    answers = (await client.post("/v1/actions:batch", json=batch)).json()["answers"]
    assert [answer["problem"]["type"] for answer in answers] == ["urn:jiandu:problem:case-unknown"]


@pytest.mark.parametrize("moment", ["known_at", "happened_by"])
async def test_of_a_foreign_case_it_is_not_said_when_it_began(county, moment):
    await county.record(*a_received_case(), case_no=FOREIGN)
    client = at(county, TOWN_CLERK_POST)
    for part in ("card", "timeline", "custody", "clock", "replay"):
        own, foreign = [
            (await client.get(f"/v1/cases/{case_no}/{part}", params={moment: "2020-01-01T00:00:00Z"})).json()
            for case_no in (CASE_NO, FOREIGN)
        ]
        assert foreign["type"] == "urn:jiandu:problem:case-unknown"
        assert own["type"].startswith("urn:jiandu:problem:not-yet-"), own

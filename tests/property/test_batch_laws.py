"""A batch is answered as its actions would be, had they come one by one."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.numbers import CaseNumber
from tests.county import HOMESTEAD, TOWN_DIVISION
from tests.doors import Doorway

KNOWN, OTHER, UNKNOWN = (str(CaseNumber(TOWN_DIVISION, date(2026, 5, 21), n)) for n in (17, 18, 19))
OPENING = {"type": "receive_case", "item_code": HOMESTEAD, "applicant_ref": "p-" + "0" * 32}
ACTIONS = (
    {"type": "accept_case"},
    {"type": "withdraw_case", "reason": "不办了"},
    {"type": "complete_step", "step_code": "CB", "step_title": "承办"},
    {"type": "no_such_action"},
)
ASKED = st.fixed_dictionaries(
    {"case_no": st.sampled_from((KNOWN, KNOWN, OTHER, UNKNOWN)), "action": st.sampled_from(ACTIONS)},
    optional={"expected_version": st.integers(1, 4)},
)


async def opened(client):
    opening = [{"key": no, "case_no": no, "action": OPENING} for no in (KNOWN, OTHER)]
    assert (await client.post("/v1/actions:batch", json={"actions": opening})).status_code == 200


def told(answer):
    problem = answer.get("problem", {})
    return answer["status"], problem.get("type"), answer.get("version")


async def together(asked):
    async with Doorway().entered() as client:
        await opened(client)
        actions = [{"key": f"k{n}"} | each for n, each in enumerate(asked)]
        answers = (await client.post("/v1/actions:batch", json={"actions": actions})).json()["answers"]
        return [told(answer) for answer in answers]


async def one_by_one(asked):
    async with Doorway().entered() as client:
        await opened(client)
        return [await alone(client, **each) for each in asked]


async def alone(client, case_no, action, expected_version=None):
    if_match = "*" if expected_version is None else f'"{expected_version}"'
    answer = await client.post(
        f"/v1/cases/{case_no}/actions", json={"action": action}, headers={"If-Match": if_match}
    )
    said = answer.json()
    is_refused = answer.status_code >= 400
    return answer.status_code, said["type"] if is_refused else None, None if is_refused else said["version"]


@settings(max_examples=20, deadline=None)
@given(st.lists(ASKED, min_size=1, max_size=8))
async def test_a_batch_is_answered_as_its_actions_one_by_one(asked):
    assert await together(asked) == await one_by_one(asked)

"""E2: an applicant wants to be forgotten after the term. The person goes; custody, days, signals and the proof stay."""

from dataclasses import replace
from datetime import date

import pytest

from projections.engine import differences
from projections.registry import PROJECTIONS
from tests import county, disputed
from tests.persons_asked import AGREED, LI, PROPOSED
from tests.playing import named
from tests.projected import an_engine
from tests.servers import fresh_database
from tests.spec import at
from tests.told_time import a_served_county, numbered, play
from tests.watched import Hall, a_watchman

INVESTIGATION = "HC-2026-9"
PARTS = ("/custody", "/clock", "/timeline", "/replay", "/signals", "/card", "/steps")


class Applicant:
    """Enrolled over HTTP, with a case that somebody sat on."""

    def __init__(self, served, hall):
        self.served, self.hall = served, hall
        self.ref = self.case_no = None

    async def applies(self):
        self.served.time.set(at("03-02 09:00"))
        enrolled = await self.post("/v1/persons", LI, county.TOWN_CLERK_POST)
        self.ref = enrolled.json()["person_ref"]
        first, *rest = disputed.really_overdue()
        command = first.command.model_copy(update={"applicant_ref": self.ref})
        story = numbered([replace(first, command=command), *rest])
        (self.case_no,) = story
        await play(self.served, story)
        await self.hall.look("12-20 09:00")

    async def post(self, path, body, post):
        headers = {"X-Jiandu-Speaks-For": named(county.actor_at(post)), "If-Match": "*"}
        return await self.served.client.post(path, json=body, headers=headers)

    async def acts(self, action, post):
        return await self.post(f"/v1/persons/{self.ref}/measures", {"action": action}, post)

    async def is_shown(self):
        headers = {"X-Jiandu-Speaks-For": named(county.actor_at(county.TOWN_CLERK_POST))}
        return await self.served.client.get(f"/v1/persons/{self.ref}", headers=headers)

    async def figures(self):
        """Everything that is told of the case, but for the position up to which it is told."""
        told = {part: await self.served.read(f"/v1/cases/{self.case_no}{part}") for part in PARTS}
        for each in told.values():
            each.pop("basis", None)
        return told

    async def investigates(self, path, action, post=county.DISCIPLINE_POST, **more):
        answer = await self.post(path, {"action": action} | more, post)
        assert answer.status_code == 201, answer.text


@pytest.fixture
async def applicant(postgres18):
    with fresh_database(postgres18.dsn) as dsn:
        async with a_served_county(dsn) as served, a_watchman(served) as watchman:
            found = Applicant(served, Hall(served, watchman))
            await found.applies()
            yield found


async def test_the_person_is_forgotten_and_every_figure_stays(applicant):
    before = await applicant.figures()
    assert {signal["rule_code"] for signal in before["/signals"]["signals"]} == {"T03"}
    states = {event.position: event.state for event in await applicant.served._log.page(0, 10_000)}
    assert (await applicant.acts(PROPOSED, county.TOWN_CLERK_POST)).status_code == 201
    assert (await applicant.acts(AGREED, county.DIRECTOR_POST)).json()["state"] == "erased"

    assert await applicant.figures() == before
    rebuilt = [view for view in PROJECTIONS if view.name in ("custody", "clock", "signals")]
    assert len(rebuilt) == 3
    async with an_engine(applicant.served.dsn, PROJECTIONS) as engine:
        for view in rebuilt:
            assert await differences(engine.desk, view) == (0, 0)
    after = {event.position: event.state for event in await applicant.served._log.page(0, 10_000)}
    assert {position: after[position] for position in states} == states


async def test_name_and_number_cannot_be_shown_any_more(applicant):
    await applicant.acts(PROPOSED, county.TOWN_CLERK_POST)
    await applicant.acts(AGREED, county.DIRECTOR_POST)
    shown = await applicant.is_shown()
    revealing = {"parts": ["name", "id_number"], "purpose": "court"}
    revealed = await applicant.post(f"/v1/persons/{applicant.ref}/reveal", revealing, county.TOWN_CLERK_POST)
    for answer in (shown, revealed):
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:jiandu:problem:person-erased")
    by_number = {"id_type": "111", "id_number": LI["id_number"], "purpose": "handling"}
    found = await applicant.post("/v1/persons/search", by_number, county.TOWN_CLERK_POST)
    assert found.json() == {"persons": []}


@pytest.mark.parametrize("over", ["the person", "the case"])
async def test_an_investigation_that_holds_the_evidence_stops_the_destruction(applicant, over):
    path = f"/v1/investigations/{INVESTIGATION}"
    opening = {
        "type": "open_investigation",
        "authority": "清溪县纪委监委",
        "officers": ["a-discipline", "b-discipline"],
        "scope": {"case_nos": [applicant.case_no]},
        "matter": "反映超期未办",
    }
    held = {"persons": [applicant.ref]} if over == "the person" else {"case_nos": [applicant.case_no]}
    hold = {"type": "place_legal_hold", "hold_no": "BQ-1", "reason": "核查期间不得删除"} | held
    await applicant.investigates("/v1/investigations", opening, investigation_no=INVESTIGATION)
    await applicant.investigates(f"{path}/actions", hold)

    await applicant.acts(PROPOSED, county.TOWN_CLERK_POST)
    refused = await applicant.acts(AGREED, county.DIRECTOR_POST)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:jiandu:problem:under-legal-hold")
    assert refused.json()["details"] == {"holds": [INVESTIGATION]}
    still = await applicant.is_shown()
    assert still.json()["name"] == "李**"

    release = {"hold_no": "BQ-1"}
    proposing = {"type": "propose_hold_release", "reason": "核查终结"} | release
    await applicant.investigates(f"{path}/actions", proposing)
    headers = {"X-Jiandu-Speaks-For": f"b-discipline@{county.DISCIPLINE_POST}", "If-Match": "*"}
    agreed = await applicant.served.client.post(
        f"{path}/actions", json={"action": {"type": "release_legal_hold"} | release}, headers=headers
    )
    assert agreed.status_code == 201, agreed.text
    assert (await applicant.acts(AGREED, county.DIRECTOR_POST)).json()["state"] == "erased"


async def test_before_the_term_has_ended_the_data_can_only_be_restricted(applicant):
    running = PROPOSED | {"retention_ended_on": date(2031, 12, 31).isoformat()}
    refused = await applicant.acts(running, county.TOWN_CLERK_POST)
    assert refused.json()["type"] == "urn:jiandu:problem:retention-term-running"
    restrict = {"type": "propose_measure", "measure": "restrict", "reason": "申请人要求删除，期限未满"}
    await applicant.acts(restrict, county.TOWN_CLERK_POST)
    done = await applicant.acts({"type": "agree_to_measure", "measure": "restrict"}, county.DIRECTOR_POST)
    assert done.json()["state"] == "restricted"

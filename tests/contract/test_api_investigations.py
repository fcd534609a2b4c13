"""核查 over HTTP: what is read, replayed and exported is in the record before it is answered, under which investigation."""

from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from api.investigations import InvestigationList, InvestigationShown, PerusalList
from domain.case import CASE
from domain.grammar import Duty
from domain.log import LogBusy
from domain.store.memory import MemoryLog
from domain.window import POST
from domain.window.posts import AssignPost, EstablishPost
from domain.window.values import Assignment, Role
from tests import county
from tests.doors import Doorway
from tests.examples import an_accepted_case
from tests.playing import named, number_for
from tests.spec import at
from tests.told_time import a_served_county, play

STORY = an_accepted_case()
CASE_NO = number_for(STORY[0])
OTHER_NO = number_for(STORY[0], 102)
NUMBER = "HC-2026-3"
OPENING = {
    "type": "open_investigation",
    "authority": "清溪县纪委监委",
    "officers": ["a-discipline", "b-discipline"],
    "scope": {"case_nos": [CASE_NO]},
    "matter": "反映受理日期与实际不符",
}
HOLD = {"type": "place_legal_hold", "hold_no": "BQ-1", "case_nos": [CASE_NO], "reason": "核查期间不得删除"}
CONCLUDE = {"type": "record_conclusion", "result": "unsubstantiated", "findings": "反映不实"}
PATH = f"/v1/investigations/{NUMBER}"


def as_of(post, under=None):
    headers = {"X-Jiandu-Speaks-For": named(county.actor_at(post)), "If-Match": "*"}
    return headers | ({"Jiandu-Investigation": under} if under else {})


class Told:
    """The clock of the door, set by the test."""

    def __init__(self):
        self.now = at("03-25 09:00")

    def __call__(self):
        return self.now


class Inquiry:
    """Two cases of the town in a log in memory, and whoever looks into them."""

    def __init__(self, doorway, client, clock):
        self.doorway, self.client, self.clock = doorway, client, clock

    async def get(self, path, by, *, under=None):
        return await self.client.get(path, headers=as_of(by, under))

    async def post(self, path, action, by=county.DISCIPLINE_POST, **more):
        return await self.client.post(path, json={"action": action} | more, headers=as_of(by))

    async def open(self, **different):
        opened = await self.post("/v1/investigations", OPENING | different, investigation_no=NUMBER)
        assert opened.status_code == 201, opened.text

    @property
    def looks(self):
        return [
            (event.stream, event.fact)
            for event in self.doorway.log.events
            if event.topic.startswith("perusal.")
        ]


class SometimesBusy(MemoryLog):
    is_busy = False

    async def append(self, submission):
        if self.is_busy:
            raise LogBusy
        return await super().append(submission)


@asynccontextmanager
async def an_inquiry():
    clock = Told()
    doorway = Doorway(SometimesBusy(clock), clock=clock)
    for case_no in (CASE_NO, OTHER_NO):
        for each in STORY:
            await doorway.keeper.handle(CASE, case_no, each.command, each.occasion, key=None, digest=b"")
    async with doorway.entered() as client:
        yield Inquiry(doorway, client, clock)


@pytest.fixture
async def inquiry():
    async with an_inquiry() as inquiry:
        yield inquiry


def problem_of(response):
    return response.status_code, response.json()["type"].removeprefix("urn:jiandu:problem:")


# ── looks outside an investigation ──────────────────────────────────────────────────────────────────────────


async def test_who_looks_into_a_case_of_another_unit_is_recorded_once_a_day(inquiry):
    for target in (
        f"/v1/cases/{CASE_NO}",
        f"/v1/cases/{CASE_NO}/history",
        f"/v1/events?stream=case:{CASE_NO}",
    ):
        assert (await inquiry.get(target, county.AUDITOR_POST)).status_code == 200
    ((stream, look),) = inquiry.looks
    assert (stream, look.case_no) == ("perusal:a-auditor/2026-03-25", CASE_NO)
    inquiry.clock.now += timedelta(days=1)
    await inquiry.get(f"/v1/cases/{CASE_NO}", county.AUDITOR_POST)
    assert [stream for stream, _ in inquiry.looks][1:] == ["perusal:a-auditor/2026-03-26"]


async def test_a_look_stands_once_after_a_restart_too():
    async with an_inquiry() as inquiry:
        await inquiry.get(f"/v1/cases/{CASE_NO}", county.AUDITOR_POST)
        async with Doorway(inquiry.doorway.log, clock=inquiry.clock).entered(county.AUDITOR_POST) as again:
            assert (await again.get(f"/v1/cases/{CASE_NO}")).status_code == 200
        assert len(inquiry.looks) == 1


async def test_whose_unit_has_a_part_in_the_case_leaves_no_trace(inquiry):
    for target in (f"/v1/cases/{CASE_NO}", f"/v1/cases/{CASE_NO}/history"):
        assert (await inquiry.get(target, county.TOWN_CLERK_POST)).status_code == 200
    assert inquiry.looks == []


async def test_who_holds_a_post_in_another_unit_too_looks_from_there_as_anybody(inquiry):
    clerk, beside, unit = "a-town-clerk", "P-JC-2", {"unit_code": county.CENTRE, "window_id": None}
    held = Assignment(staff_id=clerk, duty=Duty.a, valid_from=county.BEGAN)
    for command in (
        EstablishPost(post_id=beside, title="监察岗", role=Role.supervision, **unit),
        AssignPost(post_id=beside, assignment=held),
    ):
        county.enter(inquiry.doorway.keeper.catalogue, POST, command)
    for post in (county.TOWN_CLERK_POST, beside):
        headers = {"X-Jiandu-Speaks-For": f"{clerk}@{post}"}
        assert (await inquiry.client.get(f"/v1/cases/{CASE_NO}", headers=headers)).status_code == 200
    assert [stream for stream, _ in inquiry.looks] == [f"perusal:{clerk}/2026-03-25"]


async def test_what_is_refused_or_not_there_is_no_look(inquiry):
    unknown = number_for(STORY[0], 103)
    for target, status in ((f"/v1/cases/{unknown}", 404), (f"/v1/cases/{CASE_NO}?known_at=x", 422)):
        assert (await inquiry.get(target, county.AUDITOR_POST)).status_code == status
    assert inquiry.looks == []


async def test_the_log_as_a_whole_is_nobodys_file(inquiry):
    for target in ("/v1/events", "/v1/events?topic=case.received.v1&limit=1", "/v1/events?stream=signal:x"):
        assert (await inquiry.get(target, county.AUDITOR_POST)).status_code == 200
    assert inquiry.looks == []


async def test_nothing_is_answered_where_the_look_cannot_be_recorded(inquiry):
    inquiry.doorway.log.is_busy = True
    refused = await inquiry.get(f"/v1/cases/{CASE_NO}", county.AUDITOR_POST)
    assert problem_of(refused) == (503, "log-busy")
    assert (await inquiry.get(f"/v1/cases/{CASE_NO}", county.TOWN_CLERK_POST)).status_code == 200


# ── under an investigation ──────────────────────────────────────────────────────────────────────────────────


async def test_what_is_read_under_an_investigation_stands_in_its_stream(inquiry):
    await inquiry.open()
    for _ in range(2):
        target = f"/v1/cases/{CASE_NO}/history?known_at=2026-03-25T01:00:00Z"
        assert (await inquiry.get(target, county.DISCIPLINE_POST, under=NUMBER)).status_code == 200
    ((stream, look),) = inquiry.looks
    assert (stream, look.part, look.known_at) == (f"investigation:{NUMBER}", "history", at("03-25 09:00"))


async def test_a_case_outside_the_scope_is_not_shown_under_it(inquiry):
    await inquiry.open()
    refused = await inquiry.get(f"/v1/cases/{OTHER_NO}", county.DISCIPLINE_POST, under=NUMBER)
    assert problem_of(refused) == (403, "outside-scope")
    assert inquiry.looks == []


async def test_a_scope_of_persons_reaches_the_cases_they_had_a_part_in(inquiry):
    await inquiry.open(scope={"persons": ["a-town-clerk"]})
    for case_no in (CASE_NO, OTHER_NO):
        answer = await inquiry.get(f"/v1/cases/{case_no}", county.DISCIPLINE_POST, under=NUMBER)
        assert answer.status_code == 200
    assert len(inquiry.looks) == 2


async def test_whoever_is_no_officer_looks_into_nothing_under_it(inquiry):
    await inquiry.open()
    path = f"/v1/cases/{CASE_NO}"
    for_supervision = await inquiry.get(path, county.SUPERVISION_POST, under=NUMBER)
    for_a_clerk = await inquiry.get(path, county.TOWN_CLERK_POST, under=NUMBER)
    assert problem_of(for_supervision) == (403, "not-an-officer")
    assert problem_of(for_a_clerk) == (404, "investigation-unknown")


@pytest.mark.parametrize("number", ["HC-2026-99", "x y", "", "HC\u00e9", "../x"])
async def test_an_investigation_that_is_none_is_unknown(inquiry, number):
    headers = as_of(county.DISCIPLINE_POST) | {"Jiandu-Investigation": number.encode()}
    for path in (f"/v1/cases/{CASE_NO}", "/v1/events"):
        refused = await inquiry.client.get(path, headers=headers)
        assert problem_of(refused) == (404, "investigation-unknown")


async def test_after_the_conclusion_nothing_is_read_under_it(inquiry):
    await inquiry.open()
    assert (
        await inquiry.get(f"/v1/cases/{CASE_NO}", county.DISCIPLINE_POST, under=NUMBER)
    ).status_code == 200
    assert (await inquiry.post(f"{PATH}/actions", CONCLUDE)).status_code == 201
    for part in ("", "/history"):
        refused = await inquiry.get(f"/v1/cases/{CASE_NO}{part}", county.DISCIPLINE_POST, under=NUMBER)
        assert problem_of(refused) == (409, "investigation-concluded"), part


async def test_the_log_as_a_whole_is_read_under_it_by_the_same_rules_and_leaves_no_look(inquiry):
    await inquiry.open()
    told = len(inquiry.doorway.log.events)
    for path in ("/v1/events", "/v1/events?topic=case.received.v1"):
        assert (await inquiry.get(path, county.DISCIPLINE_POST, under=NUMBER)).status_code == 200
        by_no_officer = await inquiry.get(path, county.SUPERVISION_POST, under=NUMBER)
        assert problem_of(by_no_officer) == (403, "not-an-officer")
    assert len(inquiry.doorway.log.events) == told
    assert (await inquiry.post(f"{PATH}/actions", CONCLUDE)).status_code == 201
    for path in ("/v1/events", "/v1/events?topic=case.received.v1", "/v1/events/stream"):
        refused = await inquiry.get(path, county.DISCIPLINE_POST, under=NUMBER)
        assert problem_of(refused) == (409, "investigation-concluded"), path
    assert (await inquiry.get("/v1/events", county.DISCIPLINE_POST)).status_code == 200


async def test_an_investigation_says_what_it_is_about(inquiry):
    refused = await inquiry.post("/v1/investigations", OPENING | {"matter": "   "})
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["pointer"]) == (422, "/action/matter")
    assert error["message"] == "须写明内容，不得只有空格或看不见的字符"
    assert error["message_en"].startswith("must say something")


async def test_a_number_is_given_out_and_never_twice(inquiry):
    unnumbered = await inquiry.post("/v1/investigations", OPENING)
    assert unnumbered.json()["investigation_no"].startswith("HC-20260325-")
    await inquiry.open()
    again = await inquiry.post("/v1/investigations", OPENING, investigation_no=NUMBER)
    assert problem_of(again) == (409, "investigation-number-used")


async def test_who_may_not_know_of_it_does_not_act_in_it(inquiry):
    await inquiry.open(scope={"persons": ["a-supervision"]})
    refused = {
        county.SUPERVISION_POST: (404, "investigation-unknown"),
        county.TOWN_CLERK_POST: (403, "not-permitted"),
    }
    for post, problem in refused.items():
        assert problem_of(await inquiry.post(f"{PATH}/actions", HOLD, post)) == problem
    assert problem_of(await inquiry.post("/v1/investigations/HC-9/actions", HOLD)) == (
        404,
        "investigation-unknown",
    )


# ── read again ──────────────────────────────────────────────────────────────────────────────────────────────


async def test_what_was_looked_into_is_told_as_of_any_time_and_to_whom_it_may_be(database18):
    """One county: its views take longer to build than all of this to ask."""
    async with a_served_county(database18) as served:
        await play(served, {CASE_NO: STORY, OTHER_NO: STORY})
        served.time.set(at("03-25 09:00"))

        async def ask(path, by=county.DISCIPLINE_POST, under=None, **query):
            answer = await served.client.get(path, params=query, headers=as_of(by, under))
            assert answer.status_code == 200, answer.text
            return answer.json() if "json" in answer.headers["content-type"] else answer.text

        async def read(path, by=county.DISCIPLINE_POST):
            return await ask(path, by, min_position=await served._log.last_position())

        async def act(path, action, **more):
            body = {"action": action} | more
            return await served.client.post(path, json=body, headers=as_of(county.DISCIPLINE_POST))

        await act(
            "/v1/investigations",
            OPENING | {"scope": {"case_nos": [CASE_NO], "persons": ["a-supervision"]}},
            investigation_no=NUMBER,
        )
        await act(f"{PATH}/actions", HOLD)
        case = f"/v1/cases/{CASE_NO}"
        served.position = await served._log.last_position()
        for part in ("card", "timeline", "clock", "custody", "steps", "legs", "signals"):
            await read(f"{case}/{part}", county.AUDITOR_POST)
        own = await ask(f"{case}/replay", county.TOWN_CLERK_POST, day="2026-03-25")
        for unit in (county.TOWN_CENTRE, county.TOWN):
            await ask("/v1/cases", county.TOWN_CLERK_POST, unit=unit, limit=1)
        await ask("/v1/cases", county.TOWN_CLERK_POST, format="csv")
        await ask("/v1/exports/xes", county.DIRECTOR_POST)
        served.time.set(at("03-25 12:00"))
        await ask(f"{case}/timeline", under=NUMBER, known_at="2026-03-25T00:00:00Z")
        replayed = await ask(f"{case}/replay", under=NUMBER)
        served.time.set(at("03-25 13:00"))

        told = await read(f"{PATH}/perusals")
        PerusalList.model_validate(told)
        assert [(row["look"], row["part"], row["known_at"]) for row in told["perusals"]] == [
            ("case_file_viewed", "timeline", "2026-03-25T00:00:00Z"),
            ("replay_run", None, None),
        ]
        assert told["perusals"][1]["result_sha256"] == replayed["basis"]["rows_sha256"]
        before, after = "2026-03-25T10:00:00+08:00", "2026-03-25T12:30:00+08:00"
        assert (await ask(f"{PATH}/perusals", known_at=before))["perusals"] == []
        assert len((await ask(f"{PATH}/perusals", known_at=after))["perusals"]) == 2

        whole = await read("/v1/perusals", county.AUDITOR_POST)
        seen = [
            (row["staff_id"], row["look"], row["listed"], row["conditions"], row["file_format"])
            for row in whole["perusals"]
        ]
        assert seen == [
            ("a-auditor", "case_file_viewed", None, [], None),
            ("a-town-clerk", "replay_run", None, [], None),
            ("a-town-clerk", "records_searched", "v1/cases", ["unit"], None),
            ("a-town-clerk", "records_exported", "v1/cases", [], "csv"),
            ("a-director", "records_exported", "v1/exports/xes", [], "xes"),
        ]
        assert whole["perusals"][1]["result_sha256"] == own["basis"]["rows_sha256"]

        of_the_case = [
            (await read(f"{case}/perusals", by))["perusals"]
            for by in (county.AUDITOR_POST, county.DISCIPLINE_POST)
        ]
        assert [{row["investigation_no"] for row in rows} for rows in of_the_case] == [{None}, {None, NUMBER}]

        shown = await read(PATH)
        InvestigationShown.model_validate(shown)
        (held,) = shown["investigation"]["holds"]
        assert (held["hold_no"], held["released_at"]) == ("BQ-1", None)
        listed = {
            by: InvestigationList.model_validate(await read("/v1/investigations", by)).investigations
            for by in (county.DISCIPLINE_POST, county.SUPERVISION_POST, county.AUDITOR_POST)
        }
        assert [len(rows) for rows in listed.values()] == [1, 0, 0]
        hidden = await served.client.get(PATH, headers=as_of(county.SUPERVISION_POST))
        assert problem_of(hidden) == (404, "investigation-unknown")


@pytest.mark.parametrize("number", ["13800005678", "610999200503150029"])
async def test_an_investigation_names_cases_and_people_by_what_the_record_calls_them(inquiry, number):
    async def is_refused(path, action, **more):
        return (await inquiry.post(path, action, **more)).status_code == 422

    assert await is_refused("/v1/investigations", OPENING, investigation_no=number)
    for scope in ({"persons": [number]}, {"case_nos": [number]}):
        assert await is_refused("/v1/investigations", OPENING | {"scope": scope}, investigation_no=NUMBER)
    await inquiry.open()
    for said in ({"hold_no": number}, {"persons": [number]}, {"case_nos": [number]}):
        assert await is_refused(f"{PATH}/actions", HOLD | said)
    assert not any(number.encode() in event.state for event in inquiry.doorway.log.events)
    assert (await inquiry.post(f"{PATH}/actions", HOLD)).status_code == 201

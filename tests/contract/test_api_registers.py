"""Steps, legs, ledgers, board, data quality and their likes over HTTP, of now and as of another day."""

import re
from datetime import date
from operator import attrgetter
from pathlib import Path

import psycopg
import pytest

from api.case_parts import LegsOfCase, StepsOfCase
from api.deadlines import Board, LightsOfHolders
from api.ledgers import AgentErrands, AgentPoints, Certificates
from api.oversight import AcceptedTwicePairs, Flaws, FlawTallies, IdleWindows
from api.reading import example_of
from domain.case.acceptance.commands import AcceptCase
from domain.case.agency.commands import ReturnToApplicant
from domain.case.joint.commands import ReturnOpinion
from domain.case.joint.events import Stance
from domain.numbers import CaseNumber
from tests import county
from tests.doors import Doorway
from tests.examples import (
    DIGEST,
    EXPLAINED,
    a_case_collected_by_the_agent,
    a_joint_case,
    a_resumed_case,
    completing,
    receiving,
)
from tests.projected import SCHEMA
from tests.reads import CASE_NO, a_read_county
from tests.registers import enter_in_log
from tests.spec import deed
from tests.views import insert, recorded

ROOT = Path(__file__).resolve().parents[2]
JOINT_NO, AGENTS_NO, HERE_NO, THERE_NO = (
    str(CaseNumber("610999101000", date(2026, 3, 3), serial)) for serial in (2, 3, 4, 5)
)
TODAY = "2026-03-31"
MODEL_BY_PATH = {
    f"/v1/cases/{CASE_NO}/steps": (StepsOfCase, "steps", "steps"),
    f"/v1/cases/{JOINT_NO}/legs": (LegsOfCase, "legs", "legs"),
    "/v1/ledgers/agents": (AgentErrands, "errands", "agent_errands"),
    "/v1/ledgers/agents/points": (AgentPoints, "points", "agent_points"),
    "/v1/certificates": (Certificates, "certificates", "certificates"),
    "/v1/deadlines": (Board, "cases", "deadlines"),
    "/v1/deadlines/lights": (LightsOfHolders, "lights", "lights"),
    "/v1/data-quality": (Flaws, "flaws", "flaws"),
    "/v1/data-quality/tallies": (FlawTallies, "tallies", "flaw_tallies"),
    "/v1/zero-activity": (IdleWindows, "windows", "idle_windows"),
    "/v1/dual-acceptance": (AcceptedTwicePairs, "pairs", "accepted_twice"),
}
"""Path → the model of its answer, the member that lists, the name of its example."""
PAGED = [path for path, (model, *_) in MODEL_BY_PATH.items() if "next_after" in model.model_fields]


def accepted_at(post, when):
    return (
        deed(receiving(county.PERMIT, object_ref="DK-1"), f"{when} 09:00", by=post),
        deed(AcceptCase(), f"{when} 09:30", by=post),
    )


def stories():
    """By case: one with a step told late, one in joint review, an agent's, and one matter accepted at two windows."""
    late = {"recorded": "03-20 09:00", "backfill": EXPLAINED}
    agrees = ReturnOpinion(stance=Stance.agrees, opinion="同意")
    back = ReturnToApplicant(certificate_nos=("ZJD-1",), signature_sha256=DIGEST)
    return {
        CASE_NO: (
            *a_resumed_case(),
            deed(completing("CB"), "03-17 09:00", by=county.HANDLER_POST, **late),
        ),
        JOINT_NO: (*a_joint_case(), deed(agrees, "03-12 09:00", by=county.HOUSING_HANDLER_POST)),
        AGENTS_NO: (*a_case_collected_by_the_agent(), deed(back, "03-13 09:00")),
        HERE_NO: accepted_at(county.TOWN_CLERK_POST, "03-03"),
        THERE_NO: accepted_at(county.COUNTY_CLERK_POST, "03-05"),
    }


@pytest.fixture
async def read_county(database18):
    async with a_read_county(database18) as read_county:
        async with await psycopg.AsyncConnection.connect(database18) as connection:
            await connection.execute(f"set search_path = {SCHEMA}")
            await enter_in_log(connection)
            events = []
            for case_no, deeds in stories().items():
                events += (await recorded(*deeds, case_no=case_no))[1]
            await insert(connection, sorted(events, key=attrgetter("recorded_at")))
        await read_county.engine.catch_up()
        yield read_county


def problem(answer):
    return answer["type"].removeprefix("urn:jiandu:problem:")


async def test_every_read_answers_as_its_example_shows(read_county):
    for path, (model, member, example) in MODEL_BY_PATH.items():
        told = await read_county.read(path, day=TODAY)
        model.model_validate(told)
        model.model_validate(example_of(example))
        assert told[member], path
        assert told.keys() == example_of(example).keys()
        assert told[member][0].keys() == example_of(example)[member][0].keys()
        assert told["basis"]["mode"] == "live"
        assert told["basis"]["day"] == TODAY


async def test_as_of_the_whole_log_the_definitions_answer_as_the_tables_do(read_county):
    for path, (_, member, _) in MODEL_BY_PATH.items():
        live = await read_county.read(path, day=TODAY)
        for moment in ("known_at", "happened_by"):
            then = await read_county.read(path, **{"day": TODAY, moment: "2026-11-21T00:00:00Z"})
            assert then[member] == live[member], (path, moment)
            assert then["basis"]["rows_sha256"] == live["basis"]["rows_sha256"]


async def test_what_was_not_known_yet_is_not_told(read_county):
    then = {"known_at": "2026-03-19T10:00:00Z"}
    assert (await read_county.read(f"/v1/cases/{CASE_NO}/steps", **then))["steps"] == []
    assert (await read_county.read("/v1/data-quality", code="P08", **then))["flaws"] == []
    happened = {"happened_by": "2026-03-19T10:00:00Z"}
    (step,) = (await read_county.read(f"/v1/cases/{CASE_NO}/steps", **happened))["steps"]
    # 4, 5, 11, 12, 13, 16, 17 March; the survey's 6, 9 and 10 March are not counted
    assert (step["used_days"], step["budget_days"], step["over_days"]) == (7, 5, 2)
    (flaw,) = (await read_county.read("/v1/data-quality", code="P08", **happened))["flaws"]
    # 17 to 20 March
    assert flaw["lag_days"] == 3


async def test_every_list_is_read_page_by_page_to_its_end(read_county):
    for path in PAGED:
        member = MODEL_BY_PATH[path][1]
        whole = (await read_county.read(path, day=TODAY))[member]
        read, after = [], None
        while True:
            page = await read_county.read(path, day=TODAY, limit=1, **({"after": after} if after else {}))
            read += page[member]
            after = page["next_after"]
            if after is None:
                break
        assert read == whole


async def test_a_filter_narrows_what_is_listed(read_county):
    async def count(path, **query):
        return len((await read_county.read(path, day=TODAY, **query))[MODEL_BY_PATH[path][1]])

    assert await count("/v1/deadlines") == 4
    assert await count("/v1/deadlines", unit=county.LAND_STATION) == 1
    assert await count("/v1/deadlines", light="yellow") == 3
    assert await count("/v1/deadlines", light="none") == 0
    assert await count("/v1/deadlines", is_paused=True) == 0
    assert await count("/v1/ledgers/agents", point=county.POINT_XIA) == 0
    assert (
        await count("/v1/ledgers/agents", case_no=AGENTS_NO, first_day="2026-03-02", last_day="2026-03-02")
        == 1
    )
    assert await count("/v1/certificates", is_uncollected=True) == 0
    assert await count("/v1/certificates", certificate_no="ZJD-1") == 1
    assert await count("/v1/data-quality", case_no=CASE_NO, code="P08") == 1
    assert await count("/v1/dual-acceptance", unit=county.LAND) == 0
    assert await count("/v1/zero-activity", unit=county.CENTRE) == 0


async def test_every_request_of_the_guides_is_answered(read_county):
    guides = [
        (ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("ledgers.md", "ledgers.zh-CN.md")
    ]
    english, chinese = (re.findall(r"^GET (\S+)$", guide, re.MULTILINE) for guide in guides)
    assert english == chinese
    for request in english:
        response = await read_county.client.get(request.replace("{case_no}", CASE_NO))
        assert response.status_code == 200, request


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        ("/v1/deadlines", {"after": "bm90aGluZw=="}, "after-unreadable"),
        ("/v1/deadlines", {"after": "A"}, "after-unreadable"),
        ("/v1/data-quality", {"after": "WzEsMiwzXQ=="}, "after-unreadable"),
        ("/v1/deadlines", {"light": "blue"}, "parameter-invalid"),
        ("/v1/deadlines/lights", {"by": "moon"}, "parameter-invalid"),
        ("/v1/certificates", {"first_day": "2026-02-30"}, "parameter-invalid"),
        ("/v1/certificates", {"first_day": "2026-03-02", "last_day": "2026-03-01"}, "parameter-invalid"),
        ("/v1/ledgers/agents", {"case_no": "1"}, "parameter-invalid"),
        ("/v1/ledgers/agents", {"limit": "0"}, "parameter-invalid"),
        ("/v1/cases/nothing/legs", {}, "case-unknown"),
    ],
)
async def test_a_parameter_that_makes_no_sense_is_a_clear_problem(path, query, code):
    async with Doorway().entered() as client:
        response = await client.get(path, params=query)
    assert 400 <= response.status_code < 500
    assert problem(response.json()) == code


async def test_a_place_of_another_list_is_no_place_of_this_one(read_county):
    page = await read_county.read("/v1/data-quality", limit=1)
    assert problem(await read_county.refused("/v1/deadlines", after=page["next_after"])) == "after-unreadable"


async def test_parts_of_a_case_that_nobody_knows_are_not_found(read_county):
    for part in ("steps", "legs"):
        path = f"/v1/cases/61099910100020260521000171/{part}"
        assert problem(await read_county.refused(path)) == "case-unknown"

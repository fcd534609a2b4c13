"""The guides are true: every request in them runs, in order, against the demo county, and is answered as they say."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.app import utc_now
from api.authentication import Authentication
from api.journal import Journal
from domain.application import Keeper
from domain.catalogue import Catalogue
from domain.store.memory import MemoryLog, MemorySecrets
from domain.window.values import Role
from ops.accounts import Accounts, a_key
from ops.catalogue_files import load
from tests.doors import Doorway

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"```(http|json)\n(.*?)```", re.DOTALL)


@pytest.fixture
async def demo_county():
    log = MemoryLog()
    keeper = Keeper(log, Catalogue())
    secrets, journal = MemorySecrets(), Journal(keeper, utc_now)
    doorway = Doorway(log, keeper=keeper, identification=Authentication(keeper, secrets, journal, utc_now))
    await load(keeper, doorway.people, ROOT / "ops" / "demo_county", received_at=datetime.now(UTC))
    key = a_key("guide", "指南", Role.auditor, "610999000000", speaks_for_posts=True)
    return doorway, await Accounts(keeper, secrets).issue(key)


@pytest.mark.parametrize("guide", ["recording.md", "recording.zh-CN.md", "people.md", "people.zh-CN.md"])
async def test_every_request_of_the_guide_is_answered_as_it_says(demo_county, guide):
    doorway, key = demo_county
    known, answer = {"key": key}, {}
    async with doorway.entered() as client:
        del client.headers["X-Jiandu-Speaks-For"]
        for kind, block in BLOCK.findall((ROOT / "docs" / guide).read_text(encoding="utf-8")):
            if kind == "json":
                assert_holds(answer, json.loads(block))
            else:
                response = await client.request(**as_told(block, known))
                answer = response.json()
                known |= {name: answer[name] for name in ("case_no", "person_ref") if name in answer}


def as_told(block, known):
    """The request as httpx takes it; {case_no} and {person_ref} are those of an earlier answer."""
    for name, value in known.items():
        block = block.replace(f"{{{name}}}", value)
    head, _, body = block.strip().partition("\n\n")
    first, *rest = head.split("\n")
    method, url = first.split(" ")
    headers = dict(line.split(": ", 1) for line in rest)
    if not body:
        return {"method": method, "url": url, "headers": headers}
    headers["Content-Type"] = "application/json"
    return {"method": method, "url": url, "headers": headers, "content": body.encode()}


def assert_holds(answer, promised):
    """Everything promised stands in the answer; the answer may say more."""
    match promised:
        case dict():
            for name, value in promised.items():
                assert name in answer, answer
                assert_holds(answer[name], value)
        case list():
            assert len(answer) == len(promised)
            for given, value in zip(answer, promised, strict=True):
                assert_holds(given, value)
        case _:
            assert answer == promised

"""The third height of given, when, then: every refusal of every rule about a case, provoked over HTTP.

The tables of tests/refusals are played as they stand; each deed goes through the door, at its time.
"""

from datetime import UTC, date

import orjson
import pytest

from api.bodies import OPENING_ACTIONS
from api.statuses import status_of
from domain.grammar import local_day
from domain.numbers import CaseNumber, block_serials
from domain.window.values import Role
from tests.county import TOWN_DIVISION
from tests.doors import Doorway
from tests.refusals import intake, outcome, work
from tests.spec import next_deed, the_county

DAY = date(2026, 3, 3)
TABLES = (intake, outcome, work)
PROGRAMMES = {Role.importer: "importer@import", Role.clock: "clock@clock"}


class Script:
    """What would be done, for somebody else to do it."""

    def __init__(self, *deeds, catalogue=None):
        self.deeds, self.catalogue, self.last = deeds, catalogue, None

    def when(self, command, happened=None, **how):
        return self.when_done(next_deed(self.deeds, command, happened, **how))

    def when_done(self, deed):
        self.last = deed
        return self


@pytest.fixture(
    params=[(table, n) for table in TABLES for n in range(len(table.REFUSED))], ids=lambda p: _name(*p)
)
def provoked(request, monkeypatch):
    """The refusal, and the script that leads to it."""
    table, n = request.param
    monkeypatch.setattr(table, "given", Script)
    monkeypatch.setattr(table, "given_nothing", Script, raising=False)
    kind, provoke = table.REFUSED[n]
    script = provoke()
    if not all(_is_as_the_county_has_it(deed.by) for deed in (*script.deeds, script.last)):
        pytest.skip(
            "somebody acts at a post that the county gave to others: no identity says that at the door"
        )
    return kind, script


def _is_as_the_county_has_it(actor):
    if actor.role in PROGRAMMES:
        return True
    county = the_county()
    return (
        county.duty(actor.staff_id, actor.post_id, DAY) is not None
        and county.post(actor.post_id).role == actor.role
    )


def _name(table, n):
    return f"{table.REFUSED[n][0].__name__}-{table.__name__.rpartition('.')[2]}-{n}"


class Clock:
    now = None

    def __call__(self):
        return self.now


def number_for(script):
    """Of the day on which the case begins; of the town, or of the village point where it begins there, in its block."""
    first = (*script.deeds, script.last)[0]
    day = local_day(first.happened)
    point = the_county().point(first.command.point_code) if hasattr(first.command, "point_code") else None
    if point is None:
        return str(CaseNumber(TOWN_DIVISION, day, 17))
    return str(CaseNumber(point.division_code, day, block_serials(point.serial_block)[17]))


async def played(client, clock, deed, case_no, *, is_first):
    clock.now = (deed.recorded or deed.happened).astimezone(UTC)
    actor = deed.by
    who = PROGRAMMES.get(actor.role, f"{actor.staff_id}@{actor.post_id}")
    opens = is_first and isinstance(deed.command, OPENING_ACTIONS)
    body = {"case_no": case_no} if opens else {}
    body["action"] = deed.command.model_dump(mode="json", exclude_none=True)
    body["circumstances"] = deed.occasion.circumstances.model_dump(mode="json", exclude_none=True)
    headers = {"X-Jiandu-Actor": who, "Content-Type": "application/json", "If-Match": "*"}
    path = "/v1/cases" if opens else f"/v1/cases/{case_no}/actions"
    return await client.post(path, content=orjson.dumps(body), headers=headers)


async def test_a_refusal_of_a_rule_is_a_problem_of_its_name_and_records_nothing(provoked):
    kind, script = provoked
    clock, case_no = Clock(), number_for(script)
    doorway = Doorway(catalogue=script.catalogue or the_county(), clock=clock)
    async with doorway.entered() as client:
        for n, deed in enumerate(script.deeds):
            done = await played(client, clock, deed, case_no, is_first=n == 0)
            assert done.status_code in (200, 201), done.text
        before = len(doorway.log.events)
        refused = await played(client, clock, script.last, case_no, is_first=not script.deeds)
    assert len(doorway.log.events) == before
    expected = _problem(kind, script)
    assert (refused.status_code, refused.json()["type"]) == expected, refused.text


def _problem(kind, script):
    """On a case that does not exist, HTTP says that before any rule."""
    if not script.deeds and not isinstance(script.last.command, OPENING_ACTIONS):
        return 404, "urn:jiandu:problem:case-unknown"
    return status_of(kind()), f"urn:jiandu:problem:{kind.code()}"

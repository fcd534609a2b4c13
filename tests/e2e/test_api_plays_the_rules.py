"""The third height of given, when, then: every refusal of every rule about a case, provoked over HTTP.

The tables of tests/refusals are played as they stand; each deed goes through the door, at its time.
"""

from datetime import UTC, date

import pytest

from api.bodies import OPENING_ACTIONS
from api.refusals.access import NotPermitted
from api.statuses import status_of
from domain.access.permissions import TABLE, Action
from tests.doors import Doorway
from tests.playing import NAME_OF_PROGRAMME, number_for, posted
from tests.refusals import intake, outcome, work
from tests.spec import next_deed, the_county

DAY = date(2026, 3, 3)
TABLES = (intake, outcome, work)


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
    if actor.role in NAME_OF_PROGRAMME:
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


async def played(client, clock, deed, case_no, *, is_first):
    clock.now = (deed.recorded or deed.happened).astimezone(UTC)
    request = posted(deed, case_no, is_first=is_first)
    return await client.post(request.path, content=request.content, headers=request.headers)


async def test_a_refusal_of_a_rule_is_a_problem_of_its_name_and_records_nothing(provoked):
    kind, script = provoked
    clock, case_no = Clock(), number_for((*script.deeds, script.last)[0])
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
    """Who may record in no case at all hears that at the door; on a case that does not exist, HTTP says that
    before any rule."""
    if Action.record_case not in TABLE[script.last.by.role]:
        return status_of(NotPermitted()), "urn:jiandu:problem:not-permitted"
    if not script.deeds and not isinstance(script.last.command, OPENING_ACTIONS):
        return 404, "urn:jiandu:problem:case-unknown"
    return status_of(kind()), f"urn:jiandu:problem:{kind.code()}"

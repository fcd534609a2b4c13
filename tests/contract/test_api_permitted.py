"""Every route is an action of the permission table, or said to be public: none is forgotten."""

import pytest

from api.app import ROOMS
from api.door import Entrance
from api.identity import actor
from api.permitted import OWN, PERMITTED, PUBLIC
from tests.county import SUPERVISION_POST
from tests.doors import Doorway

ROUTES = {route.told: route for room in ROOMS for route in room.router.routes if isinstance(route, Entrance)}


def asks_who(route):
    return any(each.call is actor for each in route.dependant.dependencies)


def test_every_route_stands_in_one_of_the_tables_and_nothing_else_does():
    assert set(ROUTES) == {*PERMITTED, *OWN, *PUBLIC}
    assert len(ROUTES) == len(PERMITTED) + len(OWN) + len(PUBLIC)


@pytest.mark.parametrize("name", ROUTES)
def test_whatever_is_not_public_asks_who_it_is(name):
    assert asks_who(ROUTES[name]) is (name not in PUBLIC)


async def test_a_route_that_nobody_thought_of_is_nobodys(monkeypatch):
    monkeypatch.delitem(PERMITTED, "GET /v1/statistics")
    async with Doorway().entered(SUPERVISION_POST) as client:
        refused = await client.get("/v1/statistics")
    assert refused.status_code == 403
    assert refused.json()["type"] == "urn:jiandu:problem:not-permitted"

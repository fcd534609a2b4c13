"""An event of a version that is not there yet stands in one case: that case says so, everything else goes on."""

from datetime import UTC, datetime

import psycopg

from projections.registry import PROJECTIONS
from tests import asking
from tests.chaos.faults import CLERK, acting, opening
from tests.projected import an_engine
from tests.serving import KEY, furnish_county, serving

OF_TOMORROW = "case.weighed.v7"
PARTS = ("card", "timeline", "custody", "clock")
APPEND = """
select first_position
from county.append(array[null]::text[], array['\\x'::bytea], array[1], %s::text[], array[2::bigint], %s::text[],
    %s::timestamptz[], (select array_agg(state) from county.events where stream = %s))
"""


def record_one_of_tomorrow(dsn, case_no):
    """Its position."""
    stream = f"case:{case_no}"
    with psycopg.connect(dsn, autocommit=True) as connection:
        now = datetime.now(UTC)
        return connection.execute(APPEND, [[stream], [OF_TOMORROW], [now], stream]).fetchone()[0]


async def test_a_case_with_an_event_of_tomorrow_says_so_and_all_others_go_on(database18):
    await furnish_county(database18)
    headers = {**KEY, "X-Jiandu-Speaks-For": CLERK}
    with (
        serving({"JIANDU_DATABASE_URL": database18}) as server,
        asking.a_client(base_url=server.address, headers=headers) as client,
    ):

        def opened(key):
            return client.post("/v1/cases", json={"action": opening(key)}).json()["case_no"]

        parked, other = opened("parked"), opened("other")
        position = record_one_of_tomorrow(database18, parked)

        def read(path):
            return client.get(path)

        def act_on(case_no):
            path = f"/v1/cases/{case_no}/actions"
            return client.post(path, json={"action": acting("x")}, headers={"If-Match": "*"})

        async with an_engine(database18, PROJECTIONS) as engine:
            await engine.catch_up()
            states = await engine.desk.states()
        assert {state.position for state in states.values()} == {position}
        parts = ("", "/history", *(f"/{part}" for part in PARTS))
        for refused in [read(f"/v1/cases/{parked}{part}") for part in parts] + [act_on(parked)]:
            assert refused.status_code == 409
            assert refused.json()["type"] == "urn:jiandu:problem:record-not-understood"
            assert refused.json()["details"] == {"event": f"position {position}: {OF_TOMORROW}"}
        assert {read(f"/v1/cases/{other}{part}").status_code for part in parts} == {200}
        assert act_on(other).status_code == 201
        (shown,) = read(f"/v1/events?after={position - 1}&limit=1").json()["events"]
        assert shown["topic"] == OF_TOMORROW

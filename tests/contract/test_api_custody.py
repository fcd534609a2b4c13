"""持件台账 over HTTP, of now and as of another day."""

import pytest

from api.custody import Custody
from domain.case.acceptance.commands import AcceptCase
from domain.case.custody.commands import ForwardToStation, SignStationReceipt
from domain.case.pauses.commands import EndSpecialProcedure
from tests import county
from tests.examples import a_received_case, surveying
from tests.reads import CASE_NO, a_read_county
from tests.spec import deed

PATH = f"/v1/cases/{CASE_NO}/custody"


def who_sat_on_it():
    return (
        *a_received_case(county.HOMESTEAD, "03-03 09:00"),
        deed(AcceptCase(), "03-03 09:30"),
        deed(surveying(), "03-05 14:00"),
        deed(EndSpecialProcedure(result="四至清楚"), "03-10 16:00"),
        deed(ForwardToStation(to_unit=county.LAND_STATION, to_post=county.HANDLER_POST), "03-18 16:40"),
        deed(SignStationReceipt(), "03-20 10:05", by=county.HANDLER_POST),
    )


@pytest.fixture
async def read_county(database):
    async with a_read_county(database) as read_county:
        yield read_county


async def test_custody_is_told_of_now_and_as_of_another_day(read_county):
    await read_county.record(*who_sat_on_it())
    now = await read_county.read(PATH, day="2026-03-20")
    Custody.model_validate(now)
    window, station = now["by_unit"]
    assert (window["held_days"], window["transit_days"], window["excluded_days"], window["net_days"]) == (
        11,
        2,
        3,
        10,
    )
    assert (station["holder_unit"], station["gross_days"]) == (county.LAND_STATION, 0)
    assert (now["basis"]["mode"], now["basis"]["position"], now["basis"]["behind"]) == ("live", 6, 0)

    then = await read_county.read(PATH, known_at="2026-03-19T00:00:00+08:00")
    assert [spell["is_in_transit"] for spell in then["spells"]] == [False, True]
    assert (then["basis"]["mode"], then["basis"]["position"], then["basis"]["day"]) == (
        "as_known",
        5,
        "2026-03-19",
    )
    assert then["basis"]["definitions"] == now["basis"]["definitions"]

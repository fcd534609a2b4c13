"""持件: who held a case, from when to when, told from the record alone."""

from datetime import date

import pytest

from domain.case.custody.commands import SignReturnReceipt
from domain.case.ending.commands import Reopen
from domain.case.steps.commands import ReassignHandler
from domain.case.steps.events import ReassignmentReason
from projections.case_card import CaseCards
from projections.custody import CustodyLedger
from tests import county
from tests.examples import (
    a_case_at_the_station,
    a_case_handed_in,
    a_case_with_the_superior,
    a_concluded_case,
    a_delivered_case,
    a_forwarded_case,
    a_returned_case,
    an_agents_case,
    an_entrusted_case,
)
from tests.spec import at, deed
from tests.views import STREAM, defined_county, in_views, look_back, record

TODAY = date(2026, 3, 20)


@pytest.fixture(scope="module")
def county_of_views(postgres18):
    with defined_county(postgres18.dsn) as conninfo:
        yield conninfo


@pytest.fixture
async def views(county_of_views):
    async with in_views(county_of_views) as connection:
        yield connection


async def spells(views, today=TODAY):
    return await CustodyLedger(views).spells([STREAM], today)


async def holders(views):
    return [(spell.holder_unit, spell.holder_person, spell.is_in_transit) for spell in await spells(views)]


async def card(views):
    (card,) = await CaseCards(views).cards([STREAM])
    return card


async def test_forwarding_moves_nothing(views):
    await record(views, *a_forwarded_case())
    assert await holders(views) == [
        (county.TOWN_CENTRE, "a-town-clerk", False),
        (county.TOWN_CENTRE, "a-town-clerk", True),
    ]


async def test_what_is_sent_back_is_the_stations_until_the_window_signs(views):
    await record(views, *a_returned_case(), deed(SignReturnReceipt(), "03-09 09:00"))
    *_, at_station, returning, back = await spells(views)
    assert (at_station.holder_unit, at_station.gross_days) == (county.LAND_STATION, 0)
    assert (returning.holder_unit, returning.is_in_transit, returning.gross_days) == (
        county.LAND_STATION,
        True,
        3,
    )
    assert (back.holder_unit, back.holder_window, back.gross_days) == (
        county.TOWN_CENTRE,
        county.TOWN_WINDOW,
        9,
    )


async def test_the_agents_leg_is_a_spell_like_any_other(views):
    await record(views, *an_agents_case())
    held, handed, hall = await spells(views)
    assert (held.is_agent, held.holder_person, held.is_in_transit) == (True, "a-agent", False)
    assert (handed.is_agent, handed.is_in_transit, handed.in_transit_to) == (True, True, county.TOWN_CENTRE)
    assert (hall.is_agent, hall.holder_person) == (False, "a-town-clerk")


async def test_before_the_agent_has_the_papers_nobody_holds_the_case(views):
    await record(views, *an_entrusted_case())
    assert await spells(views) == []
    assert ((await card(views)).status, (await card(views)).item_code) == ("entrusted", None)


async def test_an_unsigned_handover_is_the_agents(views):
    await record(views, *a_case_handed_in())
    (leg,) = await CustodyLedger(views).agent_legs([STREAM], TODAY)
    assert (leg.signed_on, leg.due, leg.used_days, leg.late_days) == (None, date(2026, 3, 5), 14, 11)


async def test_a_reassigned_case_stays_with_the_unit_and_begins_a_spell_of_the_new_person(views):
    stand_in = ReassignHandler(
        from_staff="a-handler",
        to_staff="b-handler",
        to_post=county.HANDLER_POST,
        reason=ReassignmentReason.leave,
    )
    await record(views, *a_case_at_the_station(), deed(stand_in, "03-06 09:00"))
    *_, before, after = await spells(views)
    assert (before.holder_person, before.gross_days) == ("a-handler", 2)
    assert (after.holder_unit, after.holder_person, after.gross_days) == (
        county.LAND_STATION,
        "b-handler",
        10,
    )
    assert [share.gross_days for share in await CustodyLedger(views).by_unit([STREAM], TODAY)] == [1, 12]


async def test_the_superior_holds_what_was_reported_to_it(views):
    await record(views, *a_case_with_the_superior())
    *_, last = await spells(views)
    assert (last.holder_unit, last.holder_person) == (county.PREFECTURE, "a-prefecture")


async def test_nobody_holds_a_case_that_has_ended(views):
    await record(views, *a_concluded_case())
    *_, last = await spells(views)
    assert (last.to_at, last.to_day) == (at("03-12 10:00"), date(2026, 3, 12))
    assert sum(spell.gross_days for spell in await spells(views)) == 7
    assert ((await card(views)).status, (await card(views)).ended_on) == ("concluded", date(2026, 3, 12))


async def test_reopening_gives_it_back_to_whoever_held_it_last(views):
    reopen = Reopen(basis_document="行复〔2026〕1号")
    await record(views, *a_concluded_case(), deed(reopen, "03-18 09:00", by=county.ORGAN_HEAD_POST))
    *_, last = await spells(views)
    assert (last.from_day, last.to_at, last.holder_unit) == (date(2026, 3, 18), None, county.LAND_STATION)
    assert ((await card(views)).decision, (await card(views)).reopenings) == (None, 1)


async def test_as_happened_by_a_day_later_handovers_are_not_there_yet(views):
    await record(views, *a_case_at_the_station())
    await look_back(views, happened_by=at("03-03 18:00"))
    assert await holders(views) == [
        (county.TOWN_CENTRE, "a-town-clerk", False),
        (county.TOWN_CENTRE, "a-town-clerk", True),
    ]


async def test_a_card_tells_where_it_came_in_what_became_of_it_and_how_much_was_done(views):
    await record(views, *a_delivered_case())
    found = await card(views)
    assert (found.item_code, found.item_version, found.kind) == (county.HOMESTEAD, "1", "promised")
    assert (found.routing, found.mode, found.channel) == ("single", "in_person", "1")
    assert (found.unit_code, found.window_id, found.receipt_no) == (
        county.TOWN_CENTRE,
        county.TOWN_WINDOW,
        "SJ-1",
    )
    assert (found.status, found.decision, found.decision_no) == ("delivered", "approved", "2026-17")
    assert (found.received_on, found.accepted_on) == (date(2026, 3, 3), date(2026, 3, 3))
    assert (found.decided_on, found.delivered_on) == (date(2026, 3, 9), date(2026, 3, 12))
    assert (found.delivery_method, found.hops, found.steps, found.certificates) == ("window", 1, 2, 1)

"""The catalogue that a store keeps follows the master data in the log, whoever recorded it."""

import asyncio
from contextlib import asynccontextmanager
from datetime import date

import pytest

from domain.application import Keeper
from domain.catalogue import MASTER_DATA, Catalogue
from domain.grammar import Occasion
from domain.register import KEEPERS
from domain.store.county import Store
from domain.store.mapper import TopicUnknown
from domain.unit import UNIT
from domain.unit.commands import RegisterUnit
from domain.unit.values import Unit, UnitKind
from tests.notes import CLERK, COUNTY, MORNING, NOTE, append_notes, in_county, noted, notes
from tests.templates import make_county

KEEPER = CLERK.model_copy(update={"role": min(KEEPERS)})


@asynccontextmanager
async def open_county(dsn, *also):
    make_county(dsn, COUNTY)
    async with Store.open(dsn, COUNTY, (*MASTER_DATA, *also)) as store:
        yield store


def unit(title="清溪镇便民服务中心"):
    return Unit(
        unit_code="U-01",
        title=title,
        kind=UnitKind.centre,
        division_code="610929100000",
        valid_from=date(2020, 1, 1),
    )


async def register(store, entry):
    """Records the unit through a keeper of another programme's; answers the position."""
    keeper = Keeper(store.log, Catalogue())
    outcome = await keeper.handle(
        UNIT, entry.unit_code, RegisterUnit(unit=entry), Occasion(KEEPER, MORNING), key=None, digest=b""
    )
    return outcome.receipt.last_position


async def test_a_store_opens_with_the_catalogue_as_the_log_has_it(database):
    async with open_county(database) as store:
        await register(store, unit())
    async with open_county(database) as store:
        assert store.catalogue.unit("U-01") == unit()


async def test_what_another_programme_records_reaches_the_catalogue(database):
    async with open_county(database) as here, open_county(database) as there:
        position = await register(there, unit())
        await asyncio.wait_for(here.feed.reach(position), 30)

        assert here.catalogue.unit("U-01") == unit()


async def test_changes_reach_the_catalogue_in_the_order_of_the_log(database):
    async with open_county(database) as here, open_county(database) as there:
        for n in range(20):
            position = await register(there, unit(f"第{n}中心"))
        await asyncio.wait_for(here.feed.reach(position), 30)

        assert here.catalogue.unit("U-01") == unit("第19中心")


async def test_events_of_cases_are_passed_over(database):
    async with open_county(database) as store:
        with in_county(database) as other:
            append_notes(other, "case:1", range(1, 51))

        await asyncio.wait_for(store.feed.reach(50), 30)
        assert store.feed.position == 50


async def test_what_this_process_records_of_other_things_is_known_without_reading(database):
    async with open_county(database, NOTE) as store:
        receipt = await store.log.append(notes("note:1", 1, 50))
        assert store.feed.position == receipt.last_position == 50


async def test_what_others_record_in_between_is_read(database):
    async with open_county(database, NOTE) as here, open_county(database) as there:
        for version in range(1, 21):
            told = await register(there, unit(f"第{version}中心"))
            own = await here.log.append(noted("note:1", version))
        assert told < own.last_position
        await asyncio.wait_for(here.feed.reach(own.last_position), 30)
        assert here.catalogue.unit("U-01") == unit("第20中心")


async def test_a_position_that_is_not_reached_is_waited_for(database):
    async with open_county(database) as store:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(store.feed.reach(1), 0.1)


async def test_master_data_that_this_programme_cannot_read_stops_the_feed_loudly(database):
    async with open_county(database) as store:
        with in_county(database) as other:
            append_notes(other, "unit:U-01", [1])

        with pytest.raises(TopicUnknown):
            await asyncio.wait_for(store.feed.reach(1), 30)


async def test_a_store_does_not_open_on_master_data_it_cannot_read(database):
    make_county(database, COUNTY)
    with in_county(database) as other:
        append_notes(other, "unit:U-01", [1])

    with pytest.raises(TopicUnknown):
        async with open_county(database):
            pass

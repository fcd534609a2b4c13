"""The serials of case numbers."""

import asyncio
from contextlib import asynccontextmanager
from datetime import date
from types import SimpleNamespace

import pytest

from domain.numbers import CaseNumber
from domain.point.values import VillagePoint
from domain.store.county import Store
from domain.store.serials import SerialsExhausted
from tests.notes import COUNTY, NOTE, append_notes, in_county
from tests.templates import make_county
from tests.waiting import until

HALL, VILLAGE = "610929100000", "610929100201"
DAY = date(2026, 3, 2)


@asynccontextmanager
async def open_serials(dsn, monkeypatch, *blocks):
    """The serials of a county whose village has offline points with these blocks."""
    points = {block: SimpleNamespace(division_code=VILLAGE, serial_block=block) for block in blocks}
    make_county(dsn, COUNTY)
    async with Store.open(dsn, COUNTY, [NOTE]) as store:
        monkeypatch.setattr(store.catalogue, "entries", lambda _: points)
        yield store.serials


def take(dsn, division, *serials):
    """Cases of these numbers stand in the log, recorded by others."""
    with in_county(dsn) as connection:
        for serial in serials:
            append_notes(connection, f"case:{CaseNumber(division, DAY, serial)}", [1])


async def heard(serials):
    """Returns when the process has heard that others appended."""
    before = serials._bell.strangers
    await until(lambda: serials._bell.strangers != before)


async def test_serials_begin_at_1_and_rise(database, monkeypatch):
    async with open_serials(database, monkeypatch) as serials:
        assert [await serials.next(HALL, DAY) for _ in range(3)] == [1, 2, 3]


async def test_each_division_and_day_counts_for_itself(database, monkeypatch):
    async with open_serials(database, monkeypatch) as serials:
        await serials.next(HALL, DAY)

        assert await serials.next(VILLAGE, DAY) == 1
        assert await serials.next(HALL, date(2026, 3, 3)) == 1


async def test_serials_go_on_behind_the_highest_in_the_log(database, monkeypatch):
    make_county(database, COUNTY)
    take(database, HALL, 41, 7)
    async with open_serials(database, monkeypatch) as serials:
        assert await serials.next(HALL, DAY) == 42


async def test_serials_that_others_took_meanwhile_are_passed_over(database, monkeypatch):
    async with open_serials(database, monkeypatch) as serials:
        assert await serials.next(HALL, DAY) == 1
        take(database, HALL, 17)
        await heard(serials)

        assert await serials.next(HALL, DAY) == 18


async def test_a_serial_given_out_but_not_recorded_yet_is_not_given_again(database, monkeypatch):
    async with open_serials(database, monkeypatch) as serials:
        assert [await serials.next(HALL, DAY) for _ in range(5)][-1] == 5
        take(database, VILLAGE, 1)
        await heard(serials)

        assert await serials.next(HALL, DAY) == 6


async def test_many_who_ask_at_once_get_different_serials(database, monkeypatch):
    async with open_serials(database, monkeypatch) as serials:
        given = await asyncio.gather(*(serials.next(HALL, DAY) for _ in range(100)))

    assert sorted(given) == list(range(1, 101))


async def test_the_blocks_of_offline_points_are_left_to_them(database, monkeypatch):
    make_county(database, COUNTY)
    take(database, VILLAGE, 9999, 10_003, 90_001)
    async with open_serials(database, monkeypatch, "1", "9") as serials:
        assert await serials.next(VILLAGE, DAY) == 20_000
        assert await serials.next(HALL, DAY) == 1


async def test_for_days_of_a_log_that_ended_serials_are_given_out_above_its_own(database, monkeypatch):
    make_county(database, COUNTY)
    take(database, HALL, 7, 50_002)
    async with open_serials(database, monkeypatch, "1", "5") as serials:
        serials.first_day = date(2026, 3, 3)
        assert await serials.next(HALL, DAY) == 50_003
        assert await serials.next(VILLAGE, DAY) == 60_000, "behind its point's own"
        assert await serials.next(VILLAGE, serials.first_day) == 1


async def test_when_all_serials_are_given_out_it_says_so(database, monkeypatch):
    make_county(database, COUNTY)
    take(database, VILLAGE, 99_998)
    async with open_serials(database, monkeypatch) as serials:
        assert await serials.next(VILLAGE, DAY) == 99_999
        with pytest.raises(SerialsExhausted):
            await serials.next(VILLAGE, DAY)


def test_a_block_is_what_a_village_point_declares():
    assert {"division_code", "serial_block"} <= VillagePoint.model_fields.keys()

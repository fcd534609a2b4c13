"""Village points 代办点: in a village, with serials of their own."""

from datetime import date

import pytest

from domain.point import POINT
from domain.point.commands import ClosePoint, EstablishPoint
from domain.point.events import PointChanged, PointClosed, PointEstablished
from domain.point.rejections import PointOutsideVillages, SerialBlockTaken
from domain.point.values import VillagePoint
from domain.register import EndsBeforeItBegins, EntryEnded, NotInRegister, NotYetRegistered
from tests.county import (
    BEGAN,
    POINT_SHANG,
    TOWN_CENTRE,
    TOWN_DIVISION,
    VILLAGE_DIVISION,
    a_county,
    enter,
)


@pytest.fixture
def county():
    return a_county()


def a_point(**different):
    usual = {
        "point_code": "DB-ZHONG",
        "division_code": "610999101203",
        "title": "中河村代办点",
        "hall_unit_code": TOWN_CENTRE,
        "serial_block": "09",
        "valid_from": BEGAN,
    }
    return VillagePoint(**(usual | different))


def test_a_point_is_established_once_and_changed_when_it_differs(county):
    assert enter(county, POINT, EstablishPoint(point=a_point())).facts == (PointEstablished(point=a_point()),)
    assert enter(county, POINT, EstablishPoint(point=a_point())).facts == ()
    accepting = a_point(is_acceptance_point=True)
    assert enter(county, POINT, EstablishPoint(point=accepting)).facts == (PointChanged(point=accepting),)


def test_a_point_lies_in_a_village(county):
    with pytest.raises(PointOutsideVillages):
        enter(county, POINT, EstablishPoint(point=a_point(division_code=TOWN_DIVISION)))


def test_a_point_hands_in_to_a_registered_centre(county):
    with pytest.raises(NotInRegister):
        enter(county, POINT, EstablishPoint(point=a_point(hall_unit_code="QX-XX")))


@pytest.mark.parametrize("block", ["07", "0", "071"])
def test_two_points_of_a_village_never_share_a_serial(county, block):
    with pytest.raises(SerialBlockTaken) as refused:
        enter(
            county, POINT, EstablishPoint(point=a_point(division_code=VILLAGE_DIVISION, serial_block=block))
        )
    assert refused.value.details == {"point_code": POINT_SHANG}


@pytest.mark.parametrize("different", [{"serial_block": "1"}, {"serial_block": None}])
def test_two_points_of_a_village_may_have_blocks_apart(county, different):
    point = a_point(division_code=VILLAGE_DIVISION, **different)
    assert enter(county, POINT, EstablishPoint(point=point)).facts


def test_another_village_may_use_the_same_block(county):
    assert enter(county, POINT, EstablishPoint(point=a_point(serial_block="07"))).facts


def test_the_blocks_of_a_division_are_known_to_who_gives_out_serials(county):
    assert county.serial_blocks(VILLAGE_DIVISION) == ("07",)
    assert county.serial_blocks(TOWN_DIVISION) == ()


def test_a_closed_point_keeps_its_last_day_and_stays_closed(county):
    standing = county.point(POINT_SHANG)
    closing = ClosePoint(point_code=POINT_SHANG, last_day=date(2026, 6, 30), reason="撤点并村")
    assert isinstance(enter(county, POINT, closing).facts[0], PointClosed)
    assert enter(county, POINT, closing).facts == ()
    assert county.point(POINT_SHANG).valid_to == date(2026, 6, 30)
    with pytest.raises(EntryEnded):
        enter(county, POINT, EstablishPoint(point=standing))


def test_a_block_is_free_again_once_its_point_has_ended(county):
    enter(county, POINT, ClosePoint(point_code=POINT_SHANG, last_day=date(2026, 6, 30), reason="撤点并村"))
    successor = a_point(division_code=VILLAGE_DIVISION, serial_block="07", valid_from=date(2026, 7, 1))
    assert enter(county, POINT, EstablishPoint(point=successor)).facts


def test_a_point_does_not_end_before_it_begins(county):
    with pytest.raises(EndsBeforeItBegins):
        enter(county, POINT, ClosePoint(point_code=POINT_SHANG, last_day=date(2019, 1, 1), reason="误设"))


def test_an_unknown_point_cannot_be_closed(county):
    with pytest.raises(NotYetRegistered):
        enter(county, POINT, ClosePoint(point_code="DB-XX", last_day=date(2026, 6, 30), reason="误设"))

"""Units 单位: registered, changed, closed; a tree without circles."""

from datetime import date

import pytest
from pydantic import ValidationError

from domain.grammar import Occasion
from domain.register import (
    EndsBeforeItBegins,
    EntryEnded,
    NotInRegister,
    NotYetRegistered,
    RegisterKeptByOthers,
)
from domain.unit import UNIT
from domain.unit.commands import CloseUnit, RegisterUnit
from domain.unit.events import UnitChanged, UnitClosed, UnitRegistered
from domain.unit.rejections import UnitInsideItself
from domain.unit.values import Unit, UnitKind
from tests.county import (
    BEGAN,
    COUNTY,
    LAND_STATION,
    OCCASION,
    TOWN,
    TOWN_CENTRE,
    TOWN_CLERK_POST,
    TOWN_DIVISION,
    a_county,
    actor_at,
    enter,
)


@pytest.fixture
def county():
    return a_county()


def a_unit(**different):
    usual = {
        "unit_code": "QX-BH-CZS",
        "title": "白鹤镇财政所",
        "kind": UnitKind.station,
        "division_code": TOWN_DIVISION,
        "parent_code": TOWN,
        "valid_from": BEGAN,
    }
    return Unit(**(usual | different))


def test_a_new_unit_is_registered(county):
    unit = a_unit()
    assert enter(county, UNIT, RegisterUnit(unit=unit)).facts == (UnitRegistered(unit=unit),)
    assert county.unit("QX-BH-CZS") == unit


def test_the_same_unit_again_is_nothing_to_do(county):
    enter(county, UNIT, RegisterUnit(unit=a_unit()))
    assert enter(county, UNIT, RegisterUnit(unit=a_unit())).facts == ()


def test_a_renamed_unit_is_changed(county):
    enter(county, UNIT, RegisterUnit(unit=a_unit()))
    renamed = a_unit(title="白鹤镇财政和国资所")
    assert enter(county, UNIT, RegisterUnit(unit=renamed)).facts == (UnitChanged(unit=renamed),)
    assert county.unit("QX-BH-CZS") == renamed


def test_a_unit_names_a_parent_that_is_registered(county):
    with pytest.raises(NotInRegister) as refused:
        enter(county, UNIT, RegisterUnit(unit=a_unit(parent_code="QX-XX")))
    assert refused.value.details == {"register": "unit", "code": "QX-XX"}


def test_a_unit_is_not_its_own_parent(county):
    with pytest.raises(UnitInsideItself):
        enter(county, UNIT, RegisterUnit(unit=a_unit(parent_code="QX-BH-CZS")))


def test_a_unit_does_not_move_below_its_own_branch(county):
    standing = county.unit(COUNTY)
    with pytest.raises(UnitInsideItself):
        enter(county, UNIT, RegisterUnit(unit=standing.model_copy(update={"parent_code": TOWN_CENTRE})))


def test_a_closed_unit_keeps_its_last_day(county):
    closing = CloseUnit(unit_code=LAND_STATION, last_day=date(2026, 6, 30), reason="机构改革")
    assert isinstance(enter(county, UNIT, closing).facts[0], UnitClosed)
    assert county.unit(LAND_STATION).valid_to == date(2026, 6, 30)
    assert enter(county, UNIT, closing).facts == ()


def test_a_closed_unit_is_not_opened_again(county):
    standing = county.unit(LAND_STATION)
    enter(county, UNIT, CloseUnit(unit_code=LAND_STATION, last_day=date(2026, 6, 30), reason="机构改革"))
    with pytest.raises(EntryEnded):
        enter(county, UNIT, RegisterUnit(unit=standing))


def test_a_unit_does_not_end_before_it_begins(county):
    with pytest.raises(EndsBeforeItBegins):
        enter(county, UNIT, CloseUnit(unit_code=TOWN, last_day=date(2019, 12, 31), reason="撤并"))


def test_an_unknown_unit_cannot_be_closed(county):
    with pytest.raises(NotYetRegistered):
        enter(county, UNIT, CloseUnit(unit_code="QX-XX", last_day=date(2026, 6, 30), reason="撤并"))


def test_a_window_clerk_keeps_no_register(county):
    clerk = Occasion(actor=actor_at(TOWN_CLERK_POST), received_at=OCCASION.received_at)
    with pytest.raises(RegisterKeptByOthers):
        UNIT.decide(None, RegisterUnit(unit=a_unit()), clerk, county)


@pytest.mark.parametrize(
    "wrong",
    [
        {"division_code": "610999600000"},
        {"credit_code": "91350100M000100Y44"},
        {"valid_to": date(2019, 12, 31)},
        {"title": "一行\n两行"},
        {"unknown": "field"},
    ],
)
def test_a_unit_is_well_formed_or_none(wrong):
    with pytest.raises(ValidationError):
        a_unit(**wrong)

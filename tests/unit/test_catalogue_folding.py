"""The catalogue: one fold of the registers, whoever tells it and however often."""

import ast
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from domain import register
from domain.amendment import CorrectEvent, EventCorrected, EventVoided
from domain.application import Keeper
from domain.authorisation import rejections as of_authorisations
from domain.catalogue import MASTER_DATA, Catalogue
from domain.grammar import Occasion, Rejected
from domain.item import ITEM
from domain.item import rejections as of_items
from domain.item.commands import PublishItemVersion
from domain.point import rejections as of_points
from domain.policy import rejections as of_policies
from domain.staff import rejections as of_staff
from domain.store.memory import MemoryLog
from domain.unit import UNIT
from domain.unit import rejections as of_units
from domain.unit.commands import RegisterUnit
from domain.unit.events import UnitRegistered
from domain.unit.values import Unit, UnitKind
from domain.window import rejections as of_windows
from domain.workdays import rejections as of_calendars
from tests.county import (
    ADMIN,
    BEGAN,
    COUNTY,
    COUNTY_DIVISION,
    PERMIT,
    a_county,
    an_item,
    enter,
)

MODULES = (
    register,
    of_units,
    of_staff,
    of_windows,
    of_points,
    of_items,
    of_authorisations,
    of_calendars,
    of_policies,
)
REJECTIONS = [
    each
    for module in MODULES
    for each in vars(module).values()
    if isinstance(each, type) and issubclass(each, Rejected) and each.__module__ == module.__name__
]
OCCASION = Occasion(actor=ADMIN, received_at=datetime(2026, 3, 3, 1, tzinfo=UTC))


def a_unit(**different):
    usual = {
        "unit_code": "A",
        "title": "甲",
        "kind": UnitKind.organ,
        "division_code": COUNTY_DIVISION,
        "valid_from": BEGAN,
    }
    return Unit(**(usual | different))


def registered(**different):
    return UnitRegistered(unit=a_unit(**different))


def test_facts_of_other_streams_are_passed_over():
    catalogue = Catalogue()
    catalogue.apply("case:1", registered())
    assert all(not catalogue.entries(aggregate) for aggregate in MASTER_DATA)


def test_a_fact_heard_twice_counts_once():
    county = a_county()
    version = an_item("SX-NEW")
    facts = enter(county, ITEM, PublishItemVersion(item=version)).facts
    for place, fact in enumerate(facts, 1):
        county.apply("item:SX-NEW", fact, place)
    assert county.entries(ITEM)["SX-NEW"].versions == (version,)


def test_a_fact_heard_too_early_is_taken_when_its_turn_comes():
    catalogue = Catalogue()
    first, second = registered(), registered(title="乙")
    for place, fact in ((2, second), (1, first), (2, second)):
        catalogue.apply("unit:A", fact, place)
    assert catalogue.unit("A").title == "乙"


def test_a_correction_changes_what_the_catalogue_says():
    catalogue = Catalogue()
    catalogue.apply("unit:A", registered())
    catalogue.apply(
        "unit:A",
        EventCorrected(
            target_version=1,
            field="unit",
            was=a_unit().model_dump(mode="json"),
            should_be=a_unit(title="更正后").model_dump(mode="json"),
            reason="录入有误",
            approved_by="b-catalogue",
        ),
    )
    assert catalogue.unit("A").title == "更正后"


def test_a_void_takes_an_entry_away():
    catalogue = Catalogue()
    catalogue.apply("unit:A", registered())
    catalogue.apply("unit:A", EventVoided(target_version=1, reason="误登", approved_by="b-catalogue"))
    assert catalogue.unit("A") is None
    assert not catalogue.entries(UNIT)


async def test_the_keeper_decides_with_what_it_recorded_before():
    keeper = Keeper(MemoryLog(), Catalogue())
    for unit in (a_unit(), a_unit(unit_code="B", parent_code="A")):
        await keeper.handle(UNIT, unit.unit_code, RegisterUnit(unit=unit), OCCASION, key=None, digest=b"")
    assert keeper.catalogue.unit("B").parent_code == "A"


async def test_a_correction_through_the_keeper_reaches_the_catalogue():
    keeper = Keeper(MemoryLog(), a_county())
    await keeper.handle(UNIT, "A", RegisterUnit(unit=a_unit()), OCCASION, key=None, digest=b"")
    was = a_unit().model_dump(mode="json", exclude_none=True)
    correction = CorrectEvent(
        target_version=1,
        reason="录入有误",
        approved_by="b-catalogue",
        field="unit",
        was=was,
        should_be=was | {"title": "丙"},
    )
    await keeper.handle(UNIT, "A", correction, OCCASION, key=None, digest=b"")
    assert keeper.catalogue.unit("A").title == "丙"


def test_nothing_unknown_is_found():
    county = a_county()
    answers = (
        county.unit("X"),
        county.window("X"),
        county.post("X"),
        county.staff("X"),
        county.point("X"),
        county.item("X", BEGAN),
        county.authorisation("X"),
        county.post_unit("X"),
    )
    assert answers == (None,) * 8
    assert not county.knows_item("X")


def test_lookups_do_not_grow_with_the_county():
    """A lookup reads the one entry: entries of others may be unreadable."""
    county = a_county()
    county.entries(ITEM)["SX-BROKEN"] = None
    assert county.item(PERMIT, date(2026, 3, 3)) is not None


def test_registers_refer_only_to_those_before_them():
    names = [aggregate.name for aggregate in MASTER_DATA]
    assert names == [
        "unit",
        "staff",
        "window",
        "post",
        "point",
        "item",
        "authorisation",
        "calendar",
        "policy",
    ]


def test_every_topic_is_told_once_and_has_a_chinese_name():
    facts = [fact for aggregate in MASTER_DATA for fact in aggregate.facts]
    assert len({fact.TOPIC for fact in facts}) == len(facts)
    assert all(re.fullmatch(r"[a-z_]+\.[a-z_]+\.v1", fact.TOPIC) for fact in facts)
    assert all(re.fullmatch(r"[\u4e00-\u9fff]+", fact.LABEL) for fact in facts)


@pytest.mark.parametrize("rejection", REJECTIONS, ids=lambda each: each.__name__)
def test_every_rejection_speaks_both_languages(rejection):
    assert re.search(r"[.;:]", rejection.__doc__)
    assert rejection.ZH.endswith("。")
    assert rejection.WANTED
    assert rejection.WANTED_ZH.endswith("。")


def test_every_rejection_is_provoked_by_a_test():
    provoked = set()
    for file in Path(__file__).parent.glob("test_*_register.py"):
        for call in ast.walk(ast.parse(file.read_text())):
            if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "raises":
                provoked.add(call.args[0].id)
    assert {rejection.__name__ for rejection in REJECTIONS} <= provoked


def test_the_county_of_the_tests_is_whole():
    county = a_county()
    assert county.unit(COUNTY).kind is UnitKind.government
    assert len(county.entries(ITEM)) == 10

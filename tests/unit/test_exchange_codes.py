"""The code sets of the exchange tables are those that the standard prints."""

from datetime import UTC, datetime

import pytest

from domain.case.delivery.events import DeliveryMethod
from domain.case.pauses.events import DayUnit
from domain.case.steps.events import StepResult
from domain.case.values import Form
from domain.grammar import Channel
from domain.item.values import Kind, SpecialProcedure
from projections.exports.exchange import codes
from projections.exports.exchange.catalogue import TABLES
from projections.exports.exchange.table import CONTROL, guid


@pytest.mark.parametrize(
    ("words", "known"),
    [
        (Kind, codes.KIND),
        (Kind, codes.KIND_NAME),
        (StepResult, codes.STEP_RESULT),
        (SpecialProcedure, codes.PROCEDURE_NAME),
        (Form, codes.FORM),
        (DeliveryMethod, codes.DELIVERY),
        (DayUnit, codes.DAY_UNIT),
    ],
)
def test_every_word_of_the_record_has_its_code(words, known):
    assert {word.value for word in words} == set(known)


@pytest.mark.parametrize(
    ("channel", "code"), [("1", "1"), ("2", "2"), ("4", "4"), ("93", "9"), ("96", "9"), (None, None)]
)
def test_our_own_channels_stand_under_others(channel, code):
    assert codes.origin(channel) == code
    assert {codes.origin(each.value) for each in Channel} == {"1", "2", "3", "4", "9"}


def test_times_are_those_of_china():
    assert codes.at(datetime(2026, 3, 3, 16, 30, tzinfo=UTC)) == "2026-03-04 00:30:00"


def test_a_word_of_a_later_version_stands_as_it_is():
    assert codes.said(codes.KIND, "new") == "new"


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_no_table_has_a_column_twice_or_one_of_the_control_columns(table):
    columns = (*table.columns, *CONTROL)
    assert len(set(columns)) == len(columns)


def test_there_are_the_tables_of_three_exchanges():
    assert sum(name.startswith("gbt39046-") for name in TABLES) == 10
    assert sum(name.startswith("up_pro_") for name in TABLES) == 5
    assert "up_lic_data" in TABLES
    assert [name for name in TABLES if name.startswith("gd-")] == [f"gd-{no}" for no in range(10)]


def test_a_row_keeps_its_guid_for_ever():
    assert guid("up_pro_accept", "61099910100020260303000017", "accept") == "78c355c3f416c5cf91c2a29e4c759cf5"

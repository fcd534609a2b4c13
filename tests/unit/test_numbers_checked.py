"""Identifiers against known good ones, and against what is wrong with bad ones."""

import re
from datetime import date
from itertools import product

import pytest
from pydantic import TypeAdapter, ValidationError

from domain.numbers import (
    CaseNo,
    CaseNumber,
    CreditCode,
    DivisionCode,
    IdentityNumber,
    SerialBlock,
    block_serials,
    blocks_overlap,
    case_check,
    county_of,
    credit_check,
    identity_check,
    is_village,
    lies_within,
    widened,
)

VILLAGE = "610999101201"


def accepts(kind: object, text: str) -> bool:
    try:
        TypeAdapter(kind).validate_python(text)
    except ValidationError:
        return False
    return True


def refusal(kind: object, text: str) -> str:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(text)
    return refused.value.errors()[0]["msg"]


def test_a_known_credit_code_is_accepted():
    assert credit_check("91350100M000100Y4") == "3"
    assert accepts(CreditCode, "91350100M000100Y43")


def test_a_known_identity_number_is_accepted():
    assert identity_check("11010519491231002") == "X"
    assert accepts(IdentityNumber, "11010519491231002X")


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("91350100M000100Y44", "check character of GB 32100"),
        ("91350100M000100Y4", "match pattern"),
        ("91350100I000100Y43", "match pattern"),
        ("91350100m000100y43", "match pattern"),
        ("91350100M000100Y43\n", "match pattern"),
    ],
)
def test_a_wrong_credit_code_is_refused(code, why):
    assert why in refusal(CreditCode, code)


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("110105194912310021", "check character of GB 11643"),
        ("11010519491231002x", "match pattern"),
        ("1101051949123100", "match pattern"),
        ("11010519490231002" + identity_check("11010519490231002"), "date of birth"),
    ],
)
def test_a_wrong_identity_number_is_refused(number, why):
    assert why in refusal(IdentityNumber, number)


def test_a_first_generation_number_is_widened_to_the_same_person():
    assert widened("110105491231002") == "11010519491231002X"


@pytest.mark.parametrize(
    "code",
    ["610000000000", "610900000000", "610999000000", "610999101000", VILLAGE, "610999400399", "610999599001"],
)
def test_a_division_of_any_level_is_accepted(code):
    assert accepts(DivisionCode, code)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("000000000000", "begin with the province"),
        ("610999000201", "must name a township"),
        ("610900101000", "must name the county"),
        ("610000101000", "must name the county"),
        ("610999600000", "001 to 599"),
        ("610999101400", "001 to 399"),
        ("61099910120", "match pattern"),
        ("61099910120A", "match pattern"),
        ("61099910120１", "match pattern"),
    ],
)
def test_a_division_without_its_structure_is_refused(code, why):
    assert why in refusal(DivisionCode, code)


def test_the_schema_of_a_division_takes_what_is_accepted():
    taken = re.compile(TypeAdapter(DivisionCode).json_schema()["pattern"])
    pairs, threes = ("00", "01", "10", "99"), ("000", "001", "010", "399", "400", "599", "600")
    for code in map("".join, product(pairs, pairs, pairs, threes, threes)):
        assert accepts(DivisionCode, code) is bool(taken.search(code)), code


def test_a_division_knows_its_county_and_what_it_lies_in():
    assert county_of(VILLAGE) == "610999"
    assert is_village(VILLAGE)
    assert not is_village("610999101000")
    assert lies_within(VILLAGE, "610999101000")
    assert lies_within(VILLAGE, "610000000000")
    assert not lies_within("610999101000", VILLAGE)
    assert not lies_within(VILLAGE, "610998000000")


def test_a_case_number_is_read_as_it_was_written():
    number = CaseNumber(VILLAGE, date(2026, 3, 3), 41)
    assert str(number) == "6109991012012026030300041T"
    assert CaseNumber.parse("6109991012012026030300041T") == number


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("6109991012012026030300041Q", "check character"),
        ("6109991012012026030300041", "at least 26"),
        ("6109991012012026030300041TQ", "at most 26"),
        ("61099910120120260303000４1T", "25 digits"),
        (str(CaseNumber("610999000201", date(2026, 3, 3), 1)), "must name a township"),
    ],
)
def test_a_wrong_case_number_is_refused(text, why):
    assert why in refusal(CaseNo, text)


def test_a_case_number_needs_a_real_day_and_a_serial():
    assert "yyyymmdd" in refusal(CaseNo, _written("20260230", 1))
    assert "serial" in refusal(CaseNo, _written("20260303", 0))
    with pytest.raises(ValueError, match="00001 to 99999"):
        CaseNumber(VILLAGE, date(2026, 3, 3), 100_000)


def _written(day: str, serial: int) -> str:
    body = f"{VILLAGE}{day}{serial:05d}"
    return body + case_check(body)


def test_a_block_holds_the_serials_that_begin_with_it():
    assert block_serials("07") == range(7000, 8000)
    assert block_serials("0") == range(1, 10_000)
    assert block_serials("1234") == range(12_340, 12_350)
    assert not accepts(SerialBlock, "12345")


def test_blocks_overlap_where_one_begins_with_the_other():
    assert blocks_overlap("07", "071")
    assert not blocks_overlap("07", "08")

"""Laws of check characters: written numbers are read back, and slips of the pen are found."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from domain.numbers import (
    CREDIT_ALPHABET,
    CaseNumber,
    block_serials,
    blocks_overlap,
    case_check,
    credit_check,
    identity_check,
)

townships = st.integers(1, 599)
villages = st.one_of(st.just(0), st.integers(1, 399))
divisions = st.builds(lambda town, village: f"610999{town:03d}{village:03d}", townships, villages)
case_numbers = st.builds(
    CaseNumber, divisions, st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(1, 99_999)
)
digits = st.sampled_from("0123456789")
blocks = st.text("0123456789", min_size=1, max_size=4)


def is_read(text: str) -> bool:
    try:
        CaseNumber.parse(text)
    except ValueError:
        return False
    return True


@given(case_numbers)
def test_a_case_number_is_read_back_as_written(number):
    assert CaseNumber.parse(str(number)) == number


@given(case_numbers, st.integers(0, 25), st.sampled_from(CREDIT_ALPHABET))
def test_every_single_wrong_character_in_a_case_number_is_found(number, at, wrong):
    text = str(number)
    slipped = text[:at] + wrong + text[at + 1 :]
    assert is_read(slipped) == (slipped == text)


@given(case_numbers, st.integers(0, 24))
def test_every_swap_of_neighbours_in_a_case_number_is_found(number, at):
    text = str(number)
    swapped = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    assert is_read(swapped) == (swapped == text)


@given(st.text("0123456789", min_size=25, max_size=25))
def test_case_numbers_are_written_without_look_alikes(body):
    assert case_check(body) in CREDIT_ALPHABET


@given(
    st.text(CREDIT_ALPHABET, min_size=17, max_size=17), st.integers(0, 16), st.sampled_from(CREDIT_ALPHABET)
)
def test_every_single_wrong_character_in_a_credit_code_is_found(body, at, wrong):
    slipped = body[:at] + wrong + body[at + 1 :]
    assert (credit_check(slipped) == credit_check(body)) == (slipped == body)


@given(st.text("0123456789", min_size=17, max_size=17), st.integers(0, 16), digits)
def test_every_single_wrong_digit_in_an_identity_number_is_found(body, at, wrong):
    slipped = body[:at] + wrong + body[at + 1 :]
    assert (identity_check(slipped) == identity_check(body)) == (slipped == body)


@given(st.text("0123456789", min_size=17, max_size=17), st.integers(0, 15))
def test_every_swap_of_neighbours_in_an_identity_number_is_found(body, at):
    swapped = body[:at] + body[at + 1] + body[at] + body[at + 2 :]
    assert (identity_check(swapped) == identity_check(body)) == (swapped == body)


@given(blocks, blocks)
def test_blocks_overlap_exactly_where_they_share_a_serial(one, other):
    shared = set(block_serials(one)) & set(block_serials(other))
    assert blocks_overlap(one, other) == bool(shared)

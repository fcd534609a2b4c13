"""A checker that cannot fail proves nothing: each promise, broken by hand, must be named."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.chaos.checker import BUSY, Row, violations
from tests.chaos.journal import Fail, Invoke, Ok, Seen, Unknown

NOON = datetime(2026, 5, 20, 4, tzinfo=UTC)


def row(position, key, *, case_no="A", version=1, correlation=None):
    moment = NOON + timedelta(milliseconds=position)
    return Row(
        position, f"case:{case_no}", version, "case.received.v1", moment, key, correlation or f"c-{key}"
    )


def ok(key, position, *, case_no="A", version=1, is_repeat=False):
    event = {"position": position, "version": version, "topic": "case.received.v1"}
    return Ok(1, key, {"case_no": case_no, "version": version, "events": [event]}, is_repeat)


JOURNAL = [
    Invoke(1, "one", None),
    ok("one", 1),
    Seen(2, 1),
    Invoke(1, "two", "A"),
    Invoke(2, "three", None),
    Unknown(1, "two"),
    ok("three", 3, case_no="B"),
    Invoke(1, "two", "A"),
    ok("two", 2, version=2, is_repeat=True),
    Invoke(2, "four", "B"),
    Fail(2, "four", "case-already-decided"),
    Invoke(2, "five", "B"),
    Unknown(2, "five"),
]
LOG = [row(1, "one"), row(2, "two", version=2), row(3, "three", case_no="B")]


def test_a_history_in_which_every_promise_is_kept_passes():
    assert violations(JOURNAL, LOG) == []


def test_an_unknown_outcome_may_be_stored_once():
    assert violations(JOURNAL, [*LOG, row(4, "five", case_no="B", version=2)]) == []


@pytest.mark.parametrize(
    ("log", "said"),
    [
        pytest.param(LOG[:2], "three: acknowledged at position 3", id="an acknowledged action is lost"),
        pytest.param(
            [LOG[0], replace(LOG[1], position=3), replace(LOG[2], position=4)],
            "position 2 is missing",
            id="a hole in the positions",
        ),
        pytest.param([*LOG, LOG[2]], "position 4 is missing or doubled", id="a doubled position"),
        pytest.param(
            [LOG[0], replace(LOG[1], version=3), LOG[2]],
            "version 3 stands where 2 should",
            id="a skipped version",
        ),
        pytest.param(
            [*LOG, row(4, "two", version=3, correlation="again")],
            "two: recorded 2 times",
            id="a retry recorded anew",
        ),
        pytest.param(
            [*LOG, row(4, "one", version=3, correlation="c-one")],
            "one: stored at position 4, of which its receipt does not tell",
            id="more stored than told",
        ),
        pytest.param(
            [*LOG, row(4, "four", case_no="B", version=2)],
            "four: refused with case-already-decided, and stored",
            id="a refused action is stored",
        ),
        pytest.param(
            [*LOG, row(4, "six", case_no="C")], "six: recorded, and nobody asked", id="from nowhere"
        ),
        pytest.param(
            [LOG[0], LOG[1], replace(LOG[2], recorded_at=NOON)],
            "position 3 was recorded before its predecessor",
            id="time runs backwards",
        ),
        pytest.param(
            [LOG[0], replace(LOG[1], topic="case.accepted.v1"), LOG[2]],
            "two: acknowledged at position 2",
            id="something else stands there",
        ),
        pytest.param([], "position 1 was read, and the log ends at 0", id="what was read is gone"),
    ],
)
def test_a_doctored_log_is_found_out(log, said):
    assert any(said in sentence for sentence in violations(JOURNAL, log)), violations(JOURNAL, log)


def test_a_retry_refused_although_the_first_attempt_was_recorded_is_found_out():
    journal = [*JOURNAL, Invoke(2, "five", "B"), Fail(2, "five", "case-already-decided")]
    log = [*LOG, row(4, "five", case_no="B", version=2)]
    assert violations(journal, log) == ["five: refused with case-already-decided, and stored"]


def test_a_refusal_says_nothing_about_later_attempts():
    journal = [*JOURNAL, Invoke(2, "four", "B"), Unknown(2, "four")]
    assert violations(journal, [*LOG, row(4, "four", case_no="B", version=2)]) == []


def test_a_busy_answer_to_a_retry_says_nothing_about_the_first_attempt():
    journal = [*JOURNAL, Invoke(2, "five", "B"), Fail(2, "five", BUSY)]
    assert violations(journal, [*LOG, row(4, "five", case_no="B", version=2)]) == []


def test_a_busy_answer_to_what_was_recorded_is_found_out():
    journal = [Invoke(1, "one", None), Fail(1, "one", BUSY)]
    assert violations(journal, [row(1, "one")]) == [f"one: refused with {BUSY}, and stored"]


def test_a_retry_with_another_answer_is_found_out():
    journal = [*JOURNAL, Invoke(1, "one", None), ok("one", 1, version=9, is_repeat=True)]
    assert "one: a retry was answered differently from the first time" in violations(journal, LOG)


def test_a_retry_that_is_answered_as_new_is_found_out():
    journal = [*JOURNAL, Invoke(1, "one", None), ok("one", 1)]
    assert violations(journal, LOG) == ["one: a retry was answered as if it were new"]


def test_two_who_ask_at_once_may_hear_the_repeat_first_but_not_both_that_it_is_new():
    asked = [Invoke(1, "one", None), Invoke(2, "one", None)]
    repeat, new = replace(ok("one", 1, is_repeat=True), client=2), ok("one", 1)
    assert violations([*asked, repeat, new], LOG[:1]) == []
    both_new = [*asked, replace(repeat, is_repeat=False), new]
    assert violations(both_new, LOG[:1]) == ["one: a retry was answered as if it were new"]


def test_an_action_recorded_before_one_that_was_acknowledged_earlier_is_found_out():
    journal = [Invoke(1, "one", None), ok("one", 2), Invoke(2, "two", None), ok("two", 1, case_no="B")]
    log = [row(1, "two", case_no="B"), row(2, "one")]
    assert violations(journal, log) == ["two: stands before position 2, acknowledged before it was sent"]

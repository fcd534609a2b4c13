"""What ends a case, as the database is told it: no other fact ends one, and only a reopening opens one again."""

from domain.case import CASE, ENDINGS
from domain.case.ending.events import CaseReopened
from tests.golden_histories import HISTORIES
from tests.spec import given


def test_only_the_endings_end_a_case_and_only_a_reopening_undoes_one():
    ended, reopened = set(), set()
    for history in HISTORIES:
        before = CASE.blank
        for fact, envelope in given(*history).history:
            after = CASE.evolve(before, fact, envelope)
            if (before.ending is None) is not (after.ending is None):
                (ended if after.ending else reopened).add(type(fact))
            before = after
    assert (ended, reopened) == (set(ENDINGS), {CaseReopened})

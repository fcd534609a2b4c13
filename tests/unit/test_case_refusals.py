"""Every refusal of every rule about a case, provoked: the tables stand in tests/refusals."""

import pytest

from domain.grammar import Rejected
from tests.refusals import intake, outcome, work

REFUSED = [*intake.REFUSED, *work.REFUSED, *outcome.REFUSED]
OURS = ("domain.case", "domain.admission")


@pytest.mark.parametrize(("refusal", "provoked"), REFUSED, ids=lambda each: getattr(each, "__name__", ""))
def test_the_rule_refuses(refusal, provoked):
    provoked().then_rejected(refusal)


TOLERATED = [each for each in REFUSED if each[0].TOLERATED_IN_IMPORTS]


@pytest.mark.parametrize(("refusal", "provoked"), TOLERATED, ids=lambda each: getattr(each, "__name__", ""))
def test_in_a_record_of_another_system_it_is_taken_and_flagged(refusal, provoked):
    taken = provoked().as_legacy()
    assert taken.objection is None
    assert refusal.code() in taken.decision.irregularities
    assert taken.decision.facts


def test_every_refusal_is_provoked():
    provoked = {refusal for refusal, _ in REFUSED}
    assert provoked == {each for each in _below(Rejected) if each.__module__.startswith(OURS)}


def _below(kind):
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)

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
    assert set(refusal.flags()) <= set(taken.decision.irregularities)
    assert taken.decision.facts


def test_what_supervision_watches_for_carries_its_rule_code_too():
    """A watch that reads P09 must see the cancelled item in a record of another system as well."""
    by_rule = {}
    for refusal, _ in REFUSED:
        if refusal.RULE:
            by_rule.setdefault(refusal.RULE, set()).add(refusal.code())
    assert by_rule == {
        "P01": {"asked-for-again"},
        "P03": {
            "procedure-not-allowed",
            "procedure-after-deadline",
            "approver-missing",
            "approver-is-handler",
            "not-an-approver",
        },
        "P04": {"reasons-missing", "remedies-missing"},
        "P05": {
            "before-its-cause",
            "case-already-accepted",
            "case-already-decided",
            "case-already-ended",
            "case-paused",
            "work-still-recorded",
        },
        "P06": {"decided-by-acceptor", "extended-by-handler"},
        "P09": {"item-not-in-force"},
        "F01": {"fee-without-standard", "fee-above-standard"},
    }


def test_every_refusal_is_provoked():
    provoked = {refusal for refusal, _ in REFUSED}
    assert provoked == {each for each in _below(Rejected) if each.__module__.startswith(OURS)}


def _below(kind):
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)

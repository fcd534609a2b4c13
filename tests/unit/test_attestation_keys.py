"""The ring of keys: what counts at which position, and what the log may be made to say of its keys."""

import pytest

from domain.attestation import COSIGNATURES, COUNTY, HEADS, KEYS
from domain.attestation.commands import (
    AddLogKey,
    AddProcessKey,
    AdoptUnsignedEvents,
    RecordCosignatures,
    RetireLogKey,
    RetireProcessKey,
    RootCaseHeads,
)
from domain.attestation.events import (
    LogKeyAdded,
    ProcessKeyAdded,
    ProcessKeyRetired,
    RecoveryStated,
    UnsignedEventsAdopted,
)
from domain.attestation.rejections import (
    AdoptedBackwards,
    KeyKnown,
    KeyNotInUse,
    LastKey,
    TreeOnlyGrows,
)
from domain.attestation.ring import Statement, ring_of
from domain.grammar import Rejected
from domain.proof.signing import ABOUT_KEYS, UNSIGNED, Use, root_over
from ops.signing import OPERATOR
from tests.sealed import NOON, a_leaf, a_process, with_state
from tests.spec import Occasion

ONE, TWO, STRANGER = a_process(1), a_process(2), a_process(9)
FIRST, SECOND, FOREIGN = ONE.key.vkey(), TWO.key.vkey(), STRANGER.key.vkey()
OCCASION = Occasion(OPERATOR, NOON)


def said(*facts):
    """Statements at positions 1, 2, …, each as (by, fact)."""
    return [Statement(a_leaf(n, by), fact) for n, (by, fact) in enumerate(facts, start=1)]


def ring(*facts, anchors=(ONE.key,)):
    return ring_of(said(*facts), anchors)


def decided(aggregate, commands):
    state = aggregate.blank
    for command in commands:
        decision = aggregate.decide(state, command, OCCASION, None)
        for fact in decision.facts:
            state = aggregate.evolve(state, fact, None)
    return state


def refused(aggregate, *commands):
    *before, last = commands
    state = decided(aggregate, before)
    with pytest.raises(Rejected) as found:
        aggregate.decide(state, last, OCCASION, None)
    return found.type


def test_the_first_key_introduces_itself_and_counts_from_its_own_introduction():
    keys = ring((ONE, ProcessKeyAdded(key=FIRST)))
    assert keys.at(1) == [ONE.key]
    assert keys.signer(a_leaf(1, ONE)) == ONE.key


def test_a_first_key_that_is_known_from_nowhere_else_does_not_count():
    assert ring((STRANGER, ProcessKeyAdded(key=FOREIGN))).at(1) == []


def test_a_first_key_that_did_not_sign_its_introduction_does_not_count():
    assert ring((STRANGER, ProcessKeyAdded(key=FIRST))).at(1) == []


def test_a_further_key_counts_behind_its_introduction_and_not_at_it():
    keys = ring((ONE, ProcessKeyAdded(key=FIRST)), (ONE, ProcessKeyAdded(key=SECOND)))
    assert keys.at(2) == [ONE.key]
    assert keys.at(3) == [TWO.key, ONE.key]


@pytest.mark.parametrize("by", [STRANGER, None])
def test_a_key_introduces_nobody_unless_it_counts_itself(by):
    keys = ring((ONE, ProcessKeyAdded(key=FIRST)), (by, ProcessKeyAdded(key=FOREIGN)))
    assert keys.at(3) == [ONE.key]


def test_a_retired_key_counts_up_to_its_retirement():
    keys = ring(
        (ONE, ProcessKeyAdded(key=FIRST)),
        (ONE, ProcessKeyAdded(key=SECOND)),
        (TWO, ProcessKeyRetired(key=FIRST, reason="轮换")),
    )
    assert keys.signer(a_leaf(3, ONE)) == ONE.key
    assert keys.signer(a_leaf(4, ONE)) is None
    assert keys.signer(a_leaf(4, TWO)) == TWO.key


def test_a_statement_of_a_later_version_is_passed_over():
    keys = ring((ONE, ProcessKeyAdded(key=FIRST)), (ONE, None), (ONE, LogKeyAdded(key=SECOND)))
    assert keys.at(3, Use.log) == [TWO.key]
    assert keys.at(3) == [ONE.key]


@pytest.mark.parametrize(
    "changed",
    [
        with_state(a_leaf(2, ONE), b"[]"),
        a_leaf(2, STRANGER),
        a_leaf(2),
    ],
)
def test_what_was_changed_after_it_was_signed_is_nobodys(changed):
    assert ring((ONE, ProcessKeyAdded(key=FIRST))).signer(changed) is None


def test_an_adoption_names_the_leaves_that_it_means_and_no_others():
    found = [a_leaf(1), a_leaf(2)]
    keys = ring(
        (ONE, ProcessKeyAdded(key=FIRST)),
        (ONE, UnsignedEventsAdopted(first=1, last=2, root=root_over(found).hex(), reason="旧记录")),
    )
    adoption = keys.adoption_of(2)
    assert adoption.names(found)
    assert not adoption.names([a_leaf(1), with_state(a_leaf(2), b"[]")])
    assert not adoption.names(found[:1])
    assert keys.adoption_of(3) is None


def test_an_unsigned_leaf_holds_zeros_where_its_signature_would_stand():
    assert a_leaf(1).to_bytes().endswith(UNSIGNED)
    assert bytes(64) == UNSIGNED


def test_a_key_is_introduced_once():
    assert refused(KEYS, AddProcessKey(key=FIRST), AddLogKey(key=FIRST)) is KeyKnown


def test_a_key_that_is_not_in_use_is_not_retired():
    commands = AddProcessKey(key=FIRST), AddProcessKey(key=SECOND)
    assert refused(KEYS, *commands, RetireProcessKey(key=FOREIGN, reason="误")) is KeyNotInUse
    assert refused(KEYS, *commands, RetireLogKey(key=FIRST, reason="误")) is KeyNotInUse


def test_the_last_key_of_its_kind_stays():
    assert refused(KEYS, AddLogKey(key=FIRST), RetireLogKey(key=FIRST, reason="轮换")) is LastKey


def test_a_range_to_adopt_runs_forwards():
    backwards = AdoptUnsignedEvents(first=3, last=2, root="0" * 64, reason="误")
    assert refused(KEYS, backwards) is AdoptedBackwards


def test_statements_about_the_tree_reach_ever_further():
    root = RootCaseHeads(size=7, root="0" * 64)
    assert refused(HEADS, root, root) is TreeOnlyGrows
    seen = RecordCosignatures(origin="a", size=7, root="0" * 64, lines=("w AAAA",))
    assert decided(COSIGNATURES, [seen, seen]).size == 7
    assert refused(COSIGNATURES, seen, seen.model_copy(update={"size": 6})) is TreeOnlyGrows


def test_the_log_key_may_speak_of_keys_and_of_nothing_else():
    told = (
        (ONE, ProcessKeyAdded(key=FIRST)),
        (ONE, LogKeyAdded(key=SECOND)),
        (TWO, ProcessKeyAdded(key=FOREIGN)),
    )
    statements = [
        Statement(a_leaf(n, by, stream=ABOUT_KEYS), fact) for n, (by, fact) in enumerate(told, start=1)
    ]
    keys = ring_of(statements, [ONE.key])
    assert keys.at(4) == [STRANGER.key, ONE.key]
    assert keys.signer(a_leaf(4, TWO, stream=ABOUT_KEYS)) == TWO.key
    assert keys.signer(a_leaf(4, TWO)) is None
    assert KEYS.stream(COUNTY) == ABOUT_KEYS


def test_a_loss_is_stated_right_behind_what_is_lost():
    def stating(last):
        statement = RecoveryStated(first=2, last=last, root="0" * 64, officers=("a", "b"), reason="-")
        return ring(
            (ONE, ProcessKeyAdded(key=FIRST)), (ONE, LogKeyAdded(key=SECOND)), (ONE, None), (ONE, statement)
        )

    assert stating(3).is_stated_lost(2)
    assert not stating(3).is_stated_lost(4)
    assert not stating(2).is_stated_lost(2)

"""What is signed together is as good as signed alone: each event by itself, at its place, and nothing else."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.evidence.verify import event_of
from domain.proof.batch import MOST, claimed, signed_together, statement
from domain.proof.leaf import BATCHED_BYTES, Leaf, SealedEvent, state_hash
from domain.proof.signing import KeyRing, Term, Use
from domain.proof.tree import CompactRange, leaf_hash
from tests.evidenced import trusting
from tests.sealed import NOON, ORIGIN, a_process

PROCESS, THIEF = a_process(1), a_process(2)
KEY = PROCESS.key
SIZES = st.one_of(st.integers(2, 9), st.integers(2, MOST))
TRUST = trusting(keys=f"process {KEY.vkey()} 1\n")
PLACE, PATH = 64, 68


def messages(size):
    return [b"event %d" % n for n in range(size)]


def signed(size):
    return signed_together(messages(size), PROCESS.signer.private.sign)


def holds(message, stored, key=KEY):
    claim = claimed(message, stored)
    return claim is not None and key.signed(*claim)


def holds_elsewhere(event, stored):
    """By the verifier that auditors take away, which shares no code with the other."""
    leaf = Leaf(1, event, NOON, stored).to_bytes()
    return TRUST.is_signed(event_of(leaf, None))


def an_event(n):
    return SealedEvent(ORIGIN, f"case:{n}", 1, NOON, "case.noted.v1", state_hash(b"%d" % n))


@settings(max_examples=20, deadline=None)
@given(SIZES)
def test_each_event_of_a_batch_is_signed_and_stands_by_itself(size):
    stored = signed(size)
    assert all(map(holds, messages(size), stored))
    assert {len(one) for one in stored} <= set(BATCHED_BYTES)
    assert len({one[:PLACE] for one in stored}) == 1
    assert not holds(messages(size)[0], stored[0], THIEF.key)


@settings(deadline=None)
@given(st.integers(2, MOST))
def test_the_statement_is_of_the_tree_that_the_standard_defines(size):
    tree, told = CompactRange(), []
    for message in messages(size):
        list(tree.append(leaf_hash(message)))
    signed_together(messages(size), lambda statement: told.append(statement) or bytes(64))
    assert told == [statement(size, tree.root())]


def test_one_event_alone_is_signed_as_it_always_was():
    assert signed(1) == [PROCESS.signer.private.sign(b"event 0")]


def test_more_than_fit_a_batch_are_signed_in_several():
    stored = signed(2 * MOST + 1)
    assert len({one[:PLACE] for one in stored}) == 3
    assert len(stored[-1]) == 64
    assert all(map(holds, messages(2 * MOST + 1), stored))


@given(st.data())
def test_nobody_takes_the_place_of_a_neighbour(data):
    size = data.draw(SIZES)
    stored, one, other = (
        signed(size),
        data.draw(st.integers(0, size - 1)),
        data.draw(st.integers(0, size - 1)),
    )
    assume(one != other)
    assert not holds(messages(size)[one], stored[other])
    transplanted = stored[one][:PATH] + stored[other][PATH:]
    assert not holds(messages(size)[one], transplanted) or transplanted == stored[one]


@given(st.data())
def test_no_other_index_size_or_path_holds(data):
    size = data.draw(SIZES)
    at = data.draw(st.integers(0, size - 1))
    message, stored = messages(size)[at], signed(size)[at]
    place = data.draw(st.tuples(st.integers(0, 2**16 - 1), st.integers(0, 2**16 - 1)))
    moved = stored[:PLACE] + place[0].to_bytes(2) + place[1].to_bytes(2) + stored[PATH:]
    assert holds(message, moved) == (place == (at, size))
    assert not holds(message, stored[:-32])
    assert not holds(message, stored + stored[-32:])
    assert not holds(message, stored[:PATH] + stored[-32:] + stored[PATH:])
    changed = bytearray(stored)
    changed[data.draw(st.integers(0, len(stored) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    assert not holds(message, bytes(changed))


@given(st.data())
def test_the_auditors_verifier_agrees_on_every_change(data):
    size = data.draw(st.integers(2, 12))
    events = [an_event(n) for n in range(size)]
    at = data.draw(st.integers(0, size - 1))
    stored = PROCESS.sign_together(events)[at].signature
    assert holds_elsewhere(events[at], stored)
    changed = bytearray(stored)
    changed[data.draw(st.integers(PLACE, PATH - 1))] ^= 1 << data.draw(st.integers(0, 7))
    for event, other in ((events[at], bytes(changed)), (events[at - 1], stored)):
        assert not holds_elsewhere(event, other)
        assert not holds(event.signed_bytes(), other)


def test_a_batch_of_one_told_as_a_batch_is_nobodys():
    (alone,) = signed(1)
    root = leaf_hash(b"event 0")
    told = PROCESS.signer.private.sign(statement(1, root)) + bytes([0, 0, 0, 1])
    assert not holds(b"event 0", told)
    assert not holds(b"event 0", told + root)
    assert not holds(b"event 0", alone + bytes([0, 0, 0, 1]) + root)


def test_a_node_of_the_tree_is_no_event_of_the_batch():
    """Leaves and nodes are hashed apart (RFC 9162): who holds two neighbours' hashes has not found a message between them."""
    first, second = map(leaf_hash, messages(4)[:2])
    stored = signed(4)
    shorter = stored[0][:PLACE] + bytes([0, 0, 0, 2]) + stored[0][PATH + 32 :]
    for message in (first + second, b"\x01" + first + second):
        assert not holds(message, shorter)
        assert not holds(message, stored[0])


def test_a_statement_is_no_event_and_an_event_no_statement():
    tree = CompactRange()
    for message in messages(2):
        list(tree.append(leaf_hash(message)))
    assert not holds(statement(2, tree.root()), signed(2)[0])
    assert not an_event(1).signed_bytes().startswith(statement(0, b"")[:4])


def test_the_ring_knows_the_process_behind_each_event_of_a_batch():
    ring = KeyRing((Term(KEY, Use.process, 1),))
    signed_events = PROCESS.sign_together([an_event(n) for n in range(5)])
    leaves = [Leaf(n, one.event, NOON, one.signature) for n, one in enumerate(signed_events, start=1)]
    assert [ring.signer(leaf) for leaf in leaves] == [KEY] * 5
    assert ring.signer(leaves[0]._replace(signature=leaves[1].signature)) is None
    assert ring.signer(leaves[0]._replace(event=an_event(9))) is None
    stolen = THIEF.sign_together([an_event(n) for n in range(2)])
    assert ring.signer(Leaf(1, stolen[0].event, NOON, stolen[0].signature)) is None

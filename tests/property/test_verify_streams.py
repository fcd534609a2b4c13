"""The streams that several processes of `jiandu verify` follow, a share each, against the map of heads and a plain count."""

from hashlib import sha256
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.proof.heads import Head, Heads
from ops.verify.heads import MOST_OF_A_WORD, joined
from ops.verify.streams import Passage, followed
from ops.verify.tree import hashed

EVENTS = st.lists(
    st.tuples(st.sampled_from([f"case:{n}" for n in range(12)]), st.sampled_from([None, 0, 1, 3])),
    max_size=40,
)
"""Of each its stream, and its version where it is not the next."""
BITS = st.integers(0, 3)


def versions_of(events):
    """The log: stream and version, where most follow each other."""
    last, told = {}, []
    for stream, version in events:
        last[stream] = last.get(stream, 0) + 1 if version is None else version
        told.append((stream, last[stream]))
    return told


def leaf(position):
    return sha256(position.to_bytes(8)).digest()


def pieces_of(log, cuts, bits):
    """As whoever reads a piece puts it: the last position, and its shares."""
    edges = sorted({0, len(log), *(cut for cut in cuts if cut < len(log))})
    for begin, end in pairwise(edges):
        begins, ends = {}, {}
        for position, (stream, version) in enumerate(log[begin:end], begin + 1):
            begins.setdefault(stream, (version, position))
            ends[stream] = (version, position)
        streams = [stream.encode() for stream in ends]
        passage = Passage(
            streams,
            hashed(streams),
            [version for version, _ in begins.values()],
            [position for _, position in begins.values()],
            [version for version, _ in ends.values()],
            [leaf(position) for _, position in ends.values()],
        )
        yield end, [share.packed() for share in passage.divided(bits)]


def follow(log, cuts, size, bits):
    pieces = list(pieces_of(log, {*cuts, size}, bits))
    shares = [[(last, shares[n]) for last, shares in pieces] for n in range(1 << bits)]
    found = [followed(share, size, bits) for share in shares]
    return sorted(each.position for one in found for each in one.troubles), joined(
        [one.heads for one in found]
    )


def root_of(log):
    heads = Heads({})
    for position, (stream, version) in enumerate(log, 1):
        heads.put(Head(stream, version, leaf(position)))
    return heads.root()


@given(EVENTS, st.sets(st.integers(1, 39)), st.integers(1, 40), BITS)
def test_the_root_is_that_of_the_map_however_the_log_and_its_streams_are_divided(events, cuts, size, bits):
    log = versions_of(events)
    assert follow(log, cuts, size, bits)[1] == root_of(log[:size])


@given(EVENTS, BITS)
def test_a_version_that_does_not_follow_the_last_is_named(events, bits):
    """Where each event is a piece of its own."""
    log, last, wrong = versions_of(events), {}, []
    for position, (stream, version) in enumerate(log, 1):
        if version not in ((last[stream] + 1,) if stream in last else (0, 1)):
            wrong.append(position)
        last[stream] = version
    assert follow(log, range(len(log)), len(log), bits)[0] == wrong


@given(BITS)
def test_a_stream_too_long_for_any_leaf_has_no_head(bits):
    log = [("case:1", 1), ("x" * (MOST_OF_A_WORD + 1), 1)]
    assert follow(log, [], 2, bits)[1] == root_of(log[:1])

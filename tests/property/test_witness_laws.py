"""What no sequence of submissions may bring a witness to."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.proof.note import COSIGNATURE, Key, Note, opened
from ops.witness import keys
from ops.witness.desk import Desk
from ops.witness.judging import NOTHING_YET, Remembered, Verdict, judge
from ops.witness.submission import MalformedSubmission, Submission
from tests.witnessed import LOG, Paper

TRUNK = Paper(40)
BRANCH = Paper(40, branch="other", forked_at=17)
SIZES = st.integers(0, 40)
TRUSTED = [LOG.key()]


def judged(body, remembered):
    return judge(Submission.from_bytes(body), TRUSTED, remembered).verdict


@given(st.lists(st.tuples(st.sampled_from([TRUNK, BRANCH]), SIZES, SIZES), max_size=12))
@settings(max_examples=150)
def test_whatever_is_submitted_no_two_cosigned_trees_contradict_each_other(submissions):
    remembered, cosigned = NOTHING_YET, []
    for log, old, size in submissions:
        if judged(log.submission(old, size), remembered) is Verdict.consistent:
            assert size >= remembered.size
            remembered = Remembered(size, log.checkpoint(size).root)
            cosigned.append(log.checkpoint(size))
    assert any(all(log.checkpoint(each.size) == each for each in cosigned) for log in (TRUNK, BRANCH))


@given(SIZES, SIZES)
def test_a_log_that_only_grows_is_always_cosigned(one, other):
    old, size = sorted((one, other))
    remembered = Remembered(old, TRUNK.checkpoint(old).root)
    assert judged(TRUNK.submission(old, size), remembered) is Verdict.consistent


@given(st.integers(1, 39), st.integers(0, 5), st.binary(min_size=32, max_size=32))
def test_a_proof_with_one_wrong_hash_shows_nothing(old, at, wrong):
    proof = TRUNK.proof(old, 40)
    submission = Submission.from_bytes(TRUNK.submission(old, 40))
    broken = tuple(wrong if index == at % len(proof) else each for index, each in enumerate(proof))
    changed = Submission(old, broken, submission.note, submission.checkpoint)
    remembered = Remembered(old, TRUNK.checkpoint(old).root)
    assert judge(changed, TRUSTED, remembered).verdict is Verdict.not_proved


@given(st.data())
@settings(max_examples=150)
def test_a_submission_changed_by_a_byte_is_malformed_or_judged_but_never_a_crash(data):
    body = bytearray(TRUNK.submission(17, 40))
    body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    remembered = Remembered(17, TRUNK.checkpoint(17).root)
    try:
        submission = Submission.from_bytes(bytes(body))
    except MalformedSubmission:
        return
    trusted = TRUSTED if submission.checkpoint.origin == LOG.name else []
    verdict = judge(submission, trusted, remembered).verdict
    assert verdict is not Verdict.consistent or submission.checkpoint == TRUNK.checkpoint(40)


@given(st.binary(max_size=200))
def test_whatever_bytes_are_submitted_are_malformed(noise):
    try:
        Submission.from_bytes(noise)
    except MalformedSubmission:
        return
    raise AssertionError(noise)


LINE = keys.told(LOG)


def test_a_private_key_reads_back():
    assert keys.read(LINE + "\n").key() == LOG.key()


@pytest.mark.parametrize("at", [0, 8, 14, 35, 45, 60, 80])
def test_a_private_key_that_was_changed_is_refused_without_showing_it(at):
    changed = LINE[:at] + ("A" if LINE[at] != "A" else "B") + LINE[at + 1 :]
    with pytest.raises(ValueError, match=r"^not a private key of a note[^+]*$"):
        keys.read(changed)


def test_the_time_of_a_cosignature_never_steps_back(tmp_path):
    signer = keys.create(tmp_path / "key", "jw.example/qx")
    (tmp_path / "logs").write_text(f"log {LOG.key().vkey()}\nquorum none\n")
    clock = iter([1_800_000_000.9, 1_799_999_980.0])
    desk = Desk.at(tmp_path, clock=lambda: next(clock))
    key = Key(signer.name, COSIGNATURE, signer.key().public)
    for old, size in ((0, 3), (3, 5)):
        answer = desk.add_checkpoint(TRUNK.submission(old, size))
        note = Note.from_bytes(TRUNK.note(size) + answer.body)
        (line,) = opened(note, [key])
        assert int.from_bytes(line.value[:8]) == 1_800_000_000

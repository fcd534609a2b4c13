"""Whether a witness may cosign: pure, from what was submitted, whom it trusts and what it remembers.

Source: C2SP tlog-witness; the checks stand in its order, for the first that fails is the answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from domain.proof.note import Key, NotSigned, Signature, opened
from domain.proof.tree import EMPTY_ROOT
from domain.proof.verification import is_consistent
from ops.witness.submission import Submission


class Remembered(NamedTuple):
    """The tree of a log that the witness cosigned last."""

    size: int
    root: bytes


NOTHING_YET: Final = Remembered(0, EMPTY_ROOT)


class Verdict(StrEnum):
    consistent = "consistent"
    unknown_log = "unknown-log"
    not_signed = "not-signed"
    old_beyond_size = "old-beyond-size"
    stale = "stale"  # the submitter thinks of another tree than the witness cosigned last
    forked = "forked"  # the log has signed two trees of one size
    not_proved = "not-proved"


@dataclass(frozen=True, slots=True)
class Judgement:
    verdict: Verdict
    signature: Signature | None = None
    """The log's own, where it holds."""

    @property
    def is_evidence(self) -> bool:
        """Whether the log has put its name under what contradicts it, or under what it cannot prove."""
        return self.verdict in (Verdict.forked, Verdict.not_proved)


def judge(submission: Submission, trusted: Sequence[Key], remembered: Remembered) -> Judgement:
    """`trusted`: the keys of the log of that origin; none: the witness does not know the log."""
    if not trusted:
        return Judgement(Verdict.unknown_log)
    try:
        signature, *_ = opened(submission.note, trusted)
    except NotSigned:
        return Judgement(Verdict.not_signed)
    return Judgement(_growth(submission, remembered), signature)


def _growth(submission: Submission, remembered: Remembered) -> Verdict:
    old, checkpoint = submission.old, submission.checkpoint
    if old > checkpoint.size:
        return Verdict.old_beyond_size
    if old != remembered.size:
        return Verdict.stale
    if old == checkpoint.size and checkpoint.root != remembered.root:
        return Verdict.forked
    if old == 0:
        is_proved = not submission.proof and (checkpoint.size > 0 or checkpoint.root == EMPTY_ROOT)
        return Verdict.consistent if is_proved else Verdict.not_proved
    has_grown = is_consistent(old, remembered.root, checkpoint.size, checkpoint.root, submission.proof)
    return Verdict.consistent if has_grown else Verdict.not_proved

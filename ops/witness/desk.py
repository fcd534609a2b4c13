"""The witness at work: judges what is submitted, remembers it, keeps what speaks against a log, and signs.

Its folder holds `key` (secret), `logs` (whom it trusts, lines of C2SP tlog-policy), a memory for each log, and `evidence/`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Final, Self

from domain.proof.note import COSIGNATURE, Key, Note, NotSigned, Signer, opened
from domain.proof.policy import Policy
from ops.witness import keys
from ops.witness.evidence import Evidence
from ops.witness.judging import Judgement, Verdict, judge
from ops.witness.memory import Cosigned, Memory, opened_memory, path_of
from ops.witness.submission import MalformedSubmission, Submission

SIZE: Final = "text/x.tlog.size"
TEXT: Final = "text/plain; charset=utf-8"
SLACK_SECONDS: Final = 60
"""So far a clock that is being set right may step back; beyond it the witness signs nothing."""

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the submitter is told, as HTTP says it."""

    status: HTTPStatus
    body: bytes
    content_type: str = TEXT


STATUS: Final = {
    Verdict.unknown_log: (HTTPStatus.NOT_FOUND, "this witness does not know the log 本见证人不认识此记录"),
    Verdict.not_signed: (
        HTTPStatus.FORBIDDEN,
        "no signature of a key trusted for this log holds 无受信任的有效签名",
    ),
    Verdict.old_beyond_size: (
        HTTPStatus.BAD_REQUEST,
        "the old size is larger than the checkpoint 旧树大于检查点",
    ),
    Verdict.forked: (
        HTTPStatus.CONFLICT,
        "the log has signed another tree of this size 同一大小签过另一棵树",
    ),
    Verdict.not_proved: (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "the proof does not show that the tree has only grown 未能证明只增不改",
    ),
}


class Desk:
    """`add_checkpoint` may be called by many at once, and by several processes on one folder."""

    def __init__(self, folder: Path, signer: Signer, *, clock: Clock = time.time) -> None:
        self.folder, self.signer = folder, signer
        self.evidence = Evidence(folder / "evidence")
        self._clock = clock

    @classmethod
    def at(cls, folder: Path, *, clock: Clock = time.time) -> Self:
        """Raises OSError, ValueError where the folder is no witness's."""
        return cls(folder, keys.read((folder / "key").read_text(encoding="utf-8")), clock=clock)

    @property
    def logs(self) -> Policy:
        """Read anew each time: whom the keeper adds is trusted at once. Raises OSError, MalformedPolicy."""
        return Policy.from_bytes((self.folder / "logs").read_bytes())

    def add_checkpoint(self, body: bytes) -> Answer:
        """Raises OSError, MemoryDamaged, ClockBehind: then nothing was signed."""
        try:
            submission = Submission.from_bytes(body)
        except MalformedSubmission as error:
            return Answer(HTTPStatus.BAD_REQUEST, f"malformed 格式不符: {error}\n".encode())
        origin = submission.checkpoint.origin
        trusted = self.logs.log_keys(origin)
        if not trusted:  # no file is made for a log that nobody trusts
            return _refused(Verdict.unknown_log)
        with opened_memory(self.folder, origin) as memory:
            judgement = judge(submission, trusted, memory.remembered)
            self._keep_evidence(body, submission, judgement, memory)
            if judgement.verdict is Verdict.stale:
                return Answer(HTTPStatus.CONFLICT, b"%d\n" % memory.remembered.size, SIZE)
            if judgement.signature is None or judgement.verdict is not Verdict.consistent:
                return _refused(judgement.verdict)
            moment = self._moment(memory)
            checkpoint = submission.checkpoint
            if memory.last is None or checkpoint.size > memory.last.size:
                memory.add(Cosigned(checkpoint.size, checkpoint.root, moment, judgement.signature))
        return Answer(HTTPStatus.OK, self.signer.cosign(submission.note.text, moment).line().encode())

    def has_cosigned(self, body: bytes) -> bool:
        """Whether that very checkpoint was cosigned before. Raises OSError, MemoryDamaged."""
        try:
            checkpoint = Submission.from_bytes(body).checkpoint
        except MalformedSubmission:
            return False
        if not path_of(self.folder, checkpoint.origin).exists():
            return False
        with opened_memory(self.folder, checkpoint.origin) as memory:
            known = memory.of_size(checkpoint.size)
        return known is not None and known.root == checkpoint.root

    def latest(self, hashed_origin: str) -> bytes | None:
        """The largest checkpoint cosigned of the log whose origin has this SHA-256: signed by the log and, anew, by us."""
        for log in self.logs.logs:
            if sha256(log.name.encode()).hexdigest() == hashed_origin:
                return self._latest(log.name)
        return None

    def _latest(self, origin: str) -> bytes | None:
        if not path_of(self.folder, origin).exists():
            return None
        with opened_memory(self.folder, origin) as memory:
            return self._shown(origin, memory.last) if memory.last else None

    def _shown(self, origin: str, cosigned: Cosigned) -> bytes:
        note = cosigned.note(origin)
        return note.signed_by(self.signer.cosign(note.text, cosigned.time)).to_bytes()

    def _moment(self, memory: Memory) -> int:
        """Now, in seconds since 1970, and never before what was signed already."""
        now, last = int(self._clock()), memory.last.time if memory.last else 0
        if now < last - SLACK_SECONDS:
            raise ClockBehind(f"the clock stands at {now}, before the last cosignature at {last}")
        return max(now, last)

    def _keep_evidence(
        self, body: bytes, submission: Submission, judgement: Judgement, memory: Memory
    ) -> None:
        """Of a log that contradicts itself, and of our own memory where our signature knows more than it."""
        if judgement.signature is None:
            return
        size, root = submission.checkpoint.size, submission.checkpoint.root
        if self._has_forgotten(submission.note, size, memory):
            self.evidence.keep("forgotten", body, None)
        known = memory.of_size(size) if judgement.verdict is Verdict.stale else memory.last
        contradicts = known is not None and known.size == size and known.root != root
        if contradicts or judgement.is_evidence:
            kind = Verdict.forked if contradicts else judgement.verdict
            against = self._shown(submission.checkpoint.origin, known) if known else None
            self.evidence.keep(kind, body, against)

    def _has_forgotten(self, note: Note, size: int, memory: Memory) -> bool:
        """Whether we have signed a larger tree than we remember: somebody has put an older memory in place."""
        return size > memory.remembered.size and is_signed(note, self.signer.key(COSIGNATURE))


def is_signed(note: Note, key: Key) -> bool:
    try:
        return bool(opened(note, [key]))
    except NotSigned:
        return False


class ClockBehind(Exception):  # noqa: N818  — it reads as what has happened
    """The witness's clock stands before its own last cosignature."""


def _refused(verdict: Verdict) -> Answer:
    status, said = STATUS[verdict]
    return Answer(status, f"{verdict} {said}\n".encode())

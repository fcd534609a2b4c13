"""What must have happened before, and what must not.

A record that comes late is judged against what stood when it happened: what came after is not in its way, but the
order is flagged P05. What there is once only (acceptance or its refusal, the decision, the result) is refused beside
another, however late it is told: one of the two is wrong, and has to be voided.
"""

from datetime import datetime

from domain.admission import Objections
from domain.case.rejections import (
    BeforeItsCause,
    CaseAlreadyDecided,
    CaseAlreadyEnded,
    CaseNotAccepted,
    CaseNotApproved,
    CaseNotReceived,
    CasePaused,
    OutOfOrder,
)
from domain.case.setting import Setting
from domain.case.state import Case
from domain.grammar import Rejected


def forbidden_since(moment: datetime, objection: Rejected, at: Setting) -> Objections:
    """The objection, unless the command happened before `moment` and is recorded late with a reason: then P05."""
    if at.precedes(moment) and at.occasion.circumstances.backfill is not None:
        yield OutOfOrder()
    else:
        yield objection


def not_before(cause: datetime | None, at: Setting) -> Objections:
    """Not before its cause; P05 where a backfill says why the order is what it is."""
    if cause is None or not at.precedes(cause):
        return
    yield OutOfOrder() if at.occasion.circumstances.backfill is not None else BeforeItsCause()


def received(case: Case) -> Objections:
    if case.application is None:
        yield CaseNotReceived()


def begun(case: Case) -> Objections:
    """Received, or at least entrusted to an agent."""
    if case.began_at is None:
        yield CaseNotReceived()


def open_case(case: Case, at: Setting) -> Objections:
    """Received and not ended."""
    yield from received(case)
    if case.ending is not None:
        yield from forbidden_since(case.ending.ended_at, CaseAlreadyEnded(result=case.ending.result), at)


def accepted(case: Case, at: Setting) -> Objections:
    """Received, accepted, not ended."""
    yield from open_case(case, at)
    if case.application is None:
        return
    if not case.is_accepted:
        yield CaseNotAccepted()
    else:
        yield from not_before(case.clock.accepted_at, at)


def without_result(case: Case) -> Objections:
    """No result stands yet: a case has exactly one, so a second is refused even where it came about before."""
    if case.ending is not None:
        yield CaseAlreadyEnded(result=case.ending.result)


def without_decision(case: Case) -> Objections:
    """No decision stands yet: a second is refused even where it was taken before, until the first is voided."""
    if case.decision is not None:
        yield CaseAlreadyDecided(decided_on=case.decision.decided_on.isoformat())


def undecided(case: Case, at: Setting) -> Objections:
    if case.decision is not None:
        yield from forbidden_since(
            case.decision.decided_at, CaseAlreadyDecided(decided_on=case.decision.decided_on.isoformat()), at
        )


def running(case: Case, at: Setting) -> Objections:
    """Its time runs: no special procedure was open when it happened."""
    pause = case.clock.open_pause
    if pause is not None:
        yield from forbidden_since(pause.started_at, CasePaused(since=pause.started_on.isoformat()), at)


def in_hand(case: Case, at: Setting) -> Objections:
    """In progress 办理中: accepted, neither paused nor decided nor ended."""
    yield from accepted(case, at)
    yield from undecided(case, at)
    yield from running(case, at)


def approved(case: Case, at: Setting) -> Objections:
    """Approved, and not ended but by closing on the spot: an instant case is closed before its papers are out."""
    yield from received(case)
    if case.ending is not None and not case.ending.is_instant:
        yield from forbidden_since(case.ending.ended_at, CaseAlreadyEnded(result=case.ending.result), at)
    if case.decision is None or not case.decision.is_approval:
        yield CaseNotApproved()
    else:
        yield from not_before(case.decision.decided_at, at)

"""What the rules must remember of a signal: what it says, and what was answered."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.grammar import Envelope, Fact
from domain.signal.events import (
    SignalAppealed,
    SignalRaised,
    SignalReplied,
    SignalUpheld,
    SignalWithdrawn,
)
from domain.signal.values import WithdrawalReason


class SignalState(StrEnum):
    """Where a signal stands."""

    blank = "blank"
    raised = "raised"  # 未反馈
    replied = "replied"  # 已反馈
    appealed = "appealed"  # 申诉中
    upheld = "upheld"  # 维持
    withdrawn = "withdrawn"  # 核销


@dataclass(frozen=True, slots=True)
class Signal:
    status: SignalState = SignalState.blank
    raised: SignalRaised | None = None
    raised_at: datetime | None = None
    replies: int = 0
    appealed_at: datetime | None = None
    decided_at: datetime | None = None
    reason: WithdrawalReason | None = None


def evolve(signal: Signal, fact: Fact, envelope: Envelope) -> Signal:
    """Never refuses; a fact it does not know leaves the signal as it is."""
    moment = envelope.occurred_at
    match fact:
        case SignalRaised():
            return replace(signal, status=SignalState.raised, raised=fact, raised_at=moment)
        case SignalReplied():
            return replace(
                signal,
                status=SignalState.replied if signal.status is SignalState.raised else signal.status,
                replies=signal.replies + 1,
            )
        case SignalAppealed():
            return replace(signal, status=SignalState.appealed, appealed_at=moment)
        case SignalUpheld():
            return replace(signal, status=SignalState.upheld, decided_at=moment)
        case SignalWithdrawn(reason=reason):
            return replace(signal, status=SignalState.withdrawn, decided_at=moment, reason=reason)
        case _:
            return signal

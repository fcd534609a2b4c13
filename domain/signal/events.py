"""What can have happened to a signal 监察预警. Source: GB/T 39046—2020 table 11; model: supervision."""

from typing import ClassVar

from domain.grammar import Day, Fact, Label, Prose, Value
from domain.signal.values import Finding, Lateness, WithdrawalReason


class SignalRaised(Finding, Fact):
    TOPIC: ClassVar[str] = "signal.raised.v1"
    LABEL: ClassVar[str] = "预警"

    basis: Label
    """The article or rule that the signal stands on."""
    reply_due: Day | None = None
    """反馈期限; none where no answer is asked for."""


class Reply(Value):
    reply: Prose
    """What became of it and why: 整改、说明."""


class SignalReplied(Reply, Lateness, Fact):
    TOPIC: ClassVar[str] = "signal.replied.v1"
    LABEL: ClassVar[str] = "反馈"


class Appeal(Value):
    grounds: Prose


class SignalAppealed(Appeal, Fact):
    TOPIC: ClassVar[str] = "signal.appealed.v1"
    LABEL: ClassVar[str] = "申诉"


class Confirmation(Value):
    findings: Prose


class SignalUpheld(Confirmation, Fact):
    TOPIC: ClassVar[str] = "signal.upheld.v1"
    LABEL: ClassVar[str] = "维持"


class Withdrawal(Value):
    reason: WithdrawalReason
    explanation: Prose


class SignalWithdrawn(Withdrawal, Fact):
    TOPIC: ClassVar[str] = "signal.withdrawn.v1"
    LABEL: ClassVar[str] = "核销"

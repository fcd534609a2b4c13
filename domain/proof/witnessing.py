"""How a log stands with its witnesses, and what follows from their silence.

Whoever keeps witnesses away from a log may be about to write it anew: so their silence is said aloud, and after hours
of it nothing is decided. Papers are received all the same: a citizen at a window must not pay for a broken line.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeVar

from domain.proof.policy import NOBODY, Policy

T = TypeVar("T", int, datetime)


class Trouble(StrEnum):
    """What is wrong between a log and one of its witnesses."""

    unreachable = "unreachable"  # 联系不上
    refusing = "refusing"  # 拒绝：不认识本日志,或不能签署
    lying = "lying"  # 所答不实
    forgetful = "forgetful"  # 记忆曾被回退
    contradicting = "contradicting"  # 所见与本日志不符
    ahead = "ahead"  # 见过更大的树


class Alarm(StrEnum):
    """How grave the silence is."""

    none = "none"  # 正常
    unwitnessed = "unwitnessed"  # 见证中断
    refusing = "refusing"  # 停止作出决定


@dataclass(frozen=True, slots=True)
class Patience:
    """After how much silence something follows."""

    alarm: timedelta = timedelta(minutes=15)
    refusal: timedelta = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a log stands with its witnesses."""

    size: int = 0
    """So much of it a quorum has cosigned."""
    unwitnessed_since: datetime | None = None
    """Since when a quorum is wanting, or an event waits for one; None: nobody is asked for cosignatures."""
    trouble_by_witness: Mapping[str, Trouble] | None = None

    def alarm(self, now: datetime, patience: Patience) -> Alarm:
        if self.unwitnessed_since is None:
            return Alarm.none
        silence = now - self.unwitnessed_since
        if silence >= patience.refusal:
            return Alarm.refusing
        grave = (Trouble.contradicting, Trouble.ahead)
        is_grave = any(trouble in grave for trouble in (self.trouble_by_witness or {}).values())
        return Alarm.unwitnessed if is_grave or silence >= patience.alarm else Alarm.none


UNWATCHED: Final = Standing()
"""Of a log that names no witnesses."""


def reached_by_quorum(policy: Policy, reached_by_name: Mapping[str, T]) -> T | None:
    """The furthest that a quorum of the witnesses has reached, all of them at least; None: no quorum anywhere."""
    if policy.quorum == NOBODY:
        return None
    for reached in sorted(set(reached_by_name.values()), reverse=True):
        if policy.is_witnessed_by([name for name, own in reached_by_name.items() if own >= reached]):
            return reached
    return None

"""What the door does when the witnesses are silent: it says so, and refuses decisions after long."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from api.refusals.seal import DecisionUnwitnessed
from domain.case.acceptance.commands import RefuseAcceptance
from domain.case.decision.commands import Approve, CloseAsInstant, Reject
from domain.case.ending.commands import Terminate
from domain.grammar import Command
from domain.proof.witnessing import UNWATCHED, Alarm, Patience, Standing

DECISIONS: Final = (Approve, Reject, CloseAsInstant, RefuseAcceptance, Terminate)
"""What decides about an applicant's right. Nothing else is refused for want of witnesses."""
BANNER: Final = (
    '<p class="alarm" role="alert">见证中断：自 {since} 起，日志未获外部见证。{refused}'
    '<br><span lang="en">No quorum of witnesses has cosigned the log since {since}.{refused_en}</span></p>'
)


@dataclass(frozen=True, slots=True)
class Witnesses:
    """The door's view of them: how they stand now, and how patient the county is."""

    standing: Callable[[], Standing] = lambda: UNWATCHED
    patience: Patience = field(default_factory=Patience)

    def alarm(self, now: datetime) -> Alarm:
        return self.standing().alarm(now, self.patience)

    def expect_witnessed(self, command: Command, now: datetime) -> None:
        """Raises DecisionUnwitnessed."""
        if isinstance(command, DECISIONS) and self.alarm(now) is Alarm.refusing:
            raise DecisionUnwitnessed(unwitnessed_since=told(self.standing().unwitnessed_since))

    def banner(self, now: datetime) -> str:
        """For the landing page; empty where all is well."""
        alarm = self.alarm(now)
        if alarm is Alarm.none:
            return ""
        is_refusing = alarm is Alarm.refusing
        return BANNER.format(
            since=told(self.standing().unwitnessed_since),
            refused="现不受理决定类登记。" if is_refusing else "",
            refused_en=" Decisions are refused." if is_refusing else "",
        )


def told(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if moment else ""

"""What can have happened about acting for another. Source: model: duty; 行政许可法 Art. 24 for what cannot be passed on."""

from typing import ClassVar

from domain.grammar import Code, Day, Fact, Prose, Value
from domain.stand_in.values import Absence, Delegation


class Taking(Value):
    absence: Absence
    """Why the A person is away."""


class BPostTookOver(Taking, Fact):
    TOPIC: ClassVar[str] = "takeover.b_post_took_over.v1"
    LABEL: ClassVar[str] = "B岗顶岗"

    post_id: Code
    staff_id: Code
    for_staff: Code | None = None
    """The A person; none where nobody holds the post."""
    valid_from: Day
    valid_to: Day


class BPostReleased(Fact):
    TOPIC: ClassVar[str] = "takeover.b_post_released.v1"
    LABEL: ClassVar[str] = "顶岗结束"

    post_id: Code
    staff_id: Code
    released_on: Day


class DelegationGranted(Fact):
    TOPIC: ClassVar[str] = "delegation.granted.v1"
    LABEL: ClassVar[str] = "委托"

    delegation: Delegation
    reason: Prose


class DelegationApproved(Fact):
    TOPIC: ClassVar[str] = "delegation.approved.v1"
    LABEL: ClassVar[str] = "委托批准"

    delegation_no: Code
    approved_on: Day
    """It counts from this day on."""


class DelegationRevoked(Fact):
    TOPIC: ClassVar[str] = "delegation.revoked.v1"
    LABEL: ClassVar[str] = "撤销委托"

    delegation_no: Code
    revoked_on: Day
    """The first day on which it no longer counts."""
    reason: Prose

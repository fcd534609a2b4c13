"""What can have happened to the county's policy."""

from typing import ClassVar

from domain.grammar import Fact
from domain.policy.values import Policy


class PolicyPublished(Fact):
    TOPIC: ClassVar[str] = "policy.published.v1"
    LABEL: ClassVar[str] = "规则发布"

    policy: Policy

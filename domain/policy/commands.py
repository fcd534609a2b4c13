"""What can be asked of the policy, and the rule."""

from typing import Literal

from domain.grammar import Decision, Occasion, Ruling
from domain.policy.events import PolicyPublished
from domain.policy.rejections import PolicyNotLater, PolicyVersionTaken
from domain.policy.state import Policies
from domain.policy.values import Policy
from domain.register import RegisterCommand, kept


class PublishPolicy(RegisterCommand):
    type: Literal["publish_policy"] = "publish_policy"
    policy: Policy

    @property
    def identity(self) -> str:
        """A county has one policy stream."""
        return "county"


def publish_policy(policies: Policies, command: PublishPolicy) -> Ruling:
    if command.policy in policies:
        return
    if any(policy.version == command.policy.version for policy in policies):
        yield PolicyVersionTaken(version=command.policy.version)
    if policies and command.policy.valid_from <= policies[-1].valid_from:
        yield PolicyNotLater(last=policies[-1].valid_from.isoformat())
    yield PolicyPublished(policy=command.policy)


def decide(policies: Policies, command: PublishPolicy, occasion: Occasion, _: object) -> Decision:
    return kept(publish_policy(policies, command), occasion)

"""The state of the policy stream: every version, by first day."""

from domain.grammar import Envelope, Fact
from domain.policy.events import PolicyPublished
from domain.policy.values import Policy

Policies = tuple[Policy, ...]


def evolve(policies: Policies, fact: Fact, _: Envelope) -> Policies:
    match fact:
        case PolicyPublished(policy=policy):
            return tuple(sorted((*policies, policy), key=lambda version: version.valid_from))
        case _:
            return policies

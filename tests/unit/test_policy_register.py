"""Policy 规则: versions by first day; the past keeps the parameters it had."""

from datetime import date

import pytest
from pydantic import ValidationError

from domain.policy import POLICY
from domain.policy.commands import PublishPolicy
from domain.policy.events import PolicyPublished
from domain.policy.rejections import PolicyNotLater, PolicyVersionTaken
from domain.policy.values import DEFAULT, Policy
from tests.county import a_county, enter


@pytest.fixture
def county():
    return a_county()


def a_policy(version="2026", valid_from=date(2026, 1, 1), **different):
    return PublishPolicy(policy=Policy(version=version, valid_from=valid_from, **different))


def test_without_a_policy_the_shipped_defaults_hold(county):
    assert county.policy(date(2026, 3, 3)) == DEFAULT


def test_a_policy_holds_from_its_first_day_until_the_next(county):
    enter(county, POLICY, a_policy(agent_leg_days=5))
    enter(county, POLICY, a_policy("2026-2", date(2026, 7, 1), agent_leg_days=2))
    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1))
    assert [county.policy(day).agent_leg_days for day in days] == [3, 5, 5, 2]


def test_the_same_policy_again_is_nothing_to_do(county):
    assert isinstance(enter(county, POLICY, a_policy()).facts[0], PolicyPublished)
    enter(county, POLICY, a_policy("2026-2", date(2026, 7, 1)))
    assert enter(county, POLICY, a_policy()).facts == ()


def test_a_published_policy_is_never_rewritten(county):
    enter(county, POLICY, a_policy())
    with pytest.raises(PolicyVersionTaken):
        enter(county, POLICY, a_policy(valid_from=date(2026, 7, 1), agent_leg_days=5))


@pytest.mark.parametrize("first_day", [date(2026, 1, 1), date(2025, 1, 1)])
def test_a_policy_does_not_reach_back(county, first_day):
    enter(county, POLICY, a_policy())
    with pytest.raises(PolicyNotLater):
        enter(county, POLICY, a_policy("2026-2", first_day))


@pytest.mark.parametrize(
    "wrong", [{"agent_leg_days": -1}, {"disclosure_day_of_month": 29}, {"agent_leg_days": 1.5}]
)
def test_a_parameter_stays_within_reason(wrong):
    with pytest.raises(ValidationError):
        a_policy(**wrong)

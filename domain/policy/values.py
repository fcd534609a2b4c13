"""Policy 规则: thresholds and parameters an owner sets, as versioned data; never constants in a rule."""

from datetime import date
from typing import Annotated

from pydantic import Field

from domain.grammar import Code, Day, Label, Value

Small = Annotated[int, Field(ge=0, le=1000)]


class Policy(Value):
    """One version of the county's parameters, in force from `valid_from` until a later version is."""

    version: Code
    valid_from: Day
    source: Label = "default"
    prewarn_days_short: Small = 1
    """临期预警 before the due day where the limit is at most `prewarn_short_limit` working days."""
    prewarn_days_long: Small = 3
    prewarn_short_limit: Small = 10
    correction_notice_days: Small = 5
    """一次性告知 within so many working days of receipt (行政许可法 Art. 32(4))."""
    delivery_days: Small = 10
    """Deliver within so many working days of the decision (Art. 44)."""
    extension_days_single: Small = 10
    """Longest extension (Art. 42(1))."""
    extension_days_joint: Small = 15
    """Longest extension of a joint case (Art. 42(2))."""
    first_review_days: Small = 20
    """报批 first review at the lower level (Art. 43)."""
    handoff_days: Small = 1
    """签收: a transfer is signed for within so many working days."""
    agent_leg_days: Small = 3
    """代办: the agent hands in within so many working days."""
    late_record_days: Small = 1
    """补录: recorded more than so many working days after it happened, an event is late."""
    clock_tolerance_seconds: Annotated[int, Field(ge=0, le=86_400)] = 300
    """An event may lie so far in the future of the server's clock before it is refused."""
    agent_point_accepts: bool = False
    """True: papers given at a village point start the legal clock."""
    pause_capped_at_plan: bool = True
    """A special procedure earns no credit beyond its approved plan."""
    inspectors_at_least: Small = 2
    """现场核查 by at least so many staff (Art. 34)."""
    ranking_at_least: Small = 10
    zero_activity_days: Small = 22
    vacancy_grace_minutes: Small = 10
    urging_minutes: Small = 30
    rating_contact_days: Small = 1
    rating_rectify_days: Small = 5
    rating_rectify_extended_days: Small = 15
    rating_revisit_days: Small = 3
    complaint_accept_days: Small = 5
    complaint_conclude_days: Small = 10
    signal_reply_days: Small = 3
    disclosure_day_of_month: Annotated[int, Field(ge=1, le=28)] = 5


DEFAULT = Policy(version="default-1", valid_from=date(2000, 1, 1), source="Jiandu")

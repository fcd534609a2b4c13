"""规则: the county's parameters as SQL reads them; `view.sql` and `table.sql` beside this file."""

from typing import Final

from domain.policy.values import DEFAULT
from projections.projection import Projection

POLICIES: Final = Projection.of_folder(
    "projections.policies",
    key="version",
    kinds=("policy",),
    is_whole=True,
    constants={
        "version": DEFAULT.version,
        "valid_from": DEFAULT.valid_from.isoformat(),
        "pause_capped_at_plan": str(DEFAULT.pause_capped_at_plan),
        "first_review_days": str(DEFAULT.first_review_days),
        "agent_leg_days": str(DEFAULT.agent_leg_days),
    },
)

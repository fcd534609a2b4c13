"""规则: the county's parameters as SQL reads them; `view.sql` and `table.sql` beside this file."""

from typing import Final

from domain.policy.values import DEFAULT
from projections.projection import Projection

POLICIES: Final = Projection.of_folder(
    "projections.policies",
    key="version",
    kinds=("policy",),
    is_whole=True,
    constants={"default": DEFAULT.model_dump_json()},
)

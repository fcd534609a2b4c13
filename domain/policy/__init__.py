"""Policy 规则: one stream, `policy:county`, holding every version."""

from domain.grammar import Aggregate
from domain.policy.commands import decide
from domain.policy.events import PolicyPublished
from domain.policy.state import Policies, evolve
from domain.register import KEEPERS

POLICY: Aggregate[Policies] = Aggregate(
    name="policy", blank=(), decide=decide, evolve=evolve, facts=(PolicyPublished,), amenders=KEEPERS
)

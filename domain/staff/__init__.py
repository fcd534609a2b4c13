"""Staff 工作人员: one stream each, `staff:<staff_id>`."""

from domain.grammar import Aggregate
from domain.register import KEEPERS
from domain.staff.commands import decide
from domain.staff.events import StaffChanged, StaffEnrolled, StaffLeft
from domain.staff.state import evolve
from domain.staff.values import StaffMember

STAFF: Aggregate[StaffMember | None] = Aggregate(
    name="staff",
    blank=None,
    decide=decide,
    evolve=evolve,
    facts=(StaffEnrolled, StaffChanged, StaffLeft),
    amenders=KEEPERS,
)

"""What can have happened to a member of staff. No names: the person reference leads to them."""

from typing import ClassVar

from domain.grammar import Code, Day, Fact
from domain.staff.values import StaffMember


class StaffEnrolled(Fact):
    TOPIC: ClassVar[str] = "staff.enrolled.v1"
    LABEL: ClassVar[str] = "人员登记"

    member: StaffMember


class StaffChanged(Fact):
    """The entry as it reads from now on: another unit, another qualification."""

    TOPIC: ClassVar[str] = "staff.changed.v1"
    LABEL: ClassVar[str] = "人员变更"

    member: StaffMember


class StaffLeft(Fact):
    TOPIC: ClassVar[str] = "staff.left.v1"
    LABEL: ClassVar[str] = "人员离任"

    staff_id: Code
    last_day: Day

"""The state of a member of staff's stream is the entry itself, or nothing."""

from domain.grammar import Envelope, Fact
from domain.register import ended
from domain.staff.events import StaffChanged, StaffEnrolled, StaffLeft
from domain.staff.values import StaffMember


def evolve(member: StaffMember | None, fact: Fact, _: Envelope) -> StaffMember | None:
    match fact:
        case StaffEnrolled(member=entry) | StaffChanged(member=entry):
            return entry
        case StaffLeft(last_day=last_day) if member is not None:
            return ended(member, last_day)
        case _:
            return member

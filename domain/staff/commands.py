"""What can be asked of a member of staff's entry, and the rules."""

from typing import Literal, assert_never

from domain.grammar import Code, Day, Decision, Occasion, Ruling
from domain.personal_data import names_somebody
from domain.register import (
    EntryEnded,
    RegisterCommand,
    Units,
    ending,
    kept,
    units_exist,
)
from domain.staff.events import StaffChanged, StaffEnrolled, StaffLeft
from domain.staff.rejections import StaffNumberOfPerson, StaffNumberTaken
from domain.staff.values import StaffMember


class EnrolStaff(RegisterCommand):
    """Enters the person, or brings the entry up to date."""

    type: Literal["enrol_staff"] = "enrol_staff"
    member: StaffMember

    @property
    def identity(self) -> str:
        return self.member.staff_id


def enrol_staff(standing: StaffMember | None, command: EnrolStaff, registers: Units) -> Ruling:
    member = command.member
    if member == standing:
        return
    if standing is None and names_somebody(member.staff_id):  # one that was given out before goes on
        yield StaffNumberOfPerson()
    if standing is not None and standing.person_ref != member.person_ref:
        yield StaffNumberTaken(code=member.staff_id)
    if standing is not None and standing.valid_to is not None and member.valid_to is None:
        yield EntryEnded(code=member.staff_id, last_day=standing.valid_to.isoformat())
    yield from units_exist([member.unit_code], registers)
    yield StaffEnrolled(member=member) if standing is None else StaffChanged(member=member)


class RecordStaffLeft(RegisterCommand):
    """离任: the person serves until the end of the last day."""

    type: Literal["record_staff_left"] = "record_staff_left"
    staff_id: Code
    last_day: Day

    @property
    def identity(self) -> str:
        return self.staff_id


def record_staff_left(standing: StaffMember | None, command: RecordStaffLeft) -> Ruling:
    recorded = StaffLeft(staff_id=command.staff_id, last_day=command.last_day)
    return ending(standing, "staff", command.staff_id, command.last_day, recorded)


StaffCommand = EnrolStaff | RecordStaffLeft


def decide(
    standing: StaffMember | None, command: StaffCommand, occasion: Occasion, registers: Units
) -> Decision:
    return kept(_rule(standing, command, registers), occasion)


def _rule(standing: StaffMember | None, command: StaffCommand, registers: Units) -> Ruling:
    match command:
        case EnrolStaff():
            return enrol_staff(standing, command, registers)
        case RecordStaffLeft():
            return record_staff_left(standing, command)
        case _:
            assert_never(command)

"""Staff 工作人员: numbers belong to persons, and no event holds a name."""

from datetime import date

import pytest

from domain.register import EndsBeforeItBegins, EntryEnded, NotInRegister, NotYetRegistered
from domain.staff import STAFF
from domain.staff.commands import EnrolStaff, RecordStaffLeft, enrol_staff
from domain.staff.events import StaffChanged, StaffEnrolled, StaffLeft
from domain.staff.rejections import StaffNumberOfPerson, StaffNumberTaken
from domain.staff.values import StaffMember
from tests.county import BEGAN, CIVIL_STATION, LAND_STATION, a_county, enter, person_ref


@pytest.fixture
def county():
    return a_county()


def a_member(**different):
    usual = {
        "staff_id": "G-77",
        "unit_code": LAND_STATION,
        "person_ref": person_ref("seventy-seven"),
        "valid_from": BEGAN,
    }
    return StaffMember(**(usual | different))


def test_a_new_member_is_enrolled_once(county):
    member = a_member()
    assert enter(county, STAFF, EnrolStaff(member=member)).facts == (StaffEnrolled(member=member),)
    assert enter(county, STAFF, EnrolStaff(member=member)).facts == ()


def test_a_member_who_changes_the_unit_is_changed(county):
    enter(county, STAFF, EnrolStaff(member=a_member()))
    moved = a_member(unit_code=CIVIL_STATION, qualifications=("不动产登记",))
    assert enter(county, STAFF, EnrolStaff(member=moved)).facts == (StaffChanged(member=moved),)
    assert county.staff("G-77").unit_code == CIVIL_STATION


def test_a_staff_number_is_never_given_to_somebody_else(county):
    enter(county, STAFF, EnrolStaff(member=a_member()))
    with pytest.raises(StaffNumberTaken):
        enter(county, STAFF, EnrolStaff(member=a_member(person_ref=person_ref("another"))))


@pytest.mark.parametrize("number", ["13900000040", "990001197001010401", "11010519491231002X"])
def test_a_number_of_the_person_is_no_staff_number(county, number):
    """Every event that the holder records names it. Who was entered under one before goes on."""
    with pytest.raises(StaffNumberOfPerson):
        enter(county, STAFF, EnrolStaff(member=a_member(staff_id=number)))


def test_who_was_entered_under_a_number_of_their_own_goes_on():
    standing = a_member(staff_id="13900000040")
    moved = a_member(staff_id="13900000040", unit_code=CIVIL_STATION)
    assert list(enrol_staff(standing, EnrolStaff(member=moved), a_county())) == [StaffChanged(member=moved)]


def test_a_member_belongs_to_a_registered_unit(county):
    with pytest.raises(NotInRegister):
        enter(county, STAFF, EnrolStaff(member=a_member(unit_code="QX-XX")))


def test_who_has_left_keeps_the_last_day(county):
    leaving = RecordStaffLeft(staff_id="a-handler", last_day=date(2026, 4, 30))
    assert isinstance(enter(county, STAFF, leaving).facts[0], StaffLeft)
    assert enter(county, STAFF, leaving).facts == ()
    assert county.staff("a-handler").valid_to == date(2026, 4, 30)


def test_who_has_left_is_not_enrolled_again_under_the_number(county):
    enter(county, STAFF, EnrolStaff(member=a_member()))
    enter(county, STAFF, RecordStaffLeft(staff_id="G-77", last_day=date(2026, 4, 30)))
    with pytest.raises(EntryEnded):
        enter(county, STAFF, EnrolStaff(member=a_member()))


def test_nobody_leaves_before_coming(county):
    with pytest.raises(EndsBeforeItBegins):
        enter(county, STAFF, RecordStaffLeft(staff_id="a-handler", last_day=date(2019, 1, 1)))


def test_nobody_unknown_leaves(county):
    with pytest.raises(NotYetRegistered):
        enter(county, STAFF, RecordStaffLeft(staff_id="G-99", last_day=date(2026, 4, 30)))


def test_no_fact_about_staff_has_room_for_a_name():
    fields = {name for fact in STAFF.facts for name in fact.model_fields} | set(StaffMember.model_fields)
    assert fields == {
        "member", "staff_id", "last_day", "unit_code", "person_ref", "qualifications", "valid_from", "valid_to",
    }  # fmt: skip

"""Who a person of staff is to the case: known, impartial, not its agent."""

from domain.case.order import Objections
from domain.case.rejections import StaffUnknown
from domain.case.setting import Setting
from domain.case.state import Case
from domain.grammar import Rejected


class OfficerIsTheApplicant(Rejected):
    """The officer is the applicant; an officer does not act in a case of their own (回避)."""

    ZH = "经办人即为申请人本人,应当回避。"
    BASIS = "公务员法 Art. 76"
    WANTED = "Another officer."
    WANTED_ZH = "请由其他人员办理。"
    TOLERATED_IN_IMPORTS = True


def staff_known(staff_id: str, at: Setting) -> Objections:
    """StaffUnknown unless the person is registered and in service on the day."""
    member = at.catalogue.staff(staff_id)
    if member is None or not member.holds(at.day):
        yield StaffUnknown(staff_id=staff_id)


def officer_is_impartial(case: Case, at: Setting) -> Objections:
    """OfficerIsTheApplicant where the acting officer and the applicant are one person."""
    applicant_ref = case.application and case.application.applicant_ref
    officer = at.catalogue.staff(at.actor.staff_id) if applicant_ref else None
    if officer is not None and officer.person_ref == applicant_ref:
        yield OfficerIsTheApplicant()

"""Who a person of staff is to the case: known, impartial, not its agent."""

from domain import admission
from domain.admission import Objections
from domain.case.setting import Setting
from domain.case.state import Case
from domain.grammar import Rejected


class OfficerIsTheApplicant(Rejected):
    """The officer is the applicant; an officer does not act in a case of their own (回避)."""

    ZH = "经办人即为申请人本人，应当回避。"
    BASIS = "公务员法 Art. 76"
    WANTED = "Another officer."
    WANTED_ZH = "请由其他人员办理。"
    TOLERATED_IN_IMPORTS = True


def staff_known(staff_id: str, at: Setting) -> Objections:
    yield from admission.staff_known(staff_id, at.day, at.catalogue)


def not_in_own_matter(applicant_ref: str | None, at: Setting) -> Objections:
    """OfficerIsTheApplicant where the acting officer and the applicant are one person."""
    named = (at.person, at.actor.on_behalf_of if at.actor.delegation_no else None)
    officers = [at.catalogue.staff(staff_id) for staff_id in named if staff_id and applicant_ref]
    if any(officer is not None and officer.person_ref == applicant_ref for officer in officers):
        yield OfficerIsTheApplicant()


def officer_is_impartial(case: Case, at: Setting) -> Objections:
    if case.application is not None:
        yield from not_in_own_matter(case.application.applicant_ref, at)

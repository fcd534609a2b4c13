"""Staff 工作人员: known to the record by number; the name lies with the other personal data, outside the log."""

from domain.grammar import Code, Label
from domain.references import PersonRef
from domain.register import Tenure


class StaffMember(Tenure):
    staff_id: Code
    unit_code: Code
    person_ref: PersonRef
    qualifications: tuple[Label, ...] = ()
    """一岗多能: what the person is trained to handle."""

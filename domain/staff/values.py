"""Staff 工作人员: known to the record by number; the name lies with the other personal data, outside the log."""

from domain.grammar import Code, Day, Label, Value


class StaffMember(Value):
    staff_id: Code
    unit_code: Code
    person_ref: Code
    qualifications: tuple[Label, ...] = ()
    valid_from: Day
    valid_to: Day | None = None

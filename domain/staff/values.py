"""Staff 工作人员: known to the record by number; the name lies with the other personal data, outside the log."""

from typing import Annotated

from pydantic import Field

from domain.grammar import Code, Label
from domain.register import Tenure

PersonRef = Annotated[str, Field(pattern=r"^p-[0-9a-f]{32}$")]
"""The key under which the people table keeps name and contact: "p-" and 32 hexadecimal digits."""


class StaffMember(Tenure):
    staff_id: Code
    unit_code: Code
    person_ref: PersonRef
    qualifications: tuple[Label, ...] = ()
    """一岗多能: what the person is trained to handle."""

"""Why a member of staff is not enrolled.

Rejected
├── StaffNumberOfPerson
└── StaffNumberTaken
"""

from domain.grammar import Rejected


class StaffNumberOfPerson(Rejected):
    """A mobile or identity number is no staff number: it would stand in the record of all that its holder does, for ever."""

    ZH = "手机号码、公民身份号码不得用作工号：工号将永久留存于其办理的全部记录之中。"
    BASIS = "个人信息保护法 Arts. 6, 28"
    WANTED = "A number that the office gives out."
    WANTED_ZH = "请使用本单位编制的工号。"


class StaffNumberTaken(Rejected):
    """A staff number belongs to one person for ever; this one belongs to somebody else."""

    ZH = "工号只属于一人，该工号已属于他人。"
    WANTED = "The person_ref recorded under this number, or a new number."
    WANTED_ZH = "请使用该工号已登记的 person_ref，或使用新的工号。"

"""Why a member of staff is not enrolled.

Rejected
└── StaffNumberTaken
"""

from domain.grammar import Rejected


class StaffNumberTaken(Rejected):
    """A staff number belongs to one person for ever; this one belongs to somebody else."""

    ZH = "工号只属于一人，该工号已属于他人。"
    WANTED = "The person_ref recorded under this number, or a new number."
    WANTED_ZH = "请使用该工号已登记的 person_ref，或使用新的工号。"

"""Why a unit is not registered.

Rejected
└── UnitInsideItself
"""

from domain.grammar import Rejected


class UnitInsideItself(Rejected):
    """The unit's parent is the unit itself or lies below it."""

    ZH = "上级单位不能是本单位或其下属单位。"
    WANTED = "parent_code names a unit outside this unit's own branch."
    WANTED_ZH = "parent_code 应为本单位分支之外的单位。"

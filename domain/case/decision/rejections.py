"""Why a decision is refused, or recorded with a flag.

Rejected
├── NoAuthority
├── DecidedByAcceptor
├── NotAnInstantItem
├── NotTheSameDay
└── AlreadyRejected
Irregular
└── OthersNotHeard    P05 跳环节
"""

from domain.grammar import Irregular, Rejected


class NoAuthority(Rejected):
    """Neither the post nor its unit holds an authorisation to decide on the item on that day."""

    ZH = "该岗位及其单位当日没有该事项的决定授权。"
    BASIS = "行政许可法 Art. 22–24"
    WANTED = "The decision of a post with 决定授权 valid on that day."
    WANTED_ZH = "请由当日持有有效决定授权的岗位决定。"
    TOLERATED_IN_IMPORTS = True


class DecidedByAcceptor(Rejected):
    """Whoever accepted the case does not also decide it, unless one officer suffices for the item (P06)."""

    RULE = "P06"
    ZH = "受理人不得同时为批准人（自批自办），事项允许一人办理的除外。"
    BASIS = "P06 自批自办"
    WANTED = "The decision of another officer."
    WANTED_ZH = "请由另一人决定。"
    TOLERATED_IN_IMPORTS = True


class NotAnInstantItem(Rejected):
    """Only an instant case 即办件 is closed on the spot."""

    ZH = "只有即办件可以即办办结。"
    BASIS = "GB/T 39046—2020 table A.6"
    WANTED = "approve or reject, then conclude."
    WANTED_ZH = "请登记准予或不予决定后办结。"
    TOLERATED_IN_IMPORTS = True


class NotTheSameDay(Rejected):
    """An instant case is closed on the working day on which it was accepted."""

    ZH = "即办件应在受理当日办结。"
    BASIS = "行政许可法 Art. 34"
    WANTED = "The same day; later, approve and conclude."
    WANTED_ZH = "请在当日办结；逾期的，登记准予决定后办结。"
    TOLERATED_IN_IMPORTS = True


class AlreadyRejected(Rejected):
    """The case was decided against the applicant; it cannot be closed as granted."""

    ZH = "该办件已不予许可，不能按准予即办办结。"
    WANTED = "conclude."
    WANTED_ZH = "请登记办结（conclude）。"
    TOLERATED_IN_IMPORTS = True


class OthersNotHeard(Irregular):
    """Decided before the joint review was consolidated, or before the superior organ replied."""

    RULE = "P05"
    ZH = "跳环节：联合审批尚未汇总，或上级尚未回复，即作决定。"
    BASIS = "流程监察"
    WANTED = "The opinions of those asked first."
    WANTED_ZH = "请在汇总意见或收到上级回复后决定。"

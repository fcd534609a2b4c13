"""Why a report to the superior is refused, or recorded with a flag.

Rejected
├── NotAReportUpCase
├── AlreadyReported
├── NotReported
├── AlreadySigned
└── AlreadyReplied
Irregular
└── ReportIncomplete    P05
"""

from domain.grammar import Irregular, Rejected


class NotAReportUpCase(Rejected):
    """The item is decided here, not by a superior organ (报批)."""

    ZH = "该事项不是报批件。"
    BASIS = "行政许可法 Art. 35"
    WANTED = "An item with routing report_up."
    WANTED_ZH = "限于报批事项。"
    TOLERATED_IN_IMPORTS = True


class AlreadyReported(Rejected):
    """The case has been reported up, and the reply is outstanding."""

    ZH = "该办件已上报，尚待上级回复。"
    WANTED = "The superior's reply first."
    WANTED_ZH = "请先登记上级回复。"
    TOLERATED_IN_IMPORTS = True


class NotReported(Rejected):
    """The case has not been reported to a superior organ."""

    ZH = "该办件尚未上报。"
    WANTED = "report_to_superior first."
    WANTED_ZH = "请先登记上报。"
    TOLERATED_IN_IMPORTS = True


class AlreadySigned(Rejected):
    """The superior organ has signed for the case."""

    ZH = "上级已签收。"
    WANTED = "receive_superior_decision, when the reply comes."
    WANTED_ZH = "收到回复后请登记上级回复。"
    TOLERATED_IN_IMPORTS = True


class AlreadyReplied(Rejected):
    """The superior organ has replied."""

    ZH = "上级已回复。"
    WANTED = "A further report_to_superior, where the superior is asked again."
    WANTED_ZH = "需再次报批的，请重新登记上报。"
    TOLERATED_IN_IMPORTS = True


class ReportIncomplete(Irregular):
    """Reported without all the material; the superior must not ask the applicant for it again."""

    RULE = "P05"
    ZH = "上报材料不全。"
    BASIS = "行政许可法 Art. 35"
    WANTED = "The opinion and all material together."
    WANTED_ZH = "初审意见与全部材料一并上报。"

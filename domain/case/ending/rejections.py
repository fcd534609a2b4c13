"""Why an end is refused, or recorded with a flag.

Rejected
├── CaseNotDecided
├── CertificateNotDelivered
├── WorkStillRecorded
├── NotASecondPerson
├── NothingToReopen
├── CaseNotEnded
└── AlreadyArchived
Irregular
└── AcceptedTwice    P07 两头受理
"""

from domain.grammar import Irregular, Rejected


class CaseNotDecided(Rejected):
    """An accepted case is concluded by a decision; there is none yet."""

    ZH = "该办件尚未作出决定，不能办结。"
    BASIS = "行政许可法 Art. 38"
    WANTED = "approve, reject or close_as_instant first."
    WANTED_ZH = "请先登记准予、不予许可或即办办结。"
    TOLERATED_IN_IMPORTS = True


class CertificateNotDelivered(Rejected):
    """A certificate was issued and has not reached the applicant yet."""

    ZH = "已制证照尚未送达申请人，不能办结。"
    BASIS = "行政许可法 Art. 44"
    WANTED = "deliver_certificate first."
    WANTED_ZH = "请先登记证照送达。"
    TOLERATED_IN_IMPORTS = True


class WorkStillRecorded(Rejected):
    """The case would end before something that was done in it."""

    RULE = "P05"
    ZH = "办结时间早于本案已登记的其他动作。"
    WANTED = "An occurred_at not before the latest event of the case."
    WANTED_ZH = "occurred_at 应不早于本案最近一次动作。"
    TOLERATED_IN_IMPORTS = True


class NotASecondPerson(Rejected):
    """A termination is approved by somebody else than the one who records it."""

    ZH = "终止须由另一人批准。"
    WANTED = "approved_by names another member of staff."
    WANTED_ZH = "approved_by 应为另一名工作人员。"
    TOLERATED_IN_IMPORTS = True


class NothingToReopen(Rejected):
    """Only a decided or ended case can be reopened."""

    ZH = "该办件尚未决定或终结，无须撤销重办。"
    WANTED = "An ordinary action: the case is open."
    WANTED_ZH = "该办件仍在办理中，请办理相应动作。"
    TOLERATED_IN_IMPORTS = True


class CaseNotEnded(Rejected):
    """Only a case that has reached its end is archived."""

    ZH = "该办件尚未终结，不能归档。"
    BASIS = "GB/T 42727—2023"
    WANTED = "The case's result first."
    WANTED_ZH = "请先登记终结结果。"
    TOLERATED_IN_IMPORTS = True


class AlreadyArchived(Rejected):
    """The case has been archived."""

    ZH = "该办件已归档。"
    WANTED = "Nothing further; reopen where a superior's or court's document orders it."
    WANTED_ZH = "无须再次归档。"
    TOLERATED_IN_IMPORTS = True


class AcceptedTwice(Irregular):
    """The same matter of the same applicant was taken in at two places."""

    RULE = "P07"
    ZH = "两头受理：同一申请人同一事项在两处受理。"
    WANTED = "One receipt for one matter."
    WANTED_ZH = "同一事项只在一处收件。"

"""Why the clock is not stopped or stretched, or only with a flag.

Rejected
├── ProcedureAlreadyOpen
├── NoProcedureOpen
├── ProcedureUnknown
├── ProcedureNotAllowed
├── ProcedureAfterDeadline
├── ApproverMissing
├── ApproverIsHandler
├── NotAnApprover
├── EndsBeforeItStarted
├── AlreadyInvalid
├── AlreadyExtended
├── ExtensionTooLong
├── ExtensionAfterDeadline
├── ExtendedByHandler
└── ExtensionNeedsGovernment
Irregular
├── ApplicantNotTold      P03 违规挂起
├── ExtensionNotTold      P03
├── ProcedureRepeated     P03
└── ProcedureOverPlan     P03
"""

from domain.grammar import Irregular, Rejected


class ProcedureAlreadyOpen(Rejected):
    """A special procedure is open already; its time cannot be suspended twice."""

    ZH = "已有特别程序尚未结束，不得重复挂起。"
    BASIS = "行政许可法 Art. 45"
    WANTED = "end_special_procedure for the one that is open."
    WANTED_ZH = "请先结束正在进行的特别程序。"
    TOLERATED_IN_IMPORTS = True


class NoProcedureOpen(Rejected):
    """No special procedure is open."""

    ZH = "没有正在进行的特别程序。"
    BASIS = "行政许可法 Art. 45"
    WANTED = "start_special_procedure first."
    WANTED_ZH = "请先登记特别程序开始。"


class ProcedureUnknown(Rejected):
    """The case has no special procedure with this number."""

    ZH = "本案没有此序号的特别程序。"
    WANTED = "procedure_no of a special procedure of this case, counted from 1."
    WANTED_ZH = "procedure_no 应为本案特别程序的序号（从 1 起）。"


class ProcedureNotAllowed(Rejected):
    """The item provides for no special procedure of this kind (P03)."""

    RULE = "P03"
    ZH = "该事项未设此类特别程序，不得挂起。"
    BASIS = "行政许可法 Art. 45"
    WANTED = "A kind listed in the item's special_procedures."
    WANTED_ZH = "限于该事项列明的特别程序种类。"
    TOLERATED_IN_IMPORTS = True


class ProcedureAfterDeadline(Rejected):
    """The deadline has passed; time that has run out cannot be suspended (P03)."""

    RULE = "P03"
    ZH = "办理期限已过，不得再挂起。"
    BASIS = "行政许可法 Art. 45"
    WANTED = "A start on or before the day due."
    WANTED_ZH = "应在期限届满前启动。"
    TOLERATED_IN_IMPORTS = True


class ApproverMissing(Rejected):
    """Nobody is named who approved the special procedure (P03)."""

    RULE = "P03"
    ZH = "特别程序须有批准人，未填写。"
    BASIS = "P03 违规挂起"
    WANTED = "approver and approver_post."
    WANTED_ZH = "请填写 approver 与 approver_post。"
    TOLERATED_IN_IMPORTS = True


class ApproverIsHandler(Rejected):
    """Whoever handles the case does not approve its suspension (P03)."""

    RULE = "P03"
    ZH = "承办人不得自行批准挂起。"
    BASIS = "P03 违规挂起"
    WANTED = "The approval of another person."
    WANTED_ZH = "请由另一人批准。"
    TOLERATED_IN_IMPORTS = True


class NotAnApprover(Rejected):
    """The person named holds no post on that day whose role approves."""

    RULE = "P03"
    ZH = "所填批准人当日未任具有批准职责的岗位。"
    BASIS = "P03 违规挂起"
    WANTED = (
        "approver_post with the role approver, organ_head or government_head, held by the approver that day."
    )
    WANTED_ZH = "approver_post 应为批准人、本机关负责人或政府负责人岗位，且当日由该人担任。"
    TOLERATED_IN_IMPORTS = True


class EndsBeforeItStarted(Rejected):
    """A special procedure cannot end before it started."""

    ZH = "特别程序的结束时间早于开始时间。"
    WANTED = "An occurred_at not before the start."
    WANTED_ZH = "occurred_at 应不早于开始时间。"
    TOLERATED_IN_IMPORTS = True


class AlreadyInvalid(Rejected):
    """The special procedure earns no days already."""

    ZH = "该特别程序已不具扣除效力。"
    WANTED = "A special procedure that is valid."
    WANTED_ZH = "请选择仍有效的特别程序。"


class AlreadyExtended(Rejected):
    """The time limit is extended once only."""

    ZH = "办理期限只能延长一次。"
    BASIS = "行政许可法 Art. 42"
    WANTED = "A decision within the extended limit."
    WANTED_ZH = "请在延长后的期限内决定。"
    TOLERATED_IN_IMPORTS = True


class ExtensionTooLong(Rejected):
    """The extension is longer than the law allows."""

    ZH = "延长天数超过法定上限。"
    BASIS = "行政许可法 Art. 42"
    WANTED = "At most `at_most` working days."
    WANTED_ZH = "不超过 at_most 个工作日。"
    TOLERATED_IN_IMPORTS = True


class ExtensionAfterDeadline(Rejected):
    """The limit has run out; it can only be extended before."""

    ZH = "期限已届满，不得再延长。"
    BASIS = "行政许可法 Art. 42"
    WANTED = "An approval on or before the legal due day."
    WANTED_ZH = "应在法定期限届满前批准。"
    TOLERATED_IN_IMPORTS = True


class ExtendedByHandler(Rejected):
    """Whoever handles the case does not give themselves more time for it (P06)."""

    RULE = "P06"
    ZH = "承办人不得自行批准延长本人承办件的期限（自批自办）。"
    BASIS = "行政许可法 Art. 42"
    WANTED = "The approval of a head who neither holds the case nor works on a step of it."
    WANTED_ZH = "请由不承办该件的负责人批准。"
    TOLERATED_IN_IMPORTS = True


class ExtensionNeedsGovernment(Rejected):
    """The limit of a joint case is extended by the head of the government at that level."""

    ZH = "联办件的延期须由本级人民政府负责人批准。"
    BASIS = "行政许可法 Art. 42(2)"
    WANTED = "The approval of a post with the role government_head."
    WANTED_ZH = "请由本级政府负责人批准。"
    TOLERATED_IN_IMPORTS = True


class ApplicantNotTold(Irregular):
    """The applicant was not told in writing how long it takes: the days are counted all the same."""

    RULE = "P03"
    ZH = "违规挂起：未将所需时间书面告知申请人，期间不予扣除。"
    BASIS = "行政许可法 Art. 45"
    WANTED = "notice_no of the written notice."
    WANTED_ZH = "请填写书面告知编号 notice_no。"


class ExtensionNotTold(Irregular):
    """The applicant was not told why the limit was extended."""

    RULE = "P03"
    ZH = "延长办理期限未将理由告知申请人。"
    BASIS = "行政许可法 Art. 42"
    WANTED = "notified_at, when the applicant was told the reason."
    WANTED_ZH = "请填写告知时间 notified_at。"


class ProcedureRepeated(Irregular):
    """The same kind of special procedure was held in this case before."""

    RULE = "P03"
    ZH = "重复挂起：同类特别程序在本案已进行过。"
    BASIS = "行政许可法 Art. 45"
    WANTED = "One special procedure of a kind."
    WANTED_ZH = "同类特别程序只进行一次。"


class ProcedureOverPlan(Irregular):
    """The special procedure took more working days than approved."""

    RULE = "P03"
    ZH = "特别程序超过批准的时限（按工作日计）。"
    BASIS = "行政许可法 Arts. 45, 82"
    WANTED = "An end before the next working day behind the planned end."
    WANTED_ZH = "应在计划结束日后的下一工作日之前结束。"

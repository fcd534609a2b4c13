"""Why a command about a case is refused, whichever phase it belongs to. More in domain/admission.py.

Rejected
├── CaseNotReceived
├── CaseNotAccepted
├── CasePaused
├── CaseAlreadyDecided
├── CaseNotApproved
├── CaseAlreadyEnded
├── BeforeItsCause
├── UnitUnknown
└── LateWithoutSecondPerson
Irregular
└── OutOfOrder       P05 逆序
"""

from domain.grammar import Irregular, Rejected


class CaseNotReceived(Rejected):
    """Nothing has been received under this case number yet."""

    ZH = "该办件编号尚未登记收件。"
    BASIS = "GB/T 39046—2020 table 5"
    WANTED = "Record the receipt first: receive_case, or entrust_agent at a village point."
    WANTED_ZH = "请先登记收件（receive_case）或委托代办（entrust_agent）。"
    TOLERATED_IN_IMPORTS = True


class CaseNotAccepted(Rejected):
    """The case has not been accepted; only an accepted case can be worked on and decided."""

    ZH = "该办件尚未受理，受理后方可办理和决定。"
    BASIS = "行政许可法 Art. 32"
    WANTED = "Accept the case first."
    WANTED_ZH = "请先受理。"
    TOLERATED_IN_IMPORTS = True


class CasePaused(Rejected):
    """The case is suspended by a special procedure; its time does not run, and nothing is decided meanwhile."""

    RULE = "P05"
    ZH = "该办件正在特别程序中（挂起），期间不得办理和决定。"
    BASIS = "行政许可法 Art. 45"
    WANTED = "End the special procedure first."
    WANTED_ZH = "请先结束特别程序。"
    TOLERATED_IN_IMPORTS = True


class CaseAlreadyDecided(Rejected):
    """The case has been decided; a decision is changed only by reopening the case."""

    RULE = "P05"
    ZH = "该办件已作出决定；变更决定须撤销重办。"
    BASIS = "行政许可法 Art. 38"
    WANTED = (
        "An action that may follow a decision, or reopen on the ground of a superior's or court's document."
    )
    WANTED_ZH = "请办理决定之后的事项，或依上级、法院文书撤销重办。"
    TOLERATED_IN_IMPORTS = True


class CaseNotApproved(Rejected):
    """The case has not been approved, so there is nothing to issue, deliver or pay."""

    ZH = "该办件尚未准予，不能制证、送达或发放。"
    BASIS = "行政许可法 Art. 44"
    WANTED = "Record the approval first."
    WANTED_ZH = "请先登记准予决定。"
    TOLERATED_IN_IMPORTS = True


class CaseAlreadyEnded(Rejected):
    """The case has reached its end; each case has exactly one result."""

    RULE = "P05"
    ZH = "该办件已有终结结果（不予受理、撤回、办结或终止），不再接受办理动作。"
    WANTED = "A new case, or reopen on the ground of a superior's or court's document."
    WANTED_ZH = "请另行登记新办件，或依上级、法院文书撤销重办。"
    TOLERATED_IN_IMPORTS = True


class BeforeItsCause(Rejected):
    """It would have happened before what it follows from."""

    RULE = "P05"
    ZH = "发生时间早于其前因事件的发生时间。"
    WANTED = "An occurred_at not before the cause, or a backfill that gives the reason."
    WANTED_ZH = "occurred_at 应不早于前因事件；确属补录的，请填写补录理由（backfill）。"
    TOLERATED_IN_IMPORTS = True


class UnitUnknown(Rejected):
    """The unit named is not registered, or not on that day."""

    ZH = "所指单位未登记，或当日无效。"
    WANTED = "The code of a registered unit."
    WANTED_ZH = "请填写已登记单位的编码。"
    TOLERATED_IN_IMPORTS = True


class LateWithoutSecondPerson(Rejected):
    """A late record that makes an overdue case timely needs the approval of a second member of staff."""

    ZH = "使超期件变为按时的补录，须经另一名工作人员批准。"
    WANTED = "backfill.approved_by with the number of another registered member of staff."
    WANTED_ZH = "请在 backfill.approved_by 填写另一名在册工作人员的编号。"


class OutOfOrder(Irregular):
    """It happened in another order than the procedure provides for."""

    RULE = "P05"
    ZH = "逆序：发生顺序与办理程序不符。"
    BASIS = "流程监察"
    WANTED = "Each action after the one it follows from."
    WANTED_ZH = "按程序顺序办理。"

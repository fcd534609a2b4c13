"""Why a joint review is refused.

Rejected
├── NotAJointCase
├── ReviewAlreadyOpen
├── NoReviewOpen
├── NotTheLead
├── OpinionNotRequested
├── OpinionAlreadyReturned
└── OpinionsPending
"""

from domain.grammar import Rejected


class NotAJointCase(Rejected):
    """The item is not handled jointly (联办)."""

    ZH = "该事项不是联办件。"
    BASIS = "行政许可法 Art. 26"
    WANTED = "An item with routing joint."
    WANTED_ZH = "限于联办事项。"
    TOLERATED_IN_IMPORTS = True


class ReviewAlreadyOpen(Rejected):
    """A joint review is open already."""

    ZH = "联合审批已发起，尚未汇总。"
    WANTED = "request_opinion to ask a further unit."
    WANTED_ZH = "需增加单位的，请登记征询意见。"
    TOLERATED_IN_IMPORTS = True


class NoReviewOpen(Rejected):
    """No joint review is open."""

    ZH = "没有正在进行的联合审批。"
    WANTED = "open_joint_review first."
    WANTED_ZH = "请先发起联合审批。"
    TOLERATED_IN_IMPORTS = True


class NotTheLead(Rejected):
    """Only the lead unit asks for opinions and sums them up."""

    ZH = "只有牵头单位可以征询和汇总意见。"
    WANTED = "The same by the unit that opened the joint review."
    WANTED_ZH = "请由牵头单位办理。"
    TOLERATED_IN_IMPORTS = True


class OpinionNotRequested(Rejected):
    """The unit has not been asked for its opinion in this case."""

    ZH = "未向该单位征询意见。"
    WANTED = "request_opinion for the unit first."
    WANTED_ZH = "请先由牵头单位向该单位征询意见。"
    TOLERATED_IN_IMPORTS = True


class OpinionAlreadyReturned(Rejected):
    """The unit has given its opinion."""

    ZH = "该单位已反馈意见。"
    WANTED = "A further request_opinion, where the lead asks again."
    WANTED_ZH = "需再次征询的，请由牵头单位重新登记征询。"
    TOLERATED_IN_IMPORTS = True


class OpinionsPending(Rejected):
    """Units have been asked and have neither answered nor let their day pass."""

    ZH = "尚有单位未反馈意见，且未到或未注明逾期。"
    WANTED = "Their opinions; or silent_units naming those whose due day has passed."
    WANTED_ZH = "请待其反馈；已逾期的，请在 silent_units 中注明。"
    TOLERATED_IN_IMPORTS = True

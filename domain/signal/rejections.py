"""Why something about a signal is refused. More in domain/admission.py.

Rejected
├── SignalNotRaised
├── SignalNumberTaken
├── SignalDecided
├── SignalUpheldAlready
├── NotTheResponsibleUnit
├── DecidedTheCase
├── AlreadyAppealed
├── BeforeItWasRaised
├── StandsOnNothing
└── StateNotYetReached
"""

from domain.grammar import Rejected


class SignalNotRaised(Rejected):
    """No signal was raised under this number."""

    ZH = "该编号没有预警。"
    WANTED = "The number of a signal."
    WANTED_ZH = "请使用已产生的监察编号。"


class SignalNumberTaken(Rejected):
    """Another finding has this number."""

    ZH = "该监察编号已用于另一预警。"
    WANTED = "The number that follows from the finding."
    WANTED_ZH = "监察编号应由预警内容得出。"


class SignalDecided(Rejected):
    """The signal was withdrawn; it stays in the ledger and nothing is added to it."""

    ZH = "该预警已核销，留存台账，不再变动。"
    BASIS = "监察台账：预警不得删除"
    WANTED = "A signal that stands."
    WANTED_ZH = "仅可对未核销的预警办理。"


class SignalUpheldAlready(Rejected):
    """The signal was upheld; only an appeal can reopen the question, and only supervision withdraw it."""

    ZH = "该预警已维持；有异议应申诉。"
    WANTED = "appeal_signal by the responsible unit, or withdraw_signal by supervision."
    WANTED_ZH = "由责任单位申诉，或由监察部门核销。"


class NotTheResponsibleUnit(Rejected):
    """Only the unit that is held responsible, or one above it, answers a signal."""

    ZH = "预警由责任单位或其上级单位反馈、申诉。"
    BASIS = "谁办理谁负责"
    WANTED = "The same by a post of the responsible unit or of a unit above it."
    WANTED_ZH = "请由责任单位或其上级单位的岗位办理。"


class DecidedTheCase(Rejected):
    """Who decided the case neither answers, upholds nor withdraws a signal about it."""

    ZH = "本人对该件作出过决定，不得反馈、申诉、维持或核销其预警，应当回避。"
    BASIS = "公务员法 Art. 76"
    WANTED = "The same by another person of the responsible unit, or of supervision."
    WANTED_ZH = "请由责任单位或监察部门的其他人员办理。"


class AlreadyAppealed(Rejected):
    """An appeal is made once."""

    ZH = "已申诉过，不得重复申诉。"
    WANTED = "Supervision's decision."
    WANTED_ZH = "等待监察部门核定。"


class BeforeItWasRaised(Rejected):
    """It would have happened before the signal was raised."""

    ZH = "发生时间早于预警产生时间。"
    WANTED = "An occurred_at not before the signal was raised."
    WANTED_ZH = "occurred_at 应不早于预警产生时间。"


class StandsOnNothing(Rejected):
    """A signal about a case names the events that it stands on."""

    ZH = "办件预警须列明所依据的事件。"
    WANTED = "facts with at least one position of the log."
    WANTED_ZH = "facts 至少列一条事件的位置号。"


class StateNotYetReached(Rejected):
    """A signal tells what is so, not what will be."""

    ZH = "状态产生日期尚未到来，不得预先产生预警。"
    WANTED = "A state_on not later than the day on which it is raised."
    WANTED_ZH = "state_on 应不晚于预警当日。"

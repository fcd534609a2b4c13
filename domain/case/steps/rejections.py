"""Why work on a case is refused, or recorded with a flag.

Rejected
├── StepAlreadyOpen
├── NotTheHandler
├── NotTheStandIn
├── TooFewInspectors
└── AgentMayNotDecide
Irregular
├── StepSkipped      P05 跳环节
└── StepNotInItem    P05
"""

from domain.grammar import Irregular, Rejected


class StepAlreadyOpen(Rejected):
    """The step has been started and not completed yet."""

    ZH = "该环节已开始，尚未结束。"
    WANTED = "complete_step for the step that is open."
    WANTED_ZH = "请先登记该环节结束。"
    TOLERATED_IN_IMPORTS = True


class NotTheHandler(Rejected):
    """The case is in another person's hands than the one it is to be taken from."""

    ZH = "所填原承办人并非该办件现在的承办人。"
    WANTED = "from_staff names who holds the case now."
    WANTED_ZH = "from_staff 应为现在的承办人。"
    TOLERATED_IN_IMPORTS = True


class NotTheStandIn(Rejected):
    """The successor holds the post on that day neither as A nor as B."""

    ZH = "接办人当日不是该岗位的 A 岗或 B 岗。"
    WANTED = "A person assigned to the post on that day."
    WANTED_ZH = "请指定当日在该岗位任职的 A 岗或 B 岗。"
    TOLERATED_IN_IMPORTS = True


class TooFewInspectors(Rejected):
    """A site inspection is made by at least two members of staff."""

    ZH = "现场勘察应由两名以上工作人员进行。"
    BASIS = "行政许可法 Art. 34"
    WANTED = "inspectors: at least as many different staff numbers as the policy asks for."
    WANTED_ZH = "inspectors 应列出规则要求人数以上的不同工作人员。"
    TOLERATED_IN_IMPORTS = True


class AgentMayNotDecide(Rejected):
    """Whoever was the applicant's agent in the case neither reviews nor decides it."""

    ZH = "本案代办员不得审核或批准该办件。"
    BASIS = "行政许可法 Art. 29"
    WANTED = "Another officer."
    WANTED_ZH = "请由其他人员审核、批准。"
    TOLERATED_IN_IMPORTS = True


class StepSkipped(Irregular):
    """A step of the published flow that comes before this one has not been completed."""

    RULE = "P05"
    ZH = "跳环节：公布流程中在前的环节尚未完成。"
    BASIS = "流程监察"
    WANTED = "The steps in the order of the published flow."
    WANTED_ZH = "按公布的流程顺序办理。"


class StepNotInItem(Irregular):
    """The item's published flow has no such step."""

    RULE = "P05"
    ZH = "该事项公布的流程中没有此环节。"
    BASIS = "流程监察"
    WANTED = "A step of the published flow."
    WANTED_ZH = "请使用公布流程中的环节。"

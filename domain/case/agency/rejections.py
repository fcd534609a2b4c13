"""Why an agent's action is refused.

Rejected
├── PointUnknown
├── AlreadyEntrusted
├── NotEntrusted
├── NotTheAgent
├── NotMandatedTo
├── PapersWithTheAgent
├── NothingPickedUp
├── NothingHandedOver
└── NothingToHandBack
"""

from domain.grammar import Rejected


class PointUnknown(Rejected):
    """The village point is not registered, or not on that day."""

    ZH = "该代办点未登记，或当日无效。"
    WANTED = "The code of a registered village point."
    WANTED_ZH = "请填写已登记的代办点编码。"
    TOLERATED_IN_IMPORTS = True


class AlreadyEntrusted(Rejected):
    """The case is entrusted to an agent already."""

    ZH = "该办件已委托代办。"
    WANTED = "revoke_entrustment first, or a new case number for another errand."
    WANTED_ZH = "请先撤销原委托；另一件事请使用新的办件编号。"
    TOLERATED_IN_IMPORTS = True


class NotEntrusted(Rejected):
    """No agent has been entrusted with the case, or the villager has revoked it."""

    ZH = "该办件未委托代办，或委托已撤销。"
    BASIS = "行政许可法 Art. 29"
    WANTED = "entrust_agent first."
    WANTED_ZH = "请先登记委托代办。"
    TOLERATED_IN_IMPORTS = True


class NotTheAgent(Rejected):
    """Another agent was entrusted with the case."""

    ZH = "受托代办员不是本人，也不是同一岗位。"
    WANTED = "The same by the entrusted agent, or the stand-in at the same post."
    WANTED_ZH = "请由受托代办员或同岗 B 岗办理。"
    TOLERATED_IN_IMPORTS = True


class NotMandatedTo(Rejected):
    """The mandate does not cover this, or has expired."""

    ZH = "委托范围不含此事项，或委托已到期。"
    BASIS = "民法典 Art. 165"
    WANTED = "A mandate whose scope covers it (代交, 代领, 全程) and which has not expired."
    WANTED_ZH = "委托范围应包含此事项（代交、代领、全程）且未到期。"
    TOLERATED_IN_IMPORTS = True


class PapersWithTheAgent(Rejected):
    """The agent has picked up papers and not handed them over yet."""

    ZH = "代办员已接件，尚未移交大厅。"
    WANTED = "hand_to_hall first."
    WANTED_ZH = "请先登记移交大厅。"
    TOLERATED_IN_IMPORTS = True


class NothingPickedUp(Rejected):
    """The agent has no papers to hand over."""

    ZH = "代办员没有待移交的材料。"
    WANTED = "pick_up_papers first."
    WANTED_ZH = "请先登记代办接件。"
    TOLERATED_IN_IMPORTS = True


class NothingHandedOver(Rejected):
    """The agent has handed nothing over that the hall could sign for."""

    ZH = "没有代办员移交的待签收材料。"
    WANTED = "hand_to_hall first."
    WANTED_ZH = "请先由代办员登记移交大厅。"
    TOLERATED_IN_IMPORTS = True


class NothingToHandBack(Rejected):
    """The agent has neither papers nor a result of the villager's."""

    ZH = "代办员手中没有应回交委托人的材料或证照。"
    WANTED = "collect_result or pick_up_papers first."
    WANTED_ZH = "请先登记代领结果或代办接件。"
    TOLERATED_IN_IMPORTS = True

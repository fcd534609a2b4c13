"""Why a policy is not published.

Rejected
├── PolicyVersionTaken
└── PolicyNotLater
"""

from domain.grammar import Rejected


class PolicyVersionTaken(Rejected):
    """A policy of this version stands already, with other parameters; what was published does not change."""

    ZH = "该版本号的规则已发布且内容不同；已发布的规则不得更改。"
    WANTED = "A new version with a later valid_from."
    WANTED_ZH = "请以新版本号和更晚的生效日期发布。"


class PolicyNotLater(Rejected):
    """A new policy takes effect after the last one; the past keeps the policy it had."""

    ZH = "新规则的生效日期应晚于上一版本；以往适用的规则不变。"
    WANTED = "A valid_from after that of the last version; `last` says which."
    WANTED_ZH = "生效日期应晚于上一版本（last）。"

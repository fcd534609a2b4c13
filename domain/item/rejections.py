"""Why an item is not published, stationed or cancelled.

Rejected
├── ItemAlreadyCancelled
├── ItemNotPublished
├── ItemStationedOtherwise
├── ItemVersionFixed
├── ItemVersionsOverlap
├── JointItemWithoutPartners
├── NotStationedThere
├── PromiseBeyondLegalLimit
└── PromisedItemWithoutPromise
"""

from domain.grammar import Rejected


class ItemVersionFixed(Rejected):
    """A version of this name has been published with other content; what was published does not change."""

    ZH = "该版本号已发布且内容不同；已发布的版本不得更改。"
    WANTED = "A new version name with its own valid_from."
    WANTED_ZH = "请以新的版本号和生效日期发布。"


class ItemVersionsOverlap(Rejected):
    """On one day an item has one version; these days belong to another version already."""

    ZH = "同一事项在同一日只能有一个有效版本，所述期间已属于另一版本。"
    WANTED = "Days outside those of the other version; `other` names it."
    WANTED_ZH = "有效期不应与另一版本（other）重叠。"


class PromiseBeyondLegalLimit(Rejected):
    """A promise may be shorter than the legal limit, never longer."""

    ZH = "承诺办结时限不得超过法定办结时限。"
    BASIS = "行政许可法 Art. 42"
    WANTED = "promise_days at most legal_days."
    WANTED_ZH = "promise_days 应不大于 legal_days。"


class PromisedItemWithoutPromise(Rejected):
    """An item with a promise states its limit."""

    ZH = "承诺件应写明承诺办结时限。"
    WANTED = "promise_days in working days."
    WANTED_ZH = "promise_days 应为工作日天数。"


class JointItemWithoutPartners(Rejected):
    """A joint item names the units that take part."""

    ZH = "联办事项应列明共同实施部门。"
    BASIS = "行政许可法 Art. 26"
    WANTED = "joint_units names at least one unit besides the one in charge."
    WANTED_ZH = "joint_units 应至少列出一个主办单位以外的单位。"


class ItemAlreadyCancelled(Rejected):
    """The item has been cancelled: no new version, no window, no other day of cancellation."""

    ZH = "该事项已取消，不得再发布版本、进驻窗口或更改取消日期。"
    BASIS = "行政许可法 Art. 21"
    WANTED = "An item with a code of its own."
    WANTED_ZH = "请以新的事项编码登记。"


class ItemNotPublished(Rejected):
    """The item has no version yet."""

    ZH = "该事项尚未发布。"
    WANTED = "publish_item_version first."
    WANTED_ZH = "请先发布事项版本。"


class ItemStationedOtherwise(Rejected):
    """The item is handled at this window on some of these days already."""

    ZH = "该事项在所述期间已进驻该窗口。"
    WANTED = "Days on which it is not; `valid_from` says since when it is."
    WANTED_ZH = "请选择尚未进驻的期间（valid_from 为已进驻的起始日期）。"


class NotStationedThere(Rejected):
    """The item is not handled at this window on that day, so it cannot be withdrawn from it."""

    ZH = "该事项当日未进驻该窗口，无从退驻。"
    WANTED = "A window where it is stationed on the last day."
    WANTED_ZH = "应为当日已进驻的窗口。"

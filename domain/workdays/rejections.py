"""Why a year's calendar is not published.

Rejected
├── CalendarAlreadyPublished
├── CalendarNotPublished
├── CalendarVersionTaken
└── CalendarAmendedToProvisional
"""

from domain.grammar import Rejected


class CalendarAlreadyPublished(Rejected):
    """The year has been published; what changes it is an amendment, with its reason."""

    ZH = "该年度日历已发布；如需变更，应以调整方式并说明理由。"
    WANTED = "amend_calendar with a reason and a new version."
    WANTED_ZH = "请使用日历调整，写明理由和新版本号。"


class CalendarNotPublished(Rejected):
    """The year has not been published, so there is nothing to amend."""

    ZH = "该年度日历尚未发布，无从调整。"
    WANTED = "publish_calendar."
    WANTED_ZH = "请先发布该年度日历。"


class CalendarVersionTaken(Rejected):
    """The version that stands bears this name; other days need another name."""

    ZH = "该版本号已用于现行日历；内容不同应使用新版本号。"
    WANTED = "A version that the year has not had."
    WANTED_ZH = "请使用该年度未用过的版本号。"


class CalendarAmendedToProvisional(Rejected):
    """A published year does not become provisional again."""

    ZH = "已正式发布的年度日历不能再改为暂定。"
    BASIS = "全国年节及纪念日放假办法"
    WANTED = "is_provisional: false."
    WANTED_ZH = "is_provisional 应为 false。"

"""Why a window is not opened, or a post not assigned.

Rejected
├── WindowAlreadyClosed
├── ClerkWithoutWindow
├── PostRoleFixed
├── DutyAlreadyHeld
├── HolderOfBothDuties
├── NotServingThen
└── NotAssigned
"""

from domain.grammar import Rejected


class WindowAlreadyClosed(Rejected):
    """The window has been closed and is not opened again; a new window has a code of its own."""

    ZH = "该窗口已关闭，不再恢复；新窗口应使用新的编码。"
    WANTED = "Repeat the recorded closed_on, or open a window with a new code."
    WANTED_ZH = "请写明已登记的关闭日期，或以新编码开设窗口。"


class ClerkWithoutWindow(Rejected):
    """A window clerk's post stands at a window."""

    ZH = "窗口人员的岗位必须设在某一窗口。"
    WANTED = "window_id names the window."
    WANTED_ZH = "window_id 应为所在窗口。"


class PostRoleFixed(Rejected):
    """A post keeps its role: what was done from it was done in that role. Another role is another post."""

    ZH = "岗位角色一经设立不变；不同角色应另设岗位。"
    WANTED = "The recorded role, or a new post."
    WANTED_ZH = "请使用已登记的角色，或另设岗位。"


class DutyAlreadyHeld(Rejected):
    """Somebody else holds this duty of the post on some of these days."""

    ZH = "所述期间该岗位的A岗或B岗已由他人担任。"
    WANTED = "Relieve the holder first, or days on which nobody holds the duty."
    WANTED_ZH = "请先办理原任人员离岗，或选择无人任职的期间。"


class HolderOfBothDuties(Rejected):
    """A and B of a post are two persons: one stands in for the other."""

    ZH = "AB岗应由两人担任，同一人不能同时任A岗和B岗。"
    WANTED = "Another person for the second duty."
    WANTED_ZH = "请指定另一人。"


class NotServingThen(Rejected):
    """The person is not in the county's service on all of these days."""

    ZH = "该人员在所述期间并非全程在职。"
    WANTED = "Days within the person's own time of service; `serves_from` and `serves_to` say which."
    WANTED_ZH = "任职期间应在其在职期间之内。"


class NotAssigned(Rejected):
    """The person does not hold this duty of the post on that day."""

    ZH = "该人员在当日未担任此岗位的该岗。"
    WANTED = "A holder of the post and one of the days of the tenure."
    WANTED_ZH = "请指定当日任职的人员。"

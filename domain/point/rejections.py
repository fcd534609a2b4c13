"""Why a village point is not established.

Rejected
├── PointOutsideVillages
└── SerialBlockTaken
"""

from domain.grammar import Rejected


class PointOutsideVillages(Rejected):
    """A village point lies in a village: the last three digits of its division code name one."""

    ZH = "代办点应设在村（社区），行政区划代码后三位不能为000。"
    BASIS = "GB/T 10114—2003"
    WANTED = "A 12-digit division code that does not end in 000."
    WANTED_ZH = "后三位不为000的12位行政区划代码。"


class SerialBlockTaken(Rejected):
    """Another point of the same division gives out serials of this block."""

    ZH = "该编号段与同一行政区划内另一代办点的编号段重叠。"
    WANTED = (
        "Leading digits that no other point of the division has; `point_code` names the one that has them."
    )
    WANTED_ZH = "请使用同一行政区划内未被占用的编号段（point_code 为占用者）。"

"""What is not in order, or worth a look, by its code: what the rules flagged when it was recorded, and what the trail sees."""

from collections.abc import Iterator
from functools import cache
from typing import Final, TypeVar

from domain.grammar import Irregular, Objection, Rejected

RULES: Final = {
    "T01": ("超期未告知", "no notice in time"),
    "P01": ("二次告知", "a second notice of what could be known at the first"),
    "P02": ("超清单要件", "papers beyond the published list"),
    "P03": ("违规挂起", "a pause against the rules"),
    "P04": ("无理由不予受理、不予许可", "refused without reasons"),
    "P05": ("逆序、跳环节", "out of the order of the procedure"),
    "P06": ("自批自办", "accepted and approved by one person"),
    "P07": ("两头受理", "accepted at two places"),
    "P08": ("补录", "recorded late"),
    "P09": ("事项无效仍收件", "received though the item was not in force"),
    "F01": ("违规收费", "a fee against the standard"),
}
"""The supervision rules that flag an event when it is recorded."""

AMENDMENT: Final = "amendment"
VOIDED: Final = "voided"
CORRECTED: Final = "corrected"
DEVICE_GAP: Final = "device-gap"
DEVICE_REPEAT: Final = "device-repeat"

SEEN: Final = {
    VOIDED: ("已作废", "voided"),
    CORRECTED: ("已更正", "corrected"),
    AMENDMENT: ("更正或作废", "amends another event"),
    "backfilled": ("附补录说明", "came with the reason of a late record"),
    "imported": ("导入的历史记录", "taken over from another system"),
    "ahead": ("登记早于发生", "recorded before it happened"),
    "out-of-order": (
        "所述时间早于本案卷先登记的事件",
        "said to have happened before what its record told earlier",
    ),
    "version-gap": ("本案卷此前缺版本", "versions of its record are missing before it"),
    DEVICE_GAP: ("设备序号在此前有缺", "numbers of its device are missing before it"),
    DEVICE_REPEAT: ("设备序号重复", "another recording has the same device number"),
}
"""What the trail itself sees."""


@cache
def names() -> dict[str, tuple[str, str]]:
    """Chinese and English of every code that an event can have; the aggregates have been imported."""
    tolerated = [each for each in _all_of(Rejected) if each.TOLERATED_IN_IMPORTS]
    objections: list[type[Objection]] = [*_all_of(Irregular), *tolerated]
    return {each.code(): (each.ZH, _sentence(each)) for each in objections} | RULES | SEEN


def name(code: str) -> tuple[str, str]:
    """A code of a later version of the programme is called by itself."""
    return names().get(code, (code, code))


def _sentence(objection: type[Objection]) -> str:
    return (objection.__doc__ or objection.code()).partition("\n")[0]


K = TypeVar("K", bound=Objection)


def _all_of(kind: type[K]) -> Iterator[type[K]]:
    for each in kind.__subclasses__():
        yield each
        yield from _all_of(each)

"""What can be wrong with a log, and how it is said."""

from dataclasses import dataclass
from typing import Final

WORDS: Final = {
    "missing": ("事件缺失，至位置 {upto}", "is missing, and so is everything up to position {upto}"),
    "twice": ("同一位置出现两次", "stands at a position that is taken"),
    "changed": ("与封存的不符", "is not what was sealed"),
    "tile": (
        "日志瓦片被改动，事件本身成立",
        "has a tile that was changed; the event itself stands, the checkpoint shows it",
    ),
    "version": ("不接续其卷的上一版本", "does not follow the last version of its stream"),
    "time": ("登记时间早于前一事件", "was recorded before the event in front of it"),
    "unsigned": ("没有此处有效的进程签名", "is not signed by a process that might sign there"),
    "keys": ("公钥声明没有有效签名", "speaks of keys, and no key that counts has signed it"),
    "early": (
        "登记时间早于此前的见证时间",
        "was recorded before witnesses had seen what stands in front of it",
    ),
    "late": ("登记时间晚于其后的见证时间", "was recorded after witnesses had seen it"),
    "heads": ("案头索引根与事件不符", "states a root of case heads that the events do not have"),
    "unstated": (
        "内容已失，而无恢复声明",
        "has lost its content, and no statement of recovery says so",
    ),
    "stands": ("恢复声明称已失，而内容仍在", "is stated to be lost, and stands"),
    "quarantined": ("封印程序已隔离：{upto}", "was quarantined by the sealing worker: {upto}"),
}
"""By what is wrong: what is said of the event, in Chinese and in English."""


@dataclass(frozen=True, slots=True, order=True)
class Trouble:
    """One thing that is wrong with one event."""

    position: int
    what: str
    """One of WORDS."""
    upto: str = ""

    def sentence(self, named: str = "") -> str:
        """`named`: which event stands at the position."""
        zh, en = (told.format(upto=self.upto) for told in WORDS[self.what])
        return f"事件 {self.position}{named}：{zh} · event {self.position} {en}"

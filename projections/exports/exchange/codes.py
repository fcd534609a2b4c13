"""Code sets of GB/T 39046—2020, annex A, and the words where a standard prints no codes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from domain.grammar import CHINA

KIND: Final = {"instant": "1", "promised": "2", "other": "9"}
"""办件类型, A.6."""
KIND_NAME: Final = {"instant": "即办件", "promised": "承诺件", "other": "其他"}

STEP_RESULT: Final = {"passed": "通过", "returned": "退回", "other": "其他"}
"""业务动作, table 7."""
OPEN, DONE = "1", "2"
"""环节办理状态: 待办, 已办."""

EXTENSION, OTHER_PROCEDURE = "1", "2"
"""特别程序种类, A.7: 延长审批, 除延长审批之外."""
PROCEDURE_NAME: Final = {
    "hearing": "听证",
    "bidding": "招标",
    "auction": "拍卖",
    "inspection": "检验",
    "testing": "检测",
    "quarantine": "检疫",
    "appraisal": "鉴定",
    "expert_review": "专家评审",
    "site_survey": "现场勘察",
    "public_notice": "公示",
    "other": "其他",
}
FORM: Final = {"original": "原件", "copy": "复印件", "electronic": "电子", "shared": "共享获取"}
"""收取方式."""
DELIVERY: Final = {"window": "窗口", "courier": "快递", "agent": "代领", "home": "上门"}
"""领取方式."""
DAY_UNIT: Final = {"working_day": "G", "calendar_day": "Z"}
"""时限单位 of Guangdong: 工作日, 自然日."""
LIGHT: Final = {"notice": "0", "prewarning": "0", "yellow": "1", "red": "2"}
"""监察预警类型: 未预警, 黄灯, 红灯."""

YES, NO = "是", "否"


def origin(channel: str | None) -> str | None:
    """申报来源, A.5: our own codes 91–96 stand under 9 其他."""
    return None if channel is None else channel[0]


def said(codes: Mapping[str, str], value: Any) -> str | None:
    """The code of what the record says; of a word that a later version knows, the word itself."""
    return None if value is None else codes.get(value, value)


def at(moment: datetime | None) -> str | None:
    """YYYY-MM-DD HH:MM:SS in China, as the platforms write times."""
    return None if moment is None else moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


def day(value: Any) -> str | None:
    return None if value is None else str(value)[:10]


def yuan(fen: int) -> str:
    """元, n..16,2."""
    return f"{fen // 100}.{fen % 100:02}"

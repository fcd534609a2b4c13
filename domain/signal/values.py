"""The watch's words: lights, rules and their basis, and the number that a finding has. Source: rules of 电子监察."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Final

from pydantic import Field

from domain.grammar import Code, Count, Day, Value

SignalNo = Annotated[str, Field(pattern=r"^[A-Z][0-9]{2}-[0-9A-F]{16}$")]
"""监察编号: the rule's code and 16 hexadecimal digits that follow from what was found; 20 characters at most
(GB/T 39046 table 11)."""

Subject = Annotated[str, Field(pattern=r"^(case|window):[0-9A-Za-z][0-9A-Za-z._/-]{0,63}$")]
"""What a signal is about, by the name of its stream."""


class Light(StrEnum):
    """How grave it is."""

    notice = "notice"  # 提示
    prewarning = "prewarning"  # 预警
    yellow = "yellow"  # 黄灯
    red = "red"  # 红灯

    @property
    def asks_reply(self) -> bool:
        """反馈: notices and pre-warnings help, yellow and red want an answer."""
        return self in (Light.yellow, Light.red)


class RuleCode(StrEnum):
    """监察规则编号."""

    late_word = "T01"  # 超期未告知
    due_soon = "T02"  # 临期预警
    over_promise = "T03"  # 承诺超期
    over_law = "T04"  # 法定超期
    step_over = "T05"  # 环节超时
    delivery_late = "T06"  # 送达超期
    report_late = "T07"  # 上报超期
    handoff_stuck = "T08"  # 交接滞留
    told_twice = "P01"  # 二次告知
    unlisted_material = "P02"  # 超清单要件
    unlawful_pause = "P03"  # 违规挂起
    no_reasons = "P04"  # 不予受理、不予许可无理由
    out_of_order = "P05"  # 逆序、跳环节
    own_approval = "P06"  # 自批自办
    accepted_twice = "P07"  # 两头受理
    late_record = "P08"  # 补录
    cancelled_item = "P09"  # 已取消事项办件
    unlawful_fee = "F01"  # 违规收费
    idle_window = "Z01"  # 零办件


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule is called and what it stands on."""

    title: str
    title_en: str
    basis: str


RULES: Final[Mapping[RuleCode, Rule]] = {
    RuleCode.late_word: Rule("超期未告知", "no word in time", "行政许可法 Art. 32(4)"),
    RuleCode.due_soon: Rule("临期预警", "due soon", "行政许可法 Art. 42"),
    RuleCode.over_promise: Rule("承诺超期", "over the promised time", "优化营商环境条例 Art. 36"),
    RuleCode.over_law: Rule("法定超期", "over the statutory time", "行政许可法 Art. 42"),
    RuleCode.step_over: Rule("环节超时", "a step over its time", "陕西省政务服务效能管理暂行办法 Art. 6"),
    RuleCode.delivery_late: Rule("送达超期", "delivered late", "行政许可法 Art. 44"),
    RuleCode.report_late: Rule("上报超期", "reported up late", "行政许可法 Art. 43"),
    RuleCode.handoff_stuck: Rule("交接滞留", "stuck in handing over", "持件签收规则"),
    RuleCode.told_twice: Rule("二次告知", "asked twice", "行政许可法 Art. 32(4), 72"),
    RuleCode.unlisted_material: Rule("超清单要件", "asked for more than the list", "行政许可法 Art. 31"),
    RuleCode.unlawful_pause: Rule("违规挂起", "clock stopped unlawfully", "行政许可法 Art. 45"),
    RuleCode.no_reasons: Rule(
        "不予受理、不予许可无理由", "refused without reasons", "行政许可法 Art. 32, 38"
    ),
    RuleCode.out_of_order: Rule("逆序、跳环节", "out of order", "政务服务流程监察"),
    RuleCode.own_approval: Rule("自批自办", "approved by who accepted", "审批分离"),
    RuleCode.accepted_twice: Rule("两头受理", "accepted at two places", "一件事一次受理"),
    RuleCode.late_record: Rule("补录", "recorded late", "政务服务数据真实、实时、完整、准确"),
    RuleCode.cancelled_item: Rule("已取消事项办件", "item not in force", "行政许可法 Art. 17, 83"),
    RuleCode.unlawful_fee: Rule("违规收费", "unlawful fee", "行政许可法 Art. 58, 59"),
    RuleCode.idle_window: Rule("零办件", "nothing accepted", "窗口运行监察"),
}


class Figure(Value):
    """One number of a finding: days used, the limit …"""

    what: Code
    value: Annotated[int, Field(gt=-(2**53), lt=2**53)]


class Finding(Value):
    """What a rule found. It is one and the same as long as rule, light, subject, facts and broken day are."""

    rule_code: RuleCode
    light: Light
    subject: Subject
    case_no: Code | None = None
    facts: Annotated[tuple[Annotated[int, Field(ge=1, lt=2**53)], ...], Field(max_length=50)] = ()
    """Positions in the log of the events that it stands on, in their order."""
    due: Day | None = None
    """The last day that was kept or broken, where the rule has one."""
    state_on: Day
    """状态产生时间: the first day on which it was so."""
    unit_code: Code | None = None
    """责任部门: whose hands it was in."""
    window_id: Code | None = None
    post_id: Code | None = None
    person: Code | None = None
    """Staff number."""
    is_legacy: bool = False
    """It stands on records taken over from another system: kept in the ledger, nobody here has to answer."""
    figures: Annotated[tuple[Figure, ...], Field(max_length=20)] = ()

    @property
    def signal_no(self) -> str:
        return signal_no(self.rule_code, self.light, self.subject, self.facts, self.due)


def signal_no(rule_code: str, light: str, subject: str, facts: tuple[int, ...], due: date | None) -> str:
    """The number of the signal that says this; `projections/watch/view.sql` computes the same."""
    said = "|".join((rule_code, light, subject, ",".join(map(str, facts)), due.isoformat() if due else ""))
    return f"{rule_code}-{sha256(said.encode()).hexdigest()[:16].upper()}"


class WithdrawalReason(StrEnum):
    """核销原因."""

    calendar = "calendar"  # 按工作日历并未超期
    record = "record"  # 记录有误，已更正或补录
    lawful = "lawful"  # 依法扣除、延长或免责
    elsewhere = "elsewhere"  # 责任不在该单位
    duplicate = "duplicate"  # 与另一预警重复
    other = "other"  # 其他，见说明


class Lateness(Value):
    """A reply's working days since the signal was raised."""

    days: Count
    is_late: bool

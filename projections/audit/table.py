"""The trail as a table for Excel: one row for each event, headed in Chinese."""

from collections.abc import Mapping
from typing import Any, Final

from domain.grammar import Channel, canonical
from projections.audit.entries import Amended, Entry
from projections.exports.tables import BETWEEN, Column, Table

CHANNELS: Final[Mapping[str, str]] = {
    Channel.window: "窗口",
    Channel.web: "网上",
    Channel.mobile: "移动端",
    Channel.courier: "邮寄",
    Channel.other: "其他",
    Channel.phone: "电话",
    Channel.home_visit: "上门",
    Channel.agent_point: "代办点",
    Channel.kiosk: "自助终端",
    Channel.mobile_approval: "移动审批",
    Channel.outreach: "夜访、接待日、驻村",
}


def _channel(entry: Entry) -> str | None:
    code = entry.where.channel
    return CHANNELS.get(code, code) if code else None


def _marks(entry: Entry) -> str:
    return BETWEEN.join(f"{code} {zh}" for code, zh in zip(entry.marks, entry.marks_zh, strict=True))


def _amended_by(entry: Entry) -> str:
    return BETWEEN.join(map(_amendment, entry.amended_by))


def _amendment(told: Amended) -> str:
    who = f"登记人 {told.person}，批准人 {told.approved_by}，位置 {told.position}"
    if told.field is None:
        return f"作废：{told.reason}（{who}）"
    return (
        f"更正 {told.field}：原为 {_said(told.was)}，应为 {_said(told.should_be)}，因{told.reason}（{who}）"
    )


def _said(value: Any) -> str:
    return value if isinstance(value, str) else canonical(value).decode()


def _amended_value(name: str) -> Any:
    def read(entry: Entry) -> Any:
        value = getattr(entry.amends, name, None)
        return None if value is None else _said(value)

    return read


AUDIT_TABLE: Final = Table(
    "audit-trail",
    "审计轨迹",
    (
        Column("position", "位置", "position"),
        Column("stream", "案卷", "record"),
        Column("version", "版本", "version"),
        Column("label", "事件", "event"),
        Column("topic", "事件类别", "topic"),
        Column("occurred_at", "发生时间", "happened at"),
        Column("occurred_precision", "时间精度", "precision"),
        Column("occurred_source", "时间来源", "source of the time"),
        Column("recorded_at", "登记时间", "recorded at"),
        Column("lag_days", "滞后工作日", "lag in working days"),
        Column("lag_seconds", "滞后秒数", "lag in seconds"),
        Column("who.person", "办理人", "who acted"),
        Column("who.recorded_by", "登记人", "who recorded it"),
        Column("who.role", "角色", "role"),
        Column("who.post_id", "岗位", "post"),
        Column("who.duty", "A/B岗", "A or B"),
        Column("who.on_behalf_of", "代何人", "on behalf of"),
        Column("who.delegation_no", "委托授权号", "delegation"),
        Column("who.operator", "本机账户", "account at the machine"),
        Column("where.unit_code", "单位", "unit"),
        Column("where.window_id", "窗口", "window"),
        Column("where.place", "地点", "place"),
        Column("channel", "办理形式", "channel", _channel),
        Column("where.device_id", "设备", "device"),
        Column("where.device_seq", "设备序号", "device number"),
        Column("where.clock_offset_ms", "设备时钟偏差毫秒", "device clock offset, ms"),
        Column("authority.item_code", "事项", "item"),
        Column("authority.item_version", "事项版本", "item version"),
        Column("authority.authorisation_no", "授权编号", "authorisation"),
        Column("authority.basis", "依据", "basis"),
        Column("authority.policy_version", "规则版本", "policy version"),
        Column("authority.calendar_version", "日历版本", "calendar version"),
        Column("approvers", "批准人", "who vouched"),
        Column("backfill.reason", "补录理由", "reason of the late record"),
        Column("backfill.evidence", "补录证据件数", "documents of evidence"),
        Column("imported_from", "导入来源", "imported from"),
        Column("attachments", "附件数", "attachments"),
        Column("marks", "标记", "marks", _marks),
        Column("amended_by", "其后的更正与作废", "corrected or voided by", _amended_by),
        Column("amends.position", "所更正的位置", "amends position"),
        Column("amends.label", "所更正的事件", "amends event"),
        Column("amends.field", "更正字段", "field"),
        Column("was", "原为", "was", _amended_value("was")),
        Column("should_be", "应为", "should be", _amended_value("should_be")),
        Column("amends.reason", "更正理由", "reason"),
        Column("correlation", "命令", "command"),
        Column("fact", "内容", "fact"),
        Column("state_sha256", "原始字节SHA-256", "SHA-256 as stored"),
    ),
)

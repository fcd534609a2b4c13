"""What the door answers, as the OpenAPI page shows it.

The models document; the bytes are written by orjson, and a contract test holds the two together.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import orjson
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

JSON: Final = "application/json"


class Shown(BaseModel):
    """An answer; it has exactly these members."""

    model_config = ConfigDict(hide_input_in_errors=True, extra="forbid")


class LeafShown(Shown):
    """What the event's leaf is made of beside its place and times, signed by who recorded it. 事件的叶与签名。"""

    occurred_at: datetime
    state_hash: str = Field(
        description="SHA-256 of the stored state, hexadecimal / 存储字节的 SHA-256", pattern="^[0-9a-f]{64}$"
    )
    signature: str = Field(
        description="Ed25519, base64: 64 bytes, or with the event's place among those signed together behind them;"
        " see domain/proof/batch.py / 登记进程的签名，多条一并签名时附其位置与路径"
    )
    key: str = Field(
        description="签名钥标识，见 /v1/log/keys / the key's identifier", pattern="^[0-9a-f]{8}$"
    )
    receipt: str = Field(
        description="回执码，见 /v1/receipts/{code} / checks later that the event still stands",
        examples=["16209-7ZK2-MQ0R-8T1W-XYZ5-H"],
    )


class RecordedEvent(Shown):
    """One event of a receipt. 回执中的一条事件。"""

    position: int = Field(ge=1, description="在县日志中的位置 / its place in the county's log")
    version: int = Field(ge=1, description="在本案卷中的序号 / its place in the case")
    topic: str = Field(examples=["case.received.v1"])
    label: str = Field(description="中文名称", examples=["收件登记"])
    label_en: str = Field(examples=["Case received"])
    leaf: LeafShown | None = Field(
        None, description="日志未设签名钥时没有 / absent where the log has no keys"
    )


class SealPromise(Shown):
    """Under which log the events stand, and when at the latest they are sealed. 所属日志与封印时限。"""

    origin: str = Field(description="日志名称 / the log's name", examples=["jiandu.local/county"])
    within_seconds: int


class Recording(Shown):
    """What was recorded for an action; no events: there was nothing to do. 登记回执；无事件表示无需登记。"""

    version: int | None = Field(
        description="登记后的版本；无需登记时为空，见 ETag / the version after it; null where nothing was recorded"
    )
    recorded_at: datetime = Field(description="登记时间，以数据库时钟为准 / by the database's clock")
    events: list[RecordedEvent]
    irregularities: list[str] = Field(description="已登记但不合规之处的代码 / codes of what was not in order")
    sealed: SealPromise | None = Field(
        None, description="日志未设签名钥时没有 / absent where the log has no keys"
    )


class Receipt(Recording):
    """What was recorded for an action on a case. 办件登记回执。"""

    case_no: str = Field(description="办件编号")


class ContactReceipt(Recording):
    """What was recorded for an action on a contact. 首问、咨询登记回执。"""

    contact_no: str = Field(description="首问编号")


class SignalReceipt(Recording):
    """What was recorded of a signal. 监察预警登记回执。"""

    signal_no: str = Field(description="监察编号")


class InvestigationReceipt(Recording):
    """What was recorded of an investigation. 核查登记回执。"""

    investigation_no: str = Field(description="立案编号")


class TakeoverReceipt(Recording):
    """What was recorded of a takeover. 顶岗登记回执。"""

    takeover_no: str = Field(description="岗位编号 / the post")


class DelegationReceipt(Recording):
    """What was recorded of a delegation. 委托登记回执。"""

    delegation_no: str = Field(description="委托编号")


class Error(Shown):
    """One place of the request that is wrong. 请求中的一处错误。"""

    pointer: str = Field(description="JSON Pointer, RFC 6901")
    code: str
    message: str = Field(description="中文说明")
    message_en: str


class ProblemDocument(BaseModel):
    """RFC 9457. Both languages stand in every problem; what was sent is never repeated. 问题说明，中英文并列，不回显输入。"""

    model_config = ConfigDict(hide_input_in_errors=True, extra="forbid")

    type: str = Field(pattern=r"^urn:jiandu:problem:[A-Za-z0-9-]+$", description="稳定代码 / the stable name")
    status: int = Field(ge=400, le=599)
    title: str = Field(description="一句话说明（中文）")
    title_en: str = Field(description="the same sentence in English")
    rule: str | None = Field(None, description="规则代码 / the rule's code")
    basis: str | None = Field(None, description="依据 / law or standard behind it")
    wanted: str | None = Field(None, description="怎样才能受理（中文）")
    wanted_en: str | None = Field(None, description="what would be accepted")
    details: dict[str, Any] | None = Field(None, description="具体数值 / what makes the sentence concrete")
    errors: list[Error] | None = Field(None, description="逐处错误，至多 20 条 / the places, at most 20")


class LogEvent(Shown):
    """An event of the log. 日志中的一条事件。"""

    position: int = Field(ge=1)
    stream: str = Field(examples=["case:61099910100020260521000171"])
    version: int = Field(ge=1)
    topic: str
    label: str
    label_en: str
    occurred_at: datetime = Field(description="发生时间 / when it happened")
    recorded_at: datetime = Field(description="登记时间 / when it was recorded")
    envelope: dict[str, Any] = Field(
        description="何人、何岗、何渠道、依据何版本 / who, how, under which versions"
    )
    fact: dict[str, Any] = Field(description="事实 / what happened")


class EventPage(Shown):
    """A page of the log, by position. 日志的一页。"""

    events: list[LogEvent]
    next_after: int = Field(ge=0, description="下一页的 after / give it as `after` to read on")
    last_position: int = Field(ge=0, description="日志目前的末位 / where the log ends now")


def json_answer(
    document: Mapping[str, object] | Sequence[object],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    return Response(orjson.dumps(document, option=orjson.OPT_UTC_Z), status, headers, JSON)

"""政务服务平台 data sets of GB/T 39046—2020, tables 5–8, 14 and 15; table 11 stands in `supervision`."""

from collections.abc import Iterator
from typing import Any, Final

from domain.grammar import CHINA
from projections.exports.exchange.codes import (
    DONE,
    EXTENSION,
    FORM,
    KIND,
    KIND_NAME,
    NO,
    OPEN,
    OTHER_PROCEDURE,
    PROCEDURE_NAME,
    STEP_RESULT,
    YES,
    day,
    origin,
    said,
    yuan,
)
from projections.exports.exchange.handling import DECISIONS, ENDINGS, Case
from projections.exports.exchange.table import ExchangeTable, Told, of_event

STANDARD: Final = "GB/T 39046—2020"


def at(moment: Any) -> str | None:
    """GB/T 7408: date and time with the offset."""
    return None if moment is None else moment.astimezone(CHINA).isoformat(timespec="seconds")


def _about(case: Case) -> dict[str, Any]:
    card = case.dossier.card
    return {
        "办件编号": case.case_no,
        "实施编码": card.item_code,
        "事项名称": case.item_title,
        "办件类型": said(KIND_NAME, card.kind),
        "办件类型代码": said(KIND, card.kind),
        "行政区划": case.unit.division_code,
    }


# ── 5 办事申请 ──────────────────────────────────────────────────────────────────────────────────────────────


def _application(case: Case) -> Iterator[Told]:
    receipt = case.receipt
    if receipt is None:
        return
    yield (
        "application",
        _about(case)
        | {
            "申请者名称": case.applicant_ref,
            "代理人姓名": case.agent_ref,
            "申报来源代码": origin(case.dossier.card.channel),
            "申请时间": at(receipt.occurred_at),
            "投资项目编号": receipt.fact.get("project_code"),
        },
    )


APPLICATION: Final = ExchangeTable(
    "gbt39046-5",
    "办事申请",
    f"{STANDARD} 表5",
    (
        "办件编号", "实施编码", "事项名称", "办件类型", "办件类型代码", "申请者名称", "申请者证件类型",
        "申请者证件号码", "代理人姓名", "代理人证件类型", "代理人证件号码", "代理人手机", "邮编", "地址",
        "法定代表人", "申报来源代码", "申请时间", "投资项目编号", "行政区划",
    ),
    _application,
)  # fmt: skip


def _materials(case: Case) -> Iterator[Told]:
    for paper in case.papers:
        yield (
            of_event(paper.told.version, paper.no),
            {
                "办件编号": case.case_no,
                "材料名称": case.paper_title(paper.code),
                "是否收取": YES,
                "收取方式": said(FORM, paper.form),
                "收取数量": paper.copies,
                "收取时间": at(paper.told.occurred_at),
            },
        )


MATERIALS: Final = ExchangeTable(
    "gbt39046-5-material",
    "办事申请材料",
    f"{STANDARD} 表5",
    ("办件编号", "材料名称", "是否收取", "收取方式", "收取数量", "收取时间", "附件"),
    _materials,
)

# ── 6 事项受理 ──────────────────────────────────────────────────────────────────────────────────────────────


def _acceptance(case: Case) -> Iterator[Told]:
    accepted = case.acceptance
    if accepted is None:
        return
    unit = case.unit_of(accepted) if accepted.actor.get("unit_code") else case.unit
    yield (
        "acceptance",
        _about(case)
        | {
            "受理单位": unit.title,
            "受理单位代码": unit.credit_code,
            "受理人员": accepted.person,
            "受理时间": at(accepted.occurred_at),
            "受理文书编号": accepted.fact.get("document_no"),
            "承诺办结时间": day(case.promise_due),
        },
    )


ACCEPTANCE: Final = ExchangeTable(
    "gbt39046-6",
    "事项受理",
    f"{STANDARD} 表6",
    (
        "办件编号", "基本编码", "实施编码", "事项名称", "受理单位", "受理单位代码", "受理人员", "受理时间",
        "受理文书编号", "承诺办结时间", "办件类型", "办件类型代码", "行政区划",
    ),
    _acceptance,
)  # fmt: skip

# ── 7 事项办理 ──────────────────────────────────────────────────────────────────────────────────────────────


def _steps(case: Case) -> Iterator[Told]:
    for step in case.steps:
        unit = case.unit_of(step.told)
        yield (
            of_event(step.told.version),
            {
                "办件编号": case.case_no,
                "业务动作": said(STEP_RESULT, step.result),
                "环节名称": step.title,
                "环节处理人": step.told.person,
                "处理意见": step.opinion,
                "环节开始时间": at(step.started_at),
                # 如没有结束时间，则填写开始时间: here alone, and nowhere in the record
                "环节结束时间": at(step.ended_at or step.started_at),
                "处理单位": unit.title,
                "处理单位代码": unit.credit_code,
                "环节办理状态": DONE if step.ended_at else OPEN,
            },
        )


STEPS: Final = ExchangeTable(
    "gbt39046-7-step",
    "事项办理环节",
    f"{STANDARD} 表7",
    (
        "办件编号", "业务动作", "环节名称", "环节处理人", "处理意见", "环节开始时间", "环节结束时间", "处理单位",
        "处理单位代码", "环节办理状态",
    ),
    _steps,
)  # fmt: skip


def _procedures(case: Case) -> Iterator[Told]:
    for each in case.procedures:
        fact, unit = each.told.fact, case.unit_of(each.told)
        kind = "延长审批" if each.is_extension else said(PROCEDURE_NAME, fact["kind"])
        yield (
            of_event(each.told.version),
            {
                "办件编号": case.case_no,
                "特别程序种类名称": kind,
                "特别程序种类代码": EXTENSION if each.is_extension else OTHER_PROCEDURE,
                "开始时间": at(each.told.occurred_at),
                "启动理由或依据": fact["reason"] if each.is_extension else fact["basis"],
                "申请人": each.told.person,
                "结束时间": at(each.ended_at),
                "结果": (each.ended.fact.get("result") or each.ended.fact.get("grounds"))
                if each.ended
                else None,
                "办理单位": unit.title,
                "办理单位代码": unit.credit_code,
                "办理人": each.told.person,
            },
        )


PROCEDURES: Final = ExchangeTable(
    "gbt39046-7-special",
    "事项办理特别程序",
    f"{STANDARD} 表7",
    (
        "办件编号", "特别程序种类名称", "特别程序种类代码", "开始时间", "启动理由或依据", "申请人", "结束时间",
        "结果", "办理意见", "办理单位", "办理单位代码", "办理人",
    ),
    _procedures,
)  # fmt: skip

# ── 8 事项办结 ──────────────────────────────────────────────────────────────────────────────────────────────


def _result(case: Case) -> Iterator[Told]:
    ending = case.ending
    if ending is None:
        return
    decision = case.decision
    numbers = "；".join(each["certificate_no"] for each in case.certificates)
    titles = "；".join(each["title"] for each in case.certificates)
    issuers = "；".join(
        dict.fromkeys(
            case.registers.unit(each["issuer"]).title or each["issuer"] for each in case.certificates
        )
    )
    until = [each["valid_to"] for each in case.certificates if "valid_to" in each]
    deliveries = list(case.all("case.certificate_delivered.v1"))
    yield (
        "result",
        {
            "办件编号": case.case_no,
            "办理人": ending.person,
            "办结时间": at(ending.occurred_at),
            "结果证照名称": titles or None,
            "结果证照编号": numbers or None,
            "结果描述": DECISIONS[decision.topic] if decision else ENDINGS[ending.topic],
            "证照有效期限": max(until) if until else None,
            "发证/盖章单位": issuers or None,
            "行政区划": case.unit.division_code,
            "是否快递": YES if any(each.fact["method"] == "courier" for each in deliveries) else NO,
            "是否收费": YES if any(case.all("case.fee_charged.v1")) else NO,
        },
    )


RESULT: Final = ExchangeTable(
    "gbt39046-8",
    "事项办结",
    f"{STANDARD} 表8",
    (
        "办件编号", "办理人", "办结时间", "结果证照名称", "结果证照编号", "结果描述", "证照有效期限",
        "发证/盖章单位", "行政区划", "是否快递", "是否收费",
    ),
    _result,
)  # fmt: skip

# ── 14 支付, 15 物流 ────────────────────────────────────────────────────────────────────────────────────────


def _fees(case: Case) -> Iterator[Told]:
    for told in case.all("case.fee_charged.v1"):
        yield (
            of_event(told.version),
            {
                "办件编号": case.case_no,
                "缴款单号": told.fact["receipt_no"],
                "收费单位": case.unit_of(told).title,
                "收费人员": told.person,
                "金额": yuan(told.fact["amount_fen"]),
                "时间": at(told.occurred_at),
                "缴款人": case.applicant_ref,
            },
        )


FEES: Final = ExchangeTable(
    "gbt39046-14",
    "支付",
    f"{STANDARD} 表14",
    ("办件编号", "缴款单号", "收费单位", "收费人员", "金额", "时间", "缴款人"),
    _fees,
)


def _parcels(case: Case) -> Iterator[Told]:
    for told in case.all("case.certificate_delivered.v1"):
        if told.fact["method"] == "courier":
            yield (
                of_event(told.version),
                {
                    "办件编号": case.case_no,
                    "物流单号": told.fact.get("waybill_no"),
                    "寄送单位": case.unit_of(told).title,
                    "寄送日期": day(at(told.occurred_at)),
                    "寄送人": told.person,
                    "接收人": told.fact["recipient_ref"],
                },
            )


PARCELS: Final = ExchangeTable(
    "gbt39046-15",
    "物流",
    f"{STANDARD} 表15",
    (
        "办件编号", "物流单号", "寄送单位", "寄送日期", "寄送人", "接收单位", "接收人", "接收日期", "评估指标",
        "评估项目", "评估时间", "评估等级", "评估结果",
    ),
    _parcels,
)  # fmt: skip

TABLES: Final = (APPLICATION, MATERIALS, ACCEPTANCE, STEPS, PROCEDURES, RESULT, FEES, PARCELS)

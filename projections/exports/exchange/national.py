"""The tables `up_…` that a county uploads to the national platform."""

from collections.abc import Iterator
from typing import Any, Final

from domain.grammar import local_day
from projections.exports.exchange.codes import (
    EXTENSION,
    FORM,
    KIND,
    NO,
    OTHER_PROCEDURE,
    PROCEDURE_NAME,
    STEP_RESULT,
    YES,
    at,
    day,
    origin,
    said,
)
from projections.exports.exchange.handling import DECISIONS, ENDINGS, Case
from projections.exports.exchange.table import ExchangeTable, Told, of_event

PLATFORM: Final = "国家政务服务平台"


def _accept(case: Case) -> Iterator[Told]:
    receipt, accepted = case.receipt, case.acceptance
    if receipt is None or accepted is None:
        return
    card = case.dossier.card
    unit = case.unit_of(accepted) if accepted.actor.get("unit_code") else case.unit
    yield (
        "accept",
        {
            "project_no": case.case_no,
            "task_code": card.item_code,
            "local_task_code": card.item_code,
            "task_name": case.item_title,
            "task_version": card.item_version,
            "project_type": said(KIND, card.kind),
            "apply_type": origin(card.channel),
            "applyer_name": case.applicant_ref,
            "applyer_type": card.applicant_type,
            "contact_name": case.agent_ref,
            "apply_date": at(receipt.occurred_at),
            "accept_date": at(accepted.occurred_at),
            "promise_date": day(case.promise_due),
            "org_code": unit.credit_code,
            "org_name": unit.title,
            "handle_user_name": accepted.person,
            "accept_doc_no": accepted.fact.get("document_no"),
        },
    )


ACCEPT: Final = ExchangeTable(
    "up_pro_accept",
    "受理信息",
    PLATFORM,
    (
        "project_no", "catalog_code", "local_catalog_code", "task_code", "local_task_code", "task_handle_item",
        "task_name", "task_version", "project_name", "project_type", "apply_type", "applyer_name", "applyer_type",
        "applyer_page_type", "applyer_page_code", "contact_name", "contact_type", "contact_code", "contact_mobile",
        "legal", "address", "zip_code", "apply_date", "accept_date", "promise_date", "org_code", "org_name",
        "handle_user_name", "accept_doc_no",
    ),
    _accept,
)  # fmt: skip


def _process(case: Case) -> Iterator[Told]:
    for step in case.steps:
        yield (
            of_event(step.told.version),
            {
                "project_no": case.case_no,
                "event_name": said(STEP_RESULT, step.result),
                "process_name": step.title,
                "handle_user_name": step.told.person,
                "handle_explain": step.opinion,
                "event_start_time": at(step.started_at),
                "event_end_time": at(step.ended_at or step.started_at),
            },
        )


PROCESS: Final = ExchangeTable(
    "up_pro_process",
    "过程信息",
    PLATFORM,
    (
        "project_no", "event_name", "process_name", "handle_user_name", "handle_explain", "event_start_time",
        "event_end_time", "remark",
    ),
    _process,
)  # fmt: skip


def _special(case: Case) -> Iterator[Told]:
    for each in case.procedures:
        fact = each.told.fact
        ended = each.ended.fact if each.ended else {}
        yield (
            of_event(each.told.version),
            {
                "project_no": case.case_no,
                "special_type": EXTENSION if each.is_extension else OTHER_PROCEDURE,
                "special_name": "延长审批" if each.is_extension else said(PROCEDURE_NAME, fact["kind"]),
                "special_time": at(each.told.occurred_at),
                "special_reason": fact["reason"] if each.is_extension else fact["basis"],
                "applyer_user_name": each.told.person,
                "end_time": at(each.ended_at),
                "result": ended.get("result") or ended.get("grounds"),
                "handle_user": each.told.person,
            },
        )


SPECIAL: Final = ExchangeTable(
    "up_pro_special_procedure",
    "特别程序信息",
    PLATFORM,
    (
        "project_no", "special_type", "special_name", "special_time", "special_reason", "applyer_user_name",
        "end_time", "result", "special_explain", "handle_user",
    ),
    _special,
)  # fmt: skip


def _result(case: Case) -> Iterator[Told]:
    ending = case.ending
    if ending is None:
        return
    decision = case.decision
    certificates: list[dict[str, Any]] = case.certificates
    is_delivered = any(case.all("case.certificate_delivered.v1"))
    yield (
        "result",
        {
            "project_no": case.case_no,
            "result_type": DECISIONS[decision.topic] if decision else ENDINGS[ending.topic],
            "result_date": at(ending.occurred_at),
            "result_explain": ending.fact.get("result")
            or ending.fact.get("reasons")
            or ending.fact.get("reason"),
            "result_cetr_name": "；".join(each["title"] for each in certificates) or None,
            "result_cetr_no": "；".join(each["certificate_no"] for each in certificates) or None,
            "is_delivery_results": YES if is_delivered else NO,
            "handle_user_name": ending.person,
        },
    )


RESULT: Final = ExchangeTable(
    "up_pro_result",
    "结果信息",
    PLATFORM,
    (
        "project_no", "result_type", "result_date", "result_explain", "result_cetr_name", "result_cetr_no",
        "is_delivery_results", "satisfaction", "handle_user_name",
    ),
    _result,
)  # fmt: skip


def _material(case: Case) -> Iterator[Told]:
    for paper in case.papers:
        yield (
            of_event(paper.told.version, paper.no),
            {
                "project_no": case.case_no,
                "material_name": case.paper_title(paper.code),
                "get_type": said(FORM, paper.form),
                "get_num": paper.copies,
            },
        )


MATERIAL: Final = ExchangeTable(
    "up_pro_material",
    "材料信息",
    PLATFORM,
    ("project_no", "material_name", "get_type", "get_num", "material_attach_name"),
    _material,
)


def _licence(case: Case) -> Iterator[Told]:
    for told in case.all("case.certificate_issued.v1"):
        issuer = told.fact["issuer"]
        yield (
            of_event(told.version),
            {
                "certificate_name": told.fact["title"],
                "certificate_number": told.fact["certificate_no"],
                "certificate_holder": case.applicant_ref,
                "certificate_issue_date": day(local_day(told.occurred_at)),
                "certificate_issue_dept": case.registers.unit(issuer).title or issuer,
                "certificate_area": case.unit.division_code,
            },
        )


LICENCE: Final = ExchangeTable(
    "up_lic_data",
    "证照数据",
    PLATFORM,
    (
        "certificate_name", "certificate_number", "certificate_type", "certificate_holder",
        "certificate_holder_code", "certificate_issue_date", "certificate_issue_dept", "certificate_area",
    ),
    _licence,
)  # fmt: skip

TABLES: Final = (ACCEPT, PROCESS, SPECIAL, RESULT, MATERIAL, LICENCE)

"""The ten messages of Guangdong's exchange: 0 申办 to 9 领取登记. Keys SBLSH + SXBM + SJBBH."""

from collections.abc import Iterator
from typing import Any, Final

from projections.exports.dossiers import Told as Event
from projections.exports.exchange.codes import (
    DAY_UNIT,
    DELIVERY,
    PROCEDURE_NAME,
    STEP_RESULT,
    at,
    day,
    said,
    yuan,
)
from projections.exports.exchange.handling import DECISIONS, ENDINGS, Case
from projections.exports.exchange.table import ExchangeTable, Told, of_event

SOURCE: Final = "广东省网上办事大厅"
KEYS: Final = ("SBLSH", "SXBM", "SJBBH")


def _keys(case: Case) -> dict[str, Any]:
    card = case.dossier.card
    return {"SBLSH": case.case_no, "SXBM": card.item_code, "SJBBH": card.item_version}


def _message(no: int, title: str, columns: tuple[str, ...], rows: Any) -> ExchangeTable:
    return ExchangeTable(f"gd-{no}", title, f"{SOURCE} {no} {title}", (*KEYS, *columns), rows)


def _application(case: Case) -> Iterator[Told]:
    if case.receipt is not None:
        yield "0", _keys(case) | {"SQRMC": case.applicant_ref, "SBSJ": at(case.receipt.occurred_at)}


def _prior(_case: Case) -> Iterator[Told]:
    """预受理 is no event of the record: a case is received, then accepted."""
    yield from ()


def _accepted(case: Case) -> Iterator[Told]:
    told = case.acceptance or case.refusal
    if told is None:
        return
    is_accepted = told is case.acceptance
    unit = case.unit_of(told) if told.actor.get("unit_code") else case.unit
    promised = told.fact.get("promise_days")
    window = told.actor.get("window_id") or case.dossier.card.window_id
    yield (
        "2",
        _keys(case)
        | {
            "SLBMMC": unit.title,
            "SLZTDM": "受理" if is_accepted else "不予受理",
            "BSLYY": None if is_accepted else told.fact.get("reasons"),
            "SLHZH": told.fact.get("document_no"),
            "SLSJ": at(told.occurred_at),
            "GDBLSX": promised,
            "GDBLSXDW": "G" if promised is not None else None,
            "SLJTDD": case.registers.title("window", window),
        },
    )


def _steps(case: Case) -> Iterator[Told]:
    for no, step in enumerate(case.steps, 1):
        yield (
            of_event(step.told.version),
            _keys(case)
            | {
                "SPBZH": no,
                "SPHJDM": step.code,
                "SPHJMC": step.title,
                "SPRXM": step.told.person,
                "SPRZWMC": case.registers.title("post", step.told.actor.get("post_id")),
                "SPYJ": step.opinion,
                "SPSJ": at(step.ended_at or step.started_at),
                "SPHJZTDM": said(STEP_RESULT, step.result),
            },
        )


def _ended(case: Case) -> Iterator[Told]:
    ending = case.ending
    if ending is None:
        return
    decision, certificates = case.decision, case.certificates
    until = [each["valid_to"] for each in certificates if "valid_to" in each]
    issuers = dict.fromkeys(case.registers.unit(each["issuer"]).title or "" for each in certificates)
    yield (
        "4",
        _keys(case)
        | {
            "BJJGDM": DECISIONS[decision.topic] if decision else ENDINGS[ending.topic],
            "ZFHTHYY": ending.fact.get("reasons") or ending.fact.get("reason") or ending.fact.get("ground"),
            "ZJBH": "；".join(each["certificate_no"] for each in certificates) or None,
            "ZJYXQX": max(until) if until else None,
            "FZGZDW": "；".join(issuers) or None,
            "SFJE": yuan(case.dossier.card.fees_fen),
        },
    )


def _procedures(case: Case) -> Iterator[Told]:
    for each in case.procedures:
        fact = each.told.fact
        yield (
            of_event(each.told.version),
            _keys(case)
            | {
                "TBCXZL": "A" if each.is_extension else "B",
                "TBCXKSRQ": day(at(each.told.occurred_at)),
                "TBCXPZR": each.told.person if each.is_extension else fact.get("approver"),
                "TBCXQDLY": fact["reason"] if each.is_extension else fact["basis"],
                "SQNR": "延长审批" if each.is_extension else said(PROCEDURE_NAME, fact["kind"]),
                "TBCXSX": fact["days"] if each.is_extension else fact["planned_days"],
                "TBCXSXDW": "G" if each.is_extension else said(DAY_UNIT, fact.get("unit", "working_day")),
            },
        )


def _procedure_results(case: Case) -> Iterator[Told]:
    for each in case.procedures:
        if each.ended is not None:
            fact = each.ended.fact
            yield (
                of_event(each.ended.version),
                _keys(case)
                | {
                    "TBCXJG": fact.get("result") or fact.get("grounds"),
                    "JGCSRQ": fact.get("result_date") or day(at(each.ended_at)),
                    "TBCXJSRQ": day(at(each.ended_at)),
                    "TBCXSFJE": yuan(fact["fee_fen"]) if "fee_fen" in fact else None,
                },
            )


def _notices(case: Case) -> Iterator[Told]:
    for told in case.all("case.correction_notice_issued.v1"):
        missing = told.fact["missing"]
        yield (
            of_event(told.version),
            _keys(case)
            | {
                "BZGZFCRXM": told.person,
                "BZGZYY": "；".join(dict.fromkeys(each["basis"] for each in missing)),
                "BZCLQD": "；".join(each["title"] for each in missing),
                "BZGZSJ": at(told.occurred_at),
            },
        )


def _supplies(case: Case) -> Iterator[Told]:
    for told in case.all("case.correction_supplied.v1"):
        papers = (case.paper_title(paper["code"]) for paper in told.fact["materials"])
        yield (
            of_event(told.version),
            _keys(case)
            | {
                "BZSLBLRXM": told.person,
                "BZCLQD": "；".join(papers),
                "BZSJ": at(told.occurred_at),
                "BZSLJTDD": case.registers.title("window", told.actor.get("window_id")),
            },
        )


def _collections(case: Case) -> Iterator[Told]:
    for told in case.all("case.certificate_delivered.v1"):
        yield of_event(told.version), _keys(case) | _collected(told)


def _collected(told: Event) -> dict[str, Any]:
    return {
        "LQRXM": told.fact["recipient_ref"],
        "LQFS": said(DELIVERY, told.fact["method"]),
        "LQSJ": at(told.occurred_at),
    }


TABLES: Final = (
    _message(0, "申办", ("SQRMC", "SBSJ"), _application),
    _message(1, "预受理", (), _prior),
    _message(
        2,
        "受理",
        (
            "SLBMMC", "SLZTDM", "BSLYY", "SLHZH", "SLSJ", "CXMM", "GDBLSX", "GDBLSXDW", "GDSF", "SLJTDD", "PDH",
        ),
        _accepted,
    ),
    _message(
        3, "审批", ("SPBZH", "SPHJDM", "SPHJMC", "SPRXM", "SPRZWMC", "SPYJ", "SPSJ", "SPHJZTDM"), _steps
    ),
    _message(4, "办结", ("BJJGDM", "ZFHTHYY", "ZJBH", "ZJYXQX", "FZGZDW", "SFJE"), _ended),
    _message(
        5,
        "特别程序申请",
        ("TBCXZL", "TBCXKSRQ", "TBCXPZR", "TBCXQDLY", "SQNR", "TBCXSX", "TBCXSXDW"),
        _procedures,
    ),
    _message(6, "特别程序结果", ("TBCXJG", "JGCSRQ", "TBCXJSRQ", "TBCXSFJE"), _procedure_results),
    _message(7, "补交告知", ("BZGZFCRXM", "BZGZYY", "BZCLQD", "BZGZSJ"), _notices),
    _message(8, "补交受理", ("BZSLBLRXM", "BZCLQD", "BZSJ", "BZSLJTDD"), _supplies),
    _message(9, "领取登记", ("LQRXM", "LQRZJLX", "LQRSFZJHM", "LQFS", "LQSJ"), _collections),
)  # fmt: skip

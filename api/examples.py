"""Examples for the OpenAPI page, out of examples.yaml: one for every action."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

FILE: Final = Path(__file__).with_suffix(".yaml")
OPENING: Final = ("receive_case", "entrust_agent")

Examples = dict[str, Any]

_FIRST_ASK: Final = {"type": "register_first_ask", "matter": "问农村建房要带什么材料"}
_HANDOVER: Final = {"type": "hand_over_first_ask", "to_staff": "a-handler", "to_unit": "QX-BH-GTS"}
_ANSWER: Final = {"type": "answer_consultation", "answer": "申请表一份、身份证复印件一份"}

FIRST_ASK_EXAMPLES: Final[Examples] = {
    "register_first_ask": {"summary": "首问登记 / register a first ask", "value": {"action": _FIRST_ASK}}
}
CONTACT_EXAMPLES: Final[Examples] = {
    **FIRST_ASK_EXAMPLES,
    "hand_over_first_ask": {"summary": "首问移交 / hand it over", "value": {"action": _HANDOVER}},
    "answer_consultation": {"summary": "咨询答复 / answer it", "value": {"action": _ANSWER}},
}

_FINDING: Final = {
    "type": "raise_signal",
    "rule_code": "T03",
    "light": "yellow",
    "subject": "case:61099910100020260521000171",
    "case_no": "61099910100020260521000171",
    "facts": [3],
    "due": "2026-06-11",
    "state_on": "2026-06-12",
    "unit_code": "QX-BH-GTS",
}
_SAID: Final = {
    "reply_to_signal": ("反馈 / reply", {"reply": "等待勘察结果，已催办"}),
    "appeal_signal": ("申诉 / appeal", {"grounds": "端午假期不应计算"}),
    "uphold_signal": ("维持 / uphold", {"findings": "按工作日历仍超期一日"}),
    "withdraw_signal": (
        "核销，须说明理由 / withdraw, with the reason",
        {"reason": "calendar", "explanation": "按国务院工作日历未超期"},
    ),
}
RAISING_EXAMPLES: Final[Examples] = {
    "raise_signal": {"summary": "产生预警 / raise a signal", "value": {"action": _FINDING}}
}
SIGNAL_EXAMPLES: Final[Examples] = {
    verb: {"summary": summary, "value": {"action": {"type": verb, **said}}}
    for verb, (summary, said) in _SAID.items()
}

OPENING_INVESTIGATION_EXAMPLES: Final[Examples] = {
    "open_investigation": {
        "summary": "立案核查 / open an investigation",
        "value": {
            "investigation_no": "HC-2026-3",
            "action": {
                "type": "open_investigation",
                "authority": "清溪县纪委监委",
                "document_no": "清纪立〔2026〕3号",
                "officers": ["a-discipline", "b-discipline"],
                "scope": {"case_nos": ["61099910100020260521000171"], "persons": ["a-approver"]},
                "matter": "反映该件批准日期与实际不符",
            },
        },
    }
}
_ACTS: Final[Mapping[str, tuple[str, Examples]]] = {
    "place_legal_hold": (
        "证据保全 / place a legal hold",
        {
            "hold_no": "BQ-1",
            "case_nos": ["61099910100020260521000171"],
            "persons": ["p-" + "0" * 32],
            "reason": "核查期间不得删除",
        },
    ),
    "propose_hold_release": (
        "拟解除，第一人 / propose its release, the first person",
        {"hold_no": "BQ-1", "reason": "核查终结，无需保全"},
    ),
    "release_legal_hold": ("解除，第二人 / release it, the second person", {"hold_no": "BQ-1"}),
    "record_conclusion": (
        "核查结论 / the conclusion",
        {"result": "unsubstantiated", "findings": "批准日期与回执一致，反映不实"},
    ),
}
INVESTIGATION_EXAMPLES: Final[Examples] = {
    verb: {"summary": summary, "value": {"action": {"type": verb, **said}}}
    for verb, (summary, said) in _ACTS.items()
}


@cache
def _told() -> Mapping[str, Mapping[str, Any]]:
    told: Mapping[str, Mapping[str, Any]] = yaml.load(
        FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader
    )
    return told


def _body(verb: str) -> Examples:
    told = _told()[verb]
    body: Examples = {"action": {"type": verb, **told["action"]}}
    if "circumstances" in told:
        body["circumstances"] = told["circumstances"]
    return body


def recording_examples() -> Examples:
    """By action: a summary, and the body of `POST /v1/cases/{case_no}/actions`."""
    return {verb: {"summary": told["summary"], "value": _body(verb)} for verb, told in _told().items()}


def opening_examples() -> Examples:
    """The bodies of `POST /v1/cases`."""
    return {verb: example for verb, example in recording_examples().items() if verb in OPENING}


def batch_examples() -> Examples:
    """An offline point's afternoon, sent in the evening."""
    offline = "61099910120120260521070017"
    actions = [
        {"key": "PAD-07-118", "case_no": offline, **_body("entrust_agent")},
        {"key": "PAD-07-119", "case_no": offline, "expected_version": 1, **_body("pick_up_papers")},
        {"key": "SJ-2026-0017", **_body("receive_case")},
    ]
    return {"offline_point": {"summary": "离线代办点补传 / an offline point", "value": {"actions": actions}}}


_DELEGATED: Final = {
    "type": "grant_delegation",
    "delegate": "b-approver",
    "item_codes": ["SX-ZJD"],
    "valid_from": "2026-03-09",
    "valid_to": "2026-03-20",
    "reason": "外出学习",
}
TAKEOVER_EXAMPLES: Final[Examples] = {
    "take_over_post": {
        "summary": "B岗顶岗 / take the post over",
        "value": {"action": {"type": "take_over_post", "post_id": "P-T03", "absence": "leave"}},
    },
    "release_post": {
        "summary": "顶岗结束 / give it back",
        "value": {"action": {"type": "release_post", "post_id": "P-T03"}},
    },
}
GRANTING_EXAMPLES: Final[Examples] = {
    "grant_delegation": {"summary": "委托 / delegate", "value": {"action": _DELEGATED}}
}
DELEGATION_EXAMPLES: Final[Examples] = {
    "approve_delegation": {"summary": "批准 / approve", "value": {"action": {"type": "approve_delegation"}}},
    "revoke_delegation": {
        "summary": "撤销 / revoke",
        "value": {"action": {"type": "revoke_delegation", "reason": "已返岗"}},
    },
}

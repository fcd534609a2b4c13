"""What pydantic objects to, in two languages, with the place and without the value.

Pydantic's own messages can repeat what was sent (an unknown tag, an unknown field's name), so none is passed on.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from api.refusals.body import ContentInvalid

SHOWN: Final = 20
"""Errors listed in one problem; the first ones are enough to go on."""

SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("缺少必填字段", "This field is required"),
    "extra_forbidden": ("此处有未声明的字段", "There is a field here that nobody declared"),
    "string_type": ("应为文本", "Must be text"),
    "string_too_short": ("长度至少为 {min_length}", "Must have at least {min_length} characters"),
    "string_too_long": ("长度最多为 {max_length}", "Must have at most {max_length} characters"),
    "string_pattern_mismatch": ("不符合格式 {pattern}", "Must match {pattern}"),
    "int_type": ("应为整数", "Must be an integer"),
    "int_parsing": ("应为整数", "Must be an integer"),
    "int_parsing_size": ("整数过大", "The integer is too large"),
    "bool_type": ("应为 true 或 false", "Must be true or false"),
    "greater_than": ("应大于 {gt}", "Must be greater than {gt}"),
    "greater_than_equal": ("不得小于 {ge}", "Must be at least {ge}"),
    "less_than": ("应小于 {lt}", "Must be less than {lt}"),
    "less_than_equal": ("不得大于 {le}", "Must be at most {le}"),
    "enum": ("只能取 {expected} 之一", "Must be one of {expected}"),
    "literal_error": ("只能取 {expected} 之一", "Must be one of {expected}"),
    "union_tag_invalid": (
        "没有此类动作；type 只能取 OpenAPI 页所列之一",
        "No such action; type is one of those on the OpenAPI page",
    ),
    "union_tag_not_found": ("缺少 type", "type is missing"),
    "list_type": ("应为数组", "Must be an array"),
    "tuple_type": ("应为数组", "Must be an array"),
    "dict_type": ("应为对象", "Must be an object"),
    "model_type": ("应为对象", "Must be an object"),
    "model_attributes_type": ("应为对象", "Must be an object"),
    "dataclass_type": ("应为对象", "Must be an object"),
    "too_short": ("至少 {min_length} 项", "Must have at least {min_length} entries"),
    "too_long": ("最多 {max_length} 项", "Must have at most {max_length} entries"),
    "timezone_aware": ("时间必须带时区偏移，例如 +08:00", "The time needs an offset, for example +08:00"),
    "datetime_type": ("应为 RFC 3339 时间", "Must be a time of RFC 3339"),
    "datetime_parsing": ("应为 RFC 3339 时间", "Must be a time of RFC 3339"),
    "datetime_from_date_parsing": ("应为 RFC 3339 时间", "Must be a time of RFC 3339"),
    "date_type": ("应为日期 YYYY-MM-DD", "Must be a date YYYY-MM-DD"),
    "date_parsing": ("应为日期 YYYY-MM-DD", "Must be a date YYYY-MM-DD"),
    "date_from_datetime_parsing": ("应为日期 YYYY-MM-DD", "Must be a date YYYY-MM-DD"),
    "date_from_datetime_inexact": ("应为日期 YYYY-MM-DD", "Must be a date YYYY-MM-DD"),
    "none_required": ("应为空", "Must be null"),
}
UNTOLD: Final = ("取值不符合要求", "The value is not acceptable here")

CHECKS: Final[Mapping[str, str]] = {
    "must be in Unicode normalisation form C (NFC)": "文本须为 Unicode 规范化形式 C (NFC)",
    "must say something: there are only spaces, or characters that cannot be seen": (
        "须写明内容，不得只有空格或看不见的字符"
    ),
    "must not hold a mobile or identity number: personal data belongs to POST /v1/persons; write the reference": (
        "文本中不得含有手机号码或身份证号码：个人信息请登记到 POST /v1/persons，此处填写其引用号"
    ),
    "must lie between 2000-01-01 and 2099-12-31": "须在 2000-01-01 至 2099-12-31 之间",
    "must be a time of RFC 3339 with its offset": "须为带时区偏移的 RFC 3339 时间，例如 2026-05-13T09:30:00+08:00",
    "must be a day as YYYY-MM-DD": "须为日期 YYYY-MM-DD",
    "must be a whole number in digits": "须为数字写成的整数",
    "valid_to must not lie before valid_from": "valid_to 不得早于 valid_from",
    "must be 25 digits and a check character: division 12, day 8, serial 5": "须为 25 位数字加 1 位校验码：区划 12 位、日期 8 位、流水号 5 位",
    "must end in its check character: a digit is wrong or two are swapped": "校验码不符：某位数字有误或两位颠倒",
    "must give one of: id_type with id_number, phone, name": "id_type 与 id_number、phone、name 三者须且仅须给出其一",
    "must give id_type and id_number together, or neither": "id_type 与 id_number 须同时给出或同时不给",
    "performed_by belongs to a legacy record: imported_from must name its source": (
        "performed_by 仅用于历史记录：须以 imported_from 说明来源"
    ),
    "must hold a day as yyyymmdd in digits 13 to 20": "第 13 至 20 位须为日期 yyyymmdd",
    "must hold a serial from 00001 to 99999": "流水号须在 00001 至 99999 之间",
    "must end in the check character of GB 11643": "校验码不符合 GB 11643",
    "must end in the check character of GB 32100": "校验码不符合 GB 32100",
    "must hold a date of birth in digits 7 to 14": "第 7 至 14 位须为出生日期",
    "must begin with the province (GB/T 2260): two digits other than 00": "应以省级代码（GB/T 2260）开头，前两位不能为 00",
    "must name a township (digits 7 to 9) where it names a village (digits 10 to 12)": "写明村级代码（第 10 至 12 位）时，应写明乡镇代码（第 7 至 9 位）",
    "must name the county (digits 3 to 6) where it names a township": "写明乡镇代码时，应写明市县代码（第 3 至 6 位）",
    "must hold 001 to 599 in digits 7 to 9: 街道, 镇, 乡 or 政企合一 (GB/T 10114)": "第 7 至 9 位应为 001 至 599：街道、镇、乡或政企合一（GB/T 10114）",
    "must hold 001 to 399 in digits 10 to 12: 居委会 or 村委会": "第 10 至 12 位应为 001 至 399：居委会或村委会",
    "from must not lie after to": "from 不得晚于 to",
    "closed_on must lie after opened_on": "closed_on 应晚于 opened_on",
    "materials must not hold a code twice": "materials 中编码不得重复",
    "step_budgets must not hold a code twice": "step_budgets 中编码不得重复",
    "fee_standards must not hold a code twice": "fee_standards 中编码不得重复",
    "joint_units must not hold a code twice": "joint_units 中编码不得重复",
    "exceptions must be in order of day, each day once": "日期应按先后排列且不得重复",
    "every exception must be a day of the year": "日期应在该年度之内",
}
"""Sentences of our own validators, with their Chinese."""
FORBIDDEN_CHARACTER: Final = "must not contain the character U+"


def content_invalid(error: ValidationError, *, tags: frozenset[str], within: str = "") -> ContentInvalid:
    """`tags`: names that pydantic puts into the path of a tagged union and that no body holds there.

    `within`: the pointer of what was validated, where it is a part of the body.
    """
    return ContentInvalid(
        errors=errors_of(error.errors(include_url=False, include_input=False), tags, within)
    )


def errors_of(
    found: Sequence[Mapping[str, Any]], tags: frozenset[str] = frozenset(), within: str = ""
) -> list[dict[str, str]]:
    return [_error(one, tags, within) for one in found[:SHOWN]]


def _error(found: Mapping[str, Any], tags: frozenset[str], within: str) -> dict[str, str]:
    zh, en = _sentence(found)
    pointer = within + "".join(f"/{part}" for part in _place(found, tags))
    return {"pointer": pointer, "code": found["type"], "message": zh, "message_en": en}


def _place(found: Mapping[str, Any], tags: frozenset[str]) -> Iterator[str | int]:
    """The path to what is wrong. The name of an undeclared field is the sender's word and is left out."""
    path = found["loc"][:-1] if found["type"] == "extra_forbidden" else found["loc"]
    previous: str | int = ""
    for part in path:
        if not (part in tags and previous in {"action", ""}):
            yield part
        previous = part


def _sentence(found: Mapping[str, Any]) -> tuple[str, str]:
    context = found.get("ctx", {})
    if found["type"] == "value_error":
        return _check(str(context.get("error", "")))
    zh, en = SENTENCES.get(found["type"], UNTOLD)
    return zh.format_map(context), en.format_map(context)


def _check(message: str) -> tuple[str, str]:
    if zh := CHECKS.get(message):
        return zh, message
    if message.startswith(FORBIDDEN_CHARACTER):
        return message.replace("must not contain the character", "文本中不得含有字符"), message
    return UNTOLD

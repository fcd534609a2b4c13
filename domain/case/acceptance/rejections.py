"""Why acceptance or its refusal is refused, or recorded with a flag.

Rejected
├── AcceptanceDateDiffers
├── TooEarlyToDeem
├── ReasonsMissing
└── RemediesMissing
Irregular
├── RefusedThoughComplete    P04 不予受理无理由
├── WindowNotAuthorised      P05 未授权
└── ItemNotStationed         P05 未进驻
"""

from domain.grammar import Irregular, Rejected


class AcceptanceDateDiffers(Rejected):
    """The acceptance date is the day on which all material was complete, and that is another day."""

    ZH = "受理日期应为材料补齐之日，与所填日期不符。"
    BASIS = "行政许可法 Art. 32(4), 32(5)"
    WANTED = "The day given as `expected`, or no acceptance_date at all."
    WANTED_ZH = "请填写 expected 所示日期，或不填 acceptance_date。"
    TOLERATED_IN_IMPORTS = True


class TooEarlyToDeem(Rejected):
    """The law deems a case accepted only when the days for telling the applicant have passed in silence."""

    ZH = "告知期限未满，或已按期告知，不得视为受理。"
    BASIS = "行政许可法 Art. 32(4)"
    WANTED = "The same after the last day for a notice, where none was issued in time."
    WANTED_ZH = "告知期限届满且未按期告知后，方可视为受理。"


class ReasonsMissing(Rejected):
    """A refusal states its reasons."""

    RULE = "P04"
    ZH = "不予受理、不予办理须说明理由。"
    BASIS = "行政许可法 Art. 38, Art. 72"
    WANTED = "reasons."
    WANTED_ZH = "请填写 reasons。"
    TOLERATED_IN_IMPORTS = True


class RemediesMissing(Rejected):
    """A refusal tells the applicant where to ask for reconsideration or to sue."""

    RULE = "P04"
    ZH = "不予受理、不予办理须告知救济途径。"
    BASIS = "行政许可法 Art. 38"
    WANTED = "remedies."
    WANTED_ZH = "请填写 remedies。"
    TOLERATED_IN_IMPORTS = True


class RefusedThoughComplete(Irregular):
    """Refused although everything asked for was supplied."""

    RULE = "P04"
    ZH = "材料已按告知补齐，应当受理而不予受理。"
    BASIS = "行政许可法 Art. 32(5)"
    WANTED = "Acceptance."
    WANTED_ZH = "应予受理。"


class WindowNotAuthorised(Irregular):
    """Neither the post nor its unit holds an authorisation to accept the item on that day."""

    RULE = "P05"
    ZH = "该岗位及其单位当日没有该事项的受理授权。"
    BASIS = "行政许可法 Art. 24"
    WANTED = "Acceptance by a post with 受理授权."
    WANTED_ZH = "由有受理授权的岗位受理。"


class ItemNotStationed(Irregular):
    """The item is not stationed at the window that accepted it."""

    RULE = "P05"
    ZH = "该事项未进驻受理窗口。"
    WANTED = "Acceptance at a window where the item is stationed."
    WANTED_ZH = "在事项进驻的窗口受理。"

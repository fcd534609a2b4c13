"""Why intake is refused, or recorded with a flag.

Rejected
├── CaseAlreadyReceived
├── ItemUnknown
├── ItemNotInForce
├── ApplicantMissing
├── OtherApplicant
├── ApplicantMustAppear
├── MandateMissing
├── PointMayNotReceive
├── CaseAlreadyAccepted
├── NothingToSupply
└── AskedForAgain            P01 报批后重复要件
Irregular
├── MaterialNotPublished     P02 超清单要件
├── KnowableBefore           P01 二次告知
├── PapersNotHandedOver      P05 逆序
└── NoticeTooLate            T01 超期未告知
"""

from domain.grammar import Irregular, Rejected


class CaseAlreadyReceived(Rejected):
    """A receipt already stands under this case number."""

    ZH = "该办件编号已登记收件。"
    WANTED = "A new case number for a new application."
    WANTED_ZH = "新的申请请使用新的办件编号。"


class ItemUnknown(Rejected):
    """The catalogue has no such item."""

    ZH = "事项目录中没有该事项。"
    WANTED = "The code of a catalogued item."
    WANTED_ZH = "请填写事项目录中的事项编码。"


class ItemNotInForce(Rejected):
    """No version of the item is in force on the day of receipt: not yet, no longer, or cancelled."""

    RULE = "P09"
    ZH = "该事项在收件当日无有效版本（尚未生效、已失效或已取消）。"
    BASIS = "行政许可法 Art. 30"
    WANTED = "An item with a version in force on the day of receipt."
    WANTED_ZH = "请选择收件当日有效的事项。"
    TOLERATED_IN_IMPORTS = True


class ApplicantMissing(Rejected):
    """A case has one applicant; none is named."""

    ZH = "办件须有一名申请人，未填写。"
    BASIS = "GB/T 39046—2020 table 5"
    WANTED = "applicant_ref: the reference given when the person was enrolled."
    WANTED_ZH = "请填写 applicant_ref（人员登记时取得的引用号）。"
    TOLERATED_IN_IMPORTS = True


class OtherApplicant(Rejected):
    """A case has one applicant, and the other record names another."""

    ZH = "一个办件只有一名申请人，与已登记的申请人不一致。"
    WANTED = "The same applicant_ref as recorded in the case."
    WANTED_ZH = "applicant_ref 应与本案已登记的一致。"
    TOLERATED_IN_IMPORTS = True


class ApplicantMustAppear(Rejected):
    """The law wants the applicant in person for this item; no agent may act."""

    ZH = "该事项依法须本人到场，不得代办。"
    BASIS = "行政许可法 Art. 29"
    WANTED = "mode in_person."
    WANTED_ZH = "请由本人办理（mode 为 in_person）。"
    TOLERATED_IN_IMPORTS = True


class MandateMissing(Rejected):
    """The agent has no written mandate to submit, or it has expired or been revoked."""

    ZH = "代办人没有有效的书面委托（代交），或委托已到期、已撤销。"
    BASIS = "行政许可法 Art. 29"
    WANTED = "mandate with a scope that covers submitting, or a village agent's entrustment of this case."
    WANTED_ZH = "请填写含代交范围的委托书（mandate），或先登记委托代办。"
    TOLERATED_IN_IMPORTS = True


class PointMayNotReceive(Rejected):
    """The village point is not an authorised acceptance point: receipt is the hall's."""

    ZH = "该代办点不是授权受理点，收件登记应由大厅办理。"
    BASIS = "行政许可法 Art. 29"
    WANTED = "pick_up_papers and hand_to_hall; the hall records the receipt."
    WANTED_ZH = "请登记代办接件并移交大厅，由大厅收件。"


class CaseAlreadyAccepted(Rejected):
    """The case has been accepted; intake is over."""

    RULE = "P05"
    ZH = "该办件已受理，收件阶段的动作不再适用。"
    BASIS = "行政许可法 Art. 32"
    WANTED = "An action that may follow acceptance."
    WANTED_ZH = "请办理受理之后的事项。"
    TOLERATED_IN_IMPORTS = True


class NothingToSupply(Rejected):
    """No correction notice is open, so there is nothing to supply."""

    ZH = "没有待补正的告知，无须补交。"
    BASIS = "行政许可法 Art. 32"
    WANTED = "A correction notice first, unless the case can be accepted as it is."
    WANTED_ZH = "请先发一次性告知；材料已齐的请直接受理。"
    TOLERATED_IN_IMPORTS = True


class AskedForAgain(Rejected):
    """The case went to the superior organ with all its material: nobody may ask the applicant for it again."""

    RULE = "P01"
    ZH = "该办件已连同全部材料上报，不得要求申请人重复提供。"
    BASIS = "行政许可法 Art. 35"
    WANTED = "The material from the unit that reported the case up, where it is missing."
    WANTED_ZH = "材料如有缺失，请向上报单位索取。"
    TOLERATED_IN_IMPORTS = True


class MaterialNotPublished(Irregular):
    """A paper was taken or asked for that the item's published list does not have."""

    RULE = "P02"
    ZH = "超清单要件：所收或所要求的材料不在公布的清单内。"
    BASIS = "行政许可法 Art. 31"
    WANTED = "Papers of the published list."
    WANTED_ZH = "限于公布清单内的材料。"


class KnowableBefore(Irregular):
    """A further notice asks for what could have been asked for in the first one; acceptance does not wait for it."""

    RULE = "P01"
    ZH = "二次告知：所列内容在首次告知时即可知，受理日期不因此推迟。"
    BASIS = "行政许可法 Art. 32(4), Art. 72"
    WANTED = "Everything in the first notice; later only what arises_from a paper supplied since."
    WANTED_ZH = "首次告知应一次告清；再次告知仅限由补交材料引出的内容（arises_from）。"


class PapersNotHandedOver(Irregular):
    """Received at the hall while the record has the papers with the agent, who did not hand them over or was not
    signed for; the case is the hall's from the receipt on."""

    RULE = "P05"
    ZH = "逆序：记录中材料仍在代办员处（未移交或未签收），大厅已登记收件；自收件起由大厅持件。"
    BASIS = "流程监察"
    WANTED = "hand_to_hall by the agent and sign_hall_receipt by the hall before the receipt."
    WANTED_ZH = "收件前请由代办员登记移交（hand_to_hall）、大厅登记签收（sign_hall_receipt）。"


class NoticeTooLate(Irregular):
    """The applicant was told after the days the law gives: the case counts as accepted from the day of receipt."""

    RULE = "T01"
    ZH = "超期未告知：自收到材料之日起即为受理。"
    BASIS = "行政许可法 Art. 32(4)"
    WANTED = "A notice within correction_notice_days working days of receipt."
    WANTED_ZH = "在规定工作日内一次性告知。"

"""Why a fee, a refund or a payment is refused.

Rejected
├── FeeWithoutStandard
├── FeeAboveStandard
├── ReceiptAlreadyUsed
├── NothingCharged
└── RefundAboveFee
"""

from domain.grammar import Rejected


class FeeWithoutStandard(Rejected):
    """No fee standard of the item with this number is valid on that day (F01)."""

    RULE = "F01"
    ZH = "该事项当日没有此收费标准，不得收费。"
    BASIS = "行政许可法 Art. 58, Art. 59"
    WANTED = "The standard_id of a published standard valid on that day."
    WANTED_ZH = "请填写当日有效的公布收费标准编号。"
    TOLERATED_IN_IMPORTS = True


class FeeAboveStandard(Rejected):
    """The fees under this standard exceed what it allows (F01)."""

    RULE = "F01"
    ZH = "收费超过公布的标准。"
    BASIS = "行政许可法 Art. 59, Art. 75"
    WANTED = "An amount within the standard's at_most_fen."
    WANTED_ZH = "金额应不超过标准上限（at_most_fen）。"
    TOLERATED_IN_IMPORTS = True


class ReceiptAlreadyUsed(Rejected):
    """A fee was already charged under this receipt."""

    ZH = "此缴款单号已登记收费。"
    WANTED = "Another receipt number."
    WANTED_ZH = "请填写另一缴款单号。"
    TOLERATED_IN_IMPORTS = True


class NothingCharged(Rejected):
    """No fee was charged under this receipt."""

    ZH = "此缴款单号没有收费记录。"
    WANTED = "The receipt number of a fee of this case."
    WANTED_ZH = "请填写本案收费的缴款单号。"
    TOLERATED_IN_IMPORTS = True


class RefundAboveFee(Rejected):
    """More would be given back than was charged."""

    ZH = "退费超过所收金额。"
    WANTED = "An amount within what is left of the fee."
    WANTED_ZH = "金额应不超过尚未退还的收费。"
    TOLERATED_IN_IMPORTS = True

"""Why a handoff is refused.

Rejected
├── AlreadyInTransit
├── NothingInTransit
├── NotTheHolder
├── NotTheReceiver
├── SenderMayNotSign
├── AlreadyThere
├── NobodyToReturnTo
└── OtherSignature
"""

from domain.grammar import Rejected


class AlreadyInTransit(Rejected):
    """The case is on its way already and has not been signed for."""

    ZH = "该办件正在途中，尚未签收。"
    WANTED = "The receiver's signature first."
    WANTED_ZH = "请先由接收方签收。"
    TOLERATED_IN_IMPORTS = True


class NothingInTransit(Rejected):
    """Nothing is on its way to be signed for or returned."""

    ZH = "没有在途的移交，无可签收或退回。"
    WANTED = "The sender's record of the transfer first."
    WANTED_ZH = "请先由移交方登记移交。"
    TOLERATED_IN_IMPORTS = True


class NotTheHolder(Rejected):
    """Only who holds the case can pass it on, and another unit holds it."""

    ZH = "该办件由其他单位持有，只有持件单位可以移交。"
    WANTED = "The same by the unit that holds the case."
    WANTED_ZH = "请由持件单位办理。"
    TOLERATED_IN_IMPORTS = True


class NotTheReceiver(Rejected):
    """The case was sent to another unit; only that unit can sign for it or send it back."""

    ZH = "该办件移交给其他单位，只有接收单位可以签收或退回。"
    WANTED = "The same by the unit the case was sent to."
    WANTED_ZH = "请由接收单位办理。"
    TOLERATED_IN_IMPORTS = True


class SenderMayNotSign(Rejected):
    """The person who sent the case cannot sign for its receipt: a handoff has two sides."""

    ZH = "移交人不能自行签收，交接须有双方。"
    WANTED = "The signature of another person."
    WANTED_ZH = "请由另一人签收。"
    TOLERATED_IN_IMPORTS = True


class AlreadyThere(Rejected):
    """The case is with that unit and post already."""

    ZH = "该办件已在该单位、该岗位。"
    WANTED = "Another unit or post."
    WANTED_ZH = "请选择其他单位或岗位。"
    TOLERATED_IN_IMPORTS = True


class NobodyToReturnTo(Rejected):
    """Nobody sent the case here, so there is nobody to return it to."""

    ZH = "该办件并非由他方移交而来，无可退回。"
    WANTED = "forward_to_station."
    WANTED_ZH = "如需移交，请登记转办。"


class OtherSignature(Rejected):
    """What is on its way is of the other kind: a returned case is signed for by sign_return_receipt, any other not."""

    ZH = "签收类型不符：退件应以退件签收，转办应以站所签收，上报应以上级签收。"
    WANTED = "The signature that belongs to the transfer under way."
    WANTED_ZH = "请使用与在途移交相应的签收动作。"
    TOLERATED_IN_IMPORTS = True

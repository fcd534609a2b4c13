"""Why something about a contact is refused. More in domain/admission.py.

Rejected
├── ContactAlreadyRegistered
├── ContactNotRegistered
├── ContactAlreadyAnswered
├── NotResponsible
├── HandedToOneself
└── BeforeItWasAsked
"""

from domain.grammar import Rejected


class ContactAlreadyRegistered(Rejected):
    """A first ask is registered under this number."""

    ZH = "该编号已登记首问。"
    WANTED = "A new contact number."
    WANTED_ZH = "请使用新的编号。"


class ContactNotRegistered(Rejected):
    """Nothing has been registered under this number."""

    ZH = "该编号尚未登记首问。"
    WANTED = "register_first_ask first."
    WANTED_ZH = "请先登记首问。"
    TOLERATED_IN_IMPORTS = True


class ContactAlreadyAnswered(Rejected):
    """The question has been answered; a further one is a new contact."""

    ZH = "该咨询已答复，再次咨询请另行登记。"
    WANTED = "A new contact."
    WANTED_ZH = "请另行登记首问。"
    TOLERATED_IN_IMPORTS = True


class NotResponsible(Rejected):
    """Another person answers for the contact: who was asked first, until somebody has taken it over."""

    ZH = "首问责任人并非本人；未移交前由首问责任人负责。"
    BASIS = "国发〔2022〕5号 首问负责"
    WANTED = "The same by the responsible officer."
    WANTED_ZH = "请由首问责任人办理。"
    TOLERATED_IN_IMPORTS = True


class HandedToOneself(Rejected):
    """The contact is with that person already."""

    ZH = "不能移交给现责任人本人。"
    WANTED = "Another member of staff."
    WANTED_ZH = "请移交给其他工作人员。"
    TOLERATED_IN_IMPORTS = True


class BeforeItWasAsked(Rejected):
    """It would have happened before the contact was registered, or before it was taken over."""

    ZH = "发生时间早于首问登记或移交的时间。"
    WANTED = "An occurred_at not before what it follows from."
    WANTED_ZH = "occurred_at 应不早于其前因。"
    TOLERATED_IN_IMPORTS = True

"""The number or name that was given belongs to nothing of the record, or to something else already."""

from api.refusals import Refusal


class CaseUnknown(Refusal):
    """There is no case with this number."""

    ZH = "没有此编号的办件。"


class CaseNumberTaken(Refusal):
    """A case with this number has been opened already."""

    ZH = "此办件编号已被使用。"
    WANTED = "Leave case_no out to be given a number, or record further actions on the case itself."
    WANTED_ZH = "不填 case_no 由系统编号，或在该办件上继续登记动作。"


class CaseNumberOutsideBlock(Refusal):
    """The number does not belong to the block of serials that the village point may give out."""

    ZH = "办件编号不在该代办点可用的流水号段之内。"
    WANTED = "The division of the point, and a serial that begins with the digits of its block."
    WANTED_ZH = "使用该代办点的区划代码，流水号以其号段的数字开头。"


class CaseNumberOfBlock(Refusal):
    """The number lies in the block of serials that a village point gives out offline; nobody else may give it."""

    ZH = "该办件编号属于代办点离线使用的流水号段，其他人员不得使用。"
    WANTED = "Leave case_no out, or record the agent's entrustment at the point first."
    WANTED_ZH = "请不填 case_no，或先登记该代办点的委托。"


class CaseNumberForeign(Refusal):
    """The number names a division that is not of this county or not the caller's, or a day that has not come."""

    ZH = "办件编号中的区划不属于本县或不属于办理人所在区划，或日期尚未到来。"
    WANTED = "A number of the caller's division, dated today or earlier; or leave case_no out."
    WANTED_ZH = "使用本人所在区划、日期不晚于今天的编号，或不填 case_no。"


class CaseNumberUnassignable(Refusal):
    """Nothing says in which division the case is opened: neither a point, nor a unit, nor a known item."""

    ZH = "无法确定办件所在的行政区划：没有代办点、单位，也没有已知事项。"
    WANTED = "case_no, or a post that belongs to a unit."
    WANTED_ZH = "给出 case_no，或以隶属某单位的岗位办理。"


class NotOpening(Refusal):
    """This action does not open a case: it needs the number of one."""

    ZH = "该动作不能开立新办件，需要给出办件编号。"
    WANTED = "case_no of an existing case, or an action that opens one."
    WANTED_ZH = "给出已有的 case_no，或使用可以开立办件的动作。"


class ContactUnknown(Refusal):
    """There is no contact with this number."""

    ZH = "没有此编号的首问登记。"


class ContactNumberTaken(Refusal):
    """A contact with this number has been registered already."""

    ZH = "此首问编号已被使用。"
    WANTED = "Leave contact_no out to be given a number."
    WANTED_ZH = "不填 contact_no 由系统编号。"


class SignalUnknown(Refusal):
    """No signal was raised under this number."""

    ZH = "没有此编号的监察预警。"


class InvestigationUnknown(Refusal):
    """There is no investigation with this number, or none that you may know of."""

    ZH = "没有此编号的核查，或您无权知悉。"
    WANTED = "The number of an investigation whose officer you are."
    WANTED_ZH = "请使用您担任核查人员的立案编号。"


class InvestigationNumberUsed(Refusal):
    """An investigation with this number has been opened already."""

    ZH = "此立案编号已被使用。"
    WANTED = "Leave investigation_no out to be given a number."
    WANTED_ZH = "不填 investigation_no 由系统编号。"


class EntryUnknown(Refusal):
    """The catalogue has no such entry."""

    ZH = "目录中没有此条目。"


class PersonUnknown(Refusal):
    """There is no person with this reference."""

    ZH = "没有此人员引用号。"


class PostUnknown(Refusal):
    """There is no post with this number."""

    ZH = "没有此编号的岗位。"


class DelegationNotFound(Refusal):
    """There is no delegation with this number."""

    ZH = "没有此编号的委托。"

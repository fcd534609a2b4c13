"""Why something about a person's data is refused. RoleMayNot stands in domain/admission.py.

Rejected
├── PersonNotEnrolled
├── PersonErased
├── PersonRestricted
├── PartNotHeld
├── MeasureBesidePoint
├── MeasureNotProposed
├── MeasureNeedsSecondPerson
├── RetentionTermMissing
├── RetentionTermRunning
├── UnderLegalHold
└── CasesUnderWay
"""

from domain.grammar import Rejected


class PersonNotEnrolled(Rejected):
    """Nobody was given this person reference."""

    ZH = "该人员引用号未曾发放。"
    WANTED = "The person_ref that POST /v1/persons answered when the person was enrolled."
    WANTED_ZH = "请使用 POST /v1/persons 登记人员时所得的 person_ref。"


class PersonErased(Rejected):
    """The person's data were erased; the reference stands in the record and leads nowhere."""

    ZH = "该人员资料已依法删除，引用号仅存于记录之中。"
    BASIS = "个人信息保护法 Art. 47"
    WANTED = "Enrol the person anew where they come again."
    WANTED_ZH = "当事人再次来办的，请重新登记。"


class PersonRestricted(Rejected):
    """The person's data are restricted: kept for the term of the law, and used for nothing else."""

    ZH = "该人员资料已封存，在法定保存期限内只保存、不使用。"
    BASIS = "个人信息保护法 Art. 47"
    WANTED = "A release proposed by one person and agreed to by another."
    WANTED_ZH = "请先由一人提请、另一人同意解封。"


class PartNotHeld(Rejected):
    """Nothing was ever said of a field that is asked for; `held` says of which something was."""

    ZH = "所要的项目从未登记，已登记的见 held。"
    WANTED = "Fields that stand in `held`."
    WANTED_ZH = "请只要求 held 所列的项目。"


class MeasureBesidePoint(Rejected):
    """The data are as the measure would leave them: restricted already, or not restricted at all."""

    ZH = "资料的现状与该措施不符：已经封存，或并未封存。"
    WANTED = "restrict where the data are in use, release where they are restricted."
    WANTED_ZH = "在用资料可封存，已封存的可解封。"


class MeasureNotProposed(Rejected):
    """This measure was not proposed, or the proposal was declined or carried out."""

    ZH = "该措施未经提请，或提请已了结。"
    WANTED = "A proposal of this measure by another person first."
    WANTED_ZH = "请先由另一人提请该措施。"


class MeasureNeedsSecondPerson(Rejected):
    """Whoever proposed a measure does not agree to it: that takes a second person."""

    ZH = "提请人不得自行同意，须由另一人决定。"
    WANTED = "The agreement of somebody else whose role may give it."
    WANTED_ZH = "请由另一有权人员同意。"


class RetentionTermMissing(Rejected):
    """Before data are erased the day must be told on which the term for keeping them ended."""

    ZH = "提请删除须写明保存期限届满日。"
    BASIS = "个人信息保护法 Arts. 19, 47"
    WANTED = "retention_ended_on, with measure erase and with no other."
    WANTED_ZH = "删除须填写 retention_ended_on，其他措施不填。"


class RetentionTermRunning(Rejected):
    """The term for which the law wants the data kept has not ended: until then they can be restricted."""

    ZH = "法定保存期限尚未届满，届满前只能封存。"
    BASIS = "个人信息保护法 Art. 47(2)"
    WANTED = "measure restrict now, or erase after the term."
    WANTED_ZH = "现在可提请封存，届满后再提请删除。"


class UnderLegalHold(Rejected):
    """An investigation holds the person's data as evidence; `holds` names it."""

    ZH = "资料已作为证据保全（见 holds），保全期间不得删除。"
    WANTED = "The same after the investigation has released its hold."
    WANTED_ZH = "请待保全解除后再行删除。"


class CasesUnderWay(Rejected):
    """The person has a part in cases that are under way and need the data; `cases` says in how many."""

    ZH = "该人员尚有在办件（件数见 cases），处理目的尚未实现，不得删除。"
    BASIS = "个人信息保护法 Art. 47(1)"
    WANTED = "The same after these cases have ended."
    WANTED_ZH = "请待这些办件了结后再行删除。"

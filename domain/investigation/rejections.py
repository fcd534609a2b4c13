"""Why something about an investigation is refused. More in domain/admission.py.

Rejected
├── InvestigationNotOpened
├── InvestigationNumberTaken
├── InvestigationConcluded
├── BeforeItWasOpened
├── TooFewOfficers
├── OfficerIsInvestigated
├── ScopeEmpty
├── NotAnOfficer
├── OutsideScope
├── OfficerHadAPart
├── HoldNumberTaken
├── HoldsNothing
├── HoldUnknown
├── HoldReleased
├── ReleaseNotProposed
└── ReleasedByProposer
"""

from domain.grammar import Rejected


class InvestigationNotOpened(Rejected):
    """No investigation was opened under this number."""

    ZH = "该编号没有立案。"
    WANTED = "open_investigation first."
    WANTED_ZH = "请先立案（open_investigation）。"


class InvestigationNumberTaken(Rejected):
    """Another investigation has this number."""

    ZH = "该立案编号已被使用。"
    WANTED = "A number of its own."
    WANTED_ZH = "请使用新的编号。"


class InvestigationConcluded(Rejected):
    """The conclusion is recorded: nothing is read, replayed, exported or held under this investigation any more."""

    ZH = "核查已作结论，不得再以其名义调阅、回放、导出或保全。"
    WANTED = "An investigation of its own; holds that stand can still be released."
    WANTED_ZH = "请另行立案；尚在的证据保全仍可解除。"


class BeforeItWasOpened(Rejected):
    """It would have happened before the investigation was opened."""

    ZH = "发生时间早于立案时间。"
    WANTED = "An occurred_at not before it was opened."
    WANTED_ZH = "occurred_at 应不早于立案时间。"


class TooFewOfficers(Rejected):
    """At least two officers act in an investigation."""

    ZH = "核查应由二人以上进行。"
    BASIS = "监察法 Art. 41 (2018)"
    WANTED = "officers with two different staff numbers or more."
    WANTED_ZH = "officers 至少填写两名不同的工作人员。"


class OfficerIsInvestigated(Rejected):
    """Nobody investigates themselves (回避)."""

    ZH = "被核查人不得担任核查人员，应当回避。"
    BASIS = "监察法 Art. 58 (2018)"
    WANTED = "officers of whom none stands in scope.persons, neither by staff number nor by person reference."
    WANTED_ZH = "officers 不得与 scope.persons 重合（工作人员编号或人员引用号）。"


class ScopeEmpty(Rejected):
    """An investigation says what it reaches."""

    ZH = "立案须写明核查范围。"
    WANTED = "scope with case_nos, persons or divisions."
    WANTED_ZH = "scope 中至少填写 case_nos、persons 或 divisions 之一。"


class NotAnOfficer(Rejected):
    """Only the officers of an investigation act under it."""

    ZH = "仅该核查的核查人员可以其名义办理。"
    BASIS = "监察法 Art. 41 (2018)"
    WANTED = "The same by one of its officers."
    WANTED_ZH = "请由该核查的核查人员办理。"


class OutsideScope(Rejected):
    """The case lies outside the scope of the investigation."""

    ZH = "该办件不在核查范围之内。"
    WANTED = "A case of the scope, or an investigation that reaches it."
    WANTED_ZH = "请调阅范围之内的办件，或另行立案。"


class OfficerHadAPart(Rejected):
    """The officer had a part in this case and does not investigate it (回避)."""

    ZH = "核查人员曾参与办理该件，应当回避。"
    BASIS = "监察法 Art. 58 (2018)"
    WANTED = "Another officer of the investigation."
    WANTED_ZH = "请由其他核查人员办理。"


class HoldNumberTaken(Rejected):
    """Another hold of this investigation has this number."""

    ZH = "该保全编号已被使用。"
    WANTED = "A hold_no of its own."
    WANTED_ZH = "请使用新的 hold_no。"


class HoldsNothing(Rejected):
    """A legal hold names the cases or the persons that it keeps."""

    ZH = "证据保全须写明所保全的办件或人员。"
    WANTED = "case_nos or persons."
    WANTED_ZH = "填写 case_nos 或 persons。"


class HoldUnknown(Rejected):
    """The investigation has placed no hold with this number."""

    ZH = "该核查没有此编号的证据保全。"
    WANTED = "The hold_no of a hold of this investigation."
    WANTED_ZH = "请填写该核查已有的 hold_no。"


class HoldReleased(Rejected):
    """The hold was released; what must be kept again needs a hold of its own."""

    ZH = "该证据保全已解除；需再保全的应另行办理。"
    WANTED = "place_legal_hold with a number of its own."
    WANTED_ZH = "请以新编号另行保全（place_legal_hold）。"


class ReleaseNotProposed(Rejected):
    """A hold is released by two persons: one proposes it, another releases it."""

    ZH = "解除保全须由二人办理：一人提出，另一人解除。"
    WANTED = "propose_hold_release by another person first."
    WANTED_ZH = "请先由另一人提出（propose_hold_release）。"


class ReleasedByProposer(Rejected):
    """Who proposed the release does not release the hold."""

    ZH = "提出解除的人不得自行解除。"
    WANTED = "release_legal_hold by another person."
    WANTED_ZH = "请由另一人解除（release_legal_hold）。"

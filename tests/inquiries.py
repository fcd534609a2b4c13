"""States of an investigation, likewise: each function returns the deeds that lead there. `tests.examples` has those of cases."""

from datetime import date

from domain.grammar import Duty
from domain.investigation.commands import (
    LookUnder,
    OpenInvestigation,
    PlaceLegalHold,
    ProposeHoldRelease,
    RecordConclusion,
    ReleaseLegalHold,
)
from domain.investigation.values import Result
from domain.investigation.values import Scope as InvestigationScope
from domain.perusal.commands import ExportEvidence, ExportRecords, RunReplay, SearchRecords, ViewCaseFile
from tests import county
from tests.county import person_ref
from tests.examples import DIGEST
from tests.spec import at, deed

CASE_NO = "61099910100020260303000017"
"""A case of the town, in the scope of the investigation."""
OTHER_OFFICER = county.actor_at(county.DISCIPLINE_POST, Duty.b)
HOLDING = PlaceLegalHold(
    hold_no="BQ-1", case_nos=(CASE_NO,), persons=(person_ref("villager"),), reason="核查期间不得删除"
)


def opening_an_investigation(**different):
    """Into the dates of one case; the approver of the station is who it is about."""
    usual = {
        "authority": "清溪县纪委监委",
        "document_no": "清纪立〔2026〕3号",
        "officers": ("a-discipline", "b-discipline"),
        "scope": InvestigationScope(case_nos=(CASE_NO,), persons=("a-approver",)),
        "matter": "反映批准日期与实际不符",
    }
    return OpenInvestigation(**usual | different)


def an_open_investigation(**different):
    return (deed(opening_an_investigation(**different), "03-25 09:00"),)


def viewing(case_no=CASE_NO, part="timeline", involved=(), **different):
    look = ViewCaseFile(case_no=case_no, part=part, **different)
    return LookUnder(look=look, involved=involved)


def replaying(**different):
    usual = {
        "case_no": CASE_NO,
        "course": "known",
        "mode": "as_known",
        "known_at": at("03-24 16:00"),
        "day": date(2026, 3, 24),
        "what_if_policy": "default-1",
        "what_if_calendar": "weekdays",
        "result_sha256": DIGEST,
    }
    return LookUnder(look=RunReplay(**usual | different))


def exporting_evidence(**different):
    usual = {"bundle_sha256": DIGEST, "checkpoint_size": 1042, "checkpoint_root": DIGEST}
    return LookUnder(look=ExportEvidence(case_no=CASE_NO, **usual | different))


def an_investigation_that_holds():
    return (*an_open_investigation(), deed(HOLDING, "03-25 09:10"))


def an_investigation_about_to_release():
    return (
        *an_investigation_that_holds(),
        deed(ProposeHoldRelease(hold_no="BQ-1", reason="核查终结"), "03-26 09:00"),
    )


def a_concluded_investigation():
    return (
        *an_investigation_that_holds(),
        deed(viewing(known_at=at("03-24 16:00"), happened_by=at("03-24 16:00")), "03-25 10:00"),
        deed(replaying(), "03-25 10:10"),
        deed(exporting_evidence(), "03-25 10:20"),
        deed(LookUnder(look=SearchRecords(of="v1/cases", by=("holder",))), "03-25 10:30"),
        deed(LookUnder(look=ExportRecords(of="v1/cases", by=("unit",), format="xlsx")), "03-25 10:40"),
        deed(ProposeHoldRelease(hold_no="BQ-1", reason="核查终结"), "03-26 09:00"),
        deed(ReleaseLegalHold(hold_no="BQ-1"), "03-26 09:10", by=OTHER_OFFICER),
        deed(
            RecordConclusion(
                result=Result.unsubstantiated, findings="日期与回执一致", document_no="清纪核〔2026〕3号"
            ),
            "03-27 09:00",
        ),
    )

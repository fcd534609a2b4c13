"""Looking into something 查阅, by anybody: recorded once for a person, a day and what was looked at."""

from typing import Annotated, Final, Literal, assert_never

from pydantic import Field

from domain.admission import happened_already
from domain.catalogue import Catalogue
from domain.grammar import Command, Decision, Fact, Occasion, Ruling, settle
from domain.perusal.events import (
    Bundle,
    CaseFileViewed,
    EvidenceExported,
    Look,
    RecordsExported,
    RecordsSearched,
    Replay,
    ReplayRun,
    Search,
    Taking,
)
from domain.perusal.state import Perusal


class ViewCaseFile(Look, Command):
    """调阅."""

    type: Literal["view_case_file"] = "view_case_file"


class RunReplay(Replay, Command):
    """回放."""

    type: Literal["run_replay"] = "run_replay"


class ExportEvidence(Bundle, Command):
    """证据包导出."""

    type: Literal["export_evidence"] = "export_evidence"


class SearchRecords(Search, Command):
    """检索."""

    type: Literal["search_records"] = "search_records"


class ExportRecords(Taking, Command):
    """导出."""

    type: Literal["export_records"] = "export_records"


Action = ViewCaseFile | RunReplay | ExportEvidence | SearchRecords | ExportRecords
PerusalAction = Annotated[Action, Field(discriminator="type")]
"""Every way of looking, told apart by `type`."""
OF_A_CASE: Final = (ViewCaseFile, RunReplay, ExportEvidence)


def looked(command: Action) -> Fact:
    """The fact that the look was taken."""
    match command:
        case ViewCaseFile():
            return CaseFileViewed.as_told(command)
        case RunReplay():
            return ReplayRun.as_told(command)
        case ExportEvidence():
            return EvidenceExported.as_told(command)
        case SearchRecords():
            return RecordsSearched.as_told(command)
        case ExportRecords():
            return RecordsExported.as_told(command)
        case _:
            assert_never(command)


def decide(perusal: Perusal, command: Action, occasion: Occasion, catalogue: Catalogue) -> Decision:
    """Raises Rejected."""
    return Decision(*settle(_ruling(perusal, command, occasion, catalogue), occasion))


def _ruling(perusal: Perusal, command: Action, occasion: Occasion, catalogue: Catalogue) -> Ruling:
    yield from happened_already(occasion, catalogue.policy(occasion.day))
    fact = looked(command)
    if (occasion.actor.operator, fact) not in perusal.looks:
        yield fact

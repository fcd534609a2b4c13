"""Who may do what (model: who may do what). Supervision may find a special procedure invalid and nothing else;
auditors, catalogue and system administrators record nothing in a case; agents never decide."""

from collections.abc import Mapping
from typing import Final

from domain.case.acceptance import commands as acceptance
from domain.case.agency import commands as agency
from domain.case.custody import commands as custody
from domain.case.decision import commands as decision
from domain.case.delivery import commands as delivery
from domain.case.ending import commands as ending
from domain.case.fees import commands as fees
from domain.case.intake import commands as intake
from domain.case.joint import commands as joint
from domain.case.pauses import commands as pauses
from domain.case.steps import commands as steps
from domain.case.superior import commands as superior
from domain.grammar import Command
from domain.window.values import Role

Actions = frozenset[type[Command]]

HANDOFF: Final[Actions] = frozenset(
    {
        custody.ForwardToStation,
        custody.SignStationReceipt,
        custody.ReturnTransfer,
        custody.SignReturnReceipt,
    }
)
WORK: Final[Actions] = frozenset({steps.StartStep, steps.CompleteStep, steps.RecordSiteInspection})
MONEY: Final[Actions] = frozenset({fees.ChargeFee, fees.RefundFee})
RESULT: Final[Actions] = frozenset(
    {
        delivery.IssueCertificate,
        delivery.NotifyApplicant,
        delivery.RecordFailedDelivery,
        ending.Conclude,
        ending.Archive,
    }
)

WINDOW: Final[Actions] = (
    HANDOFF
    | WORK
    | MONEY
    | RESULT
    | {
        intake.ReceiveCase,
        intake.CorrectOnSpot,
        intake.IssueCorrectionNotice,
        intake.SupplyCorrection,
        acceptance.AcceptCase,
        acceptance.RefuseAcceptance,
        ending.WithdrawCase,
        agency.SignHallReceipt,
        agency.RevokeEntrustment,
        decision.CloseAsInstant,
        delivery.ReceiveCertificateAtHall,
        delivery.DeliverCertificate,
    }
)
AGENT: Final[Actions] = frozenset(
    {
        intake.ReceiveCase,
        agency.EntrustAgent,
        agency.PickUpPapers,
        agency.HandToHall,
        agency.CollectResult,
        agency.ReturnToApplicant,
        agency.RevokeEntrustment,
    }
)
HANDLER: Final[Actions] = (
    HANDOFF
    | WORK
    | MONEY
    | RESULT
    | {
        pauses.StartSpecialProcedure,
        pauses.EndSpecialProcedure,
        joint.OpenJointReview,
        joint.RequestOpinion,
        joint.ReturnOpinion,
        joint.ConsolidateJointReview,
        superior.ReportToSuperior,
        superior.SignSuperiorReceipt,
        superior.ReceiveSuperiorDecision,
        fees.DisbursePayment,
    }
)
REVIEWER: Final[Actions] = HANDOFF | WORK | {joint.ReturnOpinion}
APPROVER: Final[Actions] = (
    REVIEWER
    | RESULT
    | {
        decision.Approve,
        decision.Reject,
        steps.ReassignHandler,
        fees.DisbursePayment,
        ending.Reopen,
        superior.SignSuperiorReceipt,
    }
)
HALL_DIRECTOR: Final[Actions] = frozenset(
    {steps.RemindStage, steps.ReassignHandler, ending.LinkDuplicate, ending.Terminate}
)
ORGAN_HEAD: Final[Actions] = frozenset(
    {
        decision.Approve,
        decision.Reject,
        pauses.ApproveExtension,
        steps.ReassignHandler,
        ending.Reopen,
        ending.Terminate,
    }
)
GOVERNMENT_HEAD: Final[Actions] = frozenset(
    {decision.Approve, decision.Reject, pauses.ApproveExtension, ending.Reopen}
)
SUPERVISION: Final[Actions] = frozenset({pauses.InvalidateSpecialProcedure})
CLOCK: Final[Actions] = frozenset({acceptance.DeemAccepted, ending.Conclude, steps.RemindStage})

MAY: Final[Mapping[str, Actions]] = {
    Role.window_clerk: WINDOW,
    Role.proxy_clerk: WINDOW,
    Role.agent: AGENT,
    Role.handler: HANDLER,
    Role.reviewer: REVIEWER,
    Role.approver: APPROVER,
    Role.hall_director: HALL_DIRECTOR,
    Role.organ_head: ORGAN_HEAD,
    Role.government_head: GOVERNMENT_HEAD,
    Role.supervision: SUPERVISION,
    Role.discipline: SUPERVISION,
    Role.clock: CLOCK,
}
"""Roles that are not here record nothing in a case; the import programme takes over whatever a source has."""
AMENDERS: Final[frozenset[str]] = frozenset(MAY) - {Role.supervision, Role.discipline, Role.clock} | {
    Role.importer
}
"""Who may correct and void what was recorded, with a second person's approval: who may record. Supervision looks on."""
NOTHING: Final[Actions] = frozenset()


def may_record(role: str, action: type[Command]) -> bool:
    return role == Role.importer or action in MAY.get(role, NOTHING)

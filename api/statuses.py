"""The one table between the domain's words and HTTP: which status answers which objection or exception."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from api.refusals import Refusal, body, head, record, seal, views
from api.refusals import access as asking
from domain import admission, amendment
from domain.access import rejections as access
from domain.case import rejections as case
from domain.case.acceptance import rejections as acceptance
from domain.case.agency import rejections as agency
from domain.case.delivery import rejections as delivery
from domain.case.ending import rejections as ending
from domain.case.fees import rejections as fees
from domain.case.intake import rejections as intake
from domain.case.pauses import rejections as pauses
from domain.case.steps import rejections as steps
from domain.grammar import Rejected
from domain.investigation import rejections as investigation
from domain.log import (
    KeyReused,
    LogBusy,
    LogSetBack,
    NewerSchema,
    OutcomeUnknown,
    StorageFull,
    VersionConflict,
)
from domain.signal import rejections as signal
from domain.stand_in import rejections as stand_in
from domain.store.mapper import EventNotUnderstood
from domain.store.serials import SerialsExhausted
from domain.subject import rejections as subject

WHO: Final = (
    stand_in.AgentsNeverDecide,
    stand_in.DelegatedByAnother,
    stand_in.DelegationApprovedByParty,
    stand_in.DelegationNotStanding,
    stand_in.NotAboveThePost,
    stand_in.NotTheStandInHolder,
    stand_in.OutsideDelegation,
    stand_in.ReleasedByStranger,
    stand_in.RevokedByStranger,
    stand_in.StandInNotOnDuty,
    admission.RoleMayNot,
    admission.ImportOnly,
    amendment.AmenderMayNot,
    signal.DecidedTheCase,
    signal.NotTheResponsibleUnit,
    investigation.NotAnOfficer,
    investigation.OfficerHadAPart,
    investigation.OutsideScope,
    investigation.ReleasedByProposer,
    subject.MeasureNeedsSecondPerson,
    access.AccountsKeptByOthers,
    access.NotTheirOwnAccount,
)
"""The identity may not: somebody else may."""

CONTENT: Final = (
    stand_in.DelegatedToOneself,
    stand_in.DelegateNotServing,
    stand_in.DelegationInThePast,
    stand_in.TakeoverTooLong,
    admission.CalendarTooShort,
    admission.InTheFuture,
    admission.LateWithoutEvidence,
    admission.LateWithoutReason,
    admission.StaffUnknown,
    admission.VouchedByOneself,
    amendment.AmendedFieldUnknown,
    amendment.AmendedTimeInFuture,
    amendment.AmenderApprovesOwn,
    amendment.AmendmentApproverUnknown,
    case.LateWithoutSecondPerson,
    case.UnitUnknown,
    acceptance.AcceptanceDateDiffers,
    acceptance.ReasonsMissing,
    acceptance.RemediesMissing,
    agency.PointUnknown,
    delivery.IdentityNotChecked,
    ending.NotASecondPerson,
    fees.FeeWithoutStandard,
    intake.ApplicantMissing,
    intake.ItemNotInForce,
    intake.ItemUnknown,
    intake.MandateMissing,
    investigation.HoldsNothing,
    investigation.OfficerIsInvestigated,
    investigation.ScopeEmpty,
    investigation.TooFewOfficers,
    pauses.ApproverIsHandler,
    pauses.ApproverMissing,
    pauses.ExtendedByHandler,
    pauses.ExtensionTooLong,
    pauses.NotAnApprover,
    signal.StandsOnNothing,
    signal.StateNotYetReached,
    steps.TooFewInspectors,
    subject.PartNotHeld,
    subject.PersonNotEnrolled,
    subject.RetentionTermMissing,
    subject.RetentionTermRunning,
)
"""What was said would be refused at any time: the same action with other content may be taken."""

STATUS: Final[Mapping[type[Exception], HTTPStatus]] = {
    # Any other rule: the state of the record forbids it.
    Rejected: HTTPStatus.CONFLICT,
    **dict.fromkeys(WHO, HTTPStatus.FORBIDDEN),
    **dict.fromkeys(CONTENT, HTTPStatus.UNPROCESSABLE_ENTITY),
    access.UserUnknown: HTTPStatus.NOT_FOUND,
    access.KeyUnknown: HTTPStatus.NOT_FOUND,
    # The log.
    VersionConflict: HTTPStatus.PRECONDITION_FAILED,
    KeyReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    LogBusy: HTTPStatus.SERVICE_UNAVAILABLE,
    LogSetBack: HTTPStatus.SERVICE_UNAVAILABLE,
    NewerSchema: HTTPStatus.SERVICE_UNAVAILABLE,
    StorageFull: HTTPStatus.INSUFFICIENT_STORAGE,
    OutcomeUnknown: HTTPStatus.SERVICE_UNAVAILABLE,
    SerialsExhausted: HTTPStatus.CONFLICT,
    EventNotUnderstood: HTTPStatus.CONFLICT,
    # The request itself.
    Refusal: HTTPStatus.BAD_REQUEST,
    body.BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    body.BatchTooLong: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    body.ContentTypeUnsupported: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    body.ContentInvalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    head.ParameterInvalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    head.PersonalDataInAddress: HTTPStatus.UNPROCESSABLE_ENTITY,
    body.PersonalDataInCode: HTTPStatus.UNPROCESSABLE_ENTITY,
    record.NotOpening: HTTPStatus.UNPROCESSABLE_ENTITY,
    head.PreconditionMissing: HTTPStatus.PRECONDITION_REQUIRED,
    asking.IdentityMissing: HTTPStatus.UNAUTHORIZED,
    asking.PostNotHeld: HTTPStatus.FORBIDDEN,
    asking.AccountSuspended: HTTPStatus.FORBIDDEN,
    seal.DecisionUnwitnessed: HTTPStatus.SERVICE_UNAVAILABLE,
    asking.NotPermitted: HTTPStatus.FORBIDDEN,
    asking.KeyMayNotSpeak: HTTPStatus.FORBIDDEN,
    asking.CrossSite: HTTPStatus.FORBIDDEN,
    asking.SignInBlocked: HTTPStatus.TOO_MANY_REQUESTS,
    asking.AdmittedAlready: HTTPStatus.CONFLICT,
    asking.PasswordWeak: HTTPStatus.UNPROCESSABLE_ENTITY,
    asking.PasswordGuessed: HTTPStatus.UNPROCESSABLE_ENTITY,
    asking.OldPasswordWrong: HTTPStatus.FORBIDDEN,
    asking.PostToChoose: HTTPStatus.UNPROCESSABLE_ENTITY,
    asking.OwnPost: HTTPStatus.FORBIDDEN,
    asking.ProviderAbsent: HTTPStatus.NOT_FOUND,
    asking.ProviderKeepsSession: HTTPStatus.NOT_FOUND,
    asking.ProviderUnreachable: HTTPStatus.SERVICE_UNAVAILABLE,
    record.CaseUnknown: HTTPStatus.NOT_FOUND,
    record.CaseNumberTaken: HTTPStatus.CONFLICT,
    record.CaseNumberOutsideBlock: HTTPStatus.UNPROCESSABLE_ENTITY,
    record.CaseNumberOfBlock: HTTPStatus.UNPROCESSABLE_ENTITY,
    record.CaseNumberForeign: HTTPStatus.UNPROCESSABLE_ENTITY,
    record.CaseNumberUnassignable: HTTPStatus.UNPROCESSABLE_ENTITY,
    record.ContactNumberTaken: HTTPStatus.CONFLICT,
    record.ContactUnknown: HTTPStatus.NOT_FOUND,
    record.SignalUnknown: HTTPStatus.NOT_FOUND,
    record.InvestigationUnknown: HTTPStatus.NOT_FOUND,
    record.InvestigationNumberUsed: HTTPStatus.CONFLICT,
    views.ExchangeTableUnknown: HTTPStatus.NOT_FOUND,
    views.FetchedBeyondViews: HTTPStatus.UNPROCESSABLE_ENTITY,
    record.EntryUnknown: HTTPStatus.NOT_FOUND,
    record.PostUnknown: HTTPStatus.NOT_FOUND,
    record.DelegationNotFound: HTTPStatus.NOT_FOUND,
    record.PersonUnknown: HTTPStatus.NOT_FOUND,
    views.ViewsUnready: HTTPStatus.SERVICE_UNAVAILABLE,
    views.AsOfInFuture: HTTPStatus.UNPROCESSABLE_ENTITY,
    views.NotYetKnown: HTTPStatus.NOT_FOUND,
    views.NotYetBegun: HTTPStatus.NOT_FOUND,
    views.PositionWithAsOf: HTTPStatus.UNPROCESSABLE_ENTITY,
    views.VersionUnknown: HTTPStatus.UNPROCESSABLE_ENTITY,
    views.AfterUnreadable: HTTPStatus.UNPROCESSABLE_ENTITY,
    views.PositionBeyondLog: HTTPStatus.UNPROCESSABLE_ENTITY,
    views.TooManyPeriods: HTTPStatus.UNPROCESSABLE_ENTITY,
    seal.NotSealed: HTTPStatus.NOT_FOUND,
    seal.PositionNotSealed: HTTPStatus.NOT_FOUND,
    seal.CheckpointUnknown: HTTPStatus.NOT_FOUND,
    seal.EvidenceNotReady: HTTPStatus.CONFLICT,
    seal.EvidenceStandsStill: HTTPStatus.CONFLICT,
    seal.RecordBroken: HTTPStatus.CONFLICT,
    seal.TileUnknown: HTTPStatus.NOT_FOUND,
    seal.SizesDoNotFit: HTTPStatus.UNPROCESSABLE_ENTITY,
    seal.ReceiptMistyped: HTTPStatus.NOT_FOUND,
    head.NothingHere: HTTPStatus.NOT_FOUND,
    head.MethodNotAllowed: HTTPStatus.METHOD_NOT_ALLOWED,
}


def status_of(error: Exception) -> HTTPStatus:
    """The status of the nearest class in the table. Raises LookupError where no class of it stands there."""
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    raise LookupError(type(error).__name__)

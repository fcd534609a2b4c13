"""The one table between the domain's words and HTTP: which status answers which objection or exception."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from api import refusals
from domain import admission, amendment
from domain.access import rejections as access
from domain.application import KeyReused, LogBusy, OutcomeUnknown, VersionConflict
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
from domain.signal import rejections as signal
from domain.store.serials import SerialsExhausted
from domain.subject import rejections as subject

WHO: Final = (
    admission.RoleMayNot,
    admission.ImportOnly,
    amendment.AmenderMayNot,
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
    admission.CalendarTooShort,
    admission.InTheFuture,
    admission.LateWithoutEvidence,
    admission.LateWithoutReason,
    admission.StaffUnknown,
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
    # The log.
    VersionConflict: HTTPStatus.PRECONDITION_FAILED,
    KeyReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    LogBusy: HTTPStatus.SERVICE_UNAVAILABLE,
    OutcomeUnknown: HTTPStatus.SERVICE_UNAVAILABLE,
    SerialsExhausted: HTTPStatus.CONFLICT,
    # The request itself.
    refusals.Refusal: HTTPStatus.BAD_REQUEST,
    refusals.BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    refusals.BatchTooLong: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    refusals.ContentTypeUnsupported: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    refusals.ContentInvalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.ParameterInvalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.PersonalDataInAddress: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.PersonalDataInCode: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.NotOpening: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.PreconditionMissing: HTTPStatus.PRECONDITION_REQUIRED,
    refusals.IdentityMissing: HTTPStatus.UNAUTHORIZED,
    refusals.PostNotHeld: HTTPStatus.FORBIDDEN,
    refusals.DecisionUnwitnessed: HTTPStatus.SERVICE_UNAVAILABLE,
    refusals.NotPermitted: HTTPStatus.FORBIDDEN,
    refusals.KeyMayNotSpeak: HTTPStatus.FORBIDDEN,
    refusals.CrossSite: HTTPStatus.FORBIDDEN,
    refusals.SignInBlocked: HTTPStatus.TOO_MANY_REQUESTS,
    refusals.PostToChoose: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.ProviderAbsent: HTTPStatus.NOT_FOUND,
    refusals.CaseUnknown: HTTPStatus.NOT_FOUND,
    refusals.CaseNumberTaken: HTTPStatus.CONFLICT,
    refusals.CaseNumberOutsideBlock: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.CaseNumberOfBlock: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.CaseNumberForeign: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.CaseNumberUnassignable: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.ContactNumberTaken: HTTPStatus.CONFLICT,
    refusals.ContactUnknown: HTTPStatus.NOT_FOUND,
    refusals.SignalUnknown: HTTPStatus.NOT_FOUND,
    refusals.InvestigationUnknown: HTTPStatus.NOT_FOUND,
    refusals.InvestigationNumberUsed: HTTPStatus.CONFLICT,
    refusals.ExchangeTableUnknown: HTTPStatus.NOT_FOUND,
    refusals.FetchedBeyondViews: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.EntryUnknown: HTTPStatus.NOT_FOUND,
    refusals.PersonUnknown: HTTPStatus.NOT_FOUND,
    refusals.ViewsUnready: HTTPStatus.SERVICE_UNAVAILABLE,
    refusals.AsOfInFuture: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.PositionWithAsOf: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.VersionUnknown: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.AfterUnreadable: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.PositionBeyondLog: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.TooManyPeriods: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.NotSealed: HTTPStatus.NOT_FOUND,
    refusals.PositionNotSealed: HTTPStatus.NOT_FOUND,
    refusals.CheckpointUnknown: HTTPStatus.NOT_FOUND,
    refusals.EvidenceNotReady: HTTPStatus.CONFLICT,
    refusals.RecordBroken: HTTPStatus.CONFLICT,
    refusals.TileUnknown: HTTPStatus.NOT_FOUND,
    refusals.SizesDoNotFit: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.ReceiptMistyped: HTTPStatus.NOT_FOUND,
    refusals.NothingHere: HTTPStatus.NOT_FOUND,
    refusals.MethodNotAllowed: HTTPStatus.METHOD_NOT_ALLOWED,
}


def status_of(error: Exception) -> HTTPStatus:
    """The status of the nearest class in the table. Raises LookupError where no class of it stands there."""
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    raise LookupError(type(error).__name__)

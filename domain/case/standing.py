"""Where a case stands, from what is known of it (model: states)."""

from typing import Final

from domain.case.state import Case, End, Status

ENDED: Final = {
    End.refused: Status.refused,
    End.withdrawn: Status.withdrawn,
    End.concluded: Status.concluded,
    End.terminated: Status.terminated,
}


def status_of(case: Case) -> Status:
    if case.ending is not None:
        return Status.archived if case.ending.archived_at else ENDED[case.ending.result]
    if case.decision is not None:
        return _decided(case)
    if case.is_accepted:
        return _under_way(case)
    if case.application is not None:
        is_waiting = any(notice.completed_on is None for notice in case.intake.notices)
        return Status.awaiting_correction if is_waiting else Status.registered
    return Status.blank if case.entrustment is None else Status.entrusted


def _decided(case: Case) -> Status:
    if case.decision is None or not case.decision.is_approval:
        return Status.rejected
    if case.delivery.delivered_at is not None:
        return Status.delivered
    is_ready = case.delivery.notified_at or any(
        each.arrived_at and not each.delivered_at for each in case.certificates
    )
    return Status.awaiting_collection if is_ready else Status.approved


def _under_way(case: Case) -> Status:
    if case.clock.open_pause is not None:
        return Status.paused
    if case.report is not None and case.report.replied_at is None:
        return Status.reported_up
    if case.joint_review is not None and case.joint_review.consolidated_at is None:
        return Status.joint_review
    return Status.in_progress

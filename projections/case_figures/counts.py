"""What is counted for one group in one period: the numerators and denominators of every rate."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Counts:
    """One group in one period, both days included. Source of every definition: GB/T 32169.4, 行政许可法, local rules.

    An event counts in the period in which it happened; what is counted "of the done" counts in that of the conclusion.
    """

    key: str | None
    """The code of the group; None: all together, or what has no code."""
    first_day: date
    last_day: date
    received: int
    """M-Received 收件量: cases with their receipt in the period."""
    accepted: int
    """M-Accepted 受理量: acceptances in the period, by the acceptance date, deemed ones included; a legacy record whose
    source gave its limits counts as accepted when it was received."""
    deemed: int
    """视为受理 among the accepted."""
    done: int
    """M-Done 办结量: conclusions and instant closings in the period; a reopened case is done when it ends anew."""
    refused: int
    """不予受理 in the period; not among the done."""
    withdrawn: int
    """申请人撤回 in the period; not among the done."""
    terminated: int
    """终止 in the period; not among the done."""
    decided: int
    """Decisions in the period."""
    rejected: int
    """不予许可 among the decisions."""
    open: int
    """M-Open 在办量: accepted and not ended at the end of the period."""
    open_overdue: int
    """M-OpenOverdue 在办超期: of those open, past the promised day, else the legal one, when the period ended."""
    in_hand: int
    """Open at the beginning, and accepted in the period: what could be done in it."""
    on_time: int
    """Of the done, those decided with no working day beyond the limit."""
    with_deadline: int
    """Of the done, those that had a promised or legal day."""
    early: int
    """Of the done, those decided in fewer net working days than promised; a source's promise, before its day."""
    after_source_deadline: int
    """Of the done, those concluded after the moment that the source of a legacy record gave as deadline."""
    instant_kind: int
    """即办件 among the done."""
    same_day: int
    """Of the done, those concluded with no working day after acceptance."""
    promised: int
    """承诺件 among the done."""
    promised_same_day: int
    """承诺件 among `same_day`."""
    promise_days: int
    """Promised working days of the accepted that have a legal limit, added up."""
    legal_days: int
    """Their legal working days, added up."""
    item_promise_days: int
    """As `promise_days`, each version of an item once."""
    item_legal_days: int
    """As `legal_days`, each version of an item once."""
    timed: int
    """Of the done, those with an acceptance to count from."""
    used_days: int
    """Their net working days up to the decision, added up."""
    median_days: int | None
    """Of those net working days the lower median: at least half of the timed took no more. None: there is nobody timed."""
    p90_days: int | None
    """Likewise the 90th percentile: at least nine in ten took no more."""
    hops: int
    """Transfers signed for, of the done."""
    returns: int
    """退回, of the done."""
    trips: int
    """Days on which the applicant of a done case was at the hall: to hand in, to supply, to collect."""
    notices: int
    """一次性告知 of the received."""
    noticed_cases: int
    """Of the received, those with any notice."""
    once_cases: int
    """Of those, with one notice."""
    refused_of_received: int
    """Of the received, those that were refused, whenever."""
    pauses: int
    """特别程序 of the done."""
    void_pauses: int
    """Of those, not valid or found invalid."""
    paused_cases: int
    """Of the done, those with any 特别程序, valid or not."""
    pause_days: int
    """Working days that valid procedures took off the limits, as a union of days."""
    delivered: int
    """Cases whose last certificate was delivered in the period."""
    delivered_in_time: int
    """Within the policy's working days of the decision (行政许可法 Art. 44)."""
    agent_cases: int
    """Of the received, those that came through an agent."""
    agent_legs: int
    """代办 legs, from picking up to the hall's signature, that ended in the period."""
    agent_days: int
    """Their working days, added up."""
    agent_late: int
    """Longer than the policy of the day of picking up allows."""
    mended: int
    """Of the done, those with a corrected event or a reopening."""
    fees_fen: int
    """Charged and not refunded, of the done; 分."""
    paid_fen: int
    """M-Fund 发放金额 in the period; 分."""
    paid_households: int
    """发放户数: different applicants paid in the period."""

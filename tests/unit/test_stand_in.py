"""AB岗与委托: who acts for another has taken over or been delegated to; what is passed on has a giver, an end, and a third person's yes."""

from dataclasses import replace
from datetime import date

import pytest

from domain.amendment import VoidEvent
from domain.case import CASE
from domain.case.acceptance.commands import AcceptCase
from domain.case.decision.commands import Approve
from domain.case.decision.rejections import DecidedByAcceptor
from domain.case.persons import OfficerIsTheApplicant
from domain.contact.commands import RegisterFirstAsk
from domain.grammar import Duty, Occasion, Rejected
from domain.staff.events import StaffLeft
from domain.stand_in import DELEGATION, TAKEOVER, rejections
from domain.stand_in.delegating import (
    ApproveDelegation,
    GrantDelegation,
    NumberedGrant,
    RevokeDelegation,
)
from domain.stand_in.taking_over import ReleasePost, TakeOverPost
from domain.stand_in.values import Absence
from domain.window.events import PostRelieved
from tests import county
from tests.county import BEGAN, person_ref
from tests.examples import (
    EXPLAINED,
    a_case_handled,
    a_received_case,
    an_accepted_case,
    completing,
    receiving,
)
from tests.spec import at, deed, given, given_in_the_log

CLERK, APPROVER, HEAD = county.TOWN_CLERK_POST, county.APPROVER_POST, county.ORGAN_HEAD_POST
B_CLERK = county.actor_at(CLERK, Duty.b).model_copy(update={"on_behalf_of": "a-town-clerk"})
DELEGATE = county.actor_at(APPROVER).model_copy(
    update={
        "staff_id": "a-land-approver",
        "duty": None,
        "on_behalf_of": "a-approver",
        "delegation_no": "WT-1",
    }
)
TAKE = TakeOverPost(post_id=CLERK, absence=Absence.leave)
RELEASE = ReleasePost(post_id=CLERK)
APPROVED, REVOKED = ApproveDelegation(), RevokeDelegation(reason="已返岗")
APPROVE = Approve(decision_no="2026-17")


def granting(**different):
    usual = {
        "delegate": "a-land-approver",
        "valid_from": date(2026, 3, 4),
        "valid_to": date(2026, 3, 20),
        "reason": "外出学习",
    }
    return NumberedGrant(delegation_no="WT-1", grant=GrantDelegation(**usual | different))


class Hall:
    """A county in which people stand in for each other."""

    def __init__(self):
        self.catalogue = county.a_county()

    def does(self, command, when, by):
        """Raises Rejected. What was recorded."""
        is_takeover = isinstance(command, TakeOverPost | ReleasePost)
        aggregate, identity = (TAKEOVER, command.post_id) if is_takeover else (DELEGATION, "WT-1")
        actor = county.actor_at(by) if isinstance(by, str) else by
        state = self.catalogue.entries(aggregate).get(identity, aggregate.blank)
        decision = aggregate.decide(state, command, Occasion(actor, at(when)), self.catalogue)
        for fact in decision.facts:
            self.catalogue.apply(aggregate.stream(identity), fact)
        return decision.facts

    def delegated(self, **different):
        self.does(granting(**different), "03-04 08:00", APPROVER)
        self.does(APPROVED, "03-04 08:30", HEAD)
        return self


@pytest.fixture
def hall():
    return Hall()


# ── AB 岗 ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_b_person_records_nothing_until_they_have_taken_over(hall):
    receive = receiving(), "03-03 09:00"
    given(catalogue=hall.catalogue).when(*receive, by=B_CLERK).then_rejected(rejections.StandInNotOnDuty)
    (taken,) = hall.does(TAKE, "03-03 08:30", B_CLERK)
    assert (taken.for_staff, taken.valid_to) == ("a-town-clerk", date(2026, 3, 3))
    given(catalogue=hall.catalogue).when(*receive, by=B_CLERK).then_flagged()


def test_a_takeover_ends_by_itself_and_earlier_when_somebody_is_back(hall):
    hall.does(
        TakeOverPost(post_id=CLERK, absence=Absence.training, until=date(2026, 3, 5)), "03-03 08:30", B_CLERK
    )
    asking = RegisterFirstAsk(matter="建房")
    given(catalogue=hall.catalogue).when(asking, "03-05 09:00", by=B_CLERK).then_flagged()
    given(catalogue=hall.catalogue).when(asking, "03-06 09:00", by=B_CLERK).then_rejected(
        rejections.StandInNotOnDuty
    )
    hall.does(RELEASE, "03-04 12:00", CLERK)
    given(catalogue=hall.catalogue).when(asking, "03-04 13:00", by=B_CLERK).then_rejected(
        rejections.StandInNotOnDuty
    )


def test_said_again_it_is_not_recorded_again(hall):
    assert len(hall.does(TAKE, "03-03 08:30", B_CLERK)) == 1
    assert hall.does(TAKE, "03-03 14:00", B_CLERK) == ()


def test_what_happened_without_a_takeover_and_is_told_late_is_flagged(hall):
    late = {"recorded": "03-05 09:00", "backfill": EXPLAINED}
    given(catalogue=hall.catalogue).when(receiving(), "03-03 09:00", by=B_CLERK, **late).then_flagged(
        "A04", "P08"
    )


def test_a_case_that_is_in_their_hands_the_b_person_finishes(hall):
    b_handler = county.actor_at(county.HANDLER_POST, Duty.b)
    handed = deed(completing("CB"), "03-05 09:00", by=county.HANDLER_POST)
    whose = given(*a_case_handled()).state.custody.holder.staff_id
    assert (handed.by.staff_id, whose) == ("a-handler", "a-handler")
    given(*a_case_handled(), catalogue=hall.catalogue).when(completing("SH"), by=b_handler).then_rejected(
        rejections.StandInNotOnDuty
    )
    state = given(*a_case_handled()).state
    theirs = replace(
        state, custody=replace(state.custody, holder=replace(state.custody.holder, staff_id="b-handler"))
    )
    step = deed(completing("SH"), "03-09 09:00", by=b_handler)
    assert CASE.decide(theirs, step.command, step.occasion, hall.catalogue).facts


async def test_the_b_person_amends_nothing_either():
    history = await given_in_the_log(*an_accepted_case())
    void = VoidEvent(target_version=2, reason="误点", approved_by="a-director")
    (await history.when(void, by=B_CLERK)).then_rejected(rejections.StandInNotOnDuty)


# ── 委托 ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_delegation_counts_once_a_third_person_has_approved_it(hall):
    case = given(*a_case_handled(), catalogue=hall.catalogue)
    hall.does(granting(), "03-04 08:00", APPROVER)
    case.when(APPROVE, by=DELEGATE).then_rejected(rejections.DelegationNotStanding)
    hall.does(APPROVED, "03-04 08:30", HEAD)
    case.when(APPROVE, by=DELEGATE).then_flagged()
    assert hall.catalogue.delegated("a-land-approver", APPROVER, date(2026, 3, 6)).delegation_no == "WT-1"


@pytest.mark.parametrize("by", [APPROVER, county.LAND_APPROVER_POST, HEAD])
def test_revoked_by_either_side_or_a_head_it_counts_no_longer(hall, by):
    hall.delegated().does(REVOKED, "03-06 08:00", by)
    given(*a_case_handled(), catalogue=hall.catalogue).when(APPROVE, by=DELEGATE).then_rejected(
        rejections.DelegationNotStanding
    )
    assert hall.catalogue.delegated("a-land-approver", APPROVER, date(2026, 3, 6)) is None
    assert hall.does(REVOKED, "03-06 09:00", by) == ()


def left(hall, staff_id, last_day):
    hall.catalogue.apply(f"staff:{staff_id}", StaffLeft(staff_id=staff_id, last_day=last_day))


def relieved(hall, post_id, staff_id, last_day):
    fact = PostRelieved(post_id=post_id, staff_id=staff_id, duty=Duty.a, last_day=last_day)
    hall.catalogue.apply(f"post:{post_id}", fact)


@pytest.mark.parametrize("over", ["relieved", "left", "delegate_left"])
def test_it_outlasts_neither_its_giver_at_the_post_nor_its_taker_in_service(hall, over):
    hall.delegated()
    last_day = date(2026, 3, 5)
    match over:
        case "relieved":
            relieved(hall, APPROVER, "a-approver", last_day)
        case "left":
            left(hall, "a-approver", last_day)
        case "delegate_left":
            left(hall, "a-land-approver", last_day)
    assert hall.catalogue.delegated("a-land-approver", APPROVER, last_day) is not None
    assert hall.catalogue.delegated("a-land-approver", APPROVER, date(2026, 3, 6)) is None
    case = given(*a_case_handled(), catalogue=hall.catalogue)
    case.when(APPROVE, "03-06 10:00", by=DELEGATE).then_rejected(rejections.DelegationNotStanding)


def test_it_reaches_as_far_as_its_matters_and_its_days(hall):
    hall.delegated(item_codes=(county.PERMIT,))
    given(*a_case_handled(), catalogue=hall.catalogue).when(APPROVE, by=DELEGATE).then_rejected(
        rejections.OutsideDelegation
    )
    given(*a_case_handled(), catalogue=hall.catalogue).when(
        APPROVE, "03-23 09:00", by=DELEGATE
    ).then_rejected(rejections.DelegationNotStanding)


def test_it_is_nobody_elses(hall):
    hall.delegated()
    stranger = DELEGATE.model_copy(update={"staff_id": "b-land-approver"})
    given(*a_case_handled(), catalogue=hall.catalogue).when(APPROVE, by=stranger).then_rejected(
        rejections.DelegationNotStanding
    )


def test_told_late_what_went_beyond_it_is_flagged(hall):
    given(*a_case_handled(), catalogue=hall.catalogue).when(
        APPROVE, "03-06 10:00", recorded="03-09 09:00", by=DELEGATE
    ).then_flagged("A04")


def test_in_whosever_name_it_is_done_nobody_decides_what_they_accepted(hall):
    """The approver accepted the case at another desk; whoever decides in their name decides it for them."""
    hall.delegated()
    accepted = deed(
        AcceptCase(), "03-03 09:30", by=county.actor_at(CLERK).model_copy(update={"staff_id": "a-approver"})
    )
    story = (*a_received_case(), accepted, *a_case_handled()[2:])
    given(*story, catalogue=hall.catalogue).when(APPROVE, by=DELEGATE).then_rejected(DecidedByAcceptor)


def test_nobody_decides_in_the_name_of_the_applicant(hall):
    hall.delegated()
    own = (*a_received_case(applicant_ref=person_ref("a-approver")), *a_case_handled()[1:])
    given(*own, catalogue=hall.catalogue).when(APPROVE, by=DELEGATE).then_rejected(OfficerIsTheApplicant)


# ── what is refused ─────────────────────────────────────────────────────────────────────────────────────────


def at_post(post, **different):
    return county.actor_at(post).model_copy(update=different)


REFUSED = (
    (rejections.NotTheStandInHolder, (), TAKE, CLERK),
    (rejections.NotTheStandInHolder, (), TAKE, county.actor_at(county.PROXY_POST, Duty.b)),
    (
        rejections.TakeoverTooLong,
        (),
        TakeOverPost(post_id=CLERK, absence=Absence.leave, until=date(2026, 5, 1)),
        B_CLERK,
    ),
    (rejections.NoTakeoverOpen, (), RELEASE, CLERK),
    (rejections.ReleasedByStranger, ((TAKE, B_CLERK),), RELEASE, county.HANDLER_POST),
    (rejections.DelegatedByAnother, (), granting(), county.actor_at(APPROVER, Duty.b)),
    (rejections.DelegatedByAnother, (), granting(), DELEGATE),
    (rejections.DelegatedToOneself, (), granting(delegate="a-approver"), APPROVER),
    (rejections.DelegationInThePast, (), granting(valid_from=date(2026, 3, 2)), APPROVER),
    (rejections.DelegationInThePast, (), granting(valid_to=date(2027, 6, 1)), APPROVER),
    (rejections.DelegationNumberUsed, ((granting(), APPROVER),), granting(), APPROVER),
    (rejections.AgentsNeverDecide, (), granting(delegate="a-agent"), APPROVER),
    (rejections.DelegationUnknown, (), APPROVED, HEAD),
    (rejections.DelegationUnknown, (), REVOKED, HEAD),
    (rejections.DelegationOver, ((granting(), APPROVER), (REVOKED, APPROVER)), APPROVED, HEAD),
    (rejections.DelegationApprovedByParty, ((granting(delegate="a-organ-head"), APPROVER),), APPROVED, HEAD),
    (rejections.DelegationApprovedByParty, ((granting(), APPROVER),), APPROVED, at_post(HEAD, staff_id="a-approver")),
    (rejections.NotAboveThePost, ((granting(), APPROVER),), APPROVED, county.DIRECTOR_POST),
    (rejections.NotAboveThePost, ((granting(), APPROVER),), APPROVED, county.HOUSING_HANDLER_POST),
    (rejections.RevokedByStranger, ((granting(), APPROVER),), REVOKED, county.HANDLER_POST),
)  # fmt: skip


@pytest.mark.parametrize(
    ("refusal", "before", "command", "by"), REFUSED, ids=lambda each: getattr(each, "__name__", "")
)
def test_what_is_refused(hall, refusal, before, command, by):
    for earlier, who in before:
        hall.does(earlier, "03-03 08:00", who)
    with pytest.raises(refusal):
        hall.does(command, "03-03 09:00", by)


def test_a_delegate_serves_on_all_of_the_days(hall):
    member = hall.catalogue.staff("a-land-approver").model_copy(update={"valid_to": date(2026, 3, 10)})
    hall.catalogue._states["staff"]["a-land-approver"] = member
    assert member.valid_from == BEGAN
    with pytest.raises(rejections.DelegateNotServing):
        hall.does(granting(), "03-03 09:00", APPROVER)


def test_every_refusal_is_provoked():
    elsewhere = {
        rejections.StandInNotOnDuty,
        rejections.DelegationNotStanding,
        rejections.OutsideDelegation,
        rejections.DelegateNotServing,
    }
    ours = {each for each in Rejected.__subclasses__() if each.__module__ == rejections.__name__}
    assert ours == {refusal for refusal, *_ in REFUSED} | elsewhere


def test_a_proxy_of_the_b_person_is_not_the_b_person(hall):
    hall.does(TAKE, "03-03 08:30", B_CLERK)
    other = B_CLERK.model_copy(update={"staff_id": "b-proxy"})
    given(catalogue=hall.catalogue).when(receiving(), "03-03 09:00", by=other).then_rejected(
        rejections.StandInNotOnDuty
    )

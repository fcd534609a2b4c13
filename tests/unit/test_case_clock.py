"""What stops and stretches the clock. Source: 行政许可法 Arts. 42, 45; the disputes an investigator puts."""

from datetime import date, datetime

from domain.case import CASE
from domain.case.acceptance.commands import AcceptCase
from domain.case.custody.commands import ForwardToStation
from domain.case.decision.commands import Reject
from domain.case.pauses.commands import (
    ApproveExtension,
    EndSpecialProcedure,
    InvalidateSpecialProcedure,
)
from domain.case.pauses.events import (
    DayUnit,
    ExtensionApproved,
    SpecialProcedureEnded,
    SpecialProcedureInvalidated,
    SpecialProcedureStarted,
)
from domain.case.pauses.rejections import ExtensionAfterDeadline, ProcedureAfterDeadline
from domain.case.rejections import LateWithoutSecondPerson
from domain.case.state import Status
from domain.grammar import CHINA
from domain.item import ITEM
from domain.item.commands import PublishItemVersion
from domain.item.values import SpecialProcedure
from domain.workdays import CALENDAR
from domain.workdays.commands import PublishCalendar
from domain.workdays.values import CalendarException, YearCalendar
from tests import county
from tests.examples import (
    EXPLAINED,
    a_case_at_the_station,
    a_joint_case,
    a_paused_case,
    a_received_case,
    a_resumed_case,
    an_accepted_case,
    surveying,
)
from tests.spec import at, deed, given

TOLD = at("03-05 10:00")


def test_the_days_of_a_special_procedure_are_not_counted():
    """Dispute Q1: accepted 3 March, survey 5 → 10 March: promise 24 → 27 March, legal 31 March → 3 April."""
    assert given(*an_accepted_case()).state.clock.promise_due == date(2026, 3, 24)
    given(*a_paused_case()).when(EndSpecialProcedure(result="四至清楚"), "03-10 16:00").then_recorded(
        SpecialProcedureEnded, promise_due=date(2026, 3, 27), legal_due=date(2026, 4, 3)
    )


def test_make_up_working_days_are_counted():
    """Dispute Q3: promise of 5, accepted on 12 February: due on 26 February, across the Spring Festival."""
    received = a_received_case(county.SUBSIDY, when="02-12 09:00")
    clock = given(*received, deed(AcceptCase(), "02-12 10:00")).state.clock
    assert clock.promise_due == date(2026, 2, 26)


def test_a_saturday_worked_for_a_holiday_is_counted():
    """Dispute Q6: promise of 10, accepted on 27 April: due on 13 May, since 9 May is worked."""
    received = a_received_case(county.PERMIT, when="04-27 09:00")
    clock = given(*received, deed(AcceptCase(), "04-27 10:00")).state.clock
    assert clock.promise_due == date(2026, 5, 13)


def test_a_special_procedure_earns_nothing_beyond_its_plan():
    """Planned for five working days after 5 March, until 12 March; it took until 20 March."""
    ended = given(*a_paused_case()).when(EndSpecialProcedure(result="四至清楚"), "03-20 09:00")
    ended.then_flagged("P03").then_recorded(SpecialProcedureEnded, promise_due=date(2026, 3, 31))


def test_a_special_procedure_that_ends_on_the_weekend_behind_its_plan_is_not_over_it():
    """Planned until Friday, 13 March; ended on the Saturday."""
    paused = given(*a_case_at_the_station(), deed(surveying(), "03-06 14:00"))
    end = EndSpecialProcedure(result="四至清楚")
    paused.when(end, "03-14 09:00").then_flagged()
    paused.when(end, "03-16 09:00").then_flagged("P03")


def test_without_a_written_notice_the_days_are_counted_all_the_same():
    untold = given(*a_case_at_the_station()).when(surveying(notice_no=None), "03-05 14:00")
    untold.then_recorded(SpecialProcedureStarted, is_valid=False).then_flagged("P03")
    started = (*a_case_at_the_station(), deed(surveying(notice_no=None), "03-05 14:00"))
    given(*started).when(EndSpecialProcedure(result="无"), "03-10 16:00").then_recorded(
        SpecialProcedureEnded, promise_due=date(2026, 3, 24)
    )


def test_calendar_days_are_planned_as_calendar_days():
    planned = surveying(planned_days=5, unit=DayUnit.calendar_day)
    given(*a_case_at_the_station()).when(planned, "03-05 14:00").then_recorded(
        SpecialProcedureStarted, planned_end=date(2026, 3, 10)
    )


def test_a_plan_in_calendar_days_that_ends_on_a_day_off_ends_on_the_next_working_day():
    """民法典 Art. 203: ten days from Thursday, 5 March, end on Sunday the 15th, so on Monday the 16th."""
    planned = surveying(planned_days=10, unit=DayUnit.calendar_day)
    given(*a_case_at_the_station()).when(planned, "03-05 14:00").then_recorded(
        SpecialProcedureStarted, planned_end=date(2026, 3, 16)
    )


def test_two_special_procedures_that_touch_count_each_day_once():
    second = surveying(kind=SpecialProcedure.testing, approver="a-approver")
    history = (*a_resumed_case(), deed(second, "03-10 17:00"))
    given(*history).when(EndSpecialProcedure(result="合格"), "03-12 09:00").then_recorded(
        SpecialProcedureEnded, procedure_no=2, promise_due=date(2026, 3, 31)
    )


def test_supervision_may_find_a_special_procedure_invalid_and_the_deadline_comes_back():
    found = InvalidateSpecialProcedure(procedure_no=1, grounds="未到现场")
    given(*a_resumed_case()).when(found).then_recorded(
        SpecialProcedureInvalidated, promise_due=date(2026, 3, 24), legal_due=date(2026, 3, 31)
    ).then_case(status=Status.in_progress)


def test_an_invalid_special_procedure_is_over():
    found = InvalidateSpecialProcedure(procedure_no=1, grounds="未到现场")
    given(*a_paused_case()).when(found).then_case(status=Status.in_progress)


def test_what_is_over_before_a_plan_beyond_the_known_calendar_ends():
    """Plans in calendar days were once recorded to the day, whether or not the calendar reached so far."""
    *before, started = a_paused_case()
    case = given(*before)
    told, how = given(*a_paused_case()).history[-1]
    case.state = CASE.evolve(case.state, told.model_copy(update={"planned_end": date(2099, 3, 12)}), how)
    case.deeds = (*before, started)
    case.when(EndSpecialProcedure(result="四至清楚"), "03-10 16:00").then_flagged()


def test_the_head_of_the_organ_may_give_ten_days_more():
    extension = ApproveExtension(days=10, reason="案情复杂", notified_at=TOLD)
    given(*an_accepted_case()).when(extension).then_recorded(
        ExtensionApproved, promise_due=date(2026, 4, 8), legal_due=date(2026, 4, 15)
    ).then_flagged()


def test_the_head_of_the_government_may_give_a_joint_case_fifteen():
    extension = ApproveExtension(days=15, reason="案情复杂", notified_at=TOLD)
    given(*a_joint_case()).when(extension, by=county.GOVERNMENT_HEAD_POST).then_recorded(
        ExtensionApproved, days=15
    )


def test_a_pause_is_open_until_it_ends():
    paused = given(*a_paused_case())
    assert paused.state.status is Status.paused
    assert paused.when(EndSpecialProcedure(result="四至清楚"), "03-10 16:00").state.clock.open_pause is None


def test_forwarding_leaves_the_clock_alone():
    before = given(*an_accepted_case())
    assert before.when(ForwardToStation(to_unit=county.LAND_STATION)).state.clock == before.state.clock


NEW_YEAR_OFF = tuple(CalendarException(day=date(2027, 1, n), is_working=False) for n in range(1, 11))
THE_NOTICE = YearCalendar(year=2027, version="2027-1", source="国务院办公厅通知", exceptions=NEW_YEAR_OFF)


def a_case_over_new_year():
    """Dispute E1: accepted on 10 December, promise and law 20 days: 8 January 2027 as far as is known."""
    catalogue = county.a_county()
    item = county.an_item(
        county.HOMESTEAD,
        version="2",
        valid_from=date(2026, 12, 1),
        promise_days=20,
        special_procedures=(SpecialProcedure.site_survey,),
    )
    county.enter(catalogue, ITEM, PublishItemVersion(item=item))
    received = a_received_case(when="12-10 09:00")
    return given(*received, deed(AcceptCase(), "12-10 10:00"), catalogue=catalogue)


def january(day):
    return datetime(2027, 1, day, 9, tzinfo=CHINA)


def test_a_deadline_in_an_unpublished_year_is_recorded_as_it_was_known():
    clock = a_case_over_new_year().state.clock
    assert (clock.legal_due, clock.is_provisional) == (date(2027, 1, 8), True)


def test_a_provisional_deadline_is_counted_anew_once_the_year_is_published():
    """Ten days off from 1 January: 15 January instead of 8 January."""
    case = a_case_over_new_year()
    case.when(surveying(), january(12)).then_rejected(ProcedureAfterDeadline, due="2027-01-08")
    county.enter(case.catalogue, CALENDAR, PublishCalendar(calendar=THE_NOTICE))
    assert case.state.clock.legal_due == date(2027, 1, 8)
    case.when(surveying(), january(12)).then_recorded(SpecialProcedureStarted)
    case.when(surveying(), january(16)).then_rejected(ProcedureAfterDeadline, due="2027-01-15")


def test_an_extension_after_a_provisional_deadline_is_judged_by_the_published_year():
    case = a_case_over_new_year()
    extend = ApproveExtension(days=5, reason="情况复杂", notified_at=TOLD)
    case.when(extend, january(12)).then_rejected(ExtensionAfterDeadline, due="2027-01-08")
    county.enter(case.catalogue, CALENDAR, PublishCalendar(calendar=THE_NOTICE))
    case.when(extend, january(12)).then_recorded(ExtensionApproved, legal_due=date(2027, 1, 22))


def test_a_late_record_is_vouched_for_by_the_published_year():
    """Rejected on 12 January and recorded on the 18th: in time, by what is known now, and the case was not."""
    case = a_case_over_new_year()
    refuse = Reject(decision_no="2027-1", reasons="不符合规划", remedies="六十日内申请复议")
    late = {"happened": january(12), "recorded": january(18), "backfill": EXPLAINED}
    case.when(refuse, **late).then_flagged("P08")
    county.enter(case.catalogue, CALENDAR, PublishCalendar(calendar=THE_NOTICE))
    case.when(refuse, **late).then_rejected(LateWithoutSecondPerson)

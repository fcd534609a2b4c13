"""Windows 窗口 and posts 岗位: where a hall receives people, and who holds A and B."""

from datetime import date

import pytest
from pydantic import ValidationError

from domain.grammar import Duty
from domain.register import EndsBeforeItBegins, EntryEnded, NotInRegister, NotYetRegistered
from domain.window import POST, WINDOW
from domain.window.commands import CloseWindow, OpenWindow
from domain.window.events import (
    PostAssigned,
    PostChanged,
    PostEstablished,
    PostRelieved,
    WindowChanged,
    WindowClosed,
    WindowOpened,
)
from domain.window.posts import AssignPost, EstablishPost, RelievePost
from domain.window.rejections import (
    ClerkWithoutWindow,
    DutyAlreadyHeld,
    HolderOfBothDuties,
    NotAssigned,
    NotServingThen,
    PostRoleFixed,
    WindowAlreadyClosed,
)
from domain.window.values import Assignment, Role, Window, WindowKind
from tests.county import (
    BEGAN,
    HANDLER_POST,
    LAND_STATION,
    TOWN_CENTRE,
    TOWN_CLERK_POST,
    TOWN_WINDOW,
    a_county,
    enter,
)


@pytest.fixture
def county():
    return a_county()


def a_window(**different):
    usual = {"window_id": "T-09", "unit_code": TOWN_CENTRE, "title": "9号窗口", "opened_on": date(2026, 3, 1)}
    return Window(**(usual | different))


def a_post(**different):
    usual = {"post_id": "P-T09", "unit_code": TOWN_CENTRE, "title": "9号窗口岗", "role": Role.handler}
    return EstablishPost(**(usual | different))


def held_by(staff_id, duty=Duty.a, valid_from=BEGAN, valid_to=None, post_id="P-T09"):
    return AssignPost(
        post_id=post_id,
        assignment=Assignment(staff_id=staff_id, duty=duty, valid_from=valid_from, valid_to=valid_to),
    )


# ── windows ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_window_is_opened_once_and_changed_when_it_differs(county):
    assert enter(county, WINDOW, OpenWindow(window=a_window())).facts == (WindowOpened(window=a_window()),)
    assert enter(county, WINDOW, OpenWindow(window=a_window())).facts == ()
    seasonal = a_window(kind=WindowKind.seasonal)
    assert enter(county, WINDOW, OpenWindow(window=seasonal)).facts == (WindowChanged(window=seasonal),)


def test_a_window_belongs_to_a_registered_unit(county):
    with pytest.raises(NotInRegister):
        enter(county, WINDOW, OpenWindow(window=a_window(unit_code="QX-XX")))


def test_a_closed_window_is_shut_from_that_day_on(county):
    closing = CloseWindow(window_id=TOWN_WINDOW, closed_on=date(2026, 6, 1), reason="撤并窗口")
    assert isinstance(enter(county, WINDOW, closing).facts[0], WindowClosed)
    assert enter(county, WINDOW, closing).facts == ()
    assert county.window(TOWN_WINDOW).is_open(date(2026, 5, 31))
    assert not county.window(TOWN_WINDOW).is_open(date(2026, 6, 1))


def test_a_closed_window_is_not_opened_again(county):
    standing = county.window(TOWN_WINDOW)
    enter(county, WINDOW, CloseWindow(window_id=TOWN_WINDOW, closed_on=date(2026, 6, 1), reason="撤并窗口"))
    with pytest.raises(WindowAlreadyClosed):
        enter(county, WINDOW, OpenWindow(window=standing))


def test_a_window_closes_after_it_has_opened(county):
    with pytest.raises(EndsBeforeItBegins):
        enter(county, WINDOW, CloseWindow(window_id=TOWN_WINDOW, closed_on=BEGAN, reason="误设"))
    with pytest.raises(ValidationError, match="closed_on must lie after opened_on"):
        a_window(closed_on=date(2026, 3, 1))


def test_an_unknown_window_cannot_be_closed(county):
    with pytest.raises(NotYetRegistered):
        enter(county, WINDOW, CloseWindow(window_id="T-99", closed_on=date(2026, 6, 1), reason="撤并窗口"))


# ── posts ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_post_is_established_without_holders(county):
    assert enter(county, POST, a_post()).facts == (PostEstablished(post=a_post().post()),)
    assert county.post("P-T09").assignments == ()


def test_a_post_keeps_its_holders_when_its_title_changes(county):
    enter(county, POST, a_post())
    enter(county, POST, held_by("a-handler"))
    assert enter(county, POST, a_post()).facts == ()
    assert isinstance(enter(county, POST, a_post(title="新岗名")).facts[0], PostChanged)
    assert county.duty("a-handler", "P-T09", date(2026, 3, 3)) is Duty.a


def test_a_post_keeps_its_role(county):
    enter(county, POST, a_post())
    with pytest.raises(PostRoleFixed):
        enter(county, POST, a_post(role=Role.approver))


@pytest.mark.parametrize("role", [Role.window_clerk, Role.proxy_clerk])
def test_a_window_clerk_sits_at_a_window(county, role):
    with pytest.raises(ClerkWithoutWindow):
        enter(county, POST, a_post(role=role))


@pytest.mark.parametrize("reference", [{"unit_code": "QX-XX"}, {"window_id": "T-99"}])
def test_a_post_belongs_to_what_is_registered(county, reference):
    with pytest.raises(NotInRegister):
        enter(county, POST, a_post(**reference))


def test_a_and_b_are_known_on_their_days(county):
    enter(county, POST, a_post())
    enter(county, POST, held_by("a-handler", valid_to=date(2026, 3, 31)))
    enter(county, POST, held_by("b-handler", Duty.b))
    assert isinstance(
        enter(county, POST, held_by("a-reviewer", valid_from=date(2026, 4, 1))).facts[0], PostAssigned
    )
    assert county.duty("a-handler", "P-T09", date(2026, 3, 31)) is Duty.a
    assert county.duty("a-handler", "P-T09", date(2026, 4, 1)) is None
    assert county.duty("a-reviewer", "P-T09", date(2026, 4, 1)) is Duty.a
    assert county.duty("b-handler", "P-T09", date(2026, 4, 1)) is Duty.b
    assert county.duty("a-handler", "P-XX", date(2026, 4, 1)) is None


def test_the_same_assignment_again_is_nothing_to_do(county):
    assert enter(county, POST, held_by("a-handler", post_id=HANDLER_POST)).facts == ()


def test_one_person_holds_a_duty_at_a_time(county):
    with pytest.raises(DutyAlreadyHeld):
        enter(county, POST, held_by("a-reviewer", post_id=HANDLER_POST))


def test_a_and_b_are_two_persons(county):
    enter(county, POST, a_post())
    enter(county, POST, held_by("a-handler"))
    with pytest.raises(HolderOfBothDuties):
        enter(county, POST, held_by("a-handler", Duty.b))


def test_a_holder_is_enrolled_and_serving(county):
    enter(county, POST, a_post())
    with pytest.raises(NotInRegister):
        enter(county, POST, held_by("G-99"))
    with pytest.raises(NotServingThen):
        enter(county, POST, held_by("a-handler", valid_from=date(2019, 1, 1)))


def test_an_end_written_into_the_same_assignment_relieves_the_holder(county):
    ending = held_by("a-handler", post_id=HANDLER_POST, valid_to=date(2026, 3, 31))
    assert enter(county, POST, ending).facts == (
        PostRelieved(post_id=HANDLER_POST, staff_id="a-handler", duty=Duty.a, last_day=date(2026, 3, 31)),
    )
    with pytest.raises(EntryEnded):
        enter(county, POST, held_by("a-handler", post_id=HANDLER_POST))


def test_a_relieved_holder_makes_room_for_the_next(county):
    relief = RelievePost(
        post_id=TOWN_CLERK_POST, staff_id="a-town-clerk", duty=Duty.a, last_day=date(2026, 3, 31)
    )
    enter(county, POST, relief)
    assert enter(county, POST, relief).facts == ()
    enter(county, POST, held_by("a-proxy", post_id=TOWN_CLERK_POST, valid_from=date(2026, 4, 1)))
    assert county.duty("a-proxy", TOWN_CLERK_POST, date(2026, 4, 1)) is Duty.a


def test_nobody_is_relieved_of_what_they_do_not_hold(county):
    with pytest.raises(NotAssigned):
        enter(
            county, POST, RelievePost(post_id=HANDLER_POST, staff_id="a-handler", duty=Duty.b, last_day=BEGAN)
        )


@pytest.mark.parametrize(
    "command",
    [held_by("a-handler"), RelievePost(post_id="P-T09", staff_id="a-handler", duty=Duty.a, last_day=BEGAN)],
)
def test_an_unknown_post_is_neither_assigned_nor_relieved(county, command):
    with pytest.raises(NotYetRegistered):
        enter(county, POST, command)


def test_a_post_of_another_unit_than_the_window_is_a_resident_one(county):
    resident = a_post(unit_code=LAND_STATION, window_id=TOWN_WINDOW, role=Role.window_clerk)
    assert enter(county, POST, resident).facts

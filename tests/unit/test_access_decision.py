"""Roles × actions × scopes: what `decide` answers is what the reviewed page says, cell by cell."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from domain.access.decision import Allow, Deny, Principal, Reason, Resource, decide, reach
from domain.access.permissions import TABLE, WHOLE, Action, Scope
from domain.grammar import Actor
from domain.window.values import Role
from ops import permissions_page

PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"
TOWN, VILLAGE, OTHER_TOWN, COUNTY = "610999101000", "610999101201", "610999102000", "610999000000"
LOOKS_LIKE_IT = "610999110000"


def reviewed():
    """(action, role) → the cell of the page, read as text."""
    rows = [line.strip("|\n ").split("|") for line in PAGE.read_text("utf-8").split("\n") if "|" in line]
    roles = [cell.strip() for cell in rows[0][1:]]
    return {
        (re.search(r"`(.+?)`", row[0])[1], role): cell.strip()
        for row in rows[2 : 2 + len(Action)]
        for role, cell in zip(roles, row[1:], strict=True)
    }


CELLS = reviewed()


def principal(role, division=TOWN):
    return Principal(Actor(staff_id="x", post_id="p", unit_code="u", role=role), division)


def test_the_page_is_the_table():
    assert PAGE.read_text("utf-8") == permissions_page.page()


def test_every_role_stands_in_the_table_and_every_cell_on_the_page():
    assert set(TABLE) == set(Role)
    assert set(CELLS) == {(action.value, role.value) for action in Action for role in Role}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_what_is_decided_is_what_the_page_says(role, action):
    said = CELLS[action.value, role.value]
    shown = {
        place: isinstance(decide(principal(role), action, Resource(place)), Allow)
        for place in (TOWN, VILLAGE, OTHER_TOWN, LOOKS_LIKE_IT, COUNTY)
    }
    everywhere, nowhere = dict.fromkeys(shown, True), dict.fromkeys(shown, False)
    assert shown == {"县": everywhere, "–": nowhere, "区": nowhere | {TOWN: True, VILLAGE: True}}[said]


@pytest.mark.parametrize("action", Action)
def test_who_has_no_role_may_nothing(action):
    assert decide(principal("nobody"), action) == Deny(Reason.role)


def test_supervision_and_administrators_record_no_business():
    business = {Action.record_contact, Action.enrol_person}
    for role in (Role.supervision, Role.discipline, Role.auditor, Role.catalogue_admin, Role.system_admin):
        assert not business & set(TABLE[role])
    for role in (Role.auditor, Role.catalogue_admin, Role.system_admin):
        assert Action.record_case not in TABLE[role]


def test_a_list_shows_a_township_its_own_part():
    assert decide(principal(Role.handler), Action.list_cases) == Allow("610999101")
    assert decide(principal(Role.auditor), Action.list_cases) == Allow("")


def test_a_unit_that_had_the_case_may_go_on_with_it_wherever_it_lies():
    foreign = Resource(OTHER_TOWN, frozenset({"u"}))
    assert isinstance(decide(principal(Role.handler), Action.record_case, foreign), Allow)
    assert decide(
        principal(Role.handler), Action.record_case, Resource(OTHER_TOWN, frozenset({"v"}))
    ) == Deny(Reason.foreign)


def test_a_key_narrows_and_never_widens():
    keyed = replace(principal(Role.auditor), actions=frozenset({Action.read_case}), key_division=TOWN)
    assert decide(keyed, Action.read_case, Resource(VILLAGE)) == Allow("610999101")
    assert decide(keyed, Action.read_case, Resource(OTHER_TOWN)) == Deny(Reason.foreign)
    assert decide(keyed, Action.list_cases) == Deny(Reason.key)
    assert decide(replace(keyed, actions=frozenset(Action)), Action.record_contact) == Deny(Reason.role)


@pytest.mark.parametrize("action", sorted(WHOLE))
def test_what_is_told_of_the_whole_county_is_told_to_nobody_who_looks_over_a_part(action):
    assert Scope.division not in {permissions.get(action) for permissions in TABLE.values()}
    keyed = replace(principal(Role.discipline), actions=frozenset(Action), key_division=TOWN)
    assert decide(keyed, action) == Deny(Reason.key)


def test_a_key_of_one_town_is_no_use_at_a_post_of_another():
    keyed = replace(principal(Role.handler, OTHER_TOWN), actions=frozenset(Action), key_division=TOWN)
    assert decide(keyed, Action.list_cases) == Deny(Reason.key)


@pytest.mark.parametrize(
    ("division", "begins"),
    [
        ("610000000000", "61"),
        ("610900000000", "6109"),
        (COUNTY, "610999"),
        (TOWN, "610999101"),
        (VILLAGE, VILLAGE),
    ],
)
def test_a_division_reaches_over_what_lies_in_it(division, begins):
    assert reach(division) == begins

"""Who may do what (model: who may do what)."""

from typing import get_args

import pytest

from domain.amendment import Amendment
from domain.case import CaseAction
from domain.case.agency.commands import AgencyAction
from domain.case.decision.commands import DecisionAction
from domain.case.pauses.commands import ApproveExtension, InvalidateSpecialProcedure
from domain.case.roles import AMENDERS, may_record
from domain.window.values import Role

ACTIONS = [each for each in get_args(get_args(CaseAction)[0]) if not issubclass(each, Amendment)]
WATCHING = (Role.supervision, Role.discipline)
NEVER = (Role.complaint_team, Role.auditor, Role.catalogue_admin, Role.system_admin)


@pytest.mark.parametrize("role", NEVER)
def test_these_record_nothing_in_a_case(role):
    assert not any(may_record(role, action) for action in ACTIONS)


@pytest.mark.parametrize("role", WATCHING)
def test_supervision_finds_procedures_invalid_and_nothing_else(role):
    assert [action for action in ACTIONS if may_record(role, action)] == [InvalidateSpecialProcedure]


def test_an_agent_never_decides():
    assert not any(may_record(Role.agent, action) for action in get_args(DecisionAction))


def test_only_heads_extend_a_limit():
    assert {role for role in Role if may_record(role, ApproveExtension)} == {
        Role.organ_head,
        Role.government_head,
        Role.importer,
    }


@pytest.mark.parametrize("action", ACTIONS, ids=lambda each: each.__name__)
def test_somebody_may_record_every_action(action):
    assert any(may_record(role, action) for role in Role if role is not Role.importer)


def test_the_hall_signs_what_the_agent_brings():
    hands = {action.__name__: may_record(Role.window_clerk, action) for action in get_args(AgencyAction)}
    assert [name for name, may in hands.items() if may] == ["SignHallReceipt", "RevokeEntrustment"]


def test_whoever_records_may_amend_but_nobody_who_watches():
    assert {Role.window_clerk, Role.approver, Role.importer} <= AMENDERS
    assert not AMENDERS & {*WATCHING, *NEVER, Role.clock}

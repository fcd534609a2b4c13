"""Whose account runs a command stands in the event: as the kernel knows it, and nothing that is somebody's number."""

import os
import pwd

import pytest

from domain.application import entries_of
from domain.grammar import Occasion
from domain.perusal import PERUSAL
from domain.perusal.commands import SearchRecords
from ops import at_machine
from ops.at_machine import account, by_command
from tests.county import AUDITOR_POST, a_county, actor_at
from tests.spec import at

LOOK = SearchRecords(of="v1/cases")


def test_an_account_is_its_login_and_its_number():
    assert account(0) == "root/0"


def test_of_an_account_without_a_login_the_number_is_told():
    assert account(3_999_999_999) == "3999999999"


@pytest.mark.parametrize("login", ["13812345678", "王芳", "_www"], ids=["a mobile", "a name", "no code"])
def test_a_login_that_must_not_stand_in_the_log_is_left_out(login, monkeypatch):
    monkeypatch.setattr(pwd, "getpwuid", lambda _: pwd.struct_passwd((login, "x", 7, 7, "", "/", "/bin/sh")))
    assert account(7) == "7"


@pytest.mark.parametrize(("told", "uid"), [("0", 0), ("4294967295", None), ("", None)])
def test_who_signed_in_counts_whatever_they_became_since(told, uid, monkeypatch, tmp_path):
    (tmp_path / "loginuid").write_text(told)
    monkeypatch.setattr(at_machine, "LOGIN_UID", tmp_path / "loginuid")
    assert by_command(actor_at(AUDITOR_POST)).operator == account(os.getuid() if uid is None else uid)


def test_nobody_hides_behind_the_look_of_whom_they_name():
    auditor, county = actor_at(AUDITOR_POST), a_county()
    day = PERUSAL.blank
    for who in (auditor, auditor, by_command(auditor), by_command(auditor)):
        occasion = Occasion(who, at("03-25 09:00"))
        for entry in entries_of("perusal:x", 0, PERUSAL.decide(day, LOOK, occasion, county), occasion):
            day = PERUSAL.evolve(day, entry.fact, entry.envelope)
    assert {operator for operator, _ in day.looks} == {None, by_command(auditor).operator}

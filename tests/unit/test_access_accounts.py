"""Accounts and keys: who may make them, and what ends them."""

from datetime import date

import pytest

from domain.access.accounts import (
    USER,
    AdmitUser,
    EndSessions,
    LinkSubject,
    NotePassword,
    RestoreUser,
    SuspendUser,
    UnlinkSubject,
    User,
    subject_hash,
    user_of_subject,
)
from domain.access.keys import API_KEY, ApiKey, IssueApiKey, RevokeApiKey
from domain.access.permissions import Action
from domain.access.rejections import (
    AccountsKeptByOthers,
    DivisionUnknown,
    KeyNumberTaken,
    KeyRevokedAlready,
    KeyUnknown,
    NotTheirOwnAccount,
    ProgrammeIsAPerson,
    StaffNotEnrolled,
    SubjectIsPersonal,
    SubjectLinkedToAnother,
    UserSuspendedAlready,
    UserUnknown,
)
from domain.catalogue import FOLDED, Catalogue
from domain.grammar import Actor, Occasion
from domain.register import EndsBeforeItBegins
from domain.window.values import Role
from tests import county
from tests.spec import at

CLERK = "a-town-clerk"
ANOTHER = "b-town-clerk"
ISSUER = "https://id.example.gov.cn"
BY_ADMIN = Occasion(Actor(staff_id="operator", role=Role.system_admin), at("03-03 09:00"))
KEY = ApiKey(
    key_id="0a1b2c",
    title="对接",
    programme="approvals",
    role=Role.importer,
    division_code=county.TOWN_DIVISION,
    actions=(Action.read_case,),
    valid_from=date(2026, 1, 1),
    valid_to=date(2026, 12, 31),
)


class Registered:
    """A county in which accounts and keys are made, one after the other."""

    def __init__(self):
        self.catalogue = county.a_county()

    def take(self, aggregate, command, occasion=BY_ADMIN):
        state = self.catalogue.entries(aggregate).get(command.identity)
        decision = aggregate.decide(state, command, occasion, self.catalogue)
        for fact in decision.facts:
            self.catalogue.apply(aggregate.stream(command.identity), fact)
        return decision.facts


@pytest.fixture
def registered():
    return Registered()


def by(role, staff_id="somebody"):
    return Occasion(Actor(staff_id=staff_id, role=role), at("03-03 09:00"))


def test_a_member_of_staff_is_admitted_once(registered):
    assert registered.take(USER, AdmitUser(staff_id=CLERK))
    assert registered.take(USER, AdmitUser(staff_id=CLERK)) == ()
    assert registered.catalogue.user(CLERK) == User(CLERK)


def test_a_stranger_is_not_admitted(registered):
    with pytest.raises(StaffNotEnrolled):
        registered.take(USER, AdmitUser(staff_id="nobody"))


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.system_admin])
def test_only_system_administrators_keep_accounts_and_keys(registered, role):
    with pytest.raises(AccountsKeptByOthers):
        registered.take(USER, AdmitUser(staff_id=CLERK), by(role))
    with pytest.raises(AccountsKeptByOthers):
        registered.take(API_KEY, IssueApiKey(key=KEY), by(role))


def linked(staff_id=CLERK, subject="8f2c-7a", issuer=ISSUER):
    return LinkSubject(staff_id=staff_id, issuer=issuer, subject=subject)


def test_a_subject_is_linked_and_unlinked_and_each_ends_every_session(registered):
    registered.take(USER, AdmitUser(staff_id=CLERK))
    registered.take(USER, linked())
    assert registered.catalogue.user(CLERK) == User(CLERK, False, subject_hash(ISSUER, "8f2c-7a"), 1)
    assert registered.take(USER, linked()) == ()
    assert registered.take(USER, AdmitUser(staff_id=CLERK)) == ()
    registered.take(USER, UnlinkSubject(staff_id=CLERK))
    assert registered.catalogue.user(CLERK) == User(CLERK, False, None, 2)
    assert registered.take(USER, UnlinkSubject(staff_id=CLERK)) == ()


def test_a_subject_is_one_person_and_another_issuers_is_another(registered):
    for staff_id in (CLERK, ANOTHER):
        registered.take(USER, AdmitUser(staff_id=staff_id))
    registered.take(USER, linked())
    with pytest.raises(SubjectLinkedToAnother):
        registered.take(USER, linked(ANOTHER))
    registered.take(USER, linked(ANOTHER, issuer="https://elsewhere"))
    users = registered.catalogue.users()
    assert user_of_subject(users, subject_hash(ISSUER, "8f2c-7a")).staff_id == CLERK
    assert user_of_subject(users, subject_hash("https://elsewhere", "8f2c-7a")).staff_id == ANOTHER
    assert user_of_subject(users, subject_hash(ISSUER, "9")) is None


def test_a_subject_that_two_were_linked_to_at_once_is_nobodys():
    both = [User(CLERK, subject_sha256="0" * 64), User(ANOTHER, subject_sha256="0" * 64)]
    assert user_of_subject(both, "0" * 64) is None


@pytest.mark.parametrize("subject", ["13800005678", "11010519491231002X"], ids=["mobile", "identity"])
def test_a_subject_that_tells_who_somebody_is_is_not_linked(registered, subject):
    registered.take(USER, AdmitUser(staff_id=CLERK))
    with pytest.raises(SubjectIsPersonal):
        registered.take(USER, linked(subject=subject))


def test_who_is_suspended_is_not_linked(registered):
    registered.take(USER, AdmitUser(staff_id=CLERK))
    registered.take(USER, SuspendUser(staff_id=CLERK, reason="调离"))
    with pytest.raises(UserSuspendedAlready):
        registered.take(USER, linked())


def test_nobody_links_their_own_account(registered):
    registered.take(USER, AdmitUser(staff_id=CLERK))
    for command in (linked(), UnlinkSubject(staff_id=CLERK)):
        with pytest.raises(NotTheirOwnAccount):
            registered.take(USER, command, by(Role.system_admin, CLERK))


def test_nobody_keeps_their_own_account_but_its_password(registered):
    own = by(Role.system_admin, CLERK)
    with pytest.raises(NotTheirOwnAccount):
        registered.take(USER, AdmitUser(staff_id=CLERK), own)
    registered.take(USER, AdmitUser(staff_id=CLERK))
    with pytest.raises(NotTheirOwnAccount):
        registered.take(USER, SuspendUser(staff_id=CLERK, reason="调离"), own)
    assert registered.take(USER, NotePassword(staff_id=CLERK), by(Role.window_clerk, CLERK))
    assert registered.take(USER, EndSessions(staff_id=CLERK), by(Role.window_clerk, CLERK))


def test_suspension_and_a_new_password_end_every_session(registered):
    registered.take(USER, AdmitUser(staff_id=CLERK))
    registered.take(USER, NotePassword(staff_id=CLERK))
    assert registered.catalogue.user(CLERK).generation == 1
    registered.take(USER, SuspendUser(staff_id=CLERK, reason="调离"))
    assert registered.catalogue.user(CLERK) == User(CLERK, is_suspended=True, generation=2)
    with pytest.raises(UserSuspendedAlready):
        registered.take(USER, AdmitUser(staff_id=CLERK))
    registered.take(USER, RestoreUser(staff_id=CLERK))
    assert not registered.catalogue.user(CLERK).is_suspended


@pytest.mark.parametrize(
    "command",
    [
        SuspendUser(staff_id=CLERK, reason="调离"),
        RestoreUser(staff_id=CLERK),
        NotePassword(staff_id=CLERK),
        EndSessions(staff_id=CLERK),
        linked(),
        UnlinkSubject(staff_id=CLERK),
    ],
    ids=lambda command: command.type,
)
def test_who_has_no_account_has_nothing_to_change(registered, command):
    with pytest.raises(UserUnknown):
        registered.take(USER, command)


def test_a_key_holds_from_its_first_day_to_its_last_unless_it_is_revoked(registered):
    registered.take(API_KEY, IssueApiKey(key=KEY))
    key = registered.catalogue.api_key("0a1b2c").key
    assert [
        key.holds(date(*day)) for day in ((2025, 12, 31), (2026, 1, 1), (2026, 12, 31), (2027, 1, 1))
    ] == [
        False,
        True,
        True,
        False,
    ]
    registered.take(API_KEY, RevokeApiKey(key_id="0a1b2c", reason="停用"))
    assert registered.catalogue.api_key("0a1b2c").is_revoked
    with pytest.raises(KeyRevokedAlready):
        registered.take(API_KEY, RevokeApiKey(key_id="0a1b2c", reason="停用"))
    with pytest.raises(KeyNumberTaken):
        registered.take(API_KEY, IssueApiKey(key=KEY))


def test_a_key_that_nobody_issued_is_not_revoked(registered):
    with pytest.raises(KeyUnknown):
        registered.take(API_KEY, RevokeApiKey(key_id="0a1b2c", reason="停用"))


@pytest.mark.parametrize(
    ("different", "refused"),
    [
        ({"programme": CLERK}, ProgrammeIsAPerson),
        ({"division_code": "110101001000"}, DivisionUnknown),
        ({"valid_to": date(2025, 12, 31)}, EndsBeforeItBegins),
    ],
    ids=["a person's number", "no division of the county", "ends before it begins"],
)
def test_a_key_that_makes_no_sense_is_not_issued(registered, different, refused):
    with pytest.raises(refused):
        registered.take(API_KEY, IssueApiKey(key=KEY.model_copy(update=different)))


def test_accounts_and_keys_are_folded_beside_the_master_data_and_no_secret_has_a_place_in_them():
    assert {USER, API_KEY} <= set(FOLDED)
    assert not Catalogue().entries(USER)
    fields = {name for aggregate in (USER, API_KEY) for fact in aggregate.facts for name in fact.model_fields}
    assert fields == {"staff_id", "subject_sha256", "reason", "key", "key_id"}

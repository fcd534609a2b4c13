"""Accounts 用户: which members of staff may sign in. One stream each, `user:<staff_id>`; no secret stands in it."""

from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Final, Literal, Protocol, assert_never

from pydantic import Field

from domain.access.rejections import (
    AccountsKeptByOthers,
    NotTheirOwnAccount,
    StaffNotEnrolled,
    UserSuspendedAlready,
    UserUnknown,
)
from domain.grammar import (
    Aggregate,
    Code,
    Decision,
    Envelope,
    Fact,
    Label,
    Objection,
    Occasion,
    Ruling,
    settle,
)
from domain.register import RegisterCommand, Tenure
from domain.window.values import Role

Subject = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[!-~]+$")]
"""By what name the county's identity provider knows somebody: the claim that the settings name."""
MANAGERS: Final = frozenset({Role.system_admin})


class UserAdmitted(Fact):
    """May sign in from now on; again, with another subject."""

    TOPIC: ClassVar[str] = "user.admitted.v1"
    LABEL: ClassVar[str] = "开通账户"

    staff_id: Code
    subject_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    """SHA-256 of the name at the identity provider, which may be personal."""


class UserSuspended(Fact):
    """May not sign in, and every session ends."""

    TOPIC: ClassVar[str] = "user.suspended.v1"
    LABEL: ClassVar[str] = "停用账户"

    staff_id: Code
    reason: Label


class UserRestored(Fact):
    TOPIC: ClassVar[str] = "user.restored.v1"
    LABEL: ClassVar[str] = "恢复账户"

    staff_id: Code


class PasswordSet(Fact):
    """A new password; every session that was open ends."""

    TOPIC: ClassVar[str] = "user.password_set.v1"
    LABEL: ClassVar[str] = "设置口令"

    staff_id: Code


@dataclass(frozen=True, slots=True)
class User:
    """The state of an account."""

    staff_id: str
    is_suspended: bool = False
    subject_sha256: str | None = None
    generation: int = 0
    """Rises whenever every open session ends; a session is of the generation in which it was opened."""


class Staff(Protocol):
    """The register of staff. The catalogue answers."""

    def staff(self, staff_id: str, /) -> Tenure | None: ...


class AdmitUser(RegisterCommand):
    type: Literal["admit_user"] = "admit_user"
    staff_id: Code
    subject_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None

    @property
    def identity(self) -> str:
        return self.staff_id


class SuspendUser(RegisterCommand):
    type: Literal["suspend_user"] = "suspend_user"
    staff_id: Code
    reason: Label

    @property
    def identity(self) -> str:
        return self.staff_id


class RestoreUser(RegisterCommand):
    type: Literal["restore_user"] = "restore_user"
    staff_id: Code

    @property
    def identity(self) -> str:
        return self.staff_id


class NotePassword(RegisterCommand):
    """A password was set: by an administrator, or by the person."""

    type: Literal["note_password"] = "note_password"
    staff_id: Code

    @property
    def identity(self) -> str:
        return self.staff_id


UserCommand = AdmitUser | SuspendUser | RestoreUser | NotePassword


def _admit(user: User | None, command: AdmitUser, occasion: Occasion, register: Staff) -> Ruling:
    member = register.staff(command.staff_id)
    if member is None or not member.holds(occasion.day):
        yield StaffNotEnrolled(staff_id=command.staff_id)
    if user is not None and user.is_suspended:
        yield UserSuspendedAlready()
    if user is None or user.subject_sha256 != command.subject_sha256:
        yield UserAdmitted.as_told(command)


def _suspend(user: User | None, command: SuspendUser) -> Ruling:
    if user is None:
        yield UserUnknown()
    elif not user.is_suspended:
        yield UserSuspended.as_told(command)


def _restore(user: User | None, command: RestoreUser) -> Ruling:
    if user is None:
        yield UserUnknown()
    elif user.is_suspended:
        yield UserRestored.as_told(command)


def _note(user: User | None, command: NotePassword) -> Ruling:
    if user is None:
        yield UserUnknown()
    yield PasswordSet.as_told(command)


def _managed(command: UserCommand, occasion: Occasion) -> Objection | None:
    """Their own password anybody may set; nothing else of their own account."""
    is_own = occasion.actor.staff_id == command.staff_id
    if is_own and isinstance(command, NotePassword):
        return None
    if occasion.actor.role not in MANAGERS:
        return AccountsKeptByOthers(role=occasion.actor.role)
    return NotTheirOwnAccount() if is_own else None


def _ruling(user: User | None, command: UserCommand, occasion: Occasion, register: Staff) -> Ruling:
    if objection := _managed(command, occasion):
        yield objection
    match command:
        case AdmitUser():
            yield from _admit(user, command, occasion, register)
        case SuspendUser():
            yield from _suspend(user, command)
        case RestoreUser():
            yield from _restore(user, command)
        case NotePassword():
            yield from _note(user, command)
        case _:
            assert_never(command)


def decide(user: User | None, command: UserCommand, occasion: Occasion, register: Staff) -> Decision:
    return Decision(*settle(_ruling(user, command, occasion, register), occasion))


def evolve(user: User | None, fact: Fact, _: Envelope) -> User | None:
    match fact:
        case UserAdmitted(staff_id=staff_id, subject_sha256=subject):
            return replace(user or User(staff_id), subject_sha256=subject)
        case UserSuspended() if user is not None:
            return replace(user, is_suspended=True, generation=user.generation + 1)
        case UserRestored() if user is not None:
            return replace(user, is_suspended=False)
        case PasswordSet() if user is not None:
            return replace(user, generation=user.generation + 1)
        case _:
            return user


USER: Final[Aggregate[User | None]] = Aggregate(
    name="user",
    blank=None,
    decide=decide,
    evolve=evolve,
    facts=(UserAdmitted, UserSuspended, UserRestored, PasswordSet),
    amenders=frozenset(),
)

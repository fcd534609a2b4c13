"""Accounts 用户: which members of staff may sign in. One stream each, `user:<staff_id>`; no secret stands in it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Annotated, ClassVar, Final, Literal, Protocol, assert_never

from pydantic import Field

from domain.access.rejections import (
    AccountsKeptByOthers,
    NotTheirOwnAccount,
    StaffNotEnrolled,
    SubjectIsPersonal,
    SubjectLinkedToAnother,
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
from domain.personal_data import has_lone_number
from domain.register import RegisterCommand, Tenure
from domain.window.values import Role

Subject = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[!-~]+$")]
"""By what name the county's identity provider knows somebody: the claim that the settings name."""
SubjectHash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""`subject_hash` of it: names may be personal, and this log is for ever."""
MANAGERS: Final = frozenset({Role.system_admin})


class UserAdmitted(Fact):
    """May sign in from now on; again, with another subject."""

    TOPIC: ClassVar[str] = "user.admitted.v1"
    LABEL: ClassVar[str] = "开通账户"

    staff_id: Code
    subject_sha256: SubjectHash | None = None
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


class SessionsEnded(Fact):
    """Every session that was open ends."""

    TOPIC: ClassVar[str] = "user.sessions_ended.v1"
    LABEL: ClassVar[str] = "退出全部会话"

    staff_id: Code


class SubjectLinked(Fact):
    """May sign in through the identity provider; every session that was open ends."""

    TOPIC: ClassVar[str] = "user.subject_linked.v1"
    LABEL: ClassVar[str] = "绑定统一身份"

    staff_id: Code
    subject_sha256: SubjectHash


class SubjectUnlinked(Fact):
    """Signs in by password alone; every session that was open ends."""

    TOPIC: ClassVar[str] = "user.subject_unlinked.v1"
    LABEL: ClassVar[str] = "解除统一身份绑定"

    staff_id: Code


@dataclass(frozen=True, slots=True)
class User:
    """The state of an account."""

    staff_id: str
    is_suspended: bool = False
    subject_sha256: str | None = None
    generation: int = 0
    """Rises whenever every open session ends; a session is of the generation in which it was opened."""


class Registers(Protocol):
    """What the rules of accounts read. The catalogue answers."""

    def staff(self, staff_id: str, /) -> Tenure | None: ...
    def users(self) -> Iterable[User]: ...


def subject_hash(issuer: str, subject: str) -> str:
    """64 hexadecimal digits: another provider's subject of the same name is somebody else."""
    return sha256(f"{issuer}\n{subject}".encode()).hexdigest()


def user_of_subject(users: Iterable[User], subject_sha256: str) -> User | None:
    """Who is linked to the subject; nobody where it is not one alone."""
    known = [user for user in users if user.subject_sha256 == subject_sha256]
    return known[0] if len(known) == 1 else None


class AdmitUser(RegisterCommand):
    type: Literal["admit_user"] = "admit_user"
    staff_id: Code
    subject_sha256: SubjectHash | None = None

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


class EndSessions(RegisterCommand):
    """By an administrator, or by the person."""

    type: Literal["end_sessions"] = "end_sessions"
    staff_id: Code

    @property
    def identity(self) -> str:
        return self.staff_id


class LinkSubject(RegisterCommand):
    type: Literal["link_subject"] = "link_subject"
    staff_id: Code
    issuer: Annotated[str, Field(pattern=r"^https?://[!-~]+$", max_length=400)]
    subject: Subject

    @property
    def identity(self) -> str:
        return self.staff_id


class UnlinkSubject(RegisterCommand):
    type: Literal["unlink_subject"] = "unlink_subject"
    staff_id: Code

    @property
    def identity(self) -> str:
        return self.staff_id


OWN: Final = (NotePassword, EndSessions)
"""What anybody may do with their own account."""
UserCommand = AdmitUser | SuspendUser | RestoreUser | NotePassword | EndSessions | LinkSubject | UnlinkSubject


def _admit(user: User | None, command: AdmitUser, occasion: Occasion, registers: Registers) -> Ruling:
    member = registers.staff(command.staff_id)
    if member is None or not member.holds(occasion.day):
        yield StaffNotEnrolled(staff_id=command.staff_id)
    if user is not None and user.is_suspended:
        yield UserSuspendedAlready()
    if user is None or command.subject_sha256 not in (None, user.subject_sha256):
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


def _end_sessions(user: User | None, command: EndSessions) -> Ruling:
    if user is None:
        yield UserUnknown()
    yield SessionsEnded.as_told(command)


def _link(user: User | None, command: LinkSubject, registers: Registers) -> Ruling:
    linked = subject_hash(command.issuer, command.subject)
    if user is None:
        yield UserUnknown()
    elif user.is_suspended:
        yield UserSuspendedAlready()
    elif user.subject_sha256 == linked:
        return
    if has_lone_number(command.subject):
        yield SubjectIsPersonal()
    if any(each.subject_sha256 == linked for each in registers.users()):
        yield SubjectLinkedToAnother()
    yield SubjectLinked(staff_id=command.staff_id, subject_sha256=linked)


def _unlink(user: User | None, command: UnlinkSubject) -> Ruling:
    if user is None:
        yield UserUnknown()
    elif user.subject_sha256 is not None:
        yield SubjectUnlinked.as_told(command)


def _managed(command: UserCommand, occasion: Occasion) -> Objection | None:
    is_own = occasion.actor.staff_id == command.staff_id
    if is_own and isinstance(command, OWN):
        return None
    if occasion.actor.role not in MANAGERS:
        return AccountsKeptByOthers(role=occasion.actor.role)
    return NotTheirOwnAccount() if is_own else None


def _ruling(user: User | None, command: UserCommand, occasion: Occasion, registers: Registers) -> Ruling:
    if objection := _managed(command, occasion):
        yield objection
    match command:
        case AdmitUser():
            yield from _admit(user, command, occasion, registers)
        case SuspendUser():
            yield from _suspend(user, command)
        case RestoreUser():
            yield from _restore(user, command)
        case NotePassword():
            yield from _note(user, command)
        case EndSessions():
            yield from _end_sessions(user, command)
        case LinkSubject():
            yield from _link(user, command, registers)
        case UnlinkSubject():
            yield from _unlink(user, command)
        case _:
            assert_never(command)


def decide(user: User | None, command: UserCommand, occasion: Occasion, registers: Registers) -> Decision:
    return Decision(*settle(_ruling(user, command, occasion, registers), occasion))


def evolve(user: User | None, fact: Fact, _: Envelope) -> User | None:
    match fact:
        case UserAdmitted(staff_id=staff_id, subject_sha256=subject):
            return replace(user or User(staff_id), subject_sha256=subject)
        case UserSuspended() if user is not None:
            return replace(user, is_suspended=True, generation=user.generation + 1)
        case UserRestored() if user is not None:
            return replace(user, is_suspended=False)
        case SubjectLinked() | SubjectUnlinked() if user is not None:
            subject = fact.subject_sha256 if isinstance(fact, SubjectLinked) else None
            return replace(user, subject_sha256=subject, generation=user.generation + 1)
        case PasswordSet() | SessionsEnded() if user is not None:
            return replace(user, generation=user.generation + 1)
        case _:
            return user


USER: Final[Aggregate[User | None]] = Aggregate(
    name="user",
    blank=None,
    decide=decide,
    evolve=evolve,
    facts=(
        UserAdmitted,
        UserSuspended,
        UserRestored,
        PasswordSet,
        SessionsEnded,
        SubjectLinked,
        SubjectUnlinked,
    ),
    amenders=frozenset(),
)

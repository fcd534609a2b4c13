"""API keys 接口密钥: what a programme may do, on what, until when. One stream each, `api_key:<key_id>`; the secret's
hash lies in a table beside the log."""

from typing import Annotated, ClassVar, Final, Literal, Protocol, assert_never

from pydantic import Field

from domain.access.accounts import MANAGERS
from domain.access.permissions import Action
from domain.access.rejections import (
    AccountsKeptByOthers,
    DivisionUnknown,
    KeyNumberTaken,
    KeyRevokedAlready,
    KeyUnknown,
    ProgrammeIsAPerson,
)
from domain.grammar import (
    Aggregate,
    Code,
    Day,
    Decision,
    Envelope,
    Fact,
    Label,
    Occasion,
    Ruling,
    Value,
    settle,
)
from domain.numbers import DivisionCode
from domain.register import EndsBeforeItBegins, RegisterCommand
from domain.window.values import Role

KeyId = Annotated[str, Field(pattern=r"^[0-9a-z]{4,32}$")]


class ApiKey(Value):
    """What stands about a key; never its secret."""

    key_id: KeyId
    title: Label
    programme: Code
    """Under which the programme acts where it speaks for nobody."""
    role: Role
    division_code: DivisionCode
    actions: Annotated[tuple[Action, ...], Field(min_length=1, max_length=len(Action))]
    speaks_for_posts: bool = False
    """Whether it may say which member of staff acts at which post of its division."""
    valid_from: Day
    valid_to: Day

    def holds(self, on: Day) -> bool:
        return self.valid_from <= on <= self.valid_to


class ApiKeyIssued(Fact):
    TOPIC: ClassVar[str] = "api_key.issued.v1"
    LABEL: ClassVar[str] = "签发接口密钥"

    key: ApiKey


class ApiKeyRevoked(Fact):
    TOPIC: ClassVar[str] = "api_key.revoked.v1"
    LABEL: ClassVar[str] = "吊销接口密钥"

    key_id: KeyId
    reason: Label


class IssuedKey(Value):
    """The state of a key."""

    key: ApiKey
    is_revoked: bool = False


class Registers(Protocol):
    """What a key's rules read. The catalogue answers."""

    def staff(self, staff_id: str, /) -> object | None: ...
    def has_division(self, division_code: str, /) -> bool: ...


class IssueApiKey(RegisterCommand):
    type: Literal["issue_api_key"] = "issue_api_key"
    key: ApiKey

    @property
    def identity(self) -> str:
        return self.key.key_id


class RevokeApiKey(RegisterCommand):
    type: Literal["revoke_api_key"] = "revoke_api_key"
    key_id: KeyId
    reason: Label

    @property
    def identity(self) -> str:
        return self.key_id


KeyCommand = IssueApiKey | RevokeApiKey


def _issue(standing: IssuedKey | None, command: IssueApiKey, registers: Registers) -> Ruling:
    key = command.key
    if standing is not None:
        yield KeyNumberTaken()
    if key.valid_to < key.valid_from:
        yield EndsBeforeItBegins(begins=key.valid_from.isoformat())
    if registers.staff(key.programme) is not None:
        yield ProgrammeIsAPerson()
    if not registers.has_division(key.division_code):
        yield DivisionUnknown()
    yield ApiKeyIssued(key=key)


def _revoke(standing: IssuedKey | None, command: RevokeApiKey) -> Ruling:
    if standing is None:
        yield KeyUnknown()
    elif standing.is_revoked:
        yield KeyRevokedAlready()
    yield ApiKeyRevoked.as_told(command)


def _ruling(
    standing: IssuedKey | None, command: KeyCommand, occasion: Occasion, registers: Registers
) -> Ruling:
    if occasion.actor.role not in MANAGERS:
        yield AccountsKeptByOthers(role=occasion.actor.role)
    match command:
        case IssueApiKey():
            yield from _issue(standing, command, registers)
        case RevokeApiKey():
            yield from _revoke(standing, command)
        case _:
            assert_never(command)


def decide(
    standing: IssuedKey | None, command: KeyCommand, occasion: Occasion, registers: Registers
) -> Decision:
    return Decision(*settle(_ruling(standing, command, occasion, registers), occasion))


def evolve(standing: IssuedKey | None, fact: Fact, _: Envelope) -> IssuedKey | None:
    match fact:
        case ApiKeyIssued(key=key):
            return IssuedKey(key=key)
        case ApiKeyRevoked() if standing is not None:
            return IssuedKey(key=standing.key, is_revoked=True)
        case _:
            return standing


API_KEY: Final[Aggregate[IssuedKey | None]] = Aggregate(
    name="api_key",
    blank=None,
    decide=decide,
    evolve=evolve,
    facts=(ApiKeyIssued, ApiKeyRevoked),
    amenders=frozenset(),
)

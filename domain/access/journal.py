"""The journal of access 访问日志: sign-ins, failures, refusals, the use of keys. Streams `access:<who>`.

It is written by the door itself about whoever knocked; nobody amends it.
"""

from enum import StrEnum
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from domain.access.decision import Reason
from domain.access.permissions import Action
from domain.grammar import Aggregate, Code, Command, Count, Decision, Envelope, Fact, Occasion
from domain.numbers import CaseNo

Route = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[A-Z]+ /[!-~]*$")]
"""Method and address as the page of the interface writes it, as GET /v1/cases/{case_no}: no one's number in it."""


class Means(StrEnum):
    """How somebody showed who they are."""

    password = "password"  # noqa: S105  — a word, no password
    provider = "provider"  # OpenID Connect


class WhyNot(StrEnum):
    credentials = "credentials"  # 口令不符
    suspended = "suspended"  # 已停用
    post = "post"  # 不在该岗
    blocked = "blocked"  # 尝试过多
    answer = "answer"  # 统一身份认证的答复未通过核验
    unlinked = "unlinked"  # 统一身份未绑定账户


class SignedIn(Fact):
    TOPIC: ClassVar[str] = "access.signed_in.v1"
    LABEL: ClassVar[str] = "登录"

    means: Means
    session: Code
    """Names the session in the record; it opens nothing."""


class SignInFailed(Fact):
    """After some failures the account is blocked for a while: what fails then is counted, not told one by one."""

    TOPIC: ClassVar[str] = "access.sign_in_failed.v1"
    LABEL: ClassVar[str] = "登录失败"

    means: Means
    why: WhyNot
    unrecorded: Count = 0
    """Failures since the last one that was told."""


class SignedOut(Fact):
    TOPIC: ClassVar[str] = "access.signed_out.v1"
    LABEL: ClassVar[str] = "退出"

    session: Code


class ActionDenied(Fact):
    """A refusal that is worth a look: a sensitive action, or another division's thing."""

    TOPIC: ClassVar[str] = "access.action_denied.v1"
    LABEL: ClassVar[str] = "拒绝访问"

    action: Action
    reason: Reason
    route: Route
    case_no: CaseNo | None = None
    unrecorded: Count = 0


class KeyUsed(Fact):
    """The first use of a key on a day."""

    TOPIC: ClassVar[str] = "access.key_used.v1"
    LABEL: ClassVar[str] = "使用接口密钥"

    key_id: Code


Noted = SignedIn | SignInFailed | SignedOut | ActionDenied | KeyUsed


class Note(Command):
    """The door tells what it saw."""

    type: Literal["note"] = "note"
    fact: Noted


def decide(_: int, command: Note, __: Occasion, ___: object) -> Decision:
    return Decision((command.fact,))


def evolve(noted: int, _: Fact, __: Envelope) -> int:
    return noted + 1


ACCESS: Final[Aggregate[int]] = Aggregate(
    name="access",
    blank=0,
    decide=decide,
    evolve=evolve,
    facts=(SignedIn, SignInFailed, SignedOut, ActionDenied, KeyUsed),
    amenders=frozenset(),
)

"""`jiandu admin`: the first administrator, and from then on users, posts and keys. No account has a default password."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Annotated, Final

import typer
from pydantic import ValidationError

from api.problems import english
from domain.access.permissions import Action
from domain.application import Keeper
from domain.grammar import CHINA, Actor, Duty, Objection, Occasion
from domain.window import POST
from domain.window.posts import AssignPost, RelievePost
from domain.window.values import Assignment, Role
from ops import database, given, settings
from ops.accounts import KEY_DAYS, Accounts, a_key, a_password
from ops.at_machine import by_command
from ops.county import opened_to_record
from ops.failures import CannotDo, not_taken
from ops.provider import registered
from ops.settings import Settings

admin: Final = typer.Typer(
    help="用户、岗位与密钥 · The first administrator; users, posts and API keys.", no_args_is_help=True
)

StaffId = Annotated[str, typer.Argument(help="工号 · staff number")]
PostId = Annotated[str, typer.Argument(help="岗位编号 · post")]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="从标准输入读口令 · read the password from standard input")
]
Reason = Annotated[str, typer.Option(help="理由 · the reason, which stands in the record")]


@admin.command(
    "first", help="首位管理员 · Open the account of the first administrator, who holds a system_admin post."
)
def first(staff_id: StaffId, password_stdin: FromStdin = False) -> None:
    async def make(accounts: Accounts) -> None:
        _expect_administrator(accounts, staff_id)
        await _admitted(accounts, staff_id, password_stdin)

    _do(make)


@admin.command("admit", help="开通账户 · Let a member of staff sign in.")
def admit(staff_id: StaffId, password_stdin: FromStdin = False) -> None:
    _do(lambda accounts: _admitted(accounts, staff_id, password_stdin))


@admin.command("password", help="重设口令 · Give somebody a new password; their sessions end.")
def password(staff_id: StaffId, password_stdin: FromStdin = False) -> None:
    async def change(accounts: Accounts) -> None:
        said = _password(password_stdin)
        await accounts.set_password(staff_id, said)
        _tell_password(staff_id, said, is_told=password_stdin)

    _do(change)


@admin.command("suspend", help="停用账户 · Nobody signs in under it, and its sessions end.")
def suspend(staff_id: StaffId, reason: Reason) -> None:
    _do(lambda accounts: accounts.suspend(staff_id, reason))


@admin.command("restore", help="恢复账户 · Let a suspended account in again.")
def restore(staff_id: StaffId) -> None:
    _do(lambda accounts: accounts.restore(staff_id))


@admin.command("sign-out", help="强制退出 · End all of somebody's sessions.")
def sign_out(staff_id: StaffId) -> None:
    _do(lambda accounts: accounts.end_sessions(staff_id))


@admin.command("link", help="绑定统一身份 · Let somebody sign in through the identity provider.")
def link(
    staff_id: StaffId,
    subject: Annotated[
        str, typer.Argument(help="其在统一身份认证中的主体标识 · how the provider names them")
    ],
) -> None:
    registration = registered(settings.read())
    if registration is None:
        raise CannotDo("There is no identity provider: JIANDU_OIDC_ISSUER is not set. 未设置统一身份认证。")
    _do(lambda accounts: accounts.link(staff_id, registration.issuer, subject))


@admin.command("unlink", help="解除统一身份绑定 · From now on by password alone.")
def unlink(staff_id: StaffId) -> None:
    _do(lambda accounts: accounts.unlink(staff_id))


@admin.command("users", help="列出用户 · Who may sign in, and at which posts.")
def users() -> None:
    async def show(accounts: Accounts) -> None:
        catalogue, today = accounts.keeper.catalogue, datetime.now(CHINA).date()
        for user in sorted(catalogue.users(), key=lambda user: user.staff_id):
            posts = [f"{post.post_id}({post.role})" for post in catalogue.posts_of(user.staff_id, today)]
            state = "停用 suspended" if user.is_suspended else "可登录 open"
            linked = "已绑定 linked  " if user.subject_sha256 else ""
            print(f"{user.staff_id}  {state}  {linked}{' '.join(posts)}")

    _do(show)


@admin.command("assign-post", help="定岗 · Assign a post to somebody, as A or B.")
def assign_post(
    post_id: PostId,
    staff_id: StaffId,
    duty: Annotated[Duty, typer.Option(help="A 岗或 B 岗 · first holder or stand-in")] = Duty.a,
    since: Annotated[
        date | None, typer.Option(parser=given.day, help="自此日起 · from this day, else today")
    ] = None,
) -> None:
    begins = since or datetime.now(CHINA).date()

    async def assign(accounts: Accounts) -> None:
        assignment = Assignment(staff_id=staff_id, duty=duty, valid_from=begins)
        await _of_post(accounts, AssignPost(post_id=post_id, assignment=assignment))

    _do(assign)


@admin.command("relieve-post", help="离岗 · End somebody's tenure of a post.")
def relieve_post(
    post_id: PostId,
    staff_id: StaffId,
    duty: Annotated[Duty, typer.Option(help="A 岗或 B 岗 · first holder or stand-in")] = Duty.a,
    last_day: Annotated[
        date | None, typer.Option(parser=given.day, help="最后一日 · the last day, else today")
    ] = None,
) -> None:
    ends = last_day or datetime.now(CHINA).date()

    async def relieve(accounts: Accounts) -> None:
        await _of_post(accounts, RelievePost(post_id=post_id, staff_id=staff_id, duty=duty, last_day=ends))

    _do(relieve)


@admin.command("issue-key", help="签发密钥 · Issue an API key; it is shown once.")
def issue_key(
    programme: Annotated[str, typer.Argument(help="程序名 · the name under which it acts")],
    division: Annotated[str, typer.Option(help="区划代码 · what it may be used on")],
    role: Annotated[Role, typer.Option(help="角色 · as whom it acts")] = Role.importer,
    title: Annotated[str, typer.Option(help="用途 · what it is for")] = "接口程序",
    actions: Annotated[
        list[Action] | None,
        typer.Option("--action", help="可用于 · what it may do; left out: what the role may"),
    ] = None,
    speaks_for_posts: Annotated[
        bool, typer.Option(help="可代岗位登记 · may say which member of staff acts")
    ] = False,
    days: Annotated[int, typer.Option(help="有效天数 · how long it is valid", min=1, max=3660)] = KEY_DAYS,
) -> None:
    async def issue(accounts: Accounts) -> None:
        key = a_key(
            programme,
            title,
            role,
            division,
            actions=tuple(actions or ()),
            speaks_for_posts=speaks_for_posts,
            days=days,
        )
        print(await accounts.issue(key))

    _do(issue)


@admin.command("revoke-key", help="吊销密钥 · No request with this key is taken any more.")
def revoke_key(
    key_id: Annotated[str, typer.Argument(help="密钥编号 · the part between jdk_ and _")], reason: Reason
) -> None:
    _do(lambda accounts: accounts.revoke(key_id, reason))


@admin.command("keys", help="列出密钥 · Keys, what they may do, and until when.")
def keys() -> None:
    async def show(accounts: Accounts) -> None:
        for issued in sorted(accounts.keeper.catalogue.api_keys(), key=lambda issued: issued.key.valid_to):
            key = issued.key
            state = "已吊销 revoked" if issued.is_revoked else f"至 until {key.valid_to}"
            speaks = "可代岗 speaks for posts" if key.speaks_for_posts else ""
            print(f"{key.key_id}  {key.programme}  {key.role}  {key.division_code}  {state}  {speaks}")

    _do(show)


async def _admitted(accounts: Accounts, staff_id: str, from_stdin: bool) -> None:
    said = _password(from_stdin)
    await accounts.admit(staff_id, said)
    _tell_password(staff_id, said, is_told=from_stdin)


def _expect_administrator(accounts: Accounts, staff_id: str) -> None:
    catalogue, today = accounts.keeper.catalogue, datetime.now(CHINA).date()
    if not any(post.role is Role.system_admin for post in catalogue.posts_of(staff_id, today)):
        raise CannotDo(
            f"{staff_id} holds no post of the role system_admin today; load the catalogue and assign one first."
            f" {staff_id} 今日不在系统管理岗（system_admin），请先装载目录并定岗。"
        )


def _password(from_stdin: bool) -> str:
    return sys.stdin.readline().rstrip("\n") if from_stdin else a_password()


def _tell_password(staff_id: str, password: str, *, is_told: bool) -> None:
    if not is_told:
        print(f"{staff_id}  {password}")


async def _of_post(accounts: Accounts, command: AssignPost | RelievePost) -> None:
    operator = by_command(Actor(staff_id="operator", role=Role.catalogue_admin))
    await accounts.keeper.handle(
        POST, command.identity, command, Occasion(operator, datetime.now(UTC)), key=None, digest=b""
    )


def _do(what: Callable[[Accounts], Awaitable[None]]) -> None:
    """Raises CannotDo where a rule refuses."""
    chosen = settings.read()
    with database.opened(chosen) as dsn:
        asyncio.run(_done(dsn, chosen, what))


async def _done(dsn: str, chosen: Settings, what: Callable[[Accounts], Awaitable[None]]) -> None:
    async with opened_accounts(dsn, chosen) as accounts:
        try:
            await what(accounts)
        except Objection as objection:
            wanted = f"\n  {objection.WANTED} {objection.WANTED_ZH}" if objection.WANTED else ""
            raise CannotDo(f"{english(type(objection))} {objection.ZH}{wanted}") from objection
        except ValidationError as error:
            raise not_taken(error) from None


@asynccontextmanager
async def opened_accounts(dsn: str, chosen: Settings) -> AsyncIterator[Accounts]:
    async with opened_to_record(dsn, chosen) as store:
        yield Accounts(Keeper(store.log, store.catalogue), store.secrets)

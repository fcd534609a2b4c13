"""The demo's users: one for each role, and a key for programmes. Passwords and key are made by chance, shown, and kept in
a file that only its owner reads, so that another start of the same demo shows them again."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import orjson
from rich.console import Console

from domain.access.decision import reach
from domain.catalogue import Catalogue
from domain.grammar import CHINA, Duty
from domain.unit import UNIT
from domain.window import POST
from domain.window.values import Post, Role
from ops.accounts import Accounts, a_key, a_password

SHEET: Final = "demo-sign-in.json"
PROGRAMMES: Final = (Role.clock, Role.importer)


@dataclass(frozen=True, slots=True)
class DemoUser:
    """Somebody who may sign in."""

    role: str
    staff_id: str
    post_id: str
    password: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """How to come in."""

    users: tuple[DemoUser, ...]
    key: str
    """Reads everything, and speaks for every post."""


async def ways_in(accounts: Accounts, data_dir: Path) -> Sheet:
    """Those of an earlier start, where they still hold; else new ones."""
    path = data_dir / SHEET
    if (known := _kept(path)) and _holds(known, accounts.keeper.catalogue):
        return known
    users = [DemoUser(post.role, staff, post.post_id, a_password()) for post, staff in _players(accounts)]
    open_already = {user.staff_id for user in accounts.keeper.catalogue.users()}
    for user in users:
        give = accounts.set_password if user.staff_id in open_already else accounts.admit
        await give(user.staff_id, user.password)
    units = accounts.keeper.catalogue.entries(UNIT).values()
    county = min(
        (unit.division_code for unit in units if len(reach(unit.division_code)) >= len("610999")), key=reach
    )
    key = a_key("demo", "演示 demonstration", Role.auditor, county, speaks_for_posts=True)
    sheet = Sheet(tuple(users), await accounts.issue(key))
    _keep(path, sheet)
    return sheet


def _players(accounts: Accounts) -> Iterator[tuple[Post, str]]:
    """For each role a post of the catalogue and its A person, nobody twice."""
    catalogue, today = accounts.keeper.catalogue, datetime.now(CHINA).date()
    posts = sorted(catalogue.entries(POST).values(), key=lambda post: str(post.post_id))
    taken: set[str] = set()
    for role in Role:
        for post in posts:
            staff = next((a.staff_id for a in post.assignments if a.duty is Duty.a and a.holds(today)), None)
            if post.role is role and role not in PROGRAMMES and staff and staff not in taken:
                taken.add(staff)
                yield post, staff
                break


def _kept(path: Path) -> Sheet | None:
    try:
        said = orjson.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return Sheet(tuple(DemoUser(**user) for user in said["users"]), said["key"])


def _holds(sheet: Sheet, catalogue: Catalogue) -> bool:
    """The sheet of this county, and not of one that lay here before."""
    key_id = sheet.key.split("_")[1]
    return catalogue.api_key(key_id) is not None


def _keep(path: Path, sheet: Sheet) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_bytes(orjson.dumps(asdict(sheet), option=orjson.OPT_INDENT_2))


def show(sheet: Sheet, address: str, console: Console) -> None:
    """Says in both languages how to sign in."""
    console.print(
        "登录：每个角色一名用户，口令随机产生。 Signing in: one user for each role, passwords made by chance.",
        soft_wrap=True,
    )
    for user in sheet.users:
        console.print(
            f"  {user.role:16} {user.staff_id}  {user.post_id}  {user.password}",
            soft_wrap=True,
            highlight=False,
        )
    first = sheet.users[0]
    body = f'{{"staff_id":"{first.staff_id}","post_id":"{first.post_id}","password":"{first.password}"}}'
    for line in (
        f"  {address}/sign-in",
        f"  curl -c session -H 'Content-Type: application/json' -d '{body}' {address}/v1/sessions",
        f"  curl -b session {address}/v1/sessions/current",
        "接口密钥（可读全县，可代岗位登记）。 An API key, which reads everything and speaks for posts:",
        f"  export JIANDU_API_KEY={sheet.key}",
    ):
        console.print(line, soft_wrap=True, highlight=False)

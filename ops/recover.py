"""`jiandu recover`: after a lossy restore, two officers state what is lost, and the log goes on behind it."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from getpass import getpass
from pathlib import Path
from typing import Annotated, Final

import typer
from pydantic import ValidationError

from api.passwords import Passwords
from domain.attestation.commands import StateRecovery
from domain.attestation.rejections import OneOfficer
from domain.grammar import Rejected, local_day
from domain.proof.checkpoint import Checkpoint, MalformedCheckpoint
from domain.proof.note import MalformedNote, Note, NotSigned, opened
from domain.proof.signing import Use
from domain.proof.tree import EMPTY_ROOT
from domain.store.county import Store
from domain.store.key_files import KeyFiles, KeysUnreadable
from domain.window.values import Role
from ops import database, settings
from ops.county import opened_store
from ops.failures import CannotDo, not_taken
from ops.missing import Missing, told
from ops.recovering import Recovery, recovered
from ops.seal_memory import MemoryUnreadable, Signed, memory_of
from ops.settings import Settings
from ops.witnesses.heeding import heed, policy_of

MAY_STATE: Final = frozenset(
    {
        Role.hall_director,
        Role.organ_head,
        Role.government_head,
        Role.supervision,
        Role.discipline,
        Role.auditor,
        Role.system_admin,
    }
)
"""Holders of such posts may state a loss; of the two, at least one who is no administrator of the system."""
ANSWER_SECONDS: Final = 600.0
"""So long the one transaction may take: all that is lost is recorded at once."""


def recover(
    officer: Annotated[
        list[str], typer.Option(help="声明人工号，恰好两名 · staff number, given twice: two officers")
    ],
    reason: Annotated[str, typer.Option(help="事由 · what happened; it stands in the record")],
    password_stdin: Annotated[
        bool,
        typer.Option("--password-stdin", help="从标准输入逐行读口令 · read the passwords, a line each"),
    ] = False,
    checkpoint: Annotated[
        Path | None,
        typer.Option(help="见证人或他人所持的检查点 · a checkpoint that a witness or somebody else holds"),
    ] = None,
) -> None:
    _expect_two(tuple(officer), reason)
    chosen = settings.read()
    passwords = [_password(each, from_stdin=password_stdin) for each in officer]
    try:
        with database.opened(chosen) as dsn:
            done = asyncio.run(
                _recover(dsn, chosen, list(zip(officer, passwords, strict=True)), reason, checkpoint)
            )
    except Rejected as rejected:
        raise CannotDo(f"{rejected.__doc__} {rejected.ZH}") from rejected
    except ValidationError as error:
        raise not_taken(error) from None
    except (KeysUnreadable, MemoryUnreadable, OSError) as error:
        raise CannotDo(
            f"Keys, memory or leaves cannot be used. 签名钥、记忆或叶子副本无法使用。\n  {error}"
        ) from error
    print("\n".join(told(Missing(Signed(0, b""), list(done.lost)))))
    if done.unsealed:
        first, last, _ = done.unsealed
        print(
            f"未封印即丢失，内容无从得知 lost before they were sealed, nobody knows what they said: {first}–{last}"
        )
    print(f"已失 {len(done.lost)} 条 events are lost; 恢复声明 stated at position {done.position}")


def _expect_two(officers: tuple[str, ...], reason: str) -> None:
    """What would be refused of any loss is refused before a password is asked for. Raises CannotDo."""
    try:
        StateRecovery(first=1, last=1, root=EMPTY_ROOT.hex(), officers=officers, reason=reason)
    except ValidationError as error:
        raise not_taken(error) from None
    if len(set(officers)) < len(officers):
        raise CannotDo(f"{OneOfficer.__doc__} {OneOfficer.ZH}")


async def _recover(
    dsn: str,
    chosen: Settings,
    officers: Sequence[tuple[str, str]],
    reason: str,
    checkpoint: Path | None,
) -> Recovery:
    async with opened_store(dsn, chosen.county, answer_within_seconds=ANSWER_SECONDS) as store:
        await expect_officers(store, officers)
        if (policy := policy_of(chosen)) is not None:
            await heed(policy, KeyFiles(chosen.keys_folder), memory_of(chosen))
        if checkpoint is not None:
            remember_held(chosen, checkpoint)
        return await recovered(store, chosen, tuple(staff_id for staff_id, _ in officers), reason)


async def expect_officers(store: Store, officers: Sequence[tuple[str, str]]) -> None:
    """Each must show who they are, by the accounts of the restored log. Raises CannotDo."""
    for staff_id, password in officers:
        user = store.catalogue.user(staff_id)
        kept = await store.secrets.password_hash(staff_id) if user else None
        if not await Passwords().fits(password, kept) or user is None or user.is_suspended:
            raise CannotDo(
                f"{staff_id}: number or password do not fit, by the restored accounts."
                f" {staff_id}：工号或口令不符（以恢复后的账户为准）。"
            )
    roles = [_roles(store, staff_id) for staff_id, _ in officers]
    if not all(roles) or set[Role]().union(*roles) == {Role.system_admin}:
        raise CannotDo(
            "Two officers who may state a loss are needed, and not administrators of the system alone; such posts are: "
            f"{', '.join(sorted(MAY_STATE))}. 须由两名有权人员声明，且不得均为系统管理员。"
        )


def _roles(store: Store, staff_id: str) -> set[Role]:
    """That they hold today, and that may state a loss."""
    return {
        post.role for post in store.catalogue.posts_of(staff_id, local_day(datetime.now(UTC)))
    } & MAY_STATE


def remember_held(chosen: Settings, path: Path) -> None:
    """A checkpoint that somebody holds is no less a promise than the memory. Raises CannotDo, OSError."""
    memory = memory_of(chosen)
    keys = [file.key for file in KeyFiles(chosen.keys_folder).of(Use.log)]
    try:
        note = Note.from_bytes(path.read_bytes())
        opened(note, keys)
        held = Checkpoint.from_text(note.text)
    except (MalformedNote, MalformedCheckpoint, NotSigned) as error:
        raise CannotDo(
            f"{path} is no checkpoint that a log key of {chosen.keys_folder} has signed: {error}."
            f" {path} 不是本日志签署的检查点。"
        ) from error
    known = memory.last()
    if known is None or known.size < held.size:
        memory.remember(Signed(held.size, held.root))


def _password(staff_id: str, *, from_stdin: bool) -> str:
    return sys.stdin.readline().rstrip("\n") if from_stdin else getpass(f"{staff_id} 口令 password: ")

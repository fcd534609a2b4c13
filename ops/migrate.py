"""`jiandu migrate`: the county's schema, made or brought up to date."""

from enum import StrEnum
from functools import partial
from typing import Annotated

import psycopg
import typer
from psycopg import errors

from domain.store import schema
from domain.store.passing import gives_way, made_again
from ops import database, given, settings
from ops.failures import CannotDo
from projections import engine_schema


class Role(StrEnum):
    """As what a login is let into the county's database; docs/database-roles.md says what each may do."""

    recorder = "recorder"  # 服务
    auditor = "auditor"  # 审计
    migrator = "migrator"  # 升级


def migrate(
    admit: Annotated[
        str | None,
        typer.Option(
            parser=given.login,
            help="准许此登录运行服务 · let this login serve the county, and do nothing else",
        ),
    ] = None,
    role: Annotated[
        Role,
        typer.Option(
            "--as",
            help=(
                "准许为何种角色：recorder 服务，auditor 只读审计，migrator 升级模式"
                " · as what it is let in: to serve, to audit (reads only), to migrate"
            ),
        ),
    ] = Role.recorder,
) -> None:
    chosen = settings.read()
    with database.opened_to_set_up(chosen) as dsn:
        step = bring_up_to_date(dsn, chosen.county)
        if admit is not None:
            _admit(dsn, chosen.county, admit, role)
    print(
        f"模式 {chosen.county} 已是最新(第 {step} 步)。 The schema {chosen.county} is up to date (step {step})."
    )


def _admit(dsn: str, county: str, login: str, role: Role) -> None:
    try:
        schema.admit(dsn, county, login, role=role.value)
    except errors.UndefinedObject as error:
        raise CannotDo(f"There is no login {login}: create it first. 没有登录 {login}，请先建立。") from error


def bring_up_to_date(dsn: str, county: str) -> int:
    """Answers the schema's version. Raises CannotDo; NotAllowed only where the schema may do as it is."""
    try:
        step = made_again(partial(schema.create, dsn, county))
        engine_schema.establish(dsn, county)
    except errors.InsufficientPrivilege as error:
        kind = CannotDo if engine_schema.lacks_tables(dsn, county) else NotAllowed
        raise kind(
            "This login may not make roles and schemas: run `jiandu migrate` once with an owner's URL."
            f" 此登录无权建立角色与模式，请以所有者身份运行一次 jiandu migrate。\n  {error.diag.message_primary}"
        ) from error
    except errors.LockNotAvailable as error:
        raise CannotDo(
            f"The running county did not give way within {schema.LOCK_TIMEOUT}; try again."
            " 等待运行中的县库让锁超时，请重试。"
        ) from error
    except schema.SchemaTooNew as error:
        raise _too_new(error) from error
    except psycopg.Error as error:
        if not gives_way(error):
            raise
        raise CannotDo(
            "The running county is busy with its views; try again. 县库正忙于视图，请重试。"
        ) from error
    return step


def expect_no_newer(dsn: str, county: str) -> None:
    """For who migrates nothing itself, and waits for a database or a schema that is not there yet. Raises CannotDo."""
    try:
        schema.expect_no_newer(dsn, county)
    except schema.SchemaTooNew as error:
        raise _too_new(error) from error


def _too_new(error: schema.SchemaTooNew) -> CannotDo:
    return CannotDo(
        f"The schema was made by a newer version of Jiandu ({error}). 数据库模式由更新的版本建立，请升级程序。"
    )


class NotAllowed(CannotDo):
    """The login is not the owner's, and nothing of the views is lacking. A schema that is up to date can be served all the same."""

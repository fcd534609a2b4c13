"""`jiandu doctor`: is everything as it should be? Looks, says so in both languages, changes nothing."""

from collections.abc import Iterator
from typing import Final

import psycopg
import typer

from ops import database, settings
from ops.database import unreachable
from ops.doctor import county, machine, seal, server
from ops.doctor.findings import Finding, Health
from ops.settings import Settings

MARKS: Final = {Health.well: "✓", Health.doubtful: "!", Health.ill: "✗"}


def doctor() -> None:
    """Exit code 0: nothing is ill; 1: something is."""
    chosen = settings.read()
    findings = []
    for finding in examine(chosen):
        print(f"{MARKS[finding.health]} {finding.zh} · {finding.en}", flush=True)
        findings.append(finding)
    ill = sum(finding.health is Health.ill for finding in findings)
    print(f"\n{len(findings)} 项检查，{ill} 项异常 · {len(findings)} checks, {ill} ill")
    raise typer.Exit(1 if ill else 0)


def examine(settings: Settings) -> Iterator[Finding]:
    """The findings, one by one, as they are made. Raises CannotDo where the database cannot be started."""
    yield from machine.findings(settings)
    with database.opened_to_set_up(settings) as dsn:
        try:
            connection = psycopg.connect(dsn, autocommit=True)
        except psycopg.OperationalError as error:
            yield Finding(Health.ill, "数据库无法连接", str(unreachable(error)))
            return
        with connection:
            yield from server.findings(connection)
            yield from county.findings(connection, settings.county)
            yield from seal.findings(connection, settings)

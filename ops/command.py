"""The command `jiandu`: one word for each thing an operator does, each in a module of its own."""

import sys
from typing import Final

import psycopg
import typer

from ops import logs, settings
from ops.audit import audit
from ops.database import unreachable
from ops.demo.command import demo
from ops.doctor import doctor
from ops.export import export
from ops.failures import CannotDo
from ops.importing.command import import_log
from ops.load_catalogue import load_catalogue
from ops.migrate import migrate
from ops.projections import projections
from ops.replay import replay_case
from ops.serve import serve
from ops.tail import events
from ops.version import version
from ops.watch import watch

app: Final = typer.Typer(
    name="jiandu",
    help="简牍:服务大厅办件记录。 Jiandu keeps the record of every case of a service hall.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
)


@app.callback()
def prepare() -> None:
    """Logs go to stderr whatever the command is: stdout is for what was asked."""
    logs.configure(settings.read())


app.command(help="运行服务 · Serve the county; Ctrl-C or SIGTERM stops it cleanly.")(serve)
app.command(help="示范县 · Fill an empty county with a year of cases and serve it.")(demo)
app.command(help="建立或更新模式 · Make the county's schema, or bring it up to date.")(migrate)
app.command("load-catalogue", help="装载目录 · Record a county's master data; again, only what changed.")(
    load_catalogue
)
app.command("import", help="导入事件日志 · Record an event log (CSV or XES) through a running server.")(
    import_log
)
app.command(help="查看日志 · Print the log, and follow it.")(events)
app.command(
    "replay", help="重演办件 · Tell a case again, step by step: who held it, who was late, by which rule."
)(replay_case)
app.add_typer(projections, name="projections")
app.add_typer(audit, name="audit")
app.add_typer(export, name="export")
app.add_typer(watch, name="watch")
app.command(help="体检 · Say what is not as it should be.")(doctor)
app.command(help="版本 · Say which version this is.")(version)


def main() -> None:
    """What an operator can put right is said in a sentence; anything else is a bug and keeps its traceback."""
    try:
        app()
    except CannotDo as trouble:
        _stop(trouble)
    except psycopg.OperationalError as error:
        _stop(unreachable(error))


def _stop(trouble: CannotDo) -> None:
    print(f"jiandu: {trouble}", file=sys.stderr)
    raise SystemExit(1)


if __name__ == "__main__":
    main()

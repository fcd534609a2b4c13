"""The command `jiandu`: one word for each thing an operator does, each in a module of its own.

A module is imported when its word is said: what serves the county brings in the web framework and every rule, and takes a
second or two that `jiandu version` need not wait.
"""

import gc
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import psycopg
import structlog
import typer
from psycopg.errors import InsufficientPrivilege, UndefinedTable

from domain.log import LogBusy, OutcomeUnknown
from ops import logs, settings, usage
from ops.database import not_now, unanswered, unreachable
from ops.failures import CannotDo
from projections.exports.room import lacks_room

PROGRAMME: Final = Path(__file__).resolve().parents[1]
PACKAGES: Final = ("api", "domain", "ops", "projections")

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Word:
    """What an operator says, and where it is done: `module:function`, or a `typer.Typer` with words of its own."""

    said: str
    where: str
    help: str | None = None
    reads_own_words: bool = False
    """Whatever follows it, `--help` too, is for a program that does not know typer."""

    def join(self, app: typer.Typer) -> None:
        module, _, name = self.where.partition(":")
        done: Any = getattr(import_module(module), name)
        if isinstance(done, typer.Typer):
            app.add_typer(done, name=self.said)
        else:
            app.command(
                self.said,
                help=self.help,
                add_help_option=not self.reads_own_words,
                context_settings=ANYTHING if self.reads_own_words else {},
            )(done)


ANYTHING: Final = {"allow_extra_args": True, "ignore_unknown_options": True}


WORDS: Final = (
    Word("serve", "ops.serve:serve", "运行服务 · Serve the county; Ctrl-C or SIGTERM stops it cleanly."),
    Word("demo", "ops.demo.command:demo", "示范县 · Fill an empty county with a year of cases and serve it."),
    Word(
        "migrate", "ops.migrate:migrate", "建立或更新模式 · Make the county's schema, or bring it up to date."
    ),
    Word(
        "load-catalogue",
        "ops.load_catalogue:load_catalogue",
        "装载目录 · Record a county's master data; again, only what changed.",
    ),
    Word(
        "import",
        "ops.importing.command:import_log",
        "导入事件日志 · Record an event log (CSV or XES) through a running server.",
    ),
    Word("events", "ops.tail:events", "查看日志 · Print the log, and follow it."),
    Word(
        "replay",
        "ops.replay:replay_case",
        "重演办件 · Tell a case again, step by step: who held it, who was late, by which rule.",
    ),
    Word("projections", "ops.projections:projections"),
    Word("audit", "ops.audit:audit"),
    Word("export", "ops.export:export"),
    Word("watch", "ops.watch:watch"),
    Word("keys", "ops.keys:keys"),
    Word("vault", "ops.vault:vault"),
    Word("seal", "ops.seal:seal"),
    Word(
        "recover",
        "ops.recover:recover",
        "恢复声明 · After a lossy restore: two officers state what is lost, and the log goes on behind it.",
    ),
    Word("witnesses", "ops.witnesses.command:witnesses"),
    Word(
        "witness",
        "ops.witness.spoken:witness",
        "见证人 · A witness of a log: a small program of its own, for another office to keep.",
        reads_own_words=True,
    ),
    Word(
        "evidence",
        "ops.evidence:evidence",
        "证据包 · Pack one case with everything that proves it, to be checked elsewhere.",
    ),
    Word(
        "verify",
        "ops.verify.command:verify",
        "核验日志 · Recompute the log from its rows, and name the first event that is wrong.",
    ),
    Word("admin", "ops.admin:admin"),
    Word("doctor", "ops.doctor:doctor", "体检 · Say what is not as it should be."),
    Word("version", "ops.version:version", "版本 · Say which version this is."),
)


def app_for(arguments: Sequence[str]) -> typer.Typer:
    """The command, with the word that is said first, or with all where none of them is."""
    app = typer.Typer(
        name="jiandu",
        help="简牍：服务大厅办件记录 · Jiandu keeps the record of every case of a service hall.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        add_completion=False,
    )
    app.callback()(prepare)
    said = [word for word in WORDS if list(arguments[:1]) == [word.said]]
    for word in said or WORDS:
        word.join(app)
    return app


def prepare() -> None:
    """Logs go to stderr whatever the command is: stdout is for what was asked."""
    logs.configure(settings.read())


def main() -> None:
    """What an operator can put right is said in a sentence; anything else is a bug and keeps its traceback."""
    try:
        sys.exit(_ended(sys.argv[1:]))
    except Exception as error:
        trouble = trouble_of(error)
        if trouble is None:
            raise
        _give_up_output()
        _log.debug("command_stopped", exc_info=True)
        print(f"jiandu: {trouble}", file=sys.stderr)
        raise SystemExit(1) from None


def trouble_of(error: Exception) -> CannotDo | None:
    """What to say of what is the operator's or the database's; None: it is a bug."""
    trouble: CannotDo | None = None
    match error:
        case CannotDo():
            trouble = error
        case psycopg.OperationalError():
            trouble = unreachable(error)
        case LogBusy() | OutcomeUnknown():  # to whoever only reads, a log that is not there is busy
            trouble = unanswered() if type(error) is LogBusy else not_now(error)
        case UndefinedTable():
            trouble = unanswered(error.diag.message_primary)
        case InsufficientPrivilege():
            trouble = CannotDo(f"This login may not. 此数据库登录无权如此。\n  {error.diag.message_primary}")
        case OSError(filename=str() as name) if not _is_packaged(Path(name)):
            trouble = CannotDo(f"A file cannot be used. 文件无法使用。\n  {error}")
        case BrokenPipeError():
            trouble = CannotDo("Whoever read the output has left. 读取输出的一方已关闭，其余未输出。")
        case _ if lacks_room(error):
            trouble = _no_room(error)
        case _:
            pass
    return trouble


def _no_room(error: Exception) -> CannotDo:
    return CannotDo(f"What is told cannot be written. 磁盘已满或有故障，无法写入。\n  {error}")


def _ended(arguments: Sequence[str]) -> int | str | None:
    """The exit code, once all that was told is out of our hands."""
    try:
        code: int | str | None = usage.run(_imported(arguments), arguments)
    except SystemExit as ended:
        code = ended.code
    sys.stdout.flush()
    return code


def _give_up_output() -> None:
    """What nobody takes is thrown away, or Python would try once more as it ends, and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _is_packaged(path: Path) -> bool:
    """Whether it comes with the programme: where it is missing, no operator has named it."""
    return any(path.resolve().is_relative_to(PROGRAMME / package) for package in PACKAGES)


def _imported(arguments: Sequence[str]) -> typer.Typer:
    """The command, ready to run. What it imported stays: to search it for garbage, now and at the end, takes most of a second."""
    gc.disable()
    app = app_for(arguments)
    gc.freeze()
    gc.enable()
    return app


if __name__ == "__main__":
    main()

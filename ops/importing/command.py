"""`jiandu import`: an event log into the record of a running server."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from ops import given, settings
from ops.client import Door, DoorClosed, Refused
from ops.failures import CannotDo
from ops.given import MOST_SECONDS
from ops.importing.mapping import Mapping, MappingUnusable, load_mapping, shipped_mappings
from ops.importing.progress import Header, digest_of, load_progress
from ops.importing.progress import Progress as Kept
from ops.importing.report import Printed, Report
from ops.importing.rows import CsvReader, FileUnreadable, open_bytes
from ops.importing.sayings import Listener
from ops.importing.sending import Importer, StrictlyStopped
from ops.importing.xes import XesReader

XML: Final = frozenset({".xes", ".xml"})

Reader = CsvReader | XesReader


def import_log(
    file: Annotated[Path, typer.Argument(help="事件日志 · the event log: CSV or XES, also packed with gzip")],
    mapping: Annotated[str, typer.Option(help="映射 · a mapping file, or the name of one that is shipped")],
    server: Annotated[
        str, typer.Option(parser=given.server, help="服务地址 · the running server")
    ] = "http://127.0.0.1:8000",
    report: Annotated[Path | None, typer.Option(help="报告 · write the whole report here, as JSON")] = None,
    progress: Annotated[Path | None, typer.Option(help="进度 · keep the progress here")] = None,
    strict: Annotated[bool, typer.Option(help="遇错即停 · stop at the first row that is refused")] = False,
    patience: Annotated[
        float,
        typer.Option(
            min=0,
            max=MOST_SECONDS,
            help="等待秒数 · wait so long for a server that is busy or restarts",
        ),
    ] = 60,
) -> None:
    """Prints what was recorded, flagged and refused. Raises CannotDo; exits with 2 where rows were refused."""
    logging.getLogger("httpx").setLevel(logging.WARNING)  # one line a request would bury the progress bar
    said = load(mapping)
    kept_at = progress or settings.read().data_dir / "imports" / f"{said.source}.jsonl"
    try:
        outcome = asyncio.run(
            bring_in(file, said, server, kept_at, key=_key(), is_strict=strict, patience_seconds=patience)
        )
    except StrictlyStopped as stop:
        where = f"{stop.refusal.line}"
        raise CannotDo(
            f"Stopped at line {where}: {stop.refusal.en} 停在第 {where} 行:{stop.refusal.zh}"
        ) from stop
    if report:
        outcome.write(report)
    Printed(outcome).show()
    if outcome.refused:
        raise typer.Exit(2)


def _key() -> str:
    """Raises CannotDo where none was given."""
    key = settings.read().api_key
    if key is None:
        raise CannotDo(
            "JIANDU_API_KEY must hold a key for the import: jiandu admin issue-key importer --division …"
            " 请在 JIANDU_API_KEY 设置导入用的接口密钥，由 jiandu admin issue-key 签发。"
        )
    return key.get_secret_value()


def load(mapping: str) -> Mapping:
    """The mapping at the path, or the shipped one of that name. Raises CannotDo."""
    path = shipped_mappings().get(mapping, Path(mapping))
    try:
        return load_mapping(path)
    except MappingUnusable as error:
        complaints = "\n".join(f"  {complaint}" for complaint in error.complaints)
        raise CannotDo(f"The mapping cannot be used. 映射文件不可用:{path}\n{complaints}") from error


async def bring_in(
    file: Path,
    mapping: Mapping,
    server: str,
    kept_at: Path | None,
    *,
    key: str,
    is_strict: bool = False,
    patience_seconds: float = 60,
) -> Report:
    """Records the file through the server and reports on this run and those before it.

    Raises CannotDo where the file, the server or its catalogue are not ready; StrictlyStopped.
    """
    began = time.monotonic()
    try:
        reader = reader_of(file, mapping)
        header = Header(
            source=mapping.source,
            file_sha256=digest_of(file),
            mapping_sha256=sha256(mapping.model_dump_json().encode()).hexdigest(),
            server=server,
        )
        async with Door(server, key, patience_seconds) as door:
            await _expect_item(door, mapping)
            kept = await _kept(door, kept_at, header)
            with _shown(file) as advance:
                importer = Importer(door, Listener(mapping), kept, is_strict, advance)
                report = await importer.run(reader)
    except FileUnreadable as error:
        raise CannotDo(f"{file}: {error.english}. {error.chinese}。") from error
    except OSError as error:
        raise CannotDo(f"{file}: {error.strerror}") from error
    except DoorClosed as error:
        raise CannotDo(
            f"The server does not answer: {error}. 服务没有应答;再次运行即从中断处继续。"
        ) from error
    report.seconds = time.monotonic() - began
    return report


def reader_of(file: Path, mapping: Mapping) -> Reader:
    """The reader for the file's format, told by its name. Raises FileUnreadable where a mapped column is missing."""
    if _is_xes(file):
        return XesReader(file)
    reader = CsvReader(file, mapping.encoding, mapping.delimiter)
    missing = sorted(mapping.columns() - set(reader.columns()))
    if missing:
        raise FileUnreadable(
            f"the header lacks the columns {', '.join(missing)}", f"表头缺少这些列：{'、'.join(missing)}"
        )
    return reader


async def _expect_item(door: Door, mapping: Mapping) -> None:
    """Refuses at once what the rules would refuse for every case."""
    code = mapping.receipt.item_code
    try:
        await door.master_data("items", code)
    except Refused as refusal:
        raise CannotDo(
            f"The catalogue of the server has no item {code}; load it first (jiandu load-catalogue). "
            f"服务的事项目录中没有 {code}，请先装载（jiandu load-catalogue）。"
        ) from refusal


async def _kept(door: Door, kept_at: Path | None, header: Header) -> Kept:
    """The progress so far; begun anew where the server does not know the cases it speaks of."""
    kept = load_progress(kept_at, header)
    numbers = list(kept.case_numbers().values())
    if numbers:
        try:
            await door.case(numbers[-1])
        except Refused:
            kept.begin()
    return kept


@contextmanager
def _shown(file: Path) -> Iterator[Callable[[int], None]]:
    columns = (SpinnerColumn(), TextColumn(file.name), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(file.name, total=about_how_many(file))
        yield lambda rows: bar.advance(task, rows)


def about_how_many(file: Path) -> int:
    """Rows of the file, roughly: lines of a CSV, events of an XES file. For the progress bar alone."""
    mark, found, kept = (b"<event" if _is_xes(file) else b"\n"), 0, b""
    with open_bytes(file) as source, suppress(OSError, EOFError):
        while chunk := source.read(2**20):
            found += (kept + chunk).count(mark)
            kept = chunk[1 - len(mark) :] if len(mark) > 1 else b""
    return found


def _is_xes(file: Path) -> bool:
    return bool(XML.intersection(suffix.casefold() for suffix in file.suffixes))

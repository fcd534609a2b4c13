"""`jiandu load-catalogue`: a county's master data out of files, again and again; only what changed is recorded."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from domain.application import Keeper
from ops import database, settings
from ops.at_machine import by_command
from ops.catalogue_files import LoadReport, load
from ops.catalogue_files.loading import LOADER
from ops.county import opened_to_record
from ops.failures import CannotDo
from ops.people import opened_people
from ops.settings import Settings


def load_catalogue(
    folder: Annotated[Path, typer.Argument(help="目录文件夹 · the folder of YAML and CSV files")],
) -> None:
    """Exits with 2 where an entry was refused by a rule; the others are recorded."""
    if not folder.is_dir():
        raise CannotDo(f"There is no folder {folder}. 没有文件夹 {folder}。")
    chosen = settings.read()
    with database.opened_to_set_up(chosen) as dsn:
        report = asyncio.run(_load(dsn, chosen, folder))
    print(
        f"已登记 {report.recorded} 项（{report.events} 条事件），未变 {report.unchanged} 项，拒绝 {len(report.refused)} 项"
        f" · {report.recorded} entries recorded ({report.events} events), {report.unchanged} unchanged,"
        f" {len(report.refused)} refused"
    )
    for refused in report.refused:
        print(f"  {refused}")
    if report.refused:
        raise typer.Exit(2)


async def _load(dsn: str, chosen: Settings, folder: Path) -> LoadReport:
    async with opened_to_record(dsn, chosen) as store:
        keeper = Keeper(store.log, store.catalogue, references=store.references)
        people = await opened_people(store, keeper, chosen.vault_keys_folder)
        return await load(keeper, people, folder, received_at=datetime.now(UTC), actor=by_command(LOADER))

"""`jiandu demo`: a county to look at, within a minute of having nothing."""

import re
import time
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import orjson
import typer

from domain.application import Keeper
from domain.grammar import local_day
from domain.store import EventReader, Store
from ops import settings
from ops.catalogue_files import load
from ops.demo.filling import CASES, MARK, SEED, DemoReport, fill
from ops.failures import CannotDo
from ops.serve import run

COUNTY: Final = Path(__file__).resolve().parents[1] / "demo_county"
OURS: Final = re.compile(rf"{MARK}-(\d+)-(\d{{8}})-")


class Told(NamedTuple):
    """Which demo a county holds: what it was made from."""

    seed: int
    last_day: date


def demo(
    seed: Annotated[int, typer.Option(help="种子 · another seed tells another year")] = SEED,
    cases: Annotated[int, typer.Option(min=1, help="办件数 · so many cases")] = CASES,
) -> None:
    """Fills an empty county, or goes on filling one that it began; then serves it."""
    run(settings.read(), before=partial(prepare, seed=seed, cases=cases))


async def prepare(store: Store, keeper: Keeper, *, seed: int, cases: int) -> None:
    """Raises CannotDo where the county holds anything but this demo."""
    last_day = await expect_ours(store.events, seed) or local_day(datetime.now(UTC))
    began = time.monotonic()
    print(
        f"正在填充示范县，约需半分钟 · Filling the demo county (seed {seed}, a year up to {last_day}) …",
        flush=True,
    )
    loaded = await load(keeper, store.people, COUNTY, received_at=datetime.now(UTC))
    if loaded.refused:
        raise CannotDo(f"The demo's catalogue is refused. 示范县目录被拒绝。\n  {loaded.refused[0]}")
    report = await fill(keeper, store.people, last_day=last_day, seed=seed, cases=cases)
    print(summary(report, seconds=time.monotonic() - began), flush=True)


async def expect_ours(reader: EventReader, seed: int) -> date | None:
    """The last day of the demo that the county holds; None where it has no cases. Raises CannotDo."""
    first = await reader.stored(0, 1, topic="case.received.v1")
    if not first:
        return None
    told = demo_of(orjson.loads(first[0].state)["envelope"]["correlation"])
    if told is None:
        raise CannotDo(
            "This county holds real cases; the demo wants one of its own: choose another JIANDU_DATA_DIR."
            " 本县库已有真实办件，示范请另选数据目录。"
        )
    if told.seed != seed:
        raise CannotDo(
            f"This county holds the demo of seed {told.seed}; choose another JIANDU_DATA_DIR for seed {seed}."
            f" 本县库已是种子 {told.seed} 的示范，换种子请另选数据目录。"
        )
    return told.last_day


def demo_of(correlation: str) -> Told | None:
    found = OURS.match(correlation)
    return Told(int(found[1]), datetime.strptime(found[2] + "+0800", "%Y%m%d%z").date()) if found else None


def summary(report: DemoReport, *, seconds: float) -> str:
    now = f"{report.events} 条事件，用时 {seconds:.0f} 秒 · {report.events} events recorded now, {seconds:.0f} s"
    lines = [f"示范县:{report.cases} 件办件 · {report.cases} cases; {now}"]
    for trouble, count in report.troubles.most_common():
        lines.append(f"  {count:>5}  {trouble:<40} {report.examples[trouble]}")
    return "\n".join(lines)

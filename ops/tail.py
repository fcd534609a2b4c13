"""`jiandu events`: the log, printed; with --follow, as it grows."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Final

import orjson
import typer

from api.events import event_bytes
from api.labels import labels
from api.looks import case_named
from api.seen_log import SeenLog
from domain.access.permissions import Action
from domain.grammar import CHINA
from domain.perusal.commands import Action as Look
from domain.perusal.commands import SearchRecords, ViewCaseFile
from domain.store.events import EventReader
from domain.store.mapper import StoredEvent
from ops import database, settings
from ops.county import opened_store
from ops.looking import As, Looking, Under
from ops.settings import Settings

PAGE: Final = 500
LAST: Final = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events to print: those behind `after`, at most `limit`, of the topic and stream that are named."""

    after: int | None = None
    limit: int | None = None
    topic: str | None = None
    stream: str | None = None
    is_followed: bool = False

    def begins_after(self, last_position: int) -> int:
        if self.after is not None:
            return self.after
        is_filtered = self.topic is not None or self.stream is not None
        return 0 if is_filtered else max(0, last_position - LAST)


def events(
    after: Annotated[int | None, typer.Option(min=0, help="从此位置之后 · behind this position")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="至多多少条 · at most so many")] = None,
    topic: Annotated[
        str | None, typer.Option(help="只要此主题 · this topic alone, as case.received.v1")
    ] = None,
    stream: Annotated[str | None, typer.Option(help="只要此流 · this stream alone, as case:6109…")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="持续跟随 · go on as the log grows")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="每行一个 JSON · one JSON object a line")] = False,
    by: As = None,
    under: Under = None,
) -> None:
    """Without --after and filters: the last 20."""
    wanted = Wanted(after, limit, topic, stream, is_followed=follow)
    chosen = settings.read()
    with database.opened(chosen) as dsn, suppress(KeyboardInterrupt, BrokenPipeError):
        asyncio.run(_print(dsn, chosen, wanted, Looking(by, under), as_json=as_json))


async def _print(dsn: str, chosen: Settings, wanted: Wanted, looking: Looking, *, as_json: bool) -> None:
    async with opened_store(dsn, chosen.county) as store:
        await looking.record_in(
            store, chosen, Action.read_log, look_at(wanted, is_part=looking.under is not None)
        )
        async for event in found(store.events, wanted, lambda: looking.log(store)):
            print(event_bytes(event).decode() if as_json else line_of(event), flush=True)


def look_at(wanted: Wanted, *, is_part: bool) -> Look:
    """Narrowed to one case, the log is that case's file; `is_part`: which part of a file is looked at is told."""
    case_no = case_named(wanted.stream or "")
    if case_no is not None:
        return ViewCaseFile(case_no=case_no, part="events" if is_part else None)
    narrowed = {"topic": wanted.topic, "stream": wanted.stream}
    return SearchRecords(of="v1/events", by=tuple(sorted(name for name in narrowed if narrowed[name])))


async def found(
    reader: EventReader, wanted: Wanted, seen: Callable[[], Awaitable[SeenLog]]
) -> AsyncIterator[StoredEvent]:
    """The stored events themselves: also those whose topic this version does not know.

    `seen`: the log as it may be read, asked for once it is known how far is read.
    """
    last = await reader.last_position()
    after, left = wanted.begins_after(last), wanted.limit or sys.maxsize
    while True:
        most, log = min(PAGE, left), await seen()
        page = await log.stored(after, most, until=last, topic=wanted.topic, stream=wanted.stream)
        for event in page:
            yield event
        left -= len(page)
        if left == 0:
            return
        if len(page) == most:
            after = page[-1].position
        elif not wanted.is_followed:
            return
        else:
            after = max(after, last)
            await reader.grown(after)
            last = await reader.last_position()


def line_of(event: StoredEvent) -> str:
    """Position, when it happened (in China), stream and version, what, who, and what was irregular."""
    envelope = orjson.loads(event.state)["envelope"]
    actor = envelope["actor"]
    who = "@".join(actor[part] for part in ("staff_id", "post_id") if part in actor)
    when = event.occurred_at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
    what = " ".join(labels(event.topic))
    flags = envelope.get("irregularities")
    line = f"{event.position:>8}  {when}  {event.stream} v{event.version}  {what}  {who}"
    return f"{line}  [{', '.join(flags)}]" if flags else line

"""The log itself: read by position, page by page, or followed as it grows (server-sent events)."""

import asyncio
import re
from collections.abc import AsyncIterator, Coroutine, Sequence
from datetime import datetime
from time import monotonic
from typing import Annotated, Any, Final

import anyio
import orjson
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from sse_starlette import EventSourceResponse
from starlette.responses import Response

from api.answers import JSON, EventPage
from api.door import Entrance, door_of
from api.identity import IDENTIFIED, expect_still_allowed
from api.labels import labels
from api.openapi import BASE, header, problems
from api.refusals import Refusal
from api.refusals.head import PositionMalformed
from api.seen_log import SeenLog
from api.shown import example_rows, shown
from domain.grammar import Rejected
from domain.log import LogBusy, OutcomeUnknown, Recorded
from domain.store.events import FOLLOWED_AT_ONCE
from domain.store.mapper import StoredEvent

router = APIRouter(tags=["log"], route_class=Entrance)

DIGITS: Final = re.compile(r"[0-9]{1,16}")
FARTHEST: Final = 2**53 - 1
SEND_SECONDS: Final = 30.0
"""A reader that takes nothing for so long is let go; it resumes from its Last-Event-ID."""
GRACE_SECONDS: Final = 2.0
"""How long a stream may take to end by itself when the server stops."""


def whole(text: object) -> object:
    """Of a query parameter: digits alone, no sign, no underscores."""
    if isinstance(text, str) and DIGITS.fullmatch(text) is None:
        raise ValueError("must be a whole number in digits")
    return text


Position = Annotated[int, Field(ge=0, le=FARTHEST), BeforeValidator(whole)]
Topic = Annotated[str, Field(pattern=r"^[a-z0-9_.]{1,100}$")]
Stream = Annotated[str, Field(pattern=r"^[0-9A-Za-z_:./-]{1,200}$")]


class Filter(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True, extra="forbid")

    topic: Topic | None = Field(None, description="只要此类事件 / events of this topic only")
    stream: Stream | None = Field(None, description="只要此流 / events of this stream only")


class Page(Filter):
    after: Position = Field(0, description="从此位置之后读起 / read on after this position")
    until: Position | None = Field(None, description="读到此位置为止 / read up to this position")
    limit: Annotated[int, Field(ge=1, le=1000), BeforeValidator(whole)] = Field(
        100, description="至多多少条 / at most so many events"
    )


class Following(Filter):
    after: Position | None = Field(
        None, description="从此位置之后开始；Last-Event-ID 优先 / Last-Event-ID wins"
    )


def event_bytes(event: StoredEvent) -> bytes:
    """An event as JSON. Envelope and fact are the stored bytes themselves, never written anew."""
    return (
        orjson.dumps(head_of(event, event.occurred_at), option=orjson.OPT_UTC_Z)[:-1] + b"," + event.state[1:]
    )


def head_of(event: StoredEvent | Recorded, occurred_at: datetime) -> dict[str, object]:
    """Where an event stands, what it is, and when."""
    label, label_en = labels(event.topic)
    return {
        "position": event.position,
        "stream": event.stream,
        "version": event.version,
        "topic": event.topic,
        "label": label,
        "label_en": label_en,
        "occurred_at": occurred_at,
        "recorded_at": event.recorded_at,
    }


@router.get(
    "/v1/events",
    summary="读日志 / read the log",
    responses={**shown(EventPage, "events"), **problems(*BASE, 503)},
    dependencies=IDENTIFIED,
)
async def read_events(request: Request, page: Annotated[Page, Query()]) -> Response:
    """按位置升序，一次一页;`next_after` 作为下一页的 `after`。

    By position, a page at a time; `next_after` is the next page's `after`.
    """
    last_position = await door_of(request).reader.last_position()
    until = min(last_position, page.until if page.until is not None else last_position)
    log = await open_log(request)
    events = await log.stored(page.after, page.limit, until=until, topic=page.topic, stream=page.stream)
    return Response(_page_bytes(page, events, until, last_position), media_type=JSON)


async def open_log(request: Request) -> SeenLog:
    """The log as whoever asks may read it: their part of the county, and of what lies in no part what their role reads."""
    door = door_of(request)
    whole = SeenLog(request.app.state.door.reader, None)
    return await whole.open_to(request.state.principal, door.sight, door.catalogue)


def _page_bytes(page: Page, events: Sequence[StoredEvent], until: int, last_position: int) -> bytes:
    """A short page was read to its end: reading on begins behind everything that was looked at."""
    is_full = len(events) == page.limit
    next_after = events[-1].position if is_full else max(page.after, until)
    return b'{"events":[%b],"next_after":%d,"last_position":%d}' % (
        b",".join(map(event_bytes, events)),
        next_after,
        last_position,
    )


LAST_EVENT_ID: Final = header(
    "Last-Event-ID", "上次收到的位置，从其后继续 / resume behind this position", r"^[0-9]{1,16}$"
)


SENT: Final = {
    "type": "object",
    "description": "每条消息 / each message; `data` holds a LogEvent as JSON",
    "properties": {
        "id": {"type": "string", "pattern": "^[0-9]+$"},
        "event": {"type": "string"},
        "data": {"type": "string"},
    },
    "required": ["id", "event", "data"],
}


STREAM: Final = "/v1/events/stream"


@router.get(
    STREAM,
    summary="跟随日志 / follow the log",
    responses={
        200: {
            "description": "`id` 为位置，`event` 为类别，`data` 为事件 / id: position, event: topic, data: the event",
            "content": {
                "text/event-stream": {"schema": SENT, "example": example_rows("files")["events_stream"]}
            },
        },
        **problems(400, *BASE, 503),
    },
    response_class=Response,
    openapi_extra={"parameters": [LAST_EVENT_ID]},
    dependencies=IDENTIFIED,
)
async def follow_events(request: Request, following: Annotated[Following, Query()]) -> Response:
    """新事件一经登记即送出；断线后带 `Last-Event-ID` 续接，不漏不重。未给位置时从现在开始。

    Each event as soon as it stands in the log; resumes from `Last-Event-ID` without loss or repetition. Without
    a position it begins now.
    """
    door = door_of(request)
    after = _resumed(request)
    if after is None:
        after = following.after if following.after is not None else await door.reader.last_position()
    stopping = anyio.Event()
    return EventSourceResponse(
        _followed(request, after, following, stopping),
        ping=door.limits.heartbeat_seconds,
        send_timeout=SEND_SECONDS,
        shutdown_event=stopping,
        shutdown_grace_period=GRACE_SECONDS,
        sep="\n",
    )


def _resumed(request: Request) -> int | None:
    given = request.headers.getlist("last-event-id")
    if not given:
        return None
    if len(given) > 1 or DIGITS.fullmatch(given[0]) is None or int(given[0]) > FARTHEST:
        raise PositionMalformed
    return int(given[0])


async def _followed(
    request: Request, after: int, filters: Filter, stopping: anyio.Event
) -> AsyncIterator[bytes]:
    """Each reader pulls at its own pace and holds a page at most, so a slow one keeps nobody waiting."""
    door = door_of(request)
    ends = monotonic() + door.limits.stream_seconds
    while (left_seconds := ends - monotonic()) > 0 and not stopping.is_set():
        try:
            events, after = await _next(request, after, filters)
        except LogBusy as busy:
            await asyncio.sleep(busy.retry_after_seconds)
            continue
        except (Refusal, Rejected, OutcomeUnknown):
            return
        for event in events:
            yield _sent(event)
        await _first(door.reader.grown(after), stopping.wait(), within_seconds=left_seconds)


async def _first(*waits: Coroutine[Any, Any, object], within_seconds: float) -> None:
    """Returns when one of them does, or the time is up; the others are called off."""
    tasks = [asyncio.create_task(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, timeout=within_seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _next(request: Request, after: int, filters: Filter) -> tuple[Sequence[StoredEvent], int]:
    """The next events, and the position up to which the log has been looked through.

    Raises a Refusal where whoever follows has lost the session, the key or the post meanwhile, or may do less at it, and
    Rejected where the investigation under which they follow was concluded. The look of a further day is recorded first.
    """
    door = door_of(request)
    until = await door.reader.last_position()
    await expect_still_allowed(request)
    await door.looks.note(request, STREAM)
    log = await open_log(request)
    events = await log.stored(
        after, FOLLOWED_AT_ONCE, until=until, topic=filters.topic, stream=filters.stream
    )
    is_full = len(events) == FOLLOWED_AT_ONCE
    return events, events[-1].position if is_full else max(after, until)


def _sent(event: StoredEvent) -> bytes:
    return b"id: %d\nevent: %b\ndata: %b\n\n" % (event.position, event.topic.encode(), event_bytes(event))

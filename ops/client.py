"""A client of a running server: what the importer and any other programme needs to speak to the door.

    async with Door("http://127.0.0.1:8000", key="jdk_…") as door:
        answers = await door.batch([Ask(key="…", action={"type": "receive_case", …})])

A retry is safe where a key is sent, so everything that carries one is tried again when the server is busy,
restarts or cannot be reached.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self

import httpx
import orjson
from pydantic import BaseModel, ConfigDict, Field, JsonValue

MOST_ASKED_AT_ONCE: Final = 1000
"""Actions in one batch."""
PAGE: Final = 1000
"""Events in one page of the log."""
PAUSE_SECONDS: Final = 0.25
"""Between two tries: a server that restarts is met soon, and a busy one is not pressed."""
RETRIED: Final = frozenset({429, 502, 503, 504, 507})


class DoorClosed(Exception):  # noqa: N818  — it reads as a word of the rules
    """The server cannot be reached, or stayed busy for as long as we were ready to wait."""


class Refused(Exception):  # noqa: N818
    """The server answered a single request with a problem."""

    def __init__(self, problem: "Problem") -> None:
        super().__init__(f"{problem.status} {problem.code}: {problem.title_en or problem.title}")
        self.problem = problem


class Problem(BaseModel):
    """An RFC 9457 body as the door writes it: Chinese sentences, English ones in the members `…_en`."""

    model_config = ConfigDict(hide_input_in_errors=True, frozen=True, extra="ignore")

    type: str = "about:blank"
    status: int = 0
    title: str = ""
    title_en: str = ""
    wanted: str | None = None
    wanted_en: str | None = None
    details: dict[str, Any] = Field(default_factory=dict)
    errors: tuple[dict[str, Any], ...] = ()

    @property
    def code(self) -> str:
        """The stable name: urn:jiandu:problem:case-paused → case-paused."""
        return self.type.rpartition(":")[2]


class RecordedEvent(BaseModel):
    """One event of a receipt."""

    model_config = ConfigDict(hide_input_in_errors=True, frozen=True, extra="ignore")

    position: int
    version: int
    topic: str


class Answer(BaseModel):
    """What became of one asked action: a receipt (201, 200) or a problem."""

    model_config = ConfigDict(hide_input_in_errors=True, frozen=True, extra="ignore")

    status: int
    case_no: str | None = None
    version: int | None = None
    events: tuple[RecordedEvent, ...] = ()
    irregularities: tuple[str, ...] = ()
    problem: Problem | None = None
    replayed: bool = False

    @property
    def is_recorded(self) -> bool:
        return self.problem is None


@dataclass(frozen=True, slots=True)
class Ask:
    """An action to record. No case number: the action opens a case and the server numbers it."""

    key: str
    action: dict[str, JsonValue]
    case_no: str | None = None
    circumstances: dict[str, JsonValue] | None = None

    def body(self) -> dict[str, object]:
        parts = {
            "key": self.key,
            "case_no": self.case_no,
            "action": self.action,
            "circumstances": self.circumstances,
        }
        return {name: part for name, part in parts.items() if part is not None}


class LoggedEvent(BaseModel):
    """An event of the log as `GET /v1/events` shows it."""

    model_config = ConfigDict(hide_input_in_errors=True, frozen=True, extra="allow")

    position: int
    stream: str
    version: int
    topic: str
    occurred_at: str
    envelope: dict[str, Any] = Field(default_factory=dict)
    fact: dict[str, Any] = Field(default_factory=dict)


@dataclass
class Door:
    """A connection to a running server, by an API key."""

    base_url: str
    key: str = field(repr=False)
    patience_seconds: float = 60.0
    """How long a busy or restarting server is waited for."""

    async def __aenter__(self) -> Self:
        self._http = httpx.AsyncClient(
            base_url=self.base_url,
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
            timeout=httpx.Timeout(60.0, connect=5.0),
            trust_env=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def batch(self, asks: Sequence[Ask]) -> list[Answer]:
        """Records up to 1,000 actions; answers each, in order. Raises DoorClosed, Refused (for the whole batch).

        What the log was too busy for is asked again until it is answered.
        """
        answers: dict[int, Answer] = {}
        waiting = list(range(len(asks)))
        deadline = self._deadline()
        while waiting:
            answers.update(zip(waiting, await self._batch([asks[place] for place in waiting]), strict=True))
            waiting = [place for place in waiting if answers[place].status in RETRIED]
            if waiting:
                await self._pause_before(deadline, f"{len(waiting)} actions of a batch")
        return [answers[place] for place in range(len(asks))]

    async def _batch(self, asks: Sequence[Ask]) -> list[Answer]:
        body = orjson.dumps({"actions": [ask.body() for ask in asks]})
        response = await self._send("POST", "/v1/actions:batch", content=body)
        return [Answer.model_validate(entry) for entry in orjson.loads(response.content)["answers"]]

    async def case(self, case_no: str) -> Any:
        return await self._read(f"/v1/cases/{case_no}")

    async def history(self, case_no: str) -> Any:
        return await self._read(f"/v1/cases/{case_no}/history")

    async def master_data(self, kind: str, code: str = "") -> Any:
        """A part of the catalogue: items, units, windows, posts, staff, points, authorisations …"""
        return await self._read(f"/v1/catalogue/{kind}" + (f"/{code}" if code else ""))

    async def events(self, after: int = 0, **filters: str) -> AsyncIterator[LoggedEvent]:
        """The log after a position to its present end, page by page."""
        while True:
            page = await self._read("/v1/events", after=after, limit=PAGE, **filters)
            for entry in page["events"]:
                yield LoggedEvent.model_validate(entry)
            if not page["events"] or page["next_after"] <= after:
                return
            after = page["next_after"]

    async def _read(self, path: str, **parameters: str | int) -> Any:
        response = await self._send("GET", path, params=parameters)
        return orjson.loads(response.content)

    async def _send(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        params: dict[str, str | int] | None = None,
    ) -> httpx.Response:
        """Sends until the server takes it. Raises DoorClosed after `patience_seconds`, Refused where it says no."""
        deadline = self._deadline()
        while True:
            response = await self._attempt(method, path, content, params)
            if response is not None and response.status_code not in RETRIED:
                return _accepted(response)
            await self._pause_before(deadline, f"{method} {self.base_url}{path}")

    def _deadline(self) -> float:
        return asyncio.get_running_loop().time() + self.patience_seconds

    async def _pause_before(self, deadline: float, what: str) -> None:
        if asyncio.get_running_loop().time() + PAUSE_SECONDS > deadline:
            raise DoorClosed(f"{what}: no answer in {self.patience_seconds:g} s")
        await asyncio.sleep(PAUSE_SECONDS)

    async def _attempt(
        self, method: str, path: str, content: bytes | None, params: dict[str, str | int] | None
    ) -> httpx.Response | None:
        try:
            return await self._http.request(method, path, content=content, params=params)
        except httpx.TransportError:
            return None


def _accepted(response: httpx.Response) -> httpx.Response:
    if response.status_code >= httpx.codes.BAD_REQUEST:
        raise Refused(_problem(response))
    return response


def _problem(response: httpx.Response) -> Problem:
    try:
        return Problem.model_validate_json(response.content)
    except ValueError:
        return Problem(status=response.status_code, title=response.reason_phrase)

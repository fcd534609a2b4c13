"""A few hundred clients of a running server, who write down what they know and never give up early.

Each client opens cases and acts on them; some act on one case that all share. A client whose answer is lost asks
again with the same key, or leaves it in the open and goes on, as clients do; it waits longer each time, so that the
server has the processors to itself while it starts. Now and then an answered action is asked again, to hear the first
answer.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from time import monotonic
from typing import Any, Final

import orjson

from tests.chaos.journal import Fail, Invoke, Journal, Ok, Seen, Unknown
from tests.serving import KEY

ACTIONS_PER_CASE: Final = 4
ANSWER_SECONDS: Final = 30
FIRST_PAUSE_SECONDS: Final = 0.05
LONGEST_PAUSE_SECONDS: Final = 0.8
BUSY: Final = "urn:jiandu:problem:log-busy"
FULL: Final = "urn:jiandu:problem:storage-full"
NOT_NOW: Final = (BUSY, FULL)
SET_BACK: Final = "urn:jiandu:problem:log-set-back"
UNKNOWN: Final = "urn:jiandu:problem:outcome-unknown"
LOST_RACE: Final = "urn:jiandu:problem:version-conflict"
LOST: Final = (OSError, asyncio.IncompleteReadError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    document: dict[str, Any]


class Wire:
    """One keep-alive connection to 127.0.0.1, opened anew when it was lost."""

    def __init__(self, port: int, actor: str) -> None:
        self._port, self._actor = port, actor
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """Raises what LOST names when the answer does not arrive."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self._ask(method, path, body, headers)
        except LOST:
            self.close()
            raise

    async def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        given = {
            "Host": "127.0.0.1",
            **KEY,
            "X-Jiandu-Speaks-For": self._actor,
            "Content-Length": str(len(body)),
        }
        given |= {"Content-Type": "application/json"} | {k.replace("_", "-"): v for k, v in headers.items()}
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items())]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return await _answer(reader)

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None


async def _answer(reader: asyncio.StreamReader) -> Answer:
    first, *rest = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest if line)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Answer(int(first.split()[1]), headers, orjson.loads(body) if body else {})


@dataclass
class Load:
    """All clients of one run. `opening(key)` and `acting(key)` make the bodies of their requests."""

    port: int
    journal: Journal
    clients: int
    actor: str
    opening: Callable[[str], dict[str, Any]]
    acting: Callable[[str], dict[str, Any]]
    first_client: int = 0
    """Of two loads that share a journal each has numbers of its own."""
    seed: int = 1
    acknowledged: int = 0
    unknown: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    """How often each problem was answered."""
    longest_seconds: float = 0
    """So long the slowest answer took, of whatever kind."""
    is_ending: bool = False
    shared_case: str = ""
    unexpected: list[str] = field(default_factory=list)
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, disturb: Callable[["Load"], Awaitable[None]]) -> None:
        """Runs all clients while `disturb` does its work, then lets each finish what it began."""
        async with asyncio.TaskGroup() as group:
            after_last = self.first_client + self.clients
            for number in range(self.first_client, after_last):
                group.create_task(_Client(self, number).work())
            group.create_task(_Reader(self, after_last).work())
            try:
                await disturb(self)
            finally:
                self.is_ending = True

    async def ask_again(self, answered: Sequence[tuple[str, str | None]]) -> None:
        """Repeats actions that were acknowledged at some time, each with its key and the case it named."""
        again = _Client(self, self.clients + 1)
        for key, case_no in answered:
            await again.attempt(key, case_no)
        again.close()

    async def ask_at_once(self, errands: Sequence[tuple[str, str | None]], *, clients: int) -> None:
        """Each client takes the next one as soon as it was answered."""
        waiting = iter(errands)

        async def work(number: int) -> None:
            client = _Client(self, number)
            for key, case_no in waiting:
                await client.attempt(key, case_no)
            client.close()

        async with asyncio.TaskGroup() as group:
            for number in range(clients):
                group.create_task(work(number))

    async def progress(self, actions: int) -> None:
        """Returns when so many more actions have been acknowledged."""
        goal = self.acknowledged + actions
        async with asyncio.timeout(60):
            while self.acknowledged < goal:
                self.heard.clear()
                await self.heard.wait()


class _Client:
    def __init__(self, load: Load, number: int) -> None:
        self._load, self._number = load, number
        self._random = Random(f"{load.seed}-{number}")
        self._wire = Wire(load.port, load.actor)
        self._asked = 0
        self._pause_seconds = FIRST_PAUSE_SECONDS

    async def work(self) -> None:
        try:
            while not self._load.is_ending:
                await self._one_case()
        finally:
            self.close()

    def close(self) -> None:
        self._wire.close()

    async def _one_case(self) -> None:
        receipt = await self._record(None)
        for _ in range(ACTIONS_PER_CASE):
            if self._load.is_ending or receipt is None:
                return
            shares = self._load.shared_case and self._random.random() < 0.1
            await self._record(self._load.shared_case if shares else receipt["case_no"])

    async def _record(self, case_no: str | None) -> dict[str, Any] | None:
        """Asks until it is answered, or until it leaves an unknown outcome in the open."""
        self._asked += 1
        key = f"c{self._number}-{self._asked}"
        while True:
            receipt = await self.attempt(key, case_no)
            if receipt is not None:
                self._pause_seconds = FIRST_PAUSE_SECONDS
                if self._random.random() < 0.05:
                    await self.attempt(key, case_no)
                return receipt
            if self._load.is_ending and self._load.refused[SET_BACK]:
                return None  # nobody is answered any more
            await asyncio.sleep(self._pause_seconds * self._random.uniform(0.5, 1.5))
            self._pause_seconds = min(2 * self._pause_seconds, LONGEST_PAUSE_SECONDS)
            if self._random.random() < 0.2:
                return None

    async def attempt(self, key: str, case_no: str | None) -> dict[str, Any] | None:
        journal = self._load.journal
        await journal.write(Invoke(self._number, key, case_no))
        sent = monotonic()
        try:
            answer = await self._send(key, case_no)
        except LOST:
            answer = None
        self._load.longest_seconds = max(self._load.longest_seconds, monotonic() - sent)
        match answer:
            case Answer(status=200 | 201):
                is_repeat = answer.headers.get("idempotent-replayed") == "true"
                await journal.write(Ok(self._number, key, answer.document, is_repeat))
                self._load.acknowledged += 1
                self._load.heard.set()
                return answer.document
            case Answer(document={"type": problem}) if problem != UNKNOWN:
                await journal.write(Fail(self._number, key, problem))
                self._load.refused[problem] += 1
                if problem not in NOT_NOW and not (
                    problem == LOST_RACE and case_no == self._load.shared_case
                ):
                    self._load.unexpected.append(f"{key}: {answer}")
            case _:
                self._load.unknown += 1
                await journal.write(Unknown(self._number, key))
        return None

    async def _send(self, key: str, case_no: str | None) -> Answer:
        load = self._load
        if case_no is None:
            return await self._wire.ask(
                "POST", "/v1/cases", _body(load.opening(key), key), Idempotency_Key=key
            )
        path = f"/v1/cases/{case_no}/actions"
        body = _body(load.acting(key), key)
        return await self._wire.ask("POST", path, body, Idempotency_Key=key, If_Match="*")


class _Reader:
    """Reads where the log ends: what was once read must never be gone."""

    def __init__(self, load: Load, number: int) -> None:
        self._load, self._number = load, number
        self._wire = Wire(load.port, load.actor)

    async def work(self) -> None:
        while not self._load.is_ending:
            try:
                answer = await self._wire.ask("GET", "/v1/events?limit=1")
            except LOST:
                answer = None
            if answer is not None and answer.status == 200:
                await self._load.journal.write(Seen(self._number, answer.document["last_position"]))
            await asyncio.sleep(0.05)
        self._wire.close()


def _body(action: dict[str, Any], key: str) -> bytes:
    """The key stands in the action itself, so that the log can be compared with the journal."""
    return orjson.dumps({"action": action, "circumstances": {"place": key}})

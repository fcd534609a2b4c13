"""Clients who send hundreds of actions at once, and ask again until each is answered."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final, NamedTuple

import orjson

from tests.chaos.clients import LOST, NOT_NOW, UNKNOWN, Answer, Wire
from tests.chaos.journal import Fail, Invoke, Journal, Line, Ok, Unknown

IN_A_BATCH: Final = 500
ACTIONS_PER_CASE: Final = 3
PAUSE_SECONDS: Final = 0.2
LONGEST_SECONDS: Final = 600
"""Ten times what a hundred thousand actions take: a run that lasts so long has stopped."""


class Errand(NamedTuple):
    """One action, to be asked under one key until it is answered."""

    key: str
    case_no: str | None


@dataclass
class BatchLoad:
    """All clients of one run: each opens hundreds of cases, acts on all of them, and begins again."""

    port: int
    journal: Journal
    clients: int
    actor: str
    opening: Callable[[str], dict[str, Any]]
    acting: Callable[[str], dict[str, Any]]
    goal: int
    acknowledged: int = 0
    unknown: int = 0
    unexpected: list[str] = field(default_factory=list)
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, disturb: Callable[["BatchLoad"], Awaitable[None]]) -> None:
        """Until so many actions as `goal` are acknowledged, while `disturb` does its work. Raises TimeoutError."""
        async with asyncio.timeout(LONGEST_SECONDS), asyncio.TaskGroup() as group:
            group.create_task(disturb(self))
            for number in range(self.clients):
                group.create_task(self._work(number))

    async def reach(self, acknowledged: int) -> None:
        """Returns when so many actions have been acknowledged."""
        while self.acknowledged < acknowledged:
            self.heard.clear()
            await self.heard.wait()

    async def _work(self, number: int) -> None:
        wire, keys = Wire(self.port, self.actor), (f"b{number}-{n}" for n in count())
        while self.acknowledged < self.goal:
            cases: list[str | None] = [None] * IN_A_BATCH
            for _ in range(1 + ACTIONS_PER_CASE):
                if self.acknowledged >= self.goal:
                    break
                cases = await self._carry_out(
                    number, wire, [Errand(key, case_no) for case_no, key in zip(cases, keys, strict=False)]
                )
        wire.close()

    async def _carry_out(self, number: int, wire: Wire, errands: list[Errand]) -> list[str | None]:
        """The cases of the errands, when all are acknowledged."""
        cases: list[str | None] = []
        while errands:
            await self.journal.write(*(Invoke(number, *errand) for errand in errands))
            lines = self._lines(number, errands, await self._answers(wire, errands))
            await self.journal.write(*lines)
            told = [line for line in lines if isinstance(line, Ok)]
            self.acknowledged += len(told)
            self.heard.set()
            cases += [line.receipt["case_no"] for line in told]
            done = {line.key for line in told}
            errands = [errand for errand in errands if errand.key not in done]
            if errands:
                self.unknown += len(errands)
                await asyncio.sleep(PAUSE_SECONDS)
        return cases

    async def _answers(self, wire: Wire, errands: list[Errand]) -> list[dict[str, Any]] | None:
        body = orjson.dumps({"actions": [self._asked(errand) for errand in errands]})
        try:
            answer: Answer = await wire.ask("POST", "/v1/actions:batch", body)
        except LOST:
            return None
        return answer.document.get("answers")

    def _asked(self, errand: Errand) -> dict[str, Any]:
        action = self.acting(errand.key) if errand.case_no else self.opening(errand.key)
        named = {"case_no": errand.case_no} if errand.case_no else {}
        return {"key": errand.key, "action": action, "circumstances": {"place": errand.key}, **named}

    def _lines(self, number: int, errands: list[Errand], answers: list[dict[str, Any]] | None) -> list[Line]:
        if answers is None:
            return [Unknown(number, errand.key) for errand in errands]
        pairs = zip(errands, answers, strict=True)
        return [self._line(number, errand.key, answer) for errand, answer in pairs]

    def _line(self, number: int, key: str, answer: dict[str, Any]) -> Line:
        if "problem" not in answer:
            is_repeat = answer.pop("replayed")
            return Ok(number, key, answer, is_repeat)
        problem = answer["problem"]["type"]
        if problem == UNKNOWN:
            return Unknown(number, key)
        if problem not in NOT_NOW:
            self.unexpected.append(f"{key}: {answer}")
        return Fail(number, key, problem)

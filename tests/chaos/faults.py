"""What a fault test needs: a county to work in, a server that can be killed, a load, and the verdict."""

import asyncio
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import orjson
import psycopg

from tests.chaos import journal as journals
from tests.chaos.checker import rows_of, violations
from tests.chaos.clients import Load, Wire
from tests.county import HOMESTEAD, TOWN_CLERK_POST
from tests.examples import VILLAGER
from tests.serving import SCHEMA, Serving, launched
from tests.waiting import wait_until

CLIENTS = 200
ASKED_AGAIN = 300
WRITERS = """
select pid from pg_stat_activity
where query like '%from append(%' and pid <> pg_backend_pid()
"""
CLERK = f"a-town-clerk@{TOWN_CLERK_POST}"


class MortalServer:
    """`jiandu serve` on one port for all its lives."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self.port = free_port()
        self._settings = {**settings, "JIANDU_PORT": str(self.port)}
        self._life = ExitStack()
        self.lives: list[Serving] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._life.__exit__(*exc)

    async def __aenter__(self) -> Self:
        """For tests whose own loop carries what the server says to its database."""
        await asyncio.to_thread(self.start)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await asyncio.to_thread(self._life.__exit__, *exc)

    def start(self) -> None:
        server = self._life.enter_context(launched("serve", settings=self._settings))
        self.lives.append(server)
        server.wait_until_ready()

    def kill(self) -> None:
        self.lives[-1].process.kill()
        self._life.close()


def writers(dsn: str) -> list[int]:
    """The backends whose last statement was an append."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        return [pid for (pid,) in connection.execute(WRITERS)]


def kill_a_writer(dsn: str) -> None:
    """SIGKILL for one backend that has appended; PostgreSQL then restarts all of them."""
    first, *_ = wait_until(lambda: writers(dsn))  # the one before may just have been killed
    os.kill(first, signal.SIGKILL)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def under_load(
    port: int,
    journal_file: Path,
    disturb: Callable[[Load], Awaitable[None]],
    *,
    clients: int = CLIENTS,
    asked_again: int = ASKED_AGAIN,
) -> Load:
    """Hundreds of clients while `disturb` does its work."""
    with journals.Journal(journal_file) as journal:
        load = Load(port, journal, clients, CLERK, opening, acting)
        load.shared_case = await first_case(load)
        await load.run(disturb)
        await load.ask_again(some_answered(journals.read(journal_file), asked_again))
    return load


def some_answered(journal: Sequence[journals.Line], many: int) -> list[tuple[str, str | None]]:
    """Key and case of about so many acknowledged actions, from the whole length of the run."""
    case_by_key = {line.key: line.case_no for line in journal if isinstance(line, journals.Invoke)}
    answered = [line.key for line in journal if isinstance(line, journals.Ok)]
    return [(key, case_by_key[key]) for key in answered[:: max(1, len(answered) // many)]]


async def first_case(load: Load) -> str:
    wire = Wire(load.port, load.actor)
    answer = await wire.ask("POST", "/v1/cases", orjson.dumps({"action": opening("shared")}))
    wire.close()
    assert answer.status == 201, answer
    return answer.document["case_no"]


def verdict(journal_file: Path, dsn: str) -> list[str]:
    return violations(journals.read(journal_file), rows_of(dsn, SCHEMA))


def opening(key: str) -> dict[str, Any]:
    return {"type": "receive_case", "item_code": HOMESTEAD, "applicant_ref": VILLAGER, "external_ref": key}


def acting(key: str) -> dict[str, Any]:
    return {"type": "correct_on_spot", "what": f"页码 {key}"}

"""The two references of the HTTP path, each a server of its own: `python -m ops.benchmarks.references NAME PORT`.

memory  our door on a log in a list: the same endpoint without a database.
stock   the same request on the eventsourcing library's stock application and PostgreSQL recorder, set by its
        own environment variables (PERSISTENCE_MODULE, POSTGRES_…).
"""

import sys
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import uvicorn
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from fastapi import FastAPI
from pydantic import BaseModel
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.app import create_app, utc_now
from api.authentication import Authentication
from api.journal import Journal
from domain.access.keys import ApiKey
from domain.application import Keeper
from domain.case.steps.commands import CompleteStep
from domain.catalogue import Catalogue
from domain.grammar import Circumstances, Occasion
from domain.store.memory import MemoryLog, MemorySecrets
from domain.subject.values import Person
from domain.window.values import Role
from ops.accounts import Accounts, a_key
from ops.catalogue_files import load
from ops.serve import spare_collections
from ops.whole_answers import WholeAnswers

DEMO_COUNTY: Final = Path(__file__).resolve().parents[1] / "demo_county"


SECRET: Final = "b" * 43


def bench_key() -> ApiKey:
    """Of the programme that makes the load; it speaks for the posts of the demo county."""
    key = a_key("bench", "基准测试", Role.importer, "610999000000", speaks_for_posts=True)
    return key.model_copy(update={"key_id": "bench"})


class CountedSerials:
    def __init__(self) -> None:
        self._last: Counter[tuple[str, date]] = Counter()

    async def next(self, division: str, day: date) -> int:
        self._last[division, day] += 1
        return self._last[division, day]


class ForgottenPeople:
    """The load names nobody but the staff, whose names nobody reads."""

    def __init__(self) -> None:
        self._count = 0

    async def enrol(self, _: Person, _occasion: Occasion) -> str:
        self._count += 1
        return f"p-{self._count:032x}"


def memory() -> FastAPI:
    keeper = Keeper(MemoryLog(), Catalogue())
    people: Any = ForgottenPeople()
    reader: Any = None  # the load repeats no key and reads nothing
    secrets, journal = MemorySecrets(), Journal(keeper, utc_now)
    app = create_app(
        keeper=keeper,
        identification=Authentication(keeper, secrets, journal, utc_now),
        journal=journal,
        reader=reader,
        people=people,
        serials=CountedSerials(),
    )

    async def fill() -> None:
        await load(keeper, people, DEMO_COUNTY, received_at=datetime.now(UTC))
        await Accounts(keeper, secrets).issue(bench_key(), SECRET)
        spare_collections()

    app.router.on_startup.append(fill)
    return app


class StockCase(Aggregate):
    """A case as the library's guide would write it."""

    @event("Received")
    def __init__(self) -> None:
        self.completed_codes: set[str] = set()
        self.circumstances: dict[str, Any] = {}

    @event("StepCompleted")
    def complete_step(self, step: dict[str, Any], circumstances: dict[str, Any]) -> None:
        self.completed_codes.add(step["step_code"])
        self.circumstances = circumstances


class StockHall(Application[UUID]):
    def receive(self) -> UUID:
        case = StockCase()
        self.save(case)
        return case.id

    def complete_step(self, case_id: UUID, step: dict[str, Any], circumstances: dict[str, Any]) -> int:
        case: StockCase = self.repository.get(case_id)
        case.complete_step(step=step, circumstances=circumstances)
        return self.save(case)[-1].notification.id


class StepBody(BaseModel):
    action: CompleteStep
    circumstances: Circumstances = Circumstances()


def stock() -> FastAPI:
    app, hall = FastAPI(), StockHall()
    spare_collections()

    @app.post("/v1/cases", status_code=201)
    def open_case() -> dict[str, str]:
        return {"case_no": str(hall.receive())}

    @app.post("/v1/cases/{case_no}/actions", status_code=201)
    def record_action(case_no: UUID, body: StepBody) -> dict[str, int]:
        step, circumstances = body.action.model_dump(mode="json"), body.circumstances.model_dump(mode="json")
        return {"position": hall.complete_step(case_no, step, circumstances)}

    return app


if __name__ == "__main__":
    name, port = sys.argv[1], int(sys.argv[2])
    app, protocol = (stock(), HttpToolsProtocol) if name == "stock" else (memory(), WholeAnswers)
    uvicorn.run(app, http=protocol, port=port, log_level="warning", access_log=False)

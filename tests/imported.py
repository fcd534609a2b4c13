"""A running server with the catalogue of the municipality whose log is taken in, the import, and what is answered then."""

import asyncio
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import orjson
import pytest

from ops.importing.mapping import SHIPPED
from tests import asking
from tests.servers import Servers, fresh_database
from tests.serving import KEY, ROOT, TOKEN, WITH_VIEWS, issue_key, jiandu, launched, serving
from tests.waiting import wait_until

IMPORTER = KEY
RECEIVED, STEP, CONCLUDED = "case.received.v1", "case.step_completed.v1", "case.concluded.v1"


def real_log() -> Path:
    """The real log; it is not part of the project and lies beside the checkout, or where JIANDU_REAL_DATA says."""
    folder = Path(os.environ.get("JIANDU_REAL_DATA") or ROOT.parent / "shared" / "data")
    path = folder / "receipt.csv.gz"
    if not path.exists():
        pytest.skip(f"the real log is not there: {path} (JIANDU_REAL_DATA names its folder)")
    return path


@contextmanager
def municipality(servers: Servers) -> Iterator[httpx.Client]:
    """A client of a server that knows the item and the units, and has recorded nothing else."""
    with fresh_database(servers.named("embedded-18").dsn) as database:
        settings = {"JIANDU_DATABASE_URL": database}
        loaded = jiandu("load-catalogue", str(SHIPPED / "receipt_phase"), settings=settings)
        assert loaded.returncode == 0, loaded.stdout + loaded.stderr
        asyncio.run(issue_key(database))
        with (
            serving(settings | WITH_VIEWS) as server,
            asking.a_client(base_url=server.address, headers=IMPORTER) as client,
        ):
            yield client


def cases(client: httpx.Client) -> list[dict]:
    """Every event about a case, in the order of the log."""
    events: list[dict] = []
    after = 0
    while True:
        page = client.get("/v1/events", params={"after": after, "limit": 1000}).json()
        events += [event for event in page["events"] if event["stream"].startswith("case:")]
        if not page["events"]:
            return events
        after = page["next_after"]


def told_by(client: httpx.Client, path: str, query: dict) -> httpx.Response:
    """The answer of the views, which are built while the server runs."""

    def answered() -> httpx.Response | None:
        answer = client.get(path, params=query)
        return None if answer.status_code == 503 else answer

    answer = wait_until(answered)
    assert answer.status_code == 200, answer.text
    return answer


class Imported:
    """The server after the import, and what it then answered."""

    def __init__(self, client: httpx.Client, folder: Path, log: Path) -> None:
        self.client = client
        self.progress = folder / "progress.jsonl"
        self.report = folder / "report.json"
        self.words = (
            "import", str(log), "--mapping", "receipt_phase", "--server", str(client.base_url).rstrip("/"),
            "--report", str(self.report),
        )  # fmt: skip

    def run(self, progress: Path | None = None) -> dict:
        done = jiandu(
            *self.words, "--progress", str(progress or self.progress), settings={"JIANDU_API_KEY": TOKEN}
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return orjson.loads(self.report.read_bytes())

    def run_and_kill(self) -> None:
        """Kills the importer as soon as it has noted some progress."""
        words = (*self.words, "--progress", str(self.progress))
        with launched(*words, settings={"JIANDU_API_KEY": TOKEN}) as importer:
            wait_until(
                lambda: self.stretches() > 1 or importer.process.poll() is not None, every_seconds=0.02
            )
            assert importer.process.poll() is None, importer.said
            importer.process.kill()

    def stretches(self) -> int:
        return self.progress.read_bytes().count(b"\n") - 1 if self.progress.exists() else 0


def read(imported: Imported, path: str) -> dict[str, dict]:
    """What the server answers about every case, by case number."""
    numbers = [event["stream"].removeprefix("case:") for event in of(imported, RECEIVED)]
    with ThreadPoolExecutor(8) as threads:
        answers = threads.map(lambda number: imported.client.get(path.format(number)).json(), numbers)
        return dict(zip(numbers, answers, strict=True))


def of(imported: Imported, *topics: str) -> list[dict]:
    return [event for event in imported.events if event["topic"] in topics]


def group_of(event: dict) -> str:
    """The source's name of the group that acted."""
    code = event["envelope"]["actor"].get("unit_code")
    return code.replace("group-", "Group ") if code else "EMPTY"


def answered(imported: Imported, path: str, **query) -> dict:
    """The answer of the views, which are built while the server runs."""
    return told_by(imported.client, path, query).json()

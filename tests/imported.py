"""A running server with the catalogue of the municipality whose log is taken in, and what it answers."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from ops.importing.mapping import SHIPPED
from tests.servers import Servers, fresh_database
from tests.serving import KEY, ROOT, WITH_VIEWS, issue_key, jiandu, serving
from tests.waiting import wait_until

IMPORTER = KEY


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
            httpx.Client(base_url=server.address, headers=IMPORTER, trust_env=False, timeout=60) as client,
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

"""The live stream of a running server: a reader that reads nothing, and a server that stops."""

import asyncio
import socket
import threading
import time
from urllib.parse import urlsplit

import httpx
import pytest

from tests import asking
from tests.county import HOMESTEAD
from tests.serving import KEY, serving, settle_county
from tests.waiting import wait_until

ACTOR = KEY | {"X-Jiandu-Speaks-For": "a-town-clerk@P-T03"}
WATCHER = KEY | {"X-Jiandu-Speaks-For": "a-discipline@P-JW"}
"""To whom every kind of event is told."""
RECEIPT = {"action": {"type": "receive_case", "item_code": HOMESTEAD, "applicant_ref": "p-" + "0" * 32}}


@pytest.fixture
def server(database18):
    asyncio.run(settle_county(database18))
    with serving({"JIANDU_DATABASE_URL": database18}) as server:
        yield server


def record(server, count):
    batch = {"actions": [RECEIPT | {"key": f"{count}-{n}"} for n in range(count)]}
    answer = asking.post(f"{server.address}/v1/actions:batch", json=batch, headers=ACTOR)
    assert answer.status_code == 200


def idle(server):
    """A connection that asks for the stream and reads nothing of it."""
    address = urlsplit(server.address)
    connection = socket.create_connection((address.hostname, address.port))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    told = "\r\n".join(f"{name}: {value}" for name, value in KEY.items())
    request = f"GET /v1/events/stream?after=0 HTTP/1.1\r\nHost: x\r\n{told}\r\n\r\n"
    connection.sendall(request.encode())
    return connection


class Follower(threading.Thread):
    """Somebody of the whole county, who reads the stream from its beginning to its end."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.address, self.positions, self.error = server.address, [], None
        self.start()

    def run(self):
        try:
            self._read()
        except httpx.HTTPError as error:
            self.error = error

    def _read(self):
        url = f"{self.address}/v1/events/stream?after=0"
        with asking.stream("GET", url, headers=WATCHER) as stream:
            for line in stream.iter_lines():
                if line.startswith("id: "):
                    self.positions.append(int(line[4:]))

    def wait_for(self, position):
        wait_until(lambda: position in self.positions[-1:], every_seconds=0.02)


def test_followers_hear_everything_once_whoever_sleeps_and_a_stopping_server_lets_them_go(server):
    follower = Follower(server)
    with idle(server):
        for count in (1, 150, 1000):
            record(server, count)
        last = asking.get(f"{server.address}/readyz").json()["last_position"]
        follower.wait_for(last)
        began = time.monotonic()
        assert server.stop() == 0
    follower.join(10)
    assert time.monotonic() - began < 10
    assert follower.error is None, "the stream was torn"
    assert follower.positions == list(range(1, last + 1))

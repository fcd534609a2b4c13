"""The witness over HTTP: add-checkpoint, and the latest checkpoint for whoever monitors.  Source: C2SP tlog-witness."""

import json
import re
import socket
import ssl
import sys
import threading
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from domain.proof.policy import MalformedPolicy
from ops.witness.desk import Answer, ClockBehind, Desk
from ops.witness.memory import MemoryDamaged
from ops.witness.submission import MOST_BYTES

IDLE_SECONDS: Final = 30
MOST_CONNECTIONS: Final = 64
HEARD_OUT_SECONDS: Final = 1
HEARD_OUT_BYTES: Final = 1 << 20

_MONITORED: Final = re.compile(r"/([0-9a-f]{64})/checkpoint")
_LENGTH: Final = re.compile(r"[0-9]{1,9}")


class Server(ThreadingHTTPServer):
    """A thread for each connection, and no more connections than it has threads to spare."""

    daemon_threads = True
    request_queue_size = MOST_CONNECTIONS

    def __init__(self, address: tuple[str, int], desk: Desk, *, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(address, Handler)
        self.desk = desk
        self._tls = tls
        self._room = threading.BoundedSemaphore(MOST_CONNECTIONS)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._room.acquire()
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def get_request(self) -> tuple[Any, Any]:
        """The handshake comes with the first reading, in the connection's own thread: who dawdles keeps nobody waiting."""
        connection, address = super().get_request()
        connection.settimeout(IDLE_SECONDS)
        if self._tls is not None:
            connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def handle_error(self, _request: Any, _client_address: Any) -> None:
        trouble = sys.exception()
        if not isinstance(trouble, OSError):  # a client that leaves is none
            say("broke", error=repr(trouble))


class Handler(BaseHTTPRequestHandler):
    """One connection, kept alive for as long as requests come."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "jiandu-witness", ""
    timeout = IDLE_SECONDS

    def do_POST(self) -> None:
        body = self._body()
        if isinstance(body, Answer):
            self.close_connection = True  # its body stands unread on the wire
            self._answer(body)
            self._hear_out()
        elif self.path == "/add-checkpoint":
            self._answer(self._judged(body))
        else:
            self._answer(NOTHING_HERE)

    def do_GET(self) -> None:
        monitored = _MONITORED.fullmatch(self.path)
        if self.path == "/":
            self._answer(Answer(HTTPStatus.OK, f"{self.server.desk.signer.key(4).vkey()}\n".encode()))
        elif monitored and (latest := self.server.desk.latest(monitored[1])):
            self._answer(Answer(HTTPStatus.OK, latest))
        else:
            self._answer(NOTHING_HERE)

    def _judged(self, body: bytes) -> Answer:
        """Whatever keeps the witness from knowing keeps it from signing."""
        try:
            answer = self.server.desk.add_checkpoint(body)
        except (OSError, MemoryDamaged, MalformedPolicy, ClockBehind) as trouble:
            say("cannot-sign", error=repr(trouble))
            return CANNOT_SIGN
        say("answered", status=int(answer.status), said=answer.body.decode(errors="replace").strip())
        return answer

    def _body(self) -> bytes | Answer:
        told = self.headers.get("content-length", "")
        if not _LENGTH.fullmatch(told) or "transfer-encoding" in self.headers:
            return Answer(HTTPStatus.LENGTH_REQUIRED, b"Content-Length is needed\n")
        if int(told) > MOST_BYTES:
            return Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b"at most %d bytes\n" % MOST_BYTES)
        return self.rfile.read(int(told))

    def _answer(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer.body)

    def _hear_out(self) -> None:
        """Whoever is still writing would lose the answer to a reset if all were closed now (RFC 9112, section 9.6)."""
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(HEARD_OUT_SECONDS)
            left = HEARD_OUT_BYTES
            while left > 0 and (thrown_away := self.rfile.read1(min(left, MOST_BYTES))):
                left -= len(thrown_away)

    def log_message(self, *_: Any) -> None:
        """Said once, with its outcome, by whoever answers."""


NOTHING_HERE: Final = Answer(HTTPStatus.NOT_FOUND, "nothing here 此处无内容\n".encode())
CANNOT_SIGN: Final = Answer(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "the witness cannot sign now; its keeper knows why 见证人暂不能签署,原因见其日志\n".encode(),
)


def say(event: str, **words: object) -> None:
    """One line of JSON on stderr."""
    print(json.dumps({"event": event, **words}, ensure_ascii=False), file=sys.stderr, flush=True)


def tls_from(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context

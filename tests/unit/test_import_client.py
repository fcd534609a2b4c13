"""The client of the door: patient with a busy server, plain about one that is not there."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ops.client import Ask, Door, DoorClosed, Refused

RECORDED = {
    "status": 201,
    "case_no": "1",
    "version": 1,
    "events": [],
    "irregularities": ["P05"],
    "replayed": False,
}
BUSY = {"status": 503, "problem": {"type": "urn:jiandu:problem:log-busy", "status": 503, "title": "忙"}}
REJECTED = {
    "status": 409,
    "problem": {
        "type": "urn:jiandu:problem:case-paused",
        "status": 409,
        "title": "挂起",
        "title_en": "Paused.",
    },
}
ASKS = [Ask(key=key, action={"type": "conclude"}, case_no="1") for key in "abc"]


class Script:
    """Answers one after the other, and what was asked for them."""

    def __init__(self, answers: list[tuple[int, dict]]) -> None:
        self.answers = answers
        self.asked: list[dict] = []


@contextmanager
def answering(*answers: tuple[int, dict]) -> Iterator[tuple[str, Script]]:
    script = Script(list(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            script.asked.append(json.loads(body))
            self._answer()

        def do_GET(self) -> None:
            self._answer()

        def _answer(self) -> None:
            status, document = script.answers.pop(0)
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", script
        server.shutdown()
        thread.join()


async def test_each_action_gets_its_own_answer_in_order():
    with answering((207, {"answers": [RECORDED, REJECTED, RECORDED]})) as (address, _):
        async with Door(address, "jdk_any") as door:
            answers = await door.batch(ASKS)
    assert [answer.is_recorded for answer in answers] == [True, False, True]
    assert answers[0].irregularities == ("P05",)
    assert answers[1].problem is not None
    assert (answers[1].problem.code, answers[1].problem.title_en) == ("case-paused", "Paused.")


async def test_what_the_log_was_too_busy_for_is_asked_again_and_nothing_else():
    first, second = {"answers": [RECORDED, BUSY, REJECTED]}, {"answers": [RECORDED]}
    with answering((503, {}), (207, first), (200, second)) as (address, script):
        async with Door(address, "jdk_any") as door:
            answers = await door.batch(ASKS)
    assert [answer.status for answer in answers] == [201, 201, 409]
    assert [[ask["key"] for ask in asked["actions"]] for asked in script.asked] == [
        ["a", "b", "c"],
        ["a", "b", "c"],
        ["b"],
    ]


async def test_a_server_that_is_not_there_is_waited_for_only_so_long():
    async with Door("http://127.0.0.1:9", "jdk_any", patience_seconds=0.3) as door:
        with pytest.raises(DoorClosed):
            await door.batch(ASKS)


async def test_a_refused_request_carries_the_problem():
    problem = {
        "type": "urn:jiandu:problem:case-unknown",
        "status": 404,
        "title": "无此办件",
        "title_en": "None.",
    }
    with answering((404, problem)) as (address, _):
        async with Door(address, "jdk_any") as door:
            with pytest.raises(Refused) as refused:
                await door.case("1")
    assert refused.value.problem.code == "case-unknown"


async def test_the_log_is_read_page_by_page_to_its_end():
    def event(position):
        return {
            "position": position, "stream": "case:1", "version": position, "topic": "t",
            "occurred_at": "2026-03-04T01:00:00Z", "envelope": {}, "fact": {},
        }  # fmt: skip

    pages = (
        (200, {"events": [event(1), event(2)], "next_after": 2, "last_position": 3}),
        (200, {"events": [event(3)], "next_after": 3, "last_position": 3}),
        (200, {"events": [], "next_after": 3, "last_position": 3}),
    )
    with answering(*pages) as (address, _):
        async with Door(address, "jdk_any") as door:
            assert [event.position async for event in door.events()] == [1, 2, 3]

"""Files on their way: nothing is read ahead of what is taken, and what was opened is closed, however it ends."""

import asyncio
from contextlib import AsyncExitStack
from hashlib import sha256

import pytest

from api import exporting
from api.exporting import Format, TableResponse
from projections.exports.tables import Column, Table
from tests.waiting import until

WORDS = Table("words", "词", (Column("word", "词"),))
SCOPE = {"type": "http", "method": "GET", "asgi": {"spec_version": "2.3"}}


class Traffic:
    """A file being sent to a reader who takes so many messages."""

    def __init__(self, takes):
        self.pages = 0
        self.sent = []
        self.is_closed = False
        self.left = asyncio.Event()
        self._takes = takes

    async def file(self, pages=1000, format_=Format.csv):
        closing = AsyncExitStack()
        closing.callback(self._close)
        response = TableResponse(WORDS, format_, self._pages(pages), {"mode": "live"}, closing)
        await response(SCOPE, self._receive, self._send)

    async def _pages(self, pages):
        for n in range(pages):
            self.pages += 1
            # nothing that a workbook could press together into nothing
            yield [{"word": sha256(f"{n} {m}".encode()).hexdigest()} for m in range(1000)]

    def _close(self):
        self.is_closed = True

    async def _receive(self):
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message):
        if len(self.sent) == self._takes:
            await asyncio.Event().wait()
        self.sent.append(message)
        await asyncio.sleep(0)


@pytest.mark.parametrize("format_", [Format.csv, Format.xlsx, Format.jsonl])
async def test_nobody_reads_ahead_of_a_reader_who_takes_no_more(format_):
    traffic = Traffic(takes=4)  # the head of the answer, and three pieces at most
    sending = asyncio.create_task(traffic.file(format_=format_))
    await until(lambda: len(traffic.sent) == 4)
    await asyncio.sleep(0.05)
    assert traffic.pages <= 4
    traffic.left.set()
    await sending
    assert traffic.pages <= 4
    assert traffic.is_closed


async def test_a_reader_who_leaves_ends_the_reading():
    traffic = Traffic(takes=3)
    sending = asyncio.create_task(traffic.file())
    await until(lambda: len(traffic.sent) == 3)
    traffic.left.set()
    await sending
    assert traffic.is_closed
    assert traffic.pages < 5


async def test_a_reader_who_takes_nothing_for_too_long_is_let_go(monkeypatch):
    monkeypatch.setattr(exporting, "SEND_SECONDS", 0.05)
    traffic = Traffic(takes=3)
    with pytest.raises(TimeoutError):
        await traffic.file()
    assert traffic.is_closed


async def test_a_file_that_was_taken_whole_closes_what_it_was_read_from():
    traffic = Traffic(takes=1000)
    await traffic.file(pages=5)
    assert traffic.is_closed
    assert traffic.sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
    assert "完 end rows=5000 ".encode() in traffic.sent[-2]["body"]


async def test_no_more_files_are_read_out_of_snapshots_than_there_are_seats():
    seats = exporting.UNDER_WAY
    with seats, seats, seats, pytest.raises(exporting.ExportsBusy), seats:
        pass
    with seats:
        pass

"""Head and body of an answer leave in one write."""

import asyncio

import pytest

from ops.whole_answers import Gathering

HEAD = b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n"


class Wire:
    """Keeps what is written to it, and when it is closed."""

    def __init__(self):
        self.written = []

    def write(self, data):
        self.written.append(data)

    def close(self):
        self.written.append("closed")

    def is_closing(self):
        return self.written[-1:] == ["closed"]


@pytest.fixture
def wire():
    return Wire()


@pytest.fixture
async def gathering(wire):
    return Gathering(wire, asyncio.get_running_loop().call_soon)


async def test_head_and_body_leave_together(wire, gathering):
    gathering.write(HEAD)
    gathering.write(b"{}")
    await asyncio.sleep(0)
    assert wire.written == [HEAD + b"{}"]


async def test_a_head_does_not_wait_for_a_body_that_comes_later(wire, gathering):
    gathering.write(HEAD)
    await asyncio.sleep(0)
    assert wire.written == [HEAD]
    gathering.write(b"{}")
    assert wire.written == [HEAD, b"{}"]


async def test_the_parts_of_a_long_body_leave_as_they_come(wire, gathering):
    for part in (HEAD, b"1", b"2", b"3"):
        gathering.write(part)
    assert wire.written == [HEAD + b"1", b"2", b"3"]


async def test_what_was_written_is_sent_before_the_end(wire, gathering):
    gathering.write(HEAD)
    gathering.close()
    assert gathering.is_closing()
    await asyncio.sleep(0)
    assert wire.written == [HEAD, "closed"]

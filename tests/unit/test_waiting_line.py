"""The line that says what a command waits for: at a terminal, and gone before the next."""

import sys
from io import StringIO

from domain.store.evidence import Awaited, EvidenceNotYet
from ops.evidence import _awaited
from ops.waiting import waiting_line

EMPTIED = "\x1b[2K"


class Terminal(StringIO):
    def isatty(self):
        return True


def wait():
    with waiting_line() as tell:
        for seconds in (150, 9):
            tell(f"waiting: {seconds} s")


def test_a_terminal_shows_it_and_the_next_line_stands_on_an_empty_one(monkeypatch):
    for name in ("NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    wait()
    assert "waiting: 9 s" in terminal.getvalue()
    assert terminal.getvalue().endswith(EMPTIED)


def test_a_file_of_what_happened_holds_no_waiting(monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    wait()
    assert capsys.readouterr() == ("", "")


async def test_evidence_is_awaited_in_silence_where_nobody_looks(capsys):
    asked = []

    async def on_the_second():
        asked.append(None)
        if len(asked) == 1:
            raise EvidenceNotYet(Awaited.seal, is_overdue=False)
        return "found"

    assert await _awaited(on_the_second, 0.01) == "found"
    assert capsys.readouterr() == ("", "")

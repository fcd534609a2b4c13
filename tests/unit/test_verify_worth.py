"""How many processes `jiandu verify` reads a log with."""

import os

import pytest

from ops.verify.hands import MOST, WORTH_A_PROCESS, worth


@pytest.mark.parametrize(
    ("processors", "last", "processes"),
    [
        (2, WORTH_A_PROCESS - 1, 1),
        (2, WORTH_A_PROCESS, 2),
        (None, WORTH_A_PROCESS, 1),
        (512, WORTH_A_PROCESS, MOST),
    ],
)
def test_a_long_log_is_worth_every_processor_and_never_all_connections(
    monkeypatch, processors, last, processes
):
    monkeypatch.setattr(os, "cpu_count", lambda: processors)
    assert worth(last) == processes

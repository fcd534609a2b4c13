"""Signals 监察预警: one stream each, `signal:<signal_no>`. Raised, answered, upheld or withdrawn; never removed."""

from typing import Final

from domain.grammar import Aggregate
from domain.signal.commands import SignalAction, decide
from domain.signal.events import (
    SignalAppealed,
    SignalRaised,
    SignalReplied,
    SignalUpheld,
    SignalWithdrawn,
)
from domain.signal.state import Signal, evolve

SIGNAL: Final[Aggregate[Signal]] = Aggregate(
    name="signal",
    blank=Signal(),
    decide=decide,
    evolve=evolve,
    facts=(SignalRaised, SignalReplied, SignalAppealed, SignalUpheld, SignalWithdrawn),
    amenders=frozenset(),
)

__all__ = ["SIGNAL", "Signal", "SignalAction"]

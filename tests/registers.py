"""The county's registers in a log: entries decided by their rules, as events that views can read."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from domain.catalogue import Catalogue
from domain.grammar import ORDINARY, Envelope, Fact
from tests import county
from tests.views import insert


@dataclass(frozen=True)
class Entered:
    """An event of a register, as `insert` takes it."""

    stream: str
    version: int
    fact: Fact
    envelope: Envelope
    recorded_at: datetime


async def enter_in_log(connection, *more):
    """The whole of tests/county.py, then more orders (aggregate, command); answers the catalogue they lead to."""
    catalogue, versions, events = Catalogue(), Counter(), []
    envelope = Envelope(county.OCCASION.received_at, county.ADMIN, ORDINARY, "registers")
    for aggregate, command in (*county._everything(), *more):
        stream = aggregate.stream(command.identity)
        for fact in county.enter(catalogue, aggregate, command).facts:
            versions[stream] += 1
            events.append(Entered(stream, versions[stream], fact, envelope, county.OCCASION.received_at))
    await insert(connection, events)
    return catalogue

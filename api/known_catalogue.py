"""The registers as they were known at another time: made anew from what had been recorded by then."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any, Final

from starlette.requests import Request

from api.door import door_of
from api.history import AsOf
from domain.access.shown import Shown
from domain.catalogue import FOLDED, Catalogue
from domain.grammar import Aggregate
from domain.store.mapper import Mapper, StoredEvent

MAPPER: Final = Mapper(FOLDED)
UNLIMITED: Final = 2**63 - 1


async def catalogue_known(request: Request, as_of: AsOf, aggregates: Collection[Aggregate[Any]]) -> Catalogue:
    """Of these aggregates, what was known at `known_at`; without it, the catalogue of now.

    As happened, registers stand whole: what they say holds on the days that an entry names (0078). Raises AsOfInFuture.
    """
    door = door_of(request)
    as_of.expect_past(door.clock())
    if as_of.known_at is None:
        return door.catalogue
    kinds = Shown(frozenset(aggregate.name for aggregate in aggregates))
    # of the whole county, as the catalogue of now is; at once, since each page would look through all of it again
    log = request.app.state.door.reader
    events = await log.stored(0, UNLIMITED, shown=kinds)
    return await asyncio.to_thread(_folded, events, as_of.known_at)


def _folded(events: Sequence[StoredEvent], known_at: datetime) -> Catalogue:
    catalogue = Catalogue()
    known = takewhile(lambda event: event.recorded_at <= known_at, events)
    for event in map(MAPPER.recorded, known):
        catalogue.apply(event.stream, event.fact)
    return catalogue

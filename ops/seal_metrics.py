"""What is measured of the seal, for the metrics page: whichever process keeps it."""

import asyncio
from contextlib import suppress
from typing import Final, NoReturn

from prometheus_client import CollectorRegistry, Gauge

from domain.log import LogBusy
from domain.store.seal_reading import SealReader, SealStanding

TELL_SECONDS: Final = 1.0


class SealMetrics:
    """The figures of one county's seal."""

    def __init__(self, county: str, registry: CollectorRegistry) -> None:
        def gauge(name: str, meaning: str) -> Gauge:
            return Gauge(f"jiandu_seal_{name}", meaning, ["county"], registry=registry).labels(county)

        self._position = gauge("position", "Up to which position the log is sealed.")
        self._unsealed = gauge("unsealed_events", "Events that are not sealed yet.")
        self._lag = gauge("lag_seconds", "How long the first event that is not sealed has waited.")
        self._quarantined = gauge("quarantined_events", "Events that nobody vouches for.")
        self._stopped = gauge("stopped", "1 where sealing does not go on; `jiandu seal show` says why.")

    def tell(self, standing: SealStanding) -> None:
        self._position.set(standing.size)
        self._unsealed.set(standing.head - standing.size)
        self._lag.set(standing.lag.total_seconds())
        self._quarantined.set(standing.quarantined_events)
        self._stopped.set(standing.trouble is not None)


async def tell_of_seal(seal: SealReader, metrics: SealMetrics) -> NoReturn:
    while True:
        with suppress(LogBusy):
            metrics.tell(await seal.standing())
        await asyncio.sleep(TELL_SECONDS)

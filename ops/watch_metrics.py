"""What the watch measures of itself, for the metrics page."""

from collections.abc import Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge


class WatchMetrics:
    """The figures of one process's watch over one county, in the registry that the metrics page serves."""

    def __init__(self, county: str, registry: CollectorRegistry) -> None:
        self._county = county
        self._raised = Counter(
            "jiandu_watch_signals_raised",
            "Signals that this process has raised, by rule.",
            ["county", "rule"],
            registry=registry,
        )
        self._deemed = Counter(
            "jiandu_watch_deemed_accepted",
            "Cases that this process has recorded as deemed accepted.",
            ["county"],
            registry=registry,
        )
        self._looked = Gauge(
            "jiandu_watch_looked_timestamp_seconds",
            "When the watch last saw that everything up to the log's end had been looked at.",
            ["county"],
            registry=registry,
        )

    def tell(self, raised: Mapping[str, int], deemed: int, looked_at: datetime) -> None:
        for rule, count in raised.items():
            self._raised.labels(self._county, rule).inc(count)
        self._deemed.labels(self._county).inc(deemed)
        self._looked.labels(self._county).set(looked_at.timestamp())

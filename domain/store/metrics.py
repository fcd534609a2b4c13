"""What the store measures of itself, for the metrics page."""

from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

COMMANDS: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256)
SECONDS: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5)


class Metrics:
    """The figures of one store, in a registry of its own that a metrics page can serve."""

    def __init__(self, county: str) -> None:
        self.registry = CollectorRegistry()
        ours: dict[str, Any] = {"labelnames": ["county"], "registry": self.registry}
        self.batch_commands = Histogram(
            "jiandu_append_batch_commands", "Commands that one commit carried.", buckets=COMMANDS, **ours
        ).labels(county)
        self.commit_seconds = Histogram(
            "jiandu_append_commit_seconds",
            "From sending a batch to knowing that it is on disk.",
            buckets=SECONDS,
            **ours,
        ).labels(county)
        self.wait_seconds = Histogram(
            "jiandu_append_wait_seconds",
            "From a command's arrival to its answer, of the longest waiting command of each batch.",
            buckets=SECONDS,
            **ours,
        ).labels(county)
        self.queued_commands = Gauge(
            "jiandu_append_queued_commands", "Commands that wait for the next commit.", **ours
        ).labels(county)
        self.refused_busy = Counter(
            "jiandu_append_refused_busy", "Commands turned away because too many waited.", **ours
        ).labels(county)
        self.clock_ahead_seconds = Gauge(
            "jiandu_append_clock_ahead_seconds",
            "So far the stamp of the last event was ahead of this process's clock.",
            **ours,
        ).labels(county)
        self.lost_connections = Counter(
            "jiandu_append_lost_connections", "Connections lost while a batch was under way.", **ours
        ).labels(county)

"""How the log stands with its witnesses, for the metrics page."""

from collections.abc import Iterable
from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge

from domain.proof.witnessing import Alarm, Standing


class WitnessMetrics:
    """The figures of one county, in the registry that the metrics page serves."""

    def __init__(self, county: str, registry: CollectorRegistry) -> None:
        self._county = county
        self._silence = Gauge(
            "jiandu_witness_silence_seconds",
            "For how long a quorum of witnesses is wanting, or an event waits for one.",
            ["county"],
            registry=registry,
        )
        self._alarm = Gauge(
            "jiandu_witness_alarm",
            "0: none; 1: the log is unwitnessed; 2: decisions are refused.",
            ["county"],
            registry=registry,
        )
        self._size = Gauge(
            "jiandu_witness_cosigned_size",
            "So much of the log a quorum of witnesses has cosigned.",
            ["county"],
            registry=registry,
        )
        self._trouble = Gauge(
            "jiandu_witness_trouble",
            "1 where something is wrong with the witness.",
            ["county", "witness"],
            registry=registry,
        )

    def tell(self, standing: Standing, alarm: Alarm, now: datetime, names: Iterable[str]) -> None:
        since = standing.unwitnessed_since or now
        self._silence.labels(self._county).set(max(0.0, (now - since).total_seconds()))
        self._alarm.labels(self._county).set(list(Alarm).index(alarm))
        self._size.labels(self._county).set(standing.size)
        troubles = standing.trouble_by_witness or {}
        for name in names:
            self._trouble.labels(self._county, name).set(int(name in troubles))

"""What the views measure of themselves, for the metrics page."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Gauge

from projections.engine_desk import State


class ViewMetrics:
    """The figures of one county's projections in the registry that the metrics page serves."""

    def __init__(self, county: str, registry: CollectorRegistry) -> None:
        self._county = county
        labels = ["county", "projection"]
        self._position = Gauge(
            "jiandu_projection_position",
            "The position of the log that the projection's table stands at.",
            labels,
            registry=registry,
        )
        self._behind = Gauge(
            "jiandu_projection_behind_events",
            "Events that the projection's table does not hold yet.",
            labels,
            registry=registry,
        )
        self._failing = Gauge(
            "jiandu_projection_failing",
            "1 where the projection has stopped over an error; `jiandu projections state` says which.",
            labels,
            registry=registry,
        )
        self._building = Gauge(
            "jiandu_projection_building",
            "1 where the projection's table is being built anew.",
            labels,
            registry=registry,
        )

    def tell(self, states: Iterable[State], head: int) -> None:
        for state in states:
            self._position.labels(self._county, state.name).set(state.position)
            self._behind.labels(self._county, state.name).set(max(0, head - state.position))
            self._failing.labels(self._county, state.name).set(state.failed_at is not None)
            self._building.labels(self._county, state.name).set(state.building is not None)

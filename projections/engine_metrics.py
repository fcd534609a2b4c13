"""What the views measure of themselves, for the metrics page."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Gauge

from projections.health import Condition, ViewHealth


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
            "1 where the projection has stopped over an error; `jiandu projections` says over which event.",
            labels,
            registry=registry,
        )
        self._building = Gauge(
            "jiandu_projection_building",
            "1 where the projection's table is being built anew.",
            labels,
            registry=registry,
        )

    def tell(self, views: Iterable[ViewHealth]) -> None:
        for view in views:
            labels = self._county, view.name
            self._position.labels(*labels).set(view.position)
            self._behind.labels(*labels).set(view.behind)
            self._failing.labels(*labels).set(view.condition is Condition.failing)
            self._building.labels(*labels).set(view.building is not None)

"""Request counts and latencies, by route and never by address: an address may hold a case number."""

from functools import lru_cache
from http import HTTPStatus
from time import perf_counter
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Measured:
    """Wraps an application: counts each request by method, route and status, and times it until its first byte."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        self._app = app
        self._requests = Counter(
            "jiandu_http_requests_total",
            "Requests answered",
            ("method", "route", "status"),
            registry=registry,
        )
        self._seconds = Histogram(
            "jiandu_http_request_seconds",
            "Seconds until the first byte of the answer",
            ("method", "route"),
            buckets=SECONDS,
            registry=registry,
        )
        self._figures = lru_cache(maxsize=1024)(self._labelled)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = perf_counter()

        async def measured_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._observe(scope, message["status"], perf_counter() - began)
            await send(message)

        try:
            await self._app(scope, receive, measured_send)
        except Exception:
            self._observe(scope, HTTPStatus.INTERNAL_SERVER_ERROR, perf_counter() - began)
            raise

    def _observe(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else "other"
        route = getattr(scope.get("route"), "path", "none")
        requests, latencies = self._figures(method, route, int(status))
        requests.inc()
        latencies.observe(seconds)

    def _labelled(self, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
        return self._requests.labels(method, route, str(status)), self._seconds.labels(method, route)


METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

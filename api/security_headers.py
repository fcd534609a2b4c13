"""Headers that keep a browser from doing more with an answer than showing it."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

NOTHING: Final = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""For answers that are data: a browser that is led to show one runs nothing in it."""
OWN_FILES: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
"""For the pages: scripts and styles from this server only, none of them inline."""
PAGES: Final = ("/docs", "/sign-in")
CACHING: Final = b"cache-control"

ALWAYS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)


class Guarded:
    """Wraps an application: adds the headers to every answer; answers are not to be cached unless they say so."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = _headers(scope["path"])

        async def guarded_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = message["headers"]
                if any(name.lower() == CACHING for name, _ in own):
                    message["headers"] = [*own, *(each for each in headers if each[0] != CACHING)]
                else:
                    message["headers"] = [*own, *headers]
            await send(message)

        await self._app(scope, receive, guarded_send)


def _headers(path: str) -> tuple[tuple[bytes, bytes], ...]:
    if path == "/" or path.startswith(PAGES):
        return FOR_PAGES
    return FOR_DATA


FOR_PAGES: Final = (*ALWAYS, (b"content-security-policy", OWN_FILES.encode()))
FOR_DATA: Final = (
    *ALWAYS,
    (b"content-security-policy", NOTHING.encode()),
    (b"cache-control", b"no-store"),
)

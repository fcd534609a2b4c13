"""Addresses hold no personal data: they are written down wherever they pass, by proxies, in access and statement logs."""

from typing import Final
from urllib.parse import unquote_plus

from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import problem_of
from api.refusals.head import PersonalDataInAddress
from domain.personal_data import has_lone_number, names_somebody

KEY: Final = b"idempotency-key"
"""It is kept with the first answer."""


class Discreet:
    """Wraps an application: a mobile or identity number in an address or an idempotency key is refused, before anything
    looks for it, and taken out of what the server logs of the request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _is_impersonal(scope):
            await self._app(scope, receive, send)
            return
        scope.update({"path": "/", "raw_path": b"/", "query_string": b""})
        await problem_of(PersonalDataInAddress()).response()(scope, receive, send)


def _is_impersonal(scope: Scope) -> bool:
    keys = (value.decode("latin-1") for name, value in scope["headers"] if name == KEY)
    if names_somebody("\n".join([scope["path"], *keys])):
        return False
    # what is looked for may be a document's number
    asked = scope["query_string"]
    return not asked or not has_lone_number(unquote_plus(asked.decode("latin-1")))

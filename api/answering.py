"""Exception handlers: everything that is raised behind the door becomes a problem here."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Final, cast

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match

from api.problems import BROKEN, problem_of
from api.refusals import Refusal
from api.refusals.head import MethodNotAllowed, NothingHere, ParameterInvalid
from api.security_headers import FOR_DATA
from api.validation import errors_of
from domain.grammar import Objection
from domain.log import KeyReused, LogBusy, OutcomeUnknown, VersionConflict
from domain.store.mapper import EventNotUnderstood
from domain.store.serials import SerialsExhausted

Handler = Callable[[Request, Exception], Awaitable[Response]]

ANSWERED: Final = (
    Objection,
    VersionConflict,
    KeyReused,
    LogBusy,
    OutcomeUnknown,
    EventNotUnderstood,
    SerialsExhausted,
)
"""What has a place in the table of problems."""

_log = structlog.get_logger()


def answer_problems(app: FastAPI) -> None:
    for kind in ANSWERED:
        app.add_exception_handler(kind, _told)
    app.add_exception_handler(RequestValidationError, cast("Handler", _parameter_invalid))
    app.add_exception_handler(HTTPException, cast("Handler", _http))
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _broken)


async def _told(_: Request, error: Exception) -> Response:
    return problem_of(error).response()


async def _parameter_invalid(_: Request, error: RequestValidationError) -> Response:
    return problem_of(ParameterInvalid(errors=errors_of(error.errors()))).response()


async def _http(request: Request, error: HTTPException) -> Response:
    """What the router itself refuses: there is no such address, or no such method."""
    problem = problem_of(_ROUTING.get(error.status_code, Refusal)())
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    if "allow" in headers:
        headers["allow"] = ", ".join(sorted(_methods(request)))
    return replace(problem, headers=tuple(headers.items())).response()


def _methods(request: Request) -> set[str]:
    """Those of all routes to the address: the router names those of the first, and knows nothing of what Entrance adds."""
    routes = [route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE]
    methods = set[str]().union(*(getattr(route, "methods", None) or () for route in routes))
    return methods | {"HEAD"} if "GET" in methods else methods


_ROUTING: Final[dict[int, type[Refusal]]] = {
    HTTPStatus.NOT_FOUND: NothingHere,
    HTTPStatus.METHOD_NOT_ALLOWED: MethodNotAllowed,
}


async def _gone(_: Request, __: Exception) -> Response:
    """The client left before its request was read; nobody reads this answer."""
    return Response(status_code=HTTPStatus.BAD_REQUEST)


async def _broken(request: Request, error: Exception) -> Response:
    """A bug. Its words stay in the operating log: they may hold what was sent."""
    route = getattr(request.scope.get("route"), "path", "none")
    _log.error("request_broke", method=request.method, route=route, error=type(error).__name__)
    answer = BROKEN.response()
    answer.raw_headers.extend(FOR_DATA)  # it is sent from outside of what adds them
    return answer

"""What the rooms of the door are given: one object per application, made by `create_app`, reached by the request."""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from http import HTTPStatus
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol, runtime_checkable

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from prometheus_client import CollectorRegistry
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from api.journal import Journal
from api.refusals.head import ParameterInvalid
from api.seen_log import Reader, SeenLog
from api.silence import Witnesses
from domain.access.decision import Principal
from domain.application import Keeper
from domain.catalogue import Catalogue
from domain.people import People
from domain.store.seal_reading import SealReader
from projections.view_readers import Outlook, ViewReaders

if TYPE_CHECKING:
    from api.provider.sign_in import ProviderSignIns
    from api.sign_in import SignIns


@dataclass(frozen=True, slots=True)
class Limits:
    """How much the door takes at once, and how much it gives."""

    single_bytes: int = 2**20
    batch_bytes: int = 8 * 2**20
    batch_actions: int = 1000
    page_events: int = 1000
    heartbeat_seconds: float = 15.0
    stream_seconds: float = 3600.0
    """A followed stream ends after so long; who still reads resumes it, and says again who they are."""
    ready_seconds: float = 2.0
    """How long the database may take to answer /readyz."""


class Serials(Protocol):
    """The counters behind case numbers."""

    async def next(self, division: str, day: date) -> int:
        """A serial that was not given out before for the division and day. Raises SerialsExhausted, LogBusy."""
        ...


@runtime_checkable
class Opened(Protocol):
    """An answer that holds something open until it is sent."""

    async def aclose(self) -> None: ...


class Looks(Protocol):
    """What is read, on its way into the record."""

    async def note(self, request: Request, path: str) -> None:
        """Records the look of a request to the route at `path`, before it is answered; what it raises is answered instead."""
        ...


class Identification(Protocol):
    """How a request says who makes it."""

    async def principal(self, request: Request) -> Principal:
        """Raises what `api/refusals/access.py` has: IdentityMissing, IdentityUnknown, PostNotHeld …"""
        ...

    async def still(self, request: Request) -> Principal:
        """As `principal`, of a request whose answer goes on: it is no further use of a session."""
        ...


@dataclass(frozen=True, slots=True)
class Door:
    """Everything behind the door."""

    keeper: Keeper
    identification: Identification
    journal: Journal
    sign_ins: "SignIns | None"
    """None: whoever asks is known otherwise, and nobody signs in."""
    provider: "ProviderSignIns | None"
    """None: the county has no identity provider."""
    reader: Reader
    people: People
    serials: Serials
    registry: CollectorRegistry
    limits: Limits
    clock: Callable[[], datetime]
    """When a request reaches the door, UTC."""
    looks: Looks
    views: ViewReaders | None = None
    """None: the views are kept nowhere; what needs them is refused."""
    is_fed: Callable[[], bool] = lambda: True
    """Whether the catalogue follows the log; what was decided by a catalogue that stands still could be wrong."""
    witnesses: Witnesses = field(default_factory=Witnesses)
    seal: SealReader | None = None
    """None: the log is sealed nowhere."""
    public_url: str = ""
    """Where people reach the door, without a slash behind it; empty: nobody has said so."""
    sight: str | None = None
    """What the division codes of everything shown begin with; "" is the whole county, None is nothing at all."""
    _by_sight: dict[str, "Door"] = field(default_factory=dict)

    @property
    def catalogue(self) -> Catalogue:
        return self.keeper.catalogue

    def seen_by(self, sight: str) -> "Door":
        """The same, as somebody sees it who may look so far."""
        # a log is one county's: who looks over a county, looks over all of it
        shown = sight if len(sight) > COUNTY_DIGITS else ""
        if shown not in self._by_sight:
            views = None if self.views is None else Outlook(self.views, shown)
            self._by_sight[shown] = replace(
                self, sight=shown, views=views, reader=SeenLog.from_afar(self.reader, shown)
            )
        return self._by_sight[shown]

    def shows(self, division_code: str | None) -> bool:
        """Whether what lies in the division is seen from here; what lies nowhere is seen by the whole county alone."""
        if self.sight is None:
            return False
        return self.sight == "" or (division_code is not None and division_code.startswith(self.sight))


SEEN: Final = "jiandu.door"
COUNTY_DIGITS: Final = 6


def door_of(request: Request) -> Door:
    """As whoever makes the request may see it: nothing, before it is known who that is."""
    door: Door = request.scope.get(SEEN) or request.app.state.door
    return door


class Entrance(APIRoute):
    """A route that answers HEAD wherever it answers GET (RFC 9110, section 9.3.2), and refuses query parameters
    that it does not declare or that are given twice: a misspelt filter must not answer with everything.

    An endpoint that asks for nothing but the request, who acts, and words of its path is called straight away.
    FastAPI's way to it, which could validate far more than there is, costs as much as recording an action.

    What somebody reads is recorded when the answer is ready and before it is given.
    """

    TAKES_ANYTHING: ClassVar[bool] = False
    """Whether query parameters are others' to choose."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **settings: Any) -> None:
        super().__init__(path, endpoint, **settings)
        self.told = f"{min((self.methods or set()) - {'HEAD'})} {path}"
        """As the permission table knows it: GET /v1/cases/{case_no}."""
        if endpoint.__annotations__["return"] is Response and _is_plain(self.dependant):
            self.app = self._enter

    async def _enter(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        if scope["query_string"] and not self.TAKES_ANYTHING:
            _expect_declared(request, frozenset())
        given = dict(scope["path_params"])
        for asked in self.dependant.dependencies:
            told = await asked.call(request) if asked.call else None
            if asked.name:  # else it is asked of the request, and not told to the endpoint
                given[asked.name] = told
        response = await self._noted(request, await self.endpoint(request, **given))
        await response(scope, receive, send)

    async def _noted(self, request: Request, response: Response) -> Response:
        if self._is_read and response.status_code == HTTPStatus.OK:
            async with answered_or_closed(response):
                await door_of(request).looks.note(request, self.path)
        return response

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, child_scope = super().matches(scope)
        return (Match.FULL if self._is_head(scope) and match is Match.PARTIAL else match), child_scope

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._is_head(scope):
            await self.app(scope, receive, send)
        else:
            await super().handle(scope, receive, send)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()
        declared = frozenset(_query_names(self.dependant))

        async def checked(request: Request) -> Response:
            if request.scope["query_string"] and not self.TAKES_ANYTHING:
                _expect_declared(request, declared)
            return await self._noted(request, await handler(request))

        return checked

    @property
    def _is_read(self) -> bool:
        return "GET" in (self.methods or ())

    def _is_head(self, scope: Scope) -> bool:
        return scope["type"] == "http" and scope["method"] == "HEAD" and self._is_read


@asynccontextmanager
async def answered_or_closed(response: Response) -> AsyncIterator[None]:
    """A file that is not sent after all gives back what it holds."""
    try:
        yield
    except BaseException:
        if isinstance(response, Opened):
            await response.aclose()
        raise


def _is_plain(endpoint: Dependant) -> bool:
    """Whether it asks for the request, words of the path, and what the request alone tells its dependencies."""
    words = all(parameter.field_info.annotation is str for parameter in endpoint.path_params)
    asks_request = all(
        _asks_request(each) and not each.path_params and not each.dependencies
        for each in endpoint.dependencies
    )
    return words and asks_request and _asks_request(endpoint)


def _asks_request(dependant: Dependant) -> bool:
    asks_more = (
        dependant.query_params
        or dependant.header_params
        or dependant.cookie_params
        or dependant.body_params
        or dependant.response_param_name
        or dependant.background_tasks_param_name
    )
    is_awaited = iscoroutinefunction(dependant.call)
    return is_awaited and dependant.request_param_name == "request" and not asks_more


def _query_names(dependant: Dependant) -> Iterator[str]:
    """A model of query parameters stands for its fields."""
    for parameter in dependant.query_params:
        fields = getattr(parameter.field_info.annotation, "model_fields", None)
        yield from (each.alias or name for name, each in fields.items()) if fields else (parameter.alias,)
    for further in dependant.dependencies:
        yield from _query_names(further)


def _expect_declared(request: Request, declared: frozenset[str]) -> None:
    given = [name for name, _ in request.query_params.multi_items()]
    if len(set(given)) < len(given):
        raise ParameterInvalid(errors=[PARAMETER_REPEATED])
    if not declared.issuperset(given):
        raise ParameterInvalid(errors=[PARAMETER_UNDECLARED], declared=sorted(declared))


PARAMETER_REPEATED: Final = {
    "pointer": "/query",
    "code": "repeated",
    "message": "同一查询参数只能给一次",
    "message_en": "A query parameter is given once",
}
PARAMETER_UNDECLARED: Final = {
    "pointer": "/query",
    "code": "undeclared",
    "message": "有本接口未声明的查询参数",
    "message_en": "There is a query parameter that this endpoint does not declare",
}

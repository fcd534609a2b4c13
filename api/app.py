"""The application, composed from what it is given. Nothing is opened here, and nothing on import."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from prometheus_client import CollectorRegistry
from starlette.middleware import Middleware
from starlette.staticfiles import StaticFiles

from api import (
    admin_keys,
    admin_posts,
    admin_users,
    audit,
    batch,
    case_list,
    case_parts,
    case_reads,
    cases,
    catalogue,
    contacts,
    custody,
    deadlines,
    differences,
    events,
    evidence,
    exchange,
    exports,
    health,
    investigations,
    ledgers,
    oversight,
    pages,
    people,
    people_measures,
    projections,
    proofs,
    provider_sessions,
    replay,
    sessions,
    sign_in_page,
    signals,
    slips,
    stand_ins,
    statistics,
    watch,
    witnessing,
)
from api.address import Discreet
from api.answering import answer_problems
from api.bodies import MODELS
from api.door import Door, Identification, Limits, Serials
from api.journal import Journal
from api.looks import Looks, with_looks
from api.measuring import Measured
from api.openapi import DESCRIPTION, TAGS, TITLE, described
from api.provider.sign_in import ProviderSignIns
from api.security_headers import Guarded
from api.seen_log import Reader
from api.sign_in import SignIns
from api.silence import Witnesses
from api.witnessing import Warned
from domain.application import Keeper
from domain.people import People
from domain.store.seal_reading import SealReader
from projections.view_readers import ViewReaders

ROOMS: Final = (
    cases,
    audit,
    case_list,
    case_reads,
    case_parts,
    custody,
    replay,
    evidence,
    differences,
    deadlines,
    ledgers,
    oversight,
    signals,
    investigations,
    stand_ins,
    watch,
    batch,
    contacts,
    events,
    exports,
    exchange,
    catalogue,
    people,
    people_measures,
    projections,
    statistics,
    proofs,
    slips,
    witnessing,
    sessions,
    provider_sessions,
    admin_users,
    admin_posts,
    admin_keys,
    health,
    pages,
    sign_in_page,
)


OF_ACCESS: Final = (
    sessions.SignIn,
    sessions.ChangePassword,
    admin_users.AdmittedUser,
    admin_users.RecordUserAct,
    admin_posts.RecordPostAct,
    admin_keys.WantedKey,
    admin_keys.RevokedKey,
)
"""Bodies that the page describes, beside those of the record."""
SILENT: Final[TelemetryConfig] = {"tracing": False, "metrics": False, "logs": False}
"""What is measured stands at /metrics; FastAPI's own telemetry would tell addresses, which hold case numbers."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(
    *,
    keeper: Keeper,
    reader: Reader,
    people: People,
    serials: Serials,
    identification: Identification,
    journal: Journal | None = None,
    sign_ins: SignIns | None = None,
    provider: ProviderSignIns | None = None,
    views: ViewReaders | None = None,
    is_fed: Callable[[], bool] = lambda: True,
    registry: CollectorRegistry | None = None,
    limits: Limits | None = None,
    clock: Callable[[], datetime] = utc_now,
    witnesses: Witnesses | None = None,
    seal: SealReader | None = None,
    public_url: str | None = None,
    version: str = "0",
) -> FastAPI:
    """The door of one county. Whoever calls it opens and closes what it is given.

    `identification`: how a request says who makes it; there is no way in without. `sign_ins`: how people open a session; `provider`: at the identity provider, too.
    `views`: without them, whatever reads them answers 503. `is_fed`: whether the catalogue still follows the log.
    `witnesses`: how the log stands with them; without, it names none.
    `seal`: proofs and receipts; without, the log is sealed nowhere. `public_url`: at which people reach the door, for what is printed. `registry`: where /metrics reads; the appender's figures belong into the same one.
    """
    door = Door(
        keeper=keeper,
        identification=identification,
        journal=journal or Journal(keeper, clock),
        sign_ins=sign_ins,
        provider=provider,
        reader=reader,
        people=people,
        serials=serials,
        registry=registry or CollectorRegistry(),
        limits=limits or Limits(),
        clock=clock,
        looks=Looks(keeper, clock),
        views=views,
        is_fed=is_fed,
        witnesses=witnesses or Witnesses(),
        seal=seal,
        public_url=(public_url or "").rstrip("/"),
    )
    return _furnished(_without_rooms(door, version))


def _without_rooms(door: Door, version: str) -> FastAPI:
    app = FastAPI(
        title=TITLE,
        version=version,
        description=DESCRIPTION,
        openapi_tags=[dict(tag) for tag in TAGS],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=SILENT,
        middleware=_around(door),
    )
    app.state.door = door
    return app


def _around(door: Door) -> list[Middleware]:
    """The first is the outermost."""
    return [
        Middleware(Measured, registry=door.registry),
        Middleware(Guarded),
        Middleware(Discreet),
        Middleware(Warned, witnesses=door.witnesses, clock=door.clock),
    ]


def _furnished(app: FastAPI) -> FastAPI:
    for room in ROOMS:
        # Flat, without include_router's contexts: the router is on the path of every action.
        app.router.routes.extend(room.router.routes)
    app.mount("/docs/files", StaticFiles(directory=pages.SWAGGER_FILES), name="swagger")
    setattr(app, "openapi", partial(_openapi, app))  # noqa: B010  — FastAPI's documented way to extend it
    answer_problems(app)
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    """Written once, when first asked for: it takes most of a second."""
    if app.openapi_schema is None:
        app.openapi_schema = with_looks(described(app, (*MODELS, *OF_ACCESS)))
    return app.openapi_schema

"""`jiandu serve`: the composition root. Database → schema → store → application → HTTP, and back in that order."""

import asyncio
import gc
import signal
import socket
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Annotated, Any, Final, Never

import structlog
import typer
import uvicorn
from fastapi import FastAPI
from uvicorn.loops.auto import auto_loop_factory

from api.app import create_app, utc_now
from api.authentication import Authentication
from api.journal import Journal
from api.lifetimes import Lifetimes
from api.provider.sign_in import ProviderSignIns
from api.provider.speaking import Provider
from api.sign_in import SignIns
from api.silence import Witnesses
from domain.application import Keeper
from domain.people import People
from domain.store.county import Store
from ops import database, disk_space, settings
from ops.beside import keep_beside
from ops.county import opened_to_record, opened_views
from ops.disk_space import free_bytes, keep_room
from ops.embedded import EmbeddedPostgres, EmbeddedPostgresError
from ops.failures import CannotDo
from ops.given import LAST_PORT
from ops.people import opened_people
from ops.provider import opened_provider
from ops.seal_metrics import SealMetrics, tell_of_seal
from ops.settings import Settings
from ops.signing import follow_keys
from ops.watch_metrics import WatchMetrics
from ops.watching import REMEMBERED, Watchman
from ops.whole_answers import WholeAnswers
from ops.witnesses.keeping import Witnessed, keep_witnessed
from ops.witnesses.metrics import WitnessMetrics
from ops.works import Work, beside
from projections.engine_metrics import ViewMetrics
from projections.exports.room import OUT_OF_ROOM
from projections.health import health
from projections.view_readers import ViewReaders, ViewsUnreachable

COLLECT_AFTER: Final = 20_000
"""New objects that call the garbage collector. Python's 700 would call it several times in one batch of actions, which
leaves no garbage that needs it (measured: 2 to 5 % of an action's CPU time)."""
WATCH_SECONDS: Final = 0.1
TELL_SECONDS: Final = 1.0
BACKLOG: Final = 2048

_log = structlog.get_logger(__name__)

Port = Annotated[
    int | None,
    typer.Option(min=0, max=LAST_PORT, help="监听端口 · listen here instead of JIANDU_PORT"),
]


def serve(
    host: Annotated[str | None, typer.Option(help="监听地址 · listen here instead of JIANDU_HOST")] = None,
    port: Port = None,
) -> None:
    chosen = {"host": host, "port": port}
    given = {name: value for name, value in chosen.items() if value is not None}
    run(settings.read().model_copy(update=given))


Preparation = Callable[[Store, Keeper], Awaitable[None]]


async def nothing(_store: Store, _keeper: Keeper) -> None:
    """No preparation."""


def run(chosen: Settings, *, before: Preparation = nothing) -> None:
    """Serves until SIGTERM or SIGINT; `before` has the county to itself before the door opens. Raises CannotDo."""
    _warn_of_slips()
    _heed_signals()
    with _listening(chosen) as listener:
        if dsn := database.configured(chosen):
            _run(_serve(chosen, dsn, None, listener, before))
        else:
            # _keep_running does it: a PostgreSQL that finds no room while it restarts itself may stay so for ever
            with database.embedded(chosen, restarts_itself=False) as postgres:
                _run(_serve(chosen, postgres.dsn, postgres, listener, before))


def _run(serving: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:  # uvloop, where there is one
        runner.run(serving)


async def _serve(
    chosen: Settings,
    dsn: str,
    postgres: EmbeddedPostgres | None,
    listener: socket.socket,
    before: Preparation,
) -> None:
    async with (
        opened_to_record(dsn, chosen) as store,
        opened_views(dsn, chosen.county) as views,
        opened_provider(chosen) as provider,
    ):
        keeper = Keeper(
            store.log,
            store.catalogue,
            remembered_streams=chosen.remembered_streams,
            references=store.references,
        )
        people = await opened_people(store, keeper, chosen.vault_keys_folder)
        witnesses = Witnessed(chosen)
        await before(store, keeper)
        spare_collections()
        app = _app(store, keeper, people, views, witnesses, provider, chosen)
        server = Server(_configuration(app, chosen), lambda: _announce(listener))
        works: list[Work] = [
            partial(follow_keys, store, chosen),
            *_works_on_the_log(dsn, store, views, witnesses),
            *_works_on_the_database(postgres, store, server, chosen),
        ]
        async with beside(works):
            await server.serve(sockets=[listener])


def _works_on_the_log(dsn: str, store: Store, views: ViewReaders, witnesses: Witnessed) -> Iterator[Work]:
    """Each beside whoever else does it, in another process or on another machine."""
    chosen, county, metrics = witnesses.chosen, witnesses.chosen.county, store.metrics
    yield partial(tell_of_seal, store.seal, SealMetrics(county, metrics))
    yield partial(_tell_of_views, views, ViewMetrics(county, metrics))
    if policy := witnesses.policy:
        yield partial(keep_witnessed, dsn, store, witnesses, policy, WitnessMetrics(county, metrics))
    if chosen.keep_views:
        yield partial(keep_beside, dsn, county, "projections", "keep")
    if chosen.keep_sealed:
        yield partial(keep_beside, dsn, county, "seal", "keep")
    if chosen.watch_seconds:
        yield partial(_keep_watch, store, views, chosen.watch_seconds, WatchMetrics(county, metrics))


def _works_on_the_database(
    postgres: EmbeddedPostgres | None, store: Store, server: uvicorn.Server, chosen: Settings
) -> Iterator[Work]:
    """None where somebody else looks after the database."""
    if postgres:
        yield partial(_keep_running, postgres, server)
        yield partial(keep_room, postgres.cluster, store.log, chosen.disk_reserve_mb * disk_space.MIB)


async def _tell_of_views(views: ViewReaders, metrics: ViewMetrics) -> None:
    """Whichever process keeps them."""
    while True:
        with suppress(ViewsUnreachable):
            metrics.tell(await health(views))
        await asyncio.sleep(TELL_SECONDS)


async def _keep_watch(store: Store, views: ViewReaders, every_seconds: float, metrics: WatchMetrics) -> None:
    """Raises what the rules of supervision find, beside whoever else does."""
    keeper = Keeper(store.log, store.catalogue, remembered_streams=REMEMBERED)
    await Watchman(views, keeper, metrics=metrics).keep(store.events.last_position, every_seconds)


def spare_collections() -> None:
    """What is loaded by now stays: the garbage collector need not look at it again, nor at anything so often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)


def _app(
    store: Store,
    keeper: Keeper,
    people: People,
    views: ViewReaders,
    witnesses: Witnessed,
    provider: Provider | None,
    chosen: Settings,
) -> FastAPI:
    journal = Journal(keeper, utc_now)
    lifetimes = Lifetimes(
        timedelta(hours=chosen.session_hours), timedelta(minutes=chosen.session_idle_minutes)
    )
    authentication = Authentication(keeper, store.secrets, journal, utc_now, lifetimes)
    sign_ins = SignIns(keeper, store.secrets, authentication, journal, utc_now)
    return create_app(
        keeper=keeper,
        identification=authentication,
        journal=journal,
        sign_ins=sign_ins,
        provider=ProviderSignIns(provider, sign_ins, journal) if provider else None,
        reader=store.events,
        people=people,
        serials=store.serials,
        views=views,
        is_fed=lambda: store.feed.is_following,
        registry=store.metrics,
        seal=store.seal,
        public_url=chosen.public_url,
        witnesses=Witnesses(lambda: witnesses.standing, witnesses.patience),
        version=version_of("jiandu"),
    )


def _configuration(app: FastAPI, chosen: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,  # ours, see ops/logs.py
        log_level=chosen.log_level,
        access_log=chosen.access_log,
        http=WholeAnswers,
        ws="none",  # a handshake would be logged with its whole address, before anything looks at it
        server_header=False,
        timeout_graceful_shutdown=chosen.stop_seconds,
    )


class Server(uvicorn.Server):
    """Says when it listens: not before the application is ready to answer."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._announce()


def _announce(listener: socket.socket) -> None:
    host, port = listener.getsockname()[:2]
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    print(f"简牍已就绪 Jiandu is ready: {address}/  (接口说明 API: {address}/docs)", flush=True)


async def _keep_running(postgres: EmbeddedPostgres, server: uvicorn.Server) -> None:
    """Starts the embedded database again when it dies; stops serving when it cannot be started, though it has room."""
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        if postgres.is_running:
            continue
        _log.error("database_died")
        try:
            await asyncio.to_thread(postgres.start)
        except (EmbeddedPostgresError, OSError) as error:
            if _lacks_room(error, postgres.cluster):
                _log.error("database_waits_for_space")
                await asyncio.sleep(disk_space.LOOK_SECONDS)
                continue
            _log.critical("database_does_not_start", reason=str(error))
            server.should_exit = True
            return
        _log.warning("database_started_again")


def _lacks_room(error: Exception, cluster: Path) -> bool:
    """Its own files want room before PostgreSQL is asked for any."""
    if isinstance(error, OSError) and error.errno in OUT_OF_ROOM:
        return True
    with suppress(OSError):  # a disk that does not answer is not full
        return free_bytes(cluster) < disk_space.LITTLE_BYTES
    return False


@contextmanager
def _listening(chosen: Settings) -> Iterator[socket.socket]:
    """A bound socket, taken before the database is started: a taken port is said at once."""
    try:
        place = socket.getaddrinfo(chosen.host, chosen.port, type=socket.SOCK_STREAM)[0]
        listener = socket.create_server(place[4][:2], family=place[0], backlog=BACKLOG)
    except (OSError, UnicodeError) as error:  # a host that cannot be a name at all
        where, why = (
            f"{chosen.host}:{chosen.port}",
            getattr(error, "strerror", None) or "no host has such a name",
        )
        raise CannotDo(f"Cannot listen on {where}: {why}. 无法监听 {where}。") from error
    with listener:
        yield listener


def _heed_signals() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup wants it ignored
        # A closed terminal asks to stop too; uvicorn would not hear it.
        signal.signal(signal.SIGHUP, lambda _number, _frame: signal.raise_signal(signal.SIGTERM))


def _leave(number: int, _frame: Any) -> Never:
    """Unwinds what is open, once; a second signal does not interrupt the unwinding."""
    for other in (signal.SIGTERM, signal.SIGINT):
        signal.signal(other, signal.SIG_IGN)
    raise SystemExit(0 if number == signal.SIGTERM else 128 + number)


def _warn_of_slips() -> None:
    for name in settings.unknown():
        _log.warning("unknown_setting", variable=name, hint="not a setting; see docs/settings.md")

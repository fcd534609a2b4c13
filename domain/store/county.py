"""One county's store, opened as a whole and closed as a whole."""

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

import psycopg
from prometheus_client import CollectorRegistry
from psycopg import sql

from domain.catalogue import Catalogue
from domain.grammar import Aggregate
from domain.proof.signing import ProcessSigner
from domain.store.append import Appender
from domain.store.bell import Bell
from domain.store.catalogue_feed import CatalogueFeed
from domain.store.connecting import Access, Readers
from domain.store.dealings import DealingsInLog
from domain.store.events import EventReader
from domain.store.holds import LegalHolds
from domain.store.log import PostgresLog
from domain.store.mapper import Mapper, Upcast
from domain.store.metrics import Metrics
from domain.store.pen import Pen
from domain.store.references import References
from domain.store.schema import County, SchemaMissing, refuse_unfit
from domain.store.seal_reading import SealReader
from domain.store.secrets import Secrets
from domain.store.serials import Serials
from domain.store.statements import STATEMENTS
from domain.store.vault import VaultTables


@dataclass(frozen=True, slots=True)
class Store:
    """Everything that a programme needs of one county's database."""

    log: PostgresLog
    events: EventReader
    vault: VaultTables
    references: References
    """Who was given a person reference."""
    holds: LegalHolds
    dealings: DealingsInLog
    serials: Serials
    secrets: Secrets
    feed: CatalogueFeed
    catalogue: Catalogue
    """Kept up to date by `feed`."""
    readers: Readers
    seal: SealReader
    pen: Pen
    """Signs what `log` records."""
    metrics: CollectorRegistry
    """What the store measures of itself."""

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        dsn: str,
        schema: str,
        aggregates: Iterable[Aggregate[Any]],
        *,
        upcasts: Iterable[Upcast] = (),
        signer: ProcessSigner | None = None,
        readers: int = 4,
        capacity: int = 4096,
        patience_seconds: float = 15,
        answer_within_seconds: float = 30,
    ) -> AsyncIterator[Self]:
        """Opens the county's store; on leaving, finishes what was accepted and closes every connection.

        `aggregates`: all whose facts may stand in the log. `signer`: signs what is recorded; None: nobody does, and
        it is not sealed. `capacity`: how many commands may wait for a commit.
        `patience_seconds`: how long a command waits for a lost database to come back.
        `answer_within_seconds`: a database that says nothing for so long is taken for lost.
        Raises SchemaMissing, SchemaTooNew, psycopg.OperationalError, TopicTaken, TopicUnknown.
        """
        access, mapper = Access(dsn, County.named(schema)), Mapper(aggregates, upcasts)
        await _expect_fit(access)
        async with AsyncExitStack() as stack:
            reading = Readers(access, size=readers, answer_within_seconds=answer_within_seconds)
            stack.push_async_callback(reading.close)
            bell, feed = await _following(stack, access, reading, mapper)
            metrics, pen = Metrics(schema), Pen(signer)
            appender = Appender(
                access,
                metrics,
                pen,
                on_growth=feed.grow,
                capacity=capacity,
                patience_seconds=patience_seconds,
                answer_within_seconds=answer_within_seconds,
            )
            appender.start()
            stack.push_async_callback(appender.close)
            log = PostgresLog(appender, reading, mapper)
            yield cls._over(log, EventReader(reading, mapper, bell), feed, reading, bell, pen, metrics)

    @classmethod
    def _over(
        cls,
        log: PostgresLog,
        events: EventReader,
        feed: CatalogueFeed,
        readers: Readers,
        bell: Bell,
        pen: Pen,
        metrics: Metrics,
    ) -> Self:
        return cls(
            log=log,
            events=events,
            vault=VaultTables(readers),
            references=References(readers),
            holds=LegalHolds(readers),
            dealings=DealingsInLog(readers),
            secrets=Secrets(readers),
            serials=Serials(readers, feed.catalogue, bell),
            feed=feed,
            catalogue=feed.catalogue,
            readers=readers,
            seal=SealReader(readers),
            pen=pen,
            metrics=metrics.registry,
        )


async def _following(
    stack: AsyncExitStack, access: Access, readers: Readers, mapper: Mapper
) -> tuple[Bell, CatalogueFeed]:
    """What hears of the log's growth, and the catalogue that follows it."""
    bell = Bell(access, readers)
    await bell.start()
    stack.push_async_callback(bell.close)
    feed = CatalogueFeed(readers, mapper, bell, Catalogue())
    await feed.start()
    stack.push_async_callback(feed.close)
    return bell, feed


async def _expect_fit(access: Access) -> None:
    """Asks once, so that a wrong address or an unmade schema is said at the start and not at the first command."""
    connection = await psycopg.AsyncConnection.connect(access.conninfo)
    async with connection:
        await connection.execute(
            sql.SQL("set search_path = {}, pg_temp").format(sql.Identifier(access.county.schema))
        )
        try:
            row = await (await connection.execute(STATEMENTS["schema_version"])).fetchone()
        except psycopg.errors.UndefinedTable as error:
            raise SchemaMissing(access.county.schema) from error
    refuse_unfit(row[0] if row else None)

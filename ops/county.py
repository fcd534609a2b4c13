"""A county's store, ready to work with: its schema up to date, its log open."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from domain.aggregates import AGGREGATES
from domain.log import LogBusy, OutcomeUnknown
from domain.store.connecting import Access
from domain.store.county import Store
from domain.store.schema import County, SchemaMissing, SchemaTooNew
from ops.acknowledged import recording
from ops.database import not_now
from ops.failures import CannotDo
from ops.migrate import NotAllowed, bring_up_to_date
from ops.settings import Settings
from ops.signing import take_up_keys
from projections.registry import PROJECTIONS
from projections.view_readers import ViewReaders

_log = structlog.get_logger(__name__)


@asynccontextmanager
async def opened_store(
    dsn: str, county: str, *, waiting_commands: int = 4096, answer_within_seconds: float = 30
) -> AsyncIterator[Store]:
    """Raises CannotDo where the schema is not what this version works with and the login may not make it so, and where
    the database fails whoever works with the store and heeds no failure.
    """
    refusal = _migrated(dsn, county)
    try:
        async with Store.open(
            dsn,
            county,
            AGGREGATES,
            capacity=waiting_commands,
            patience_seconds=answer_within_seconds / 2,
            answer_within_seconds=answer_within_seconds,
        ) as store:
            yield store
    except (SchemaMissing, SchemaTooNew) as error:
        raise refusal or CannotDo(
            f"The schema {county} cannot be used: {error}. 模式 {county} 不可用。"
        ) from error
    except (LogBusy, OutcomeUnknown) as error:
        raise not_now(error) from error


@asynccontextmanager
async def opened_to_record(dsn: str, chosen: Settings) -> AsyncIterator[Store]:
    """As opened_store, with the key that signs what is recorded.

    Raises CannotDo where the log has keys and none is here, and where it lacks what was signed or acknowledged.
    """
    async with (
        opened_store(
            dsn,
            chosen.county,
            waiting_commands=chosen.waiting_commands,
            answer_within_seconds=chosen.database_answer_seconds,
        ) as store,
        recording(store, chosen),
    ):
        await take_up_keys(store, chosen)
        store.serials.first_day = chosen.first_day
        yield store


@asynccontextmanager
async def opened_views(dsn: str, county: str) -> AsyncIterator[ViewReaders]:
    """Connections for reading the views; they open with their first use."""
    views = ViewReaders(Access(dsn, County.named(county)), PROJECTIONS)
    try:
        yield views
    finally:
        await views.close()


def _migrated(dsn: str, county: str) -> NotAllowed | None:
    """What the login was refused: no matter where the schema is up to date already."""
    try:
        step = bring_up_to_date(dsn, county)
    except NotAllowed as refusal:
        _log.info("schema_left_as_it_is", county=county)
        return refusal
    _log.info("schema_up_to_date", county=county, step=step)
    return None

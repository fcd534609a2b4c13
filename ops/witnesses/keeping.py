"""Keeping a county witnessed: each server knows how it stands, one of them asks the witnesses."""

import asyncio
from datetime import timedelta
from typing import Final, NoReturn

import httpx
import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from domain.attestation import COSIGNATURES
from domain.grammar import Actor, Rejected
from domain.log import LogBusy, OutcomeUnknown, VersionConflict
from domain.proof.policy import Policy
from domain.proof.witnessing import UNWATCHED, Alarm, Patience, Standing
from domain.store.attesting import Attester
from domain.store.connecting import Access
from domain.store.county import Store
from domain.store.interruptions import Interruptions
from domain.store.schema import County
from domain.store.seal_reading import SealReader
from domain.store.sealing import SealDesk, connect
from domain.store.tree import TileMissing
from domain.store.witnesses import WitnessDesk
from domain.window.values import Role
from ops.settings import Settings
from ops.witnesses.feeding import HEARTBEAT_SECONDS, Feeder
from ops.witnesses.heeding import policy_of
from ops.witnesses.metrics import WitnessMetrics
from ops.witnesses.speaking import a_client

WITNESSER: Final = Actor(staff_id="jiandu-witnesses", role=Role.clock)
LOOK_SECONDS: Final = 1.0
NOT_NOW: Final = (LogBusy, OutcomeUnknown, VersionConflict, Rejected, TileMissing)
"""What keeps a round from being finished; the next one finds the same again."""

_log = structlog.get_logger(__name__)


class Witnessed:
    """How the county stands with its witnesses, as this process knows."""

    def __init__(self, chosen: Settings) -> None:
        """Raises CannotDo where the policy cannot be used."""
        self.chosen = chosen
        self.policy = policy_of(chosen)
        self.standing: Standing = UNWATCHED
        self.patience = Patience(
            timedelta(seconds=chosen.witness_alarm_seconds), timedelta(seconds=chosen.witness_refusal_seconds)
        )


async def keep_witnessed(
    dsn: str, store: Store, witnessed: Witnessed, policy: Policy, metrics: WitnessMetrics
) -> NoReturn:
    """Until it is cancelled. What is known when the database is lost, grows old."""
    access = Access(dsn, County.named(witnessed.chosen.county))
    interruptions = Interruptions(access, "witnessing_interrupted")
    async with a_client() as client:
        while True:
            try:
                async with await connect(access) as connection:
                    await connection.set_autocommit(True)
                    await _attend(connection, client, store, witnessed, policy, metrics)
            except psycopg.Error as error:
                await interruptions.tell(error)
            await asyncio.sleep(LOOK_SECONDS)


async def _attend(
    connection: AsyncConnection[TupleRow],
    client: httpx.AsyncClient,
    store: Store,
    witnessed: Witnessed,
    policy: Policy,
    metrics: WitnessMetrics,
) -> NoReturn:
    desk = WitnessDesk(connection)
    feeder = Feeder(
        policy,
        desk=desk,
        seal=SealDesk(connection),
        reader=SealReader(store.readers),
        attester=Attester(store.log, store.readers, COSIGNATURES, WITNESSER),
        client=client,
    )
    await desk.introduce(policy.witnesses.values())
    is_seated = False
    while True:
        is_seated = is_seated or await desk.is_seated()
        if is_seated:
            await _feed(feeder, witnessed.chosen)
        await _look(desk, witnessed, policy, metrics)
        await asyncio.sleep(LOOK_SECONDS)


async def _feed(feeder: Feeder, chosen: Settings) -> None:
    heartbeat_seconds = min(HEARTBEAT_SECONDS, chosen.witness_alarm_seconds / 3)
    try:
        await feeder.round_if_due(chosen.witness_seconds, heartbeat_seconds)
    except NOT_NOW as trouble:
        _log.warning("witnessing_put_off", reason=type(trouble).__name__)


async def _look(desk: WitnessDesk, witnessed: Witnessed, policy: Policy, metrics: WitnessMetrics) -> None:
    now = await desk.now()
    before = witnessed.standing.alarm(now, witnessed.patience)
    witnessed.standing = await desk.standing(policy)
    alarm = witnessed.standing.alarm(now, witnessed.patience)
    metrics.tell(witnessed.standing, alarm, now, policy.witnesses)
    if alarm is not before:
        said = _log.info if alarm is Alarm.none else _log.critical
        said("witnessing", alarm=alarm, since=str(witnessed.standing.unwitnessed_since))

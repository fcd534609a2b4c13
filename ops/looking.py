"""Who looks, where a command looks: recorded before anything is told, as the door records it (decision 0156)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final

import typer

from api.authentication import NAMED
from api.identity import DIVISION_DIGITS, member_of_staff
from api.looks import Looker, Looks
from api.problems import english
from api.refusals import Refusal
from api.seen_log import SeenLog
from domain.access.decision import A_LIST, Allow, Principal, Resource, decide
from domain.access.permissions import Action
from domain.access.shown import Shown
from domain.application import Keeper
from domain.case import CASE
from domain.case.involved import units_of
from domain.grammar import Rejected, local_day
from domain.log import LogBusy, OutcomeUnknown
from domain.perusal.commands import Action as Look
from domain.store.county import Store
from ops.acknowledged import expect_nothing_gone
from ops.at_machine import by_command
from ops.county import opened_store
from ops.failures import CannotDo
from ops.settings import Settings
from ops.signing import take_up_keys

As = Annotated[
    str | None,
    typer.Option(
        "--as",
        help="查阅人，工号@岗位；县内已开通账户的须填 · who looks, as staff@post; asked for once there are accounts",
    ),
]
Under = Annotated[
    str | None,
    typer.Option("--under", help="以此核查的名义 · under this investigation, by one of its officers"),
]


@dataclass(frozen=True, slots=True)
class Looking:
    """What was said of who looks, and under which investigation."""

    by: str | None
    under: str | None

    async def record(self, dsn: str, chosen: Settings, action: Action, look: Look) -> None:
        """Between what was found and its telling. Raises CannotDo: then nothing is told."""
        async with opened_store(dsn, chosen.county) as store:
            await self.record_in(store, chosen, action, look)

    async def record_in(self, store: Store, chosen: Settings, action: Action, look: Look) -> None:
        """As `record`, where the county is open already."""
        try:
            await self._record(store, chosen, action, look)
        except (Refusal, Rejected) as refusal:
            raise CannotDo(f"{english(type(refusal))} {refusal.ZH}") from refusal
        except (LogBusy, OutcomeUnknown) as error:
            raise CannotDo(
                "The look cannot be recorded, so nothing is told. 查阅无法登记，故不答复。"
            ) from error

    async def expect_somebody(self, dsn: str, chosen: Settings) -> None:
        """For what is waited for long before it is told. Raises CannotDo where nobody is named who could look."""
        async with opened_store(dsn, chosen.county) as store:
            self._principal(store)

    async def shown(self, dsn: str, chosen: Settings) -> Shown | None:
        """Which streams of the log the person may know of; None: all, where nobody could be named. Raises CannotDo."""
        async with opened_store(dsn, chosen.county) as store:
            return (await self.log(store)).shown

    async def log(self, store: Store) -> SeenLog:
        """As the person may read it now; all of it, where nobody could be named. Raises CannotDo."""
        whole, principal = SeenLog(store.events, None), self._principal(store)
        return whole if principal is None else await whole.open_to(principal, "", store.catalogue)

    async def _record(self, store: Store, chosen: Settings, action: Action, look: Look) -> None:
        principal = self._principal(store)
        if principal is None:
            return
        keeper = Keeper(store.log, store.catalogue)
        await _expect_allowed(keeper, principal, action, getattr(look, "case_no", None))
        # not remembered as acknowledged: who only reads in a copy of the county must not have the county itself refused
        await expect_nothing_gone(store, chosen)
        await take_up_keys(store, chosen)
        looker = Looker(by_command(principal.actor), _now(), self.under)
        await Looks(keeper, _now).record(looker, look)

    def _principal(self, store: Store) -> Principal | None:
        if self.by is None:
            if self.under is not None or any(store.catalogue.users()):
                raise CannotDo(SAY_WHO)
            return None
        told = NAMED.fullmatch(self.by)
        if told is None:
            raise CannotDo(SAY_WHO)
        try:
            return member_of_staff(told[1], told[2], store.catalogue, local_day(_now()))
        except Refusal as refusal:
            raise CannotDo(f"{english(type(refusal))} {refusal.ZH}") from refusal


SAY_WHO: Final = "Say who looks: --as STAFF@POST. What is looked into is recorded. 请以 --as 工号@岗位 写明查阅人，查阅均予登记。"
MAY_NOT: Final = "Whoever is named may not. 所填查阅人无此权限。"


async def _expect_allowed(keeper: Keeper, principal: Principal, action: Action, case_no: str | None) -> None:
    """As at the door. A file of the whole county is taken by who looks over all of it."""
    if case_no is None:
        verdict = decide(principal, action, A_LIST)
        if not isinstance(verdict, Allow) or len(verdict.sight) > COUNTY_DIGITS:
            raise CannotDo(MAY_NOT)
        return
    history = await keeper.history(CASE, case_no)
    hands = frozenset(units_of([(event.fact, event.envelope) for event in history]))
    if not isinstance(decide(principal, action, Resource(case_no[:DIVISION_DIGITS], hands)), Allow):
        raise CannotDo(MAY_NOT)


COUNTY_DIGITS: Final = 6


def _now() -> datetime:
    return datetime.now(UTC)

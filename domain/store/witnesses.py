"""What is known of the log's witnesses, in the database beside the tree."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from domain.proof.policy import Known, Policy
from domain.proof.witnessing import Standing, Trouble, reached_by_quorum
from domain.store.statements import WITNESSES


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """A witness as we know it."""

    vkey: str
    name: str
    size: int
    """Of the largest checkpoint that it cosigned."""
    line: str | None
    """Its line below that checkpoint."""
    asked_since: datetime
    seen_at: datetime | None
    trouble: Trouble | None
    trouble_since: datetime | None


class WitnessDesk:
    """Over a connection that acts as the sealer. Every method may raise psycopg.Error."""

    def __init__(self, connection: AsyncConnection[TupleRow]) -> None:
        self._connection = connection

    async def is_seated(self) -> bool:
        """Whether this connection is the one that asks the county's witnesses from now on."""
        return (await self._fetch("seat"))[0][0] is True

    async def introduce(self, witnesses: Iterable[Known]) -> None:
        for witness in witnesses:
            await self._fetch("introduce", {"vkey": witness.key.vkey(), "name": witness.name})

    async def known(self, policy: Policy) -> dict[str, Acquaintance]:
        """By their keys' lines."""
        vkeys = [witness.key.vkey() for witness in policy.witnesses.values()]
        rows = await self._fetch("known", {"vkeys": vkeys})
        return {row[0]: _acquaintance(row) for row in rows}

    async def cosigned(self, vkey: str, size: int, line: str, trouble: Trouble | None = None) -> None:
        asked = {"vkey": vkey, "size": size, "line": line, "trouble": trouble}
        await self._fetch("cosigned", asked)

    async def in_trouble(self, vkey: str, trouble: Trouble) -> None:
        await self._fetch("in_trouble", {"vkey": vkey, "trouble": trouble})

    async def standing(self, policy: Policy) -> Standing:
        """Of a policy that asks for a quorum."""
        known = {each.name: each for each in (await self.known(policy)).values()}
        size = reached_by_quorum(policy, {name: each.size for name, each in known.items()}) or 0
        seen = {name: each.seen_at for name, each in known.items() if each.seen_at}
        since = [
            reached_by_quorum(policy, seen)
            or min((each.asked_since for each in known.values()), default=None),
            *(row[0] for row in await self._fetch("waits_since", {"size": size})),
        ]
        troubles = {name: each.trouble for name, each in known.items() if each.trouble}
        return Standing(size, min((moment for moment in since if moment), default=None), troubles)

    async def now(self) -> datetime:
        moment: datetime = (await self._fetch("now"))[0][0]
        return moment

    async def _fetch(self, name: str, parameters: Mapping[str, Any] | None = None) -> list[TupleRow]:
        cursor = self._connection.cursor(binary=True)
        await cursor.execute(WITNESSES[name], parameters, prepare=True)
        return await cursor.fetchall() if cursor.description else []


def _acquaintance(row: TupleRow) -> Acquaintance:
    vkey, name, size, line, asked_since, seen_at, trouble, trouble_since = row
    return Acquaintance(
        vkey, name, size, line, asked_since, seen_at, Trouble(trouble) if trouble else None, trouble_since
    )

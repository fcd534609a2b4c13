"""Looks 查阅 at the door: what somebody reads is recorded before the answer is given.

    GET /v1/cases/{case_no}/timeline        调阅, where the reader's unit has no part in the case
    GET /v1/cases/{case_no}/replay          回放, by anybody
    GET /v1/cases                           检索, by anybody; with `format` a file: 导出
    …with Jiandu-Investigation: HC-2026-3   each of them in the investigation's own stream, by its officers, within its scope

The same look of the same person on the same day is one event. Decision 0150.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from secrets import token_hex
from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter
from starlette.requests import Request

from api.openapi import header, problems
from api.refusals.record import InvestigationUnknown
from domain.application import Keeper
from domain.case import CASE
from domain.case.involved import people_of, units_of
from domain.grammar import Actor, Envelope, Fact, Instant, Occasion, local_day
from domain.investigation import INVESTIGATION
from domain.investigation.commands import LookUnder
from domain.investigation.state import Investigation
from domain.investigation.values import NUMBER
from domain.log import Recorded
from domain.perusal import PERUSAL, identity_of
from domain.perusal.commands import OF_A_CASE, Action, ExportRecords, SearchRecords, ViewCaseFile

HEADER: Final = "Jiandu-Investigation"
INVESTIGATION_NO: Final = header(
    HEADER,
    "以此核查的名义查阅：立案编号，仅限其核查人员、其范围 / the look is taken under this investigation, by its officers, within its scope",
    NUMBER,
)
OF_AN_INVESTIGATION: Final = (404, 409)
"""There is none of that number, or it is concluded."""
CASE_FILE: Final = "/v1/cases/{case_no}"
SEARCHED: Final = frozenset(
    {
        "/v1/cases",
        "/v1/audit",
        "/v1/differences",
        "/v1/deadlines",
        "/v1/ledgers/agents",
        "/v1/ledgers/signals",
        "/v1/certificates",
        "/v1/data-quality",
        "/v1/dual-acceptance",
        "/v1/signals",
        "/v1/watch",
        "/v1/investigations",
        "/v1/perusals",
        "/v1/audit/gaps",
    }
)
"""Lists of cases, people or events. A list that stands neither here nor in NO_FILES fails a test."""
NO_FILES: Final = frozenset(
    {
        "/v1/admin/keys",
        "/v1/admin/users",
        "/v1/audit/marks",
        "/v1/catalogue/{register}",
        "/v1/data-quality/tallies",
        "/v1/deadlines/lights",
        "/v1/ledgers/agents/points",
        "/v1/log/keys",
        "/v1/log/proof/consistency",
        "/v1/log/proof/inclusion",
        "/v1/log/seal",
        "/v1/projections",
        "/v1/stand-ins",
        "/v1/statistics",
        "/v1/statistics/handovers",
        "/v1/statistics/holders",
        "/v1/statistics/recordings",
        "/v1/statistics/signals",
        "/v1/statistics/steps",
        "/v1/zero-activity",
    }
)
"""Figures, registers, proofs and the server's own state: no files of anybody."""
SINGLE: Final = frozenset(
    {
        "/v1/investigations/{investigation_no}/perusals",
        "/v1/persons/{person_ref}/measures",
        "/v1/signals/{signal_no}",
    }
)
"""Of one thing, whose own rules say who may know of it."""
LOG: Final = frozenset({"/v1/events", "/v1/events/stream"})
"""The log itself: narrowed to one case it is that case's file. Who may read it as a whole is a matter of permission, and a
follower whose following were an event would follow itself."""
TAKEN: Final = "/v1/exports/"
UNASKED: Final = frozenset(
    {"after", "limit", "order", "format", "language", "day", "min_position", "known_at", "happened_by"}
)
"""Parameters that narrow nothing."""
_OF_CASE: Final = re.compile(r"(?:case:)?([0-9]{25}[0-9A-Z])")
_NUMBER: Final = re.compile(NUMBER)
_INSTANT: Final = TypeAdapter(Instant)


class Looker(NamedTuple):
    """Whose look, when, and under which investigation."""

    actor: Actor
    moment: datetime
    investigation_no: str | None


def look_as(request: Request, look: Action) -> None:
    """What an endpoint says itself of the look that it answers: a replay, an evidence bundle."""
    request.state.look = look


class Looks:
    """Records looks through the keeper; remembers, for a while, which need none any more."""

    def __init__(
        self, keeper: Keeper, clock: Callable[[], datetime], *, remembered_looks: int = 100_000
    ) -> None:
        self._keeper = keeper
        self._clock = clock
        self._noted: OrderedDict[Hashable, None] = OrderedDict()
        self._capacity = remembered_looks

    async def note(self, request: Request, path: str) -> None:
        """Records the look of a request that is about to be answered. `path`: of its route.

        Raises InvestigationUnknown, Rejected, and what the log raises: then nothing is answered.
        """
        look = getattr(request.state, "look", None) or look_of(request, path)
        if look is None:
            if path in LOG:
                await self._expect_allowed(request, path)
            return
        looker = Looker(request.state.principal.actor, self._clock(), investigation_of(request))
        if (
            looker.investigation_no is not None
        ):  # asked each time: it may be concluded, or the officer have a part by now
            await self.record(looker, look)
            return
        seen = (looker.actor.staff_id, looker.actor.unit_code, local_day(looker.moment), look)
        if seen in self._noted:
            self._noted.move_to_end(seen)
            return
        await self.record(looker, look)
        self._remember(seen)

    async def _expect_allowed(self, request: Request, path: str) -> None:
        """Whoever reads the log as a whole leaves no look; under an investigation its rules are asked all the same."""
        number = investigation_of(request)
        if number is None:
            return
        looker = Looker(request.state.principal.actor, self._clock(), number)
        investigation = await _open_to(self._keeper, number, looker.actor)
        would_be = LookUnder(look=listed(path, (), None))
        INVESTIGATION.decide(investigation, would_be, _occasion(looker), self._keeper.catalogue)

    async def record(self, looker: Looker, look: Action) -> None:
        """Raises InvestigationUnknown, Rejected, and what the log raises."""
        history = await self._history(look)
        if looker.investigation_no is not None:
            await self._under(looker.investigation_no, looker, look, history)
        elif not isinstance(look, ViewCaseFile) or _is_outside(looker.actor, history):
            identity = identity_of(looker.actor.staff_id, local_day(looker.moment))
            await self._keeper.handle(PERUSAL, identity, look, _occasion(looker), key=None, digest=bytes(32))

    async def _history(self, look: Action) -> Sequence[Recorded]:
        return await self._keeper.history(CASE, look.case_no) if isinstance(look, OF_A_CASE) else ()

    async def _under(
        self, investigation_no: str, looker: Looker, look: Action, history: Sequence[Recorded]
    ) -> None:
        await expect_open_to(self._keeper, investigation_no, looker.actor)
        involved = tuple(sorted(people_of(_told(history))))
        command = LookUnder(look=look, involved=involved)
        await self._keeper.handle(
            INVESTIGATION, investigation_no, command, _occasion(looker), key=None, digest=bytes(32)
        )

    def _remember(self, seen: Hashable) -> None:
        self._noted[seen] = None
        if len(self._noted) > self._capacity:
            self._noted.popitem(last=False)


async def expect_open_to(keeper: Keeper, investigation_no: str, actor: Actor) -> None:
    """Raises InvestigationUnknown where there is none, or none that the actor may know of."""
    await _open_to(keeper, investigation_no, actor)


async def _open_to(keeper: Keeper, investigation_no: str, actor: Actor) -> Investigation:
    member = keeper.catalogue.staff(actor.staff_id)
    investigation: Investigation = (await keeper.load(INVESTIGATION, investigation_no)).state
    if not investigation.is_open_to(actor.staff_id, actor.role, member.person_ref if member else None):
        raise InvestigationUnknown
    return investigation


def investigation_of(request: Request) -> str | None:
    """The investigation that the request names. Raises InvestigationUnknown where it cannot be one."""
    given = request.headers.getlist(HEADER)
    if not given:
        return None
    if len(given) > 1 or _NUMBER.fullmatch(given[0]) is None:
        raise InvestigationUnknown
    return given[0]


def look_of(request: Request, path: str) -> Action | None:
    """What a request looks at, by its route and its parameters; None: nothing that is recorded."""
    if path.startswith(CASE_FILE):
        return _case_file(request, request.path_params["case_no"], path.removeprefix(CASE_FILE).strip("/"))
    if path not in SEARCHED | LOG and not path.startswith(TAKEN):
        return None
    asked = request.query_params
    if of_case := case_named(asked.get("case_no") or asked.get("case") or asked.get("stream", "")):
        return _case_file(request, of_case, path.rpartition("/")[2])
    if path in LOG:
        return None
    by = tuple(sorted({*asked} - UNASKED))
    return listed(path, by, asked.get("format"))


def with_looks(document: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI document, with the header that ties a look to an investigation wherever a look is recorded."""
    for path, methods in document["paths"].items():
        if "get" in methods and (path.startswith((CASE_FILE, TAKEN)) or path in SEARCHED | LOG):
            methods["get"].setdefault("parameters", []).append(INVESTIGATION_NO)
            answers = methods["get"].setdefault("responses", {})
            for status, answer in problems(*OF_AN_INVESTIGATION).items():
                answers.setdefault(str(status), answer)
    return document


def _case_file(request: Request, case_no: str, part: str) -> ViewCaseFile:
    """Under an investigation each part and each day that was asked for counts; else a look into the file at all."""
    if HEADER not in request.headers:
        return ViewCaseFile(case_no=case_no)
    known_at, happened_by = (request.query_params.get(name) for name in ("known_at", "happened_by"))
    return ViewCaseFile(
        case_no=case_no,
        part=part or "case",
        known_at=_INSTANT.validate_python(known_at) if known_at else None,
        happened_by=_INSTANT.validate_python(happened_by) if happened_by else None,
    )


def listed(path: str, by: tuple[str, ...], asked_format: str | None) -> Action:
    """A look at the list at `path`, narrowed by these conditions; taken away where a format is asked for."""
    of = path.strip("/").replace("/{table}", "")
    if path.startswith(TAKEN):
        return ExportRecords(of=of, by=by, format=asked_format or path.split("/")[3])
    if asked_format not in (None, "json"):
        return ExportRecords(of=of, by=by, format=asked_format)
    return SearchRecords(of=of, by=by)


def case_named(text: str) -> str | None:
    """The number of the case that is meant by a number, or by the name of its stream."""
    found = _OF_CASE.fullmatch(text)
    return found[1] if found else None


def _is_outside(actor: Actor, history: Sequence[Recorded]) -> bool:
    """Whether the reader's unit has no part in the case. Of what is not in the log there is no file."""
    return bool(history) and actor.unit_code not in units_of(_told(history))


def _told(history: Sequence[Recorded]) -> list[tuple[Fact, Envelope]]:
    return [(event.fact, event.envelope) for event in history]


def _occasion(looker: Looker) -> Occasion:
    return Occasion(looker.actor, looker.moment, correlation=token_hex(12))

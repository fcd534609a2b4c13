"""监察预警: the signals of the watch, read, answered and decided; the ledger 监察台账."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Path, Query, Request
from pydantic import Field, TypeAdapter
from starlette.responses import Response

from api.answers import LogEvent, SignalReceipt
from api.bodies import RAISE_SIGNAL, RECORD_SIGNAL_ACTION, RaiseSignalBody, RecordSignalAction
from api.cases import CaseNoInPath
from api.conditional import expected_version, idempotency_key
from api.door import Door, Entrance, door_of
from api.edge import read_document
from api.events import event_bytes
from api.examples import RAISING_EXAMPLES, SIGNAL_EXAMPLES
from api.exporting import answers_or_table
from api.identity import IDENTIFIED, Identified, expect_number
from api.openapi import BASE, BODY, IDEMPOTENCY_KEY, IF_MATCH, asked, problems
from api.paging import NEXT_AFTER, PagedQuery, Paging, Position, answer_page
from api.reading import Answer, ReadQuery, answer, answers, reading
from api.recording import Asked, digest_of, record, record_on
from api.refusals.record import SignalUnknown
from domain.case import CASE
from domain.case.involved import deciders_of
from domain.grammar import Code, Day
from domain.log import Recorded
from domain.signal import SIGNAL
from domain.signal.commands import AnswerSignal
from domain.signal.state import SignalState
from domain.signal.values import Light, RuleCode
from domain.store.mapper import StoredEvent
from projections.calendar import CALENDAR
from projections.case_card import CASE_CARD
from projections.exports.tables import Table
from projections.items import ITEMS
from projections.places import PLACES
from projections.reading import Reading
from projections.signals import FIRST, LATEST, SIGNALS, LedgerRow, SignalRow, Signals, Sought

router = APIRouter(tags=["signals"], route_class=Entrance)
SIGNAL_NO: Final = r"^[A-Z][0-9]{2}-[0-9A-F]{16}$"
LISTED: Final = Paging(TypeAdapter(tuple[Position]), LATEST)
LEDGER: Final = Paging(TypeAdapter(tuple[Position]), FIRST)
SIGNAL_TABLE: Final = Table.of("signals", "监察预警", SignalRow)
LEDGER_TABLE: Final = Table.of("signal-ledger", "监察台账", LedgerRow)

SignalNoInPath = Annotated[
    str,
    Path(
        description="监察编号 / the signal's number",
        json_schema_extra={"pattern": SIGNAL_NO, "examples": ["T03-4736A120F8757553"]},
    ),
]
RECORDED: Final[dict[int | str, dict[str, Any]]] = {
    200: {"model": SignalReceipt, "description": "无需登记 / nothing to record"},
    201: {"model": SignalReceipt, "description": "已登记 / recorded"},
}


class SignalsQuery(PagedQuery):
    """Every condition that is given holds."""

    rule: RuleCode | None = Field(None, description="监察规则 / the rule")
    light: Light | None = Field(None, description="灯色 / the light")
    state: SignalState | None = Field(None, description="状态 / where the signal stands")
    unit: Code | None = Field(None, description="责任单位 / the responsible unit")
    window: Code | None = Field(None, description="责任窗口 / the responsible window")
    person: Code | None = Field(
        None, description="责任人（人员编号） / the responsible person, by staff number"
    )
    case: Annotated[str, Field(pattern=r"^[0-9]{25}[0-9A-Z]$")] | None = Field(
        None, description="办件编号 / of this case"
    )
    raised_from: Day | None = Field(None, description="产生日期起 / raised on this day or later")
    raised_to: Day | None = Field(None, description="产生日期止（含） / raised on this day or earlier")
    is_reply_late: bool | None = Field(None, description="反馈是否超期 / whether the reply is late")

    def sought(self) -> Sought:
        return Sought(
            rule=self.rule,
            light=self.light,
            state=self.state,
            unit=self.unit,
            window=self.window,
            person=self.person,
            case_no=self.case,
            raised_from=self.raised_from,
            raised_to=self.raised_to,
            is_reply_late=self.is_reply_late,
        )


class SignalList(Answer):
    """Signals, the latest first. 监察预警清单。"""

    signals: list[SignalRow]
    next_after: str | None = Field(description=NEXT_AFTER)


@router.get(
    "/v1/signals",
    summary="监察预警 / signals",
    responses=answers_or_table(SignalList, "signals"),
    dependencies=IDENTIFIED,
)
async def list_signals(request: Request, query: Annotated[SignalsQuery, Query()]) -> Response:
    """最近产生的在前；各条件同时满足。未反馈的，等待工作日计至所问之日。

    The latest first; every condition that is given holds. Unanswered ones wait to the day that is asked for.
    """

    async def page(found: Reading, place: tuple[int], limit: int) -> Sequence[SignalRow]:
        (before,) = place
        return await Signals(found.connection).page(query.sought(), found.day, before=before, limit=limit)

    needs = (SIGNALS, CALENDAR)
    return await answer_page(door_of(request), query, needs, LISTED, page, SIGNAL_TABLE, of="signals")


class SignalShown(Answer):
    """One signal, what happened to it, and the events that it stands on. 监察预警详情。"""

    signal: SignalRow
    version: int = Field(
        ge=1, description="事件数，即 If-Match 的版本 / how many events it has: the version for If-Match"
    )
    history: list[LogEvent]
    facts: list[LogEvent]


@router.get(
    "/v1/signals/{signal_no}",
    summary="预警详情 / one signal with its facts",
    responses=answers(SignalShown, "signal", 404),
    dependencies=IDENTIFIED,
)
async def read_signal(
    request: Request, signal_no: SignalNoInPath, query: Annotated[ReadQuery, Query()]
) -> Response:
    """预警内容、其后的反馈、申诉与核定，以及所依据的原始事件；事实后来被更正的，预警仍在。

    What it says, what was answered and decided since, and the events that it stands on as they were recorded. It
    stays when those were corrected later.
    """
    _expect_number(signal_no)
    door = door_of(request)
    async with reading(door, query, (SIGNALS, CALENDAR)) as found:
        row = await Signals(found.connection).one(signal_no, found.day)
    if row is None:
        raise SignalUnknown
    history = await _history(door, signal_no, found)
    facts = [event for position in row.facts for event in await _at(door, position)]
    return answer(found, {"signal": row, "version": len(history), "history": history, "facts": facts})


async def _history(door: Door, signal_no: str, found: Reading) -> Sequence[Mapping[str, Any]]:
    """As far as the answer goes, and as it was known then."""
    known_at = found.asked.known_at
    events = await door.keeper.history(SIGNAL, signal_no)
    return [
        orjson.loads(event_bytes(_stored(event)))
        for event in events
        if event.position <= found.upto and (known_at is None or event.recorded_at <= known_at)
    ]


def _stored(event: Recorded) -> StoredEvent:
    return StoredEvent(
        event.position,
        event.stream,
        event.version,
        event.topic,
        event.envelope.occurred_at,
        event.recorded_at,
        event.state,
    )


async def _at(door: Door, position: int) -> Sequence[Mapping[str, Any]]:
    return [
        orjson.loads(event_bytes(event))
        for event in await door.reader.stored(position - 1, 1, until=position)
    ]


class SignalsOfCase(Answer):
    """The signals of a case, as they were raised. 办件的监察预警。"""

    case_no: str
    signals: list[SignalRow]


@router.get(
    "/v1/cases/{case_no}/signals",
    summary="办件的预警 / the signals of a case",
    responses=answers(SignalsOfCase, "case_signals", 404),
    dependencies=IDENTIFIED,
)
async def read_case_signals(
    request: Request, case_no: CaseNoInPath, query: Annotated[ReadQuery, Query()]
) -> Response:
    """按产生的先后；核销的也在其中。

    In the order in which they were raised, those that were withdrawn among them.
    """
    expect_number(case_no)
    async with reading(door_of(request), query, (SIGNALS, CALENDAR)) as found:
        await found.expect_case(case_no)
        signals = await Signals(found.connection).of_case(case_no, found.day)
    return answer(found, {"case_no": case_no, "signals": signals})


class SignalLedger(Answer):
    """监察台账, field by field as GB/T 39046—2020 table 11 has it. 监察台账。"""

    rows: list[LedgerRow]
    next_after: str | None = Field(description=NEXT_AFTER)


@router.get(
    "/v1/ledgers/signals",
    summary="监察台账 / the ledger of signals",
    responses=answers_or_table(SignalLedger, "signal_ledger"),
    dependencies=IDENTIFIED,
)
async def read_ledger(request: Request, query: Annotated[SignalsQuery, Query()]) -> Response:
    """国标 GB/T 39046—2020 表 11 电子监察的各项；按产生的先后。

    The fields of the national standard's table 11, in the order in which the signals were raised.
    """

    async def page(found: Reading, place: tuple[int], limit: int) -> Sequence[LedgerRow]:
        (after,) = place
        return await Signals(found.connection).ledger(query.sought(), after=after, limit=limit)

    needs = (SIGNALS, PLACES, CASE_CARD, ITEMS)
    return await answer_page(door_of(request), query, needs, LEDGER, page, LEDGER_TABLE, of="rows")


@router.post(
    "/v1/signals",
    status_code=201,
    summary="产生预警 / raise a signal",
    responses={**RECORDED, **problems(409, *BASE, *BODY)},
    openapi_extra=asked(RaiseSignalBody, RAISING_EXAMPLES, IDEMPOTENCY_KEY),
)
async def raise_signal(request: Request, actor: Identified) -> Response:
    """监察人员自行产生预警；编号由内容得出，同一内容只产生一次。

    Supervision raises a signal of its own; its number follows from what it says, so the same is raised once.
    """
    door = door_of(request)
    document = await read_document(request, limit_bytes=door.limits.single_bytes)
    key = idempotency_key(request, actor.staff_id)
    body = RAISE_SIGNAL.read(document.raw)
    signal_no = body.action.signal_no
    digest = digest_of(SIGNAL.name, signal_no, document.value)
    asked_for = Asked(SIGNAL, signal_no, body.action, body.circumstances, digest, key)
    return (await record(door, actor, asked_for)).response()


@router.post(
    "/v1/signals/{signal_no}/actions",
    status_code=201,
    summary="反馈、申诉、核定 / answer or decide a signal",
    responses={**RECORDED, **problems(404, 409, 412, 428, *BASE, *BODY)},
    openapi_extra=asked(RecordSignalAction, SIGNAL_EXAMPLES, IF_MATCH, IDEMPOTENCY_KEY),
)
async def record_signal_action(request: Request, actor: Identified, signal_no: SignalNoInPath) -> Response:
    """责任单位反馈、申诉；监察部门维持或核销，核销须说明理由，预警仍留台账。

    The responsible unit replies and appeals; supervision upholds, or withdraws with a reason. It stays in the ledger.
    """
    door = door_of(request)
    document = await read_document(request, limit_bytes=door.limits.single_bytes)
    _expect_number(signal_no)
    await _expect_shown(door, signal_no)
    version = expected_version(request)
    key = idempotency_key(request, actor.staff_id)
    body = RECORD_SIGNAL_ACTION.read(document.raw)
    digest = digest_of(SIGNAL.name, signal_no, document.value)
    action = AnswerSignal(answer=body.action, deciders=await _deciders(door, signal_no))
    asked_for = Asked(SIGNAL, signal_no, action, body.circumstances, digest, key, version)
    return (await record_on(door, actor, asked_for, unknown=SignalUnknown)).response()


async def _deciders(door: Door, signal_no: str) -> tuple[str, ...]:
    """The staff numbers of who decided the case that the signal is about."""
    raised = (await door.keeper.load(SIGNAL, signal_no)).state.raised
    if raised is None or raised.case_no is None:
        return ()
    history = await door.keeper.history(CASE, raised.case_no)
    return tuple(sorted(deciders_of([(event.fact, event.envelope) for event in history])))


async def _expect_shown(door: Door, signal_no: str) -> None:
    """Raises SignalUnknown where it is about a case or a unit of another division."""
    raised = (await door.keeper.load(SIGNAL, signal_no)).state.raised
    if raised is not None and not door.shows(raised.case_no or door.catalogue.division_of(raised.unit_code)):
        raise SignalUnknown


def _expect_number(signal_no: str) -> None:
    """What is not a signal's number names no signal. Raises SignalUnknown."""
    if re.fullmatch(SIGNAL_NO, signal_no) is None:
        raise SignalUnknown

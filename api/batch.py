"""Many actions at once: from offline points, from other systems, from an import."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import orjson
from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from api.answering import ANSWERED
from api.answers import ProblemDocument, RecordedEvent, SealPromise, Shown, json_answer
from api.bodies import BATCH, BATCHED_ACTION, OPENING_ACTIONS, Batch, BatchedAction
from api.conditional import scoped
from api.door import Door, Entrance, door_of
from api.edge import Document, read_document
from api.examples import batch_examples
from api.identity import Identified, expect_shown
from api.numbering import expect_rightful
from api.openapi import BASE, BODY, asked, problems
from api.opening import open_unnumbered
from api.problems import problem_of
from api.recording import Answered, Asked, digest_of, record, record_on
from api.refusals.body import BatchTooLong, ContentInvalid
from api.refusals.record import CaseUnknown, NotOpening
from domain.application import LogBusy, OutcomeUnknown
from domain.case import CASE
from domain.grammar import Actor

router = APIRouter(tags=["cases"], route_class=Entrance)

TO_SEND_AGAIN: Final = (LogBusy, OutcomeUnknown)
"""Nothing is wrong with the action; it was not recorded now, or nobody knows."""


class BatchAnswer(Shown):
    """What became of one action: a receipt, or a problem. 每个动作的结果：回执或问题。"""

    status: int = Field(description="该动作单独提交时的状态码 / the status it would have had alone")
    replayed: bool = Field(False, description="同一键的首次答复 / the first answer to this key again")
    case_no: str | None = None
    version: int | None = None
    recorded_at: datetime | None = None
    events: list[RecordedEvent] | None = None
    irregularities: list[str] | None = None
    sealed: SealPromise | None = None
    problem: ProblemDocument | None = None


class BatchAnswers(Shown):
    """In the order of the actions. 与提交的次序一致。"""

    answers: list[BatchAnswer]


@router.post(
    "/v1/actions:batch",
    summary="批量登记 / record many actions",
    responses={
        200: {"model": BatchAnswers, "description": "全部已登记 / all of them recorded"},
        207: {
            "model": BatchAnswers,
            "description": "部分未登记，见各自的 problem / some were not; each says why",
        },
        **problems(*BASE, *BODY),
    },
    openapi_extra=asked(Batch, batch_examples()),
)
async def record_batch(request: Request, actor: Identified) -> Response:
    """至多 1000 个动作，逐一答复，互不影响。同一办件的动作按次序登记，不同办件的同时登记。

    At most 1000 actions, each answered for itself. Those of one case are recorded in order, those of different
    cases at once. An action that cannot be read spoils no other.
    """
    door = door_of(request)
    document = await read_document(request, limit_bytes=door.limits.batch_bytes)
    elements = read_elements(document, door.limits.batch_actions)
    answers: list[dict[str, object]] = [{}] * len(elements)
    await asyncio.gather(*(_in_order(door, actor, lane, answers) for lane in lanes(elements)))
    is_complete = all("problem" not in answer for answer in answers)
    status = HTTPStatus.OK if is_complete else HTTPStatus.MULTI_STATUS
    return json_answer({"answers": answers}, status=status)


class Element(NamedTuple):
    """One action of a batch, at its place: understood, or why it was not."""

    place: int
    asked: BatchedAction | ContentInvalid
    document: Mapping[str, object]


def read_elements(document: Document, most: int) -> list[Element]:
    """Mostly everything is in order and is read in one go; otherwise each action is read by itself.

    Raises BatchTooLong, and ContentInvalid where the batch is not even a list of actions.
    """
    listed = _listed(document.value)
    if len(listed) > most:
        raise BatchTooLong(limit=most)
    try:
        actions: Sequence[BatchedAction | ContentInvalid] = BATCH.read(document.raw).actions
    except ContentInvalid:
        if not listed or set(document.value) != {"actions"}:
            raise
        actions = [_read_alone(n, each) for n, each in enumerate(listed)]
    return [Element(n, action, each) for n, (action, each) in enumerate(zip(actions, listed, strict=True))]


def _listed(value: Any) -> list[Any]:
    listed = value.get("actions") if isinstance(value, dict) else None
    return listed if isinstance(listed, list) else []


def _read_alone(place: int, value: object) -> BatchedAction | ContentInvalid:
    try:
        return BATCHED_ACTION.read(orjson.dumps(value), within=f"/actions/{place}")
    except ContentInvalid as refusal:
        return refusal


def lanes(elements: Iterable[Element]) -> Iterable[list[Element]]:
    """What must be recorded one after the other: the actions of one case. Those that open a case wait for nobody."""
    by_case: dict[object, list[Element]] = {}
    for element in elements:
        by_case.setdefault(_case_no(element) or element.place, []).append(element)
    return by_case.values()


def _case_no(element: Element) -> str | None:
    return element.asked.case_no if isinstance(element.asked, BatchedAction) else None


async def _in_order(
    door: Door, actor: Actor, lane: Sequence[Element], answers: list[dict[str, object]]
) -> None:
    """What must be sent again is not overtaken by what followed it."""
    for n, element in enumerate(lane):
        try:
            answers[element.place] = _told(await _recorded(door, actor, element))
        except TO_SEND_AGAIN as error:
            for rest in lane[n:]:
                answers[rest.place] = _refused(error)
            return
        except ANSWERED as error:
            answers[element.place] = _refused(error)


def _told(answered: Answered) -> dict[str, object]:
    return {"status": answered.status, "replayed": answered.is_repeat, **answered.document}


def _refused(error: Exception) -> dict[str, object]:
    problem = problem_of(error)
    return {"status": problem.status, "problem": problem.document()}


async def _recorded(door: Door, actor: Actor, element: Element) -> Answered:
    if isinstance(element.asked, ContentInvalid):
        raise element.asked
    asked = element.asked
    key = scoped(asked.key, actor.staff_id)
    digest = digest_of(CASE.name, asked.case_no, element.document)
    is_opening = isinstance(asked.action, OPENING_ACTIONS)
    if asked.case_no is None:
        if not is_opening:
            raise NotOpening
        return await open_unnumbered(door, actor, asked.action, asked.circumstances, key=key, digest=digest)
    if not is_opening:
        await expect_shown(door, actor, asked.case_no)
    asked_for = Asked(
        CASE, asked.case_no, asked.action, asked.circumstances, digest, key, asked.expected_version
    )
    if not is_opening:
        return await record_on(door, actor, asked_for, unknown=CaseUnknown)
    await expect_rightful(door, asked.action, asked.case_no)
    return await record(door, actor, asked_for)

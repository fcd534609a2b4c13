"""Many actions at once: from offline points, from other systems, from an import."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from api.answers import ProblemDocument, RecordedEvent, SealPromise, Shown, json_answer
from api.bodies import BATCH, BATCHED_ACTION, Batch, BatchedAction
from api.door import Entrance, door_of
from api.edge import Document, read_document
from api.examples import batch_examples
from api.identity import Identified
from api.lanes import Answer, Element, record_elements
from api.openapi import BASE, BODY, asked, problems
from api.problems import problem_of
from api.recording import Answered
from api.refusals.body import BatchTooLong, ContentInvalid

router = APIRouter(tags=["cases"], route_class=Entrance)


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
    answers = [_shown(answer) for answer in await record_elements(door, actor, elements)]
    is_complete = all("problem" not in answer for answer in answers)
    status = HTTPStatus.OK if is_complete else HTTPStatus.MULTI_STATUS
    return json_answer({"answers": answers}, status=status)


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


def _shown(answer: Answer) -> dict[str, object]:
    if isinstance(answer, Answered):
        return {"status": answer.status, "replayed": answer.is_repeat, **answer.document}
    problem = problem_of(answer)
    return {"status": problem.status, "problem": problem.document()}

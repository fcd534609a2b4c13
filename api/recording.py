"""Recording an action and answering it: the one path behind the single, the opening and the batch endpoint."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from secrets import token_hex
from typing import Any, Final, NamedTuple

from starlette.responses import Response

from api.answers import json_answer
from api.conditional import etag
from api.discretion import keep_quiet
from api.door import Door
from api.labels import english
from api.receipts import promise, receipt_of
from api.refusals import Refusal
from api.refusals.seal import DecisionUnwitnessed
from api.repeats import Stretch, read_again
from domain.application import Order, Outcome
from domain.grammar import (
    Actor,
    Aggregate,
    Circumstances,
    Command,
    Fact,
    Occasion,
    Rejected,
    canonical,
)
from domain.log import OutcomeUnknown, Receipt, VersionConflict
from domain.proof.witnessing import Alarm

REPLAYED: Final = "idempotent-replayed"
CORRELATION_BYTES: Final = 12


class Asked(NamedTuple):
    """An action that was read and understood, on its way to the record."""

    aggregate: Aggregate[Any]
    identity: str
    action: Command
    circumstances: Circumstances
    digest: bytes
    key: str | None = None
    """Scoped to its sender."""
    expected_version: int | None = None


class Answered(NamedTuple):
    """What to tell about an action: the document, and what stands beside it in headers."""

    status: HTTPStatus
    document: dict[str, object]
    version: int | None
    is_repeat: bool

    def response(self) -> Response:
        headers = {}
        if self.version is not None:
            headers["etag"] = etag(self.version)
        if self.is_repeat:
            headers[REPLAYED] = "true"
        return json_answer(self.document, status=self.status, headers=headers)


def digest_of(kind: str, identity: str | None, body: Mapping[str, object]) -> bytes:
    """What was asked, whichever endpoint it came through: a retry in a batch repeats a single request."""
    return sha256(canonical([kind, identity, body.get("action"), body.get("circumstances")])).digest()


async def record(door: Door, actor: Actor, asked: Asked) -> Answered:
    """Raises what Keeper.handle raises, and DecisionUnwitnessed; what the key was answered before, it is answered again."""
    now = door.clock()
    order = _order(actor, asked, now, token_hex(CORRELATION_BYTES))
    try:
        door.witnesses.expect_witnessed(asked.action, now)
        outcome = await door.keeper.handle_order(order)
    except DecisionUnwitnessed:
        first = await door.keeper.answered(order)
        if first is None:
            raise
        return await _repeated(door, first)
    except Rejected as rejected:
        keep_quiet(rejected, asked.action)
        raise
    if outcome.decision is None:
        return await _repeated(door, outcome)
    return _answered(outcome, outcome.decision.facts, outcome.decision.irregularities)


async def record_together(
    door: Door, actor: Actor, asked: Sequence[Asked]
) -> Sequence[Answered | Exception | None]:
    """As `record`, for actions on different records: those that can be decided at once go to the log together.

    In an answer's place stands what `record` would raise, or None where the action has to be recorded alone.
    """
    now = door.clock()
    if door.witnesses.alarm(now) is Alarm.refusing:
        return [None] * len(asked)
    orders = [_order(actor, each, now, drawn) for each, drawn in zip(asked, _drawn(len(asked)), strict=True)]
    outcomes = await door.keeper.handle_together(orders)
    repeats = [each for each in outcomes if isinstance(each, Outcome) and each.decision is None]
    again = iter(await _repeated_together(door, repeats))
    return [_told_at_once(each, again) if isinstance(each, Outcome) else each for each in outcomes]


def _told_at_once(outcome: Outcome, again: Iterator[Answered | Exception]) -> Answered | Exception:
    if outcome.decision is None:
        return next(again)
    return _answered(outcome, outcome.decision.facts, outcome.decision.irregularities)


async def _repeated_together(door: Door, repeats: Sequence[Outcome]) -> list[Answered | Exception]:
    """The first answers again, read from the log: what was recorded then, whatever stands now."""
    read = await read_again(door, [each.receipt for each in repeats])
    return [
        each if isinstance(each, OutcomeUnknown) else _answered_again(outcome, each)
        for outcome, each in zip(repeats, read, strict=True)
    ]


def _drawn(correlations: int) -> Iterator[str]:
    """So many as `token_hex` would give, for one question to the system."""
    digits, length = token_hex(CORRELATION_BYTES * correlations), 2 * CORRELATION_BYTES
    return (digits[at : at + length] for at in range(0, len(digits), length))


def _order(actor: Actor, asked: Asked, now: datetime, correlation: str) -> Order:
    who, how = _reported(actor, asked.circumstances)
    return Order(
        asked.aggregate,
        asked.identity,
        asked.action,
        Occasion(who, now, how, correlation),
        asked.key,
        asked.digest,
        asked.expected_version,
    )


async def record_on(door: Door, actor: Actor, asked: Asked, *, unknown: type[Refusal]) -> Answered:
    """As `record`, on what must exist already; raises `unknown` where nothing stands under the identity.

    What a rule says about a case that does not exist is beside the point.
    """
    try:
        return await record(door, actor, asked)
    except VersionConflict as conflict:
        raise (unknown() if conflict.actual == 0 else conflict) from None
    except Rejected:
        await expect_known(door, asked, unknown=unknown)
        raise


async def expect_known(door: Door, asked: Asked, *, unknown: type[Refusal]) -> None:
    if (await door.keeper.load(asked.aggregate, asked.identity)).version == 0:
        raise unknown


def _reported(actor: Actor, circumstances: Circumstances) -> tuple[Actor, Circumstances]:
    """What a source says of who acted stands with the actor of the event, once."""
    if circumstances.performed_by is None:
        return actor, circumstances
    return actor.standing_in_for(circumstances.performed_by), circumstances.model_copy(
        update={"performed_by": None}
    )


def _answered(outcome: Outcome, facts: Sequence[Fact], irregularities: Sequence[str]) -> Answered:
    kind, _, identity = outcome.stream.partition(":")
    version = outcome.version if facts else None
    document: dict[str, object] = {
        f"{kind}_no": identity,
        "version": version,
        "recorded_at": outcome.receipt.recorded_at,
        "events": list(_receipt_events(outcome.receipt, version or 0, facts)),
        **promise(outcome.receipt.signed),
        "irregularities": irregularities,
    }
    status = HTTPStatus.CREATED if facts else HTTPStatus.OK
    return Answered(status, document, outcome.version, is_repeat=outcome.receipt.is_repeat)


def _receipt_events(receipt: Receipt, version: int, facts: Sequence[Fact]) -> Iterator[dict[str, object]]:
    """The events of a command: dense positions, dense versions, in order."""
    first_position, first_version = receipt.first_position or 0, version - len(facts) + 1
    for n, fact in enumerate(facts):
        signed = receipt.signed[n] if receipt.signed else None
        yield {
            "position": first_position + n,
            "version": first_version + n,
            "topic": fact.TOPIC,
            "label": fact.LABEL,
            "label_en": english(type(fact)),
            **(receipt_of(signed, first_position + n, receipt.recorded_at) if signed else {}),
        }


async def _repeated(door: Door, outcome: Outcome) -> Answered:
    """Raises OutcomeUnknown."""
    (answered,) = await _repeated_together(door, [outcome])
    if isinstance(answered, Exception):
        raise answered
    return answered


def _answered_again(outcome: Outcome, stretch: Stretch | None) -> Answered:
    if stretch is None:
        return _answered(outcome, (), ())
    recorded, signed = stretch.told(outcome.receipt)
    first = Outcome(outcome.receipt._replace(signed=signed), recorded[-1].stream, recorded[-1].version, None)
    return _answered(first, [event.fact for event in recorded], recorded[-1].envelope.irregularities)

"""The actions of a batch on their way to the record: in order within a case, together across cases."""

from asyncio import create_task, gather, sleep
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from api.answering import ANSWERED
from api.bodies import OPENING_ACTIONS, BatchedAction
from api.conditional import scoped
from api.door import Door
from api.identity import expect_shown
from api.numbering import expect_rightful
from api.opening import open_unnumbered
from api.recording import Answered, Asked, digest_of, record, record_on, record_together
from api.refusals.body import ContentInvalid
from api.refusals.record import CaseUnknown, NotOpening
from domain.case import CASE
from domain.grammar import Actor
from domain.log import LogBusy, OutcomeUnknown

PORTION: Final = 128
"""So many actions are decided at a time: as many as one append takes. Between two portions others have their turn."""
TO_SEND_AGAIN: Final = (LogBusy, OutcomeUnknown)
"""Nothing is wrong with the action; it was not recorded now, or nobody knows."""


class Element(NamedTuple):
    """One action of a batch, at its place: understood, or why it was not."""

    place: int
    asked: BatchedAction | ContentInvalid
    document: Mapping[str, object]


Answer = Answered | Exception
Lane = deque[Element]


async def record_elements(door: Door, actor: Actor, elements: Sequence[Element]) -> list[Answer]:
    """What became of each: the first actions of all lanes are recorded, then the second ones …"""
    answers: dict[int, Answer] = {}
    waiting = _lanes(elements)
    while waiting:
        firsts = [lane[0] for lane in waiting]
        for lane, answer in zip(waiting, await _recorded(door, actor, firsts), strict=True):
            _note(answer, lane, answers)
        waiting = [lane for lane in waiting if lane]
    return [answers[element.place] for element in elements]


def _lanes(elements: Iterable[Element]) -> list[Lane]:
    """What must be recorded one after the other: the actions of one case. Those that open a case wait for nobody."""
    by_case: dict[object, Lane] = {}
    for element in elements:
        by_case.setdefault(_case_no(element) or element.place, deque()).append(element)
    return list(by_case.values())


def _case_no(element: Element) -> str | None:
    return element.asked.case_no if isinstance(element.asked, BatchedAction) else None


def _note(answer: Answer, lane: Lane, answers: dict[int, Answer]) -> None:
    """What must be sent again is not overtaken by what followed it."""
    answers[lane.popleft().place] = answer
    if isinstance(answer, TO_SEND_AGAIN):
        while lane:
            answers[lane.popleft().place] = answer


async def _recorded(door: Door, actor: Actor, elements: Sequence[Element]) -> list[Answer]:
    """Of different cases."""
    portions = []
    for portion in _portions(elements):
        portions.append(create_task(_portion_recorded(door, actor, portion)))
        await sleep(0)
    return [answer for answers in await gather(*portions) for answer in answers]


def _portions(elements: Sequence[Element]) -> Iterator[Sequence[Element]]:
    for at in range(0, len(elements), PORTION):
        yield elements[at : at + PORTION]


async def _portion_recorded(door: Door, actor: Actor, elements: Sequence[Element]) -> list[Answer]:
    """Together what can be decided at once, and then each of the others by itself."""
    asked = [_asked(door, actor, element) for element in elements]
    together = iter(await record_together(door, actor, [each for each in asked if each]))
    answers = [next(together) if each else None for each in asked]
    alone = [n for n, answer in enumerate(answers) if answer is None]
    found = await gather(*(_recorded_alone(door, actor, elements[n]) for n in alone))
    alone_answers = dict(zip(alone, found, strict=True))
    return [alone_answers[n] if answer is None else answer for n, answer in enumerate(answers)]


def _asked(door: Door, actor: Actor, element: Element) -> Asked | None:
    """None where more has to be asked before it can be decided: whether the case may be opened, or may be seen."""
    asked = element.asked
    if isinstance(asked, ContentInvalid) or isinstance(asked.action, OPENING_ACTIONS):
        return None
    if asked.case_no is None or not door.shows(asked.case_no):
        return None
    return _on_case(actor, asked.case_no, asked, element)


def _on_case(actor: Actor, case_no: str, asked: BatchedAction, element: Element) -> Asked:
    key, digest = scoped(asked.key, actor.staff_id), digest_of(CASE.name, case_no, element.document)
    return Asked(CASE, case_no, asked.action, asked.circumstances, digest, key, asked.expected_version)


async def _recorded_alone(door: Door, actor: Actor, element: Element) -> Answer:
    try:
        return await _by_itself(door, actor, element)
    except ANSWERED as refusal:
        return refusal


async def _by_itself(door: Door, actor: Actor, element: Element) -> Answered:
    """Raises what has a place in the table of problems."""
    asked = element.asked
    if isinstance(asked, ContentInvalid):
        raise asked
    is_opening = isinstance(asked.action, OPENING_ACTIONS)
    if asked.case_no is None:
        if not is_opening:
            raise NotOpening
        key, digest = scoped(asked.key, actor.staff_id), digest_of(CASE.name, None, element.document)
        return await open_unnumbered(door, actor, asked.action, asked.circumstances, key=key, digest=digest)
    asked_for = _on_case(actor, asked.case_no, asked, element)
    if is_opening:
        await expect_rightful(door, asked.action, asked.case_no)
        return await record(door, actor, asked_for)
    await expect_shown(door, actor, asked.case_no)
    return await record_on(door, actor, asked_for, unknown=CaseUnknown)

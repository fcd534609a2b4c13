"""Problems: every way to refuse has a status and two languages, and what the log cannot do is told truly."""

import re

import pytest

import api.app
from api.problems import TYPE, english, problem_of
from api.refusals import Refusal
from api.statuses import CONTENT, STATUS, WHO, status_of
from api.validation import CHECKS
from domain.grammar import Irregular, Objection, Rejected
from domain.log import (
    KeyReused,
    LogBusy,
    LogSetBack,
    NewerSchema,
    OutcomeUnknown,
    StorageFull,
    VersionConflict,
)
from domain.store.mapper import TopicUnknown
from domain.store.memory import MemoryLog
from domain.store.serials import SerialsExhausted
from ops.importing.rows import RowObjection
from ops.importing.sending import NoReceipt
from ops.importing.xes import XmlBroken
from tests.county import HOMESTEAD
from tests.doors import Doorway, MemoryReader
from tests.sources import SOURCES

RECEIPT = {"action": {"type": "receive_case", "item_code": HOMESTEAD, "applicant_ref": "p-" + "0" * 32}}


def below(kind):
    for each in kind.__subclasses__():
        yield each
        yield from below(each)


FAMILIES = {Rejected, Irregular, RowObjection}
"""Only their members are ever raised."""
OBJECTIONS = sorted(
    {kind for kind in below(Objection) if not kind.__module__.startswith("tests")} - FAMILIES,
    key=lambda kind: (kind.__module__, kind.__name__),
)


def test_the_door_was_loaded_so_that_every_objection_is_known():
    assert api.app.ROOMS
    assert {NoReceipt, XmlBroken} < set(OBJECTIONS)
    assert len(OBJECTIONS) > 100


@pytest.mark.parametrize("kind", OBJECTIONS, ids=lambda kind: kind.__name__)
def test_every_objection_says_its_sentence_in_both_languages(kind):
    assert re.search(r"[\u4e00-\u9fff]", kind.ZH)
    assert re.search(r"[a-z]{2}.*\.$|[a-z]{2}.*`\.?$|says (where|which)\.$", english(kind)), english(kind)
    assert (kind.WANTED is None) == (kind.WANTED_ZH is None)


@pytest.mark.parametrize(
    "kind",
    [kind for kind in OBJECTIONS if issubclass(kind, Rejected | Refusal)],
    ids=lambda kind: kind.__name__,
)
def test_every_refusal_makes_a_problem_of_the_four_hundreds(kind):
    problem = problem_of(kind())
    assert 400 <= problem.status < 500
    document = problem.document()
    assert document["type"] == TYPE + kind.code()
    assert document["status"] == problem.status


def test_codes_are_stable_names_and_each_belongs_to_one_refusal():
    codes = [kind.code() for kind in OBJECTIONS if issubclass(kind, Rejected | Refusal)]
    assert len(set(codes)) == len(codes)


def test_the_table_gives_403_to_who_and_422_to_what():
    assert {status_of(kind()) for kind in WHO} == {403}
    assert {status_of(kind()) for kind in CONTENT} == {422}


def test_an_error_that_is_not_in_the_table_stays_a_bug():
    with pytest.raises(ZeroDivisionError):
        problem_of(ZeroDivisionError())


def test_the_table_names_no_class_twice():
    assert len(STATUS) == len(set(STATUS))


@pytest.mark.parametrize("sentence", SOURCES)
def test_every_sentence_of_a_validator_has_its_chinese(sentence):
    assert re.search(r"[\u4e00-\u9fff]", CHECKS[sentence])


class Unwilling(MemoryLog):
    """A log that answers every append with one error."""

    def __init__(self, error):
        super().__init__()
        self._error = error

    async def append(self, *_):
        raise self._error

    async def earlier(self, *_):
        return None


@pytest.mark.parametrize(
    ("error", "status", "code", "retry_after"),
    [
        (LogBusy(retry_after_seconds=3), 503, "log-busy", "3"),
        (LogSetBack(), 503, "log-set-back", "30"),
        (NewerSchema(), 503, "newer-schema", "5"),
        (StorageFull(), 507, "storage-full", "30"),
        (OutcomeUnknown(), 503, "outcome-unknown", "1"),
        (KeyReused(), 422, "key-reused", None),
        (TopicUnknown("position 7: case.weighed.v7"), 409, "record-not-understood", None),
        (VersionConflict("case:x", 0, 5), 409, "case-number-taken", None),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
async def test_what_the_log_cannot_do_is_told_with_what_to_do_next(error, status, code, retry_after):
    async with Doorway(Unwilling(error)).entered() as client:
        refused = await client.post("/v1/cases", json=RECEIPT, headers={"Idempotency-Key": "k"})
    assert (refused.status_code, refused.json()["type"]) == (status, TYPE + code)
    assert refused.headers.get("retry-after") == retry_after


class Unreadable(MemoryReader):
    async def page(self, *_):
        raise LogBusy


class SealUnreadable:
    async def ring(self):
        raise LogBusy


@pytest.mark.parametrize("unreadable", ["reader", "seal"])
async def test_a_retry_whose_first_answer_cannot_be_read_is_never_told_that_nothing_was_recorded(unreadable):
    log = MemoryLog()
    parts = {"reader": {"reader": Unreadable(log)}, "seal": {"seal": SealUnreadable()}}[unreadable]
    async with Doorway(log, **parts).entered() as client:
        first, again = [
            await client.post("/v1/cases", json=RECEIPT, headers={"Idempotency-Key": "k"}) for _ in range(2)
        ]
    assert first.status_code == 201
    assert (again.status_code, again.json()["type"]) == (503, TYPE + "outcome-unknown")


class NoSerials:
    async def next(self, *_):
        raise SerialsExhausted


async def test_a_day_without_serials_left_is_told():
    async with Doorway(serials=NoSerials()).entered() as client:
        refused = await client.post("/v1/cases", json=RECEIPT)
    assert (refused.status_code, refused.json()["type"]) == (409, TYPE + "serials-exhausted")


class Unreachable(MemoryReader):
    async def last_position(self):
        raise LogBusy

    async def stored(self, *_, **__):
        raise LogBusy


async def test_a_database_that_cannot_be_reached_makes_the_server_unready_and_not_dead():
    async with Doorway(reader=Unreachable(MemoryLog())).entered() as client:
        ready, alive, read = [await client.get(path) for path in ("/readyz", "/healthz", "/v1/events")]
    assert (ready.status_code, ready.json()["type"]) == (503, TYPE + "not-ready")
    assert alive.status_code == 200
    assert (read.status_code, read.headers["retry-after"]) == (503, "1")


class Broken(MemoryReader):
    async def last_position(self):
        raise ZeroDivisionError("MARKER7391")


async def test_a_bug_is_answered_without_its_words_and_counted():
    doorway = Doorway(reader=Broken(MemoryLog()))
    async with doorway.entered(raise_app_exceptions=False) as client:
        broken = await client.get("/v1/events")
        metrics = (await client.get("/metrics")).text
    assert (broken.status_code, broken.json()["type"]) == (500, TYPE + "internal-error")
    assert "MARKER7391" not in broken.text
    assert 'jiandu_http_requests_total{method="GET",route="/v1/events",status="500"} 1.0' in metrics

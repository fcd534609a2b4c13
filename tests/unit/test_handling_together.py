"""Orders handled together: what memory can decide goes to the log at once, whatever else goes alone."""

import pytest

from domain.application import Keeper, Order, Outcome
from domain.case import CASE
from domain.log import LogBusy
from domain.store.memory import MemoryLog
from tests.county import a_county
from tests.examples import a_received_case, asking_for
from tests.examples import receiving as a_receipt
from tests.spec import deed

CASES = tuple(f"6109991001002026030300{n}17" for n in (10, 11, 12))


class Heard(MemoryLog):
    """Tells how many submissions came together."""

    def __init__(self):
        super().__init__()
        self.together = []

    async def append_all(self, submissions):
        self.together.append(len(submissions))
        return await super().append_all(submissions)


def order(case_no, deed, **different):
    return Order(CASE, case_no, deed.command, deed.occasion, f"key {case_no}", bytes(32), **different)


@pytest.fixture
def log():
    return Heard()


@pytest.fixture
async def keeper(log):
    keeper = Keeper(log, a_county())
    for case_no in CASES:
        for each in a_received_case():
            await keeper.handle(CASE, case_no, each.command, each.occasion, key=None, digest=b"")
    return keeper


NOTICE = deed(asking_for("02"), "03-04 09:00")
SECOND_RECEIPT = deed(a_receipt(), "03-04 09:00")


async def test_what_memory_can_decide_goes_to_the_log_at_once(keeper, log):
    outcomes = await keeper.handle_together([order(case_no, NOTICE) for case_no in CASES])
    assert [(each.stream, each.version) for each in outcomes] == [(f"case:{no}", 2) for no in CASES]
    assert log.together == [3]
    assert len(log.events) == 6


async def test_what_a_rule_refuses_goes_alone_and_holds_nobody_up(keeper, log):
    orders = [order(CASES[0], NOTICE), order(CASES[1], SECOND_RECEIPT), order(CASES[2], NOTICE)]
    outcomes = await keeper.handle_together(orders)
    assert [isinstance(each, Outcome) for each in outcomes] == [True, False, True]
    assert outcomes[1] is None
    assert log.together == [2]


async def test_what_names_another_version_goes_alone(keeper):
    assert await keeper.handle_together([order(CASES[0], NOTICE, expected_version=7)]) == [None]


async def test_what_another_process_changed_goes_alone_and_is_decided_anew(keeper, log):
    elsewhere = Keeper(log, a_county())
    await elsewhere.handle_order(order(CASES[0], NOTICE)._replace(key=None))
    late = order(CASES[0], deed(asking_for("03", no="GZ-2"), "03-04 10:00"))
    assert await keeper.handle_together([late]) == [None]
    assert (await keeper.load(CASE, CASES[0])).version == 2


async def test_a_stream_in_use_is_not_waited_for(keeper):
    first, second = await keeper.handle_together([order(CASES[0], NOTICE), order(CASES[0], NOTICE)])
    assert isinstance(first, Outcome)
    assert second is None


async def test_a_key_that_was_answered_is_told_as_a_repeat(keeper):
    asked = order(CASES[0], NOTICE)
    first = await keeper.handle_order(asked)
    other = order(CASES[0], deed(asking_for("03", no="GZ-2"), "03-04 10:00"))
    [again] = await keeper.handle_together([other])
    assert (again.receipt.is_repeat, again.decision) == (True, None)
    assert again.receipt.first_position == first.receipt.first_position


async def test_a_busy_log_refuses_one_and_takes_its_neighbour():
    class BusyOnce(Heard):
        async def append(self, submission):
            if submission.key == f"key {CASES[0]}":
                raise LogBusy
            return await super().append(submission)

    keeper = Keeper(BusyOnce(), a_county())
    receipts = [order(case_no, deed(a_receipt(), "03-03 09:00"), expected_version=0) for case_no in CASES[:2]]
    assert await keeper.handle_together(receipts) == [None, None]  # they name a person, who must be known
    for each in receipts:
        await keeper.handle_order(each._replace(key=None))
    busy, taken = await keeper.handle_together([order(case_no, NOTICE) for case_no in CASES[:2]])
    assert isinstance(busy, LogBusy)
    assert isinstance(taken, Outcome)

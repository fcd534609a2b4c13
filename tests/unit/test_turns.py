"""Turns on streams: one after the other, and nobody waits for somebody who has left."""

import asyncio

from domain.turns import Turns

STREAM = "case:1"


async def visit(turns, visited, name):
    await turns.wait(STREAM)
    visited.append(name)
    await asyncio.sleep(0)
    visited.append(name)
    turns.pass_on(STREAM)


async def test_whoever_came_first_is_served_first():
    turns, visited = Turns(), []
    await asyncio.gather(*(visit(turns, visited, name) for name in "abc"))
    assert visited == ["a", "a", "b", "b", "c", "c"]


async def test_streams_do_not_wait_for_each_other():
    turns = Turns()
    assert turns.take(STREAM)
    assert turns.take("case:2")
    assert not turns.take(STREAM)


async def test_who_has_left_the_queue_is_passed_over():
    turns, visited = Turns(), []
    assert turns.take(STREAM)
    leaving = asyncio.create_task(visit(turns, visited, "leaving"))
    staying = asyncio.create_task(visit(turns, visited, "staying"))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait({leaving})
    turns.pass_on(STREAM)
    await staying
    assert visited == ["staying", "staying"]
    assert turns.take(STREAM)


async def test_a_turn_that_comes_too_late_goes_to_the_next():
    turns, visited = Turns(), []
    assert turns.take(STREAM)
    leaving = asyncio.create_task(visit(turns, visited, "leaving"))
    staying = asyncio.create_task(visit(turns, visited, "staying"))
    await asyncio.sleep(0)
    turns.pass_on(STREAM)
    leaving.cancel()
    await staying
    assert leaving.cancelled()
    assert visited == ["staying", "staying"]

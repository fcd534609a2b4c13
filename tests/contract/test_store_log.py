"""The Log port on PostgreSQL: what the application may rely on."""

import asyncio

import pytest

from domain.log import KeyReused, LogBusy, VersionConflict
from domain.store.county import Store
from domain.store.mapper import TopicUnknown, Upcast
from tests.notes import (
    CLERK,
    COUNTY,
    MORNING,
    NOTE,
    Noted,
    append_notes,
    in_county,
    new_stream,
    noted,
    notes,
    open_store,
    under_way,
)


async def test_what_is_appended_is_read_back_as_it_was(database):
    async with open_store(database) as store:
        submitted = noted(
            "note:1", 1, "记于晨 · 𠮷", document={"_type_": "x", "_data_": [1, None, {"a": True}]}
        )
        receipt = await store.log.append(submitted)
        (event,) = await store.log.history("note:1")

    assert (event.fact, event.envelope) == (submitted.entries[0].fact, submitted.entries[0].envelope)
    assert (event.position, event.version, event.topic) == (1, 1, "note.noted.v1")
    assert event.recorded_at == receipt.recorded_at
    assert (event.envelope.actor, event.envelope.occurred_at) == (CLERK, MORNING)


async def test_a_stream_without_events_has_an_empty_history(database):
    async with open_store(database) as store:
        assert await store.log.history("note:none") == ()


async def test_a_repeat_gets_the_first_answer_whatever_happened_since(database):
    async with open_store(database) as store:
        first = await store.log.append(notes("note:1", 1, 2, key="k", body=b"x"))
        await store.log.append(noted("note:1", 3))

        again = await store.log.append(notes("note:1", 1, 2, key="k", body=b"x"))
        earlier = await store.log.earlier("k", notes("note:1", 1, 2, body=b"x").digest)

    assert again == earlier
    assert (again.first_position, again.last_position, again.is_repeat) == (1, 2, True)
    assert again.recorded_at == first.recorded_at


async def test_a_key_that_was_never_used_has_no_answer(database):
    async with open_store(database) as store:
        assert await store.log.earlier("k", b"") is None


async def test_the_same_key_for_another_request_is_refused(database):
    async with open_store(database) as store:
        await store.log.append(noted("note:1", 1, key="k", body=b"x"))

        with pytest.raises(KeyReused):
            await store.log.append(noted("note:1", 2, key="k", body=b"y"))
        with pytest.raises(KeyReused):
            await store.log.earlier("k", b"y")


async def test_a_command_with_nothing_to_record_is_remembered_by_its_key(database):
    async with open_store(database) as store:
        first = await store.log.append(notes("note:1", 1, 0, key="k"))
        again = await store.log.append(notes("note:1", 1, 0, key="k"))

    assert (first.first_position, first.is_repeat) == (None, False)
    assert (again.first_position, again.is_repeat) == (None, True)
    assert again.recorded_at == first.recorded_at


async def test_a_lost_race_says_what_was_expected_and_what_stands(database):
    async with open_store(database) as store:
        await store.log.append(notes("note:1", 1, 3))

        with pytest.raises(VersionConflict) as conflict:
            await store.log.append(noted("note:1", 2))

    assert (conflict.value.stream, conflict.value.expected, conflict.value.actual) == ("note:1", 1, 3)


async def test_of_many_who_race_for_a_version_one_wins(database):
    async with open_store(database) as store:
        outcomes = await asyncio.gather(
            *(store.log.append(noted("note:1", 1)) for _ in range(100)), return_exceptions=True
        )

    assert sum(not isinstance(outcome, Exception) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, VersionConflict) for outcome in outcomes) == 99


async def test_an_event_that_the_database_cannot_take_does_not_fail_its_neighbours(database):
    async with open_store(database) as store:
        outcomes = await asyncio.gather(
            *(store.log.append(noted(stream, 1)) for stream in ("note:1", "note:\0", "note:2")),
            return_exceptions=True,
        )

    assert [type(outcome).__name__ for outcome in outcomes] == [
        "Receipt",
        "CharacterNotInRepertoire",
        "Receipt",
    ]


async def test_when_too_many_wait_the_next_is_told_to_come_again(database):
    async with open_store(database, capacity=2) as store:
        with in_county(database) as other, other.transaction():
            append_notes(other, "note:other", [1])
            appending = [asyncio.create_task(store.log.append(noted(new_stream(), 1)))]
            await under_way(database)
            appending += [asyncio.create_task(store.log.append(noted(new_stream(), 1))) for _ in range(2)]
            await asyncio.sleep(0)

            with pytest.raises(LogBusy):
                await store.log.append(noted(new_stream(), 1))
        receipts = await asyncio.gather(*appending)

    assert sorted(receipt.first_position for receipt in receipts) == [2, 3, 4]
    assert store.metrics.get_sample_value("jiandu_append_refused_busy_total", {"county": COUNTY}) == 1


async def test_what_is_appended_together_is_answered_each_for_itself(database):
    async with open_store(database) as store:
        await store.log.append(noted("note:1", 1))
        taken, first, second = await store.log.append_all(
            [noted("note:1", 1), noted("note:2", 1), noted("note:3", 1)]
        )

    assert isinstance(taken, VersionConflict)
    assert (first.first_position, second.first_position) == (2, 3)


async def test_of_what_comes_together_as_much_is_taken_as_may_wait(database):
    async with open_store(database, capacity=2) as store:
        answers = await store.log.append_all([noted(new_stream(), 1) for _ in range(4)])

    assert [isinstance(answer, LogBusy) for answer in answers] == [False, False, True, True]


async def test_who_leaves_before_the_sending_has_recorded_nothing(database):
    async with open_store(database) as store:
        with in_county(database) as other, other.transaction():
            append_notes(other, "note:other", [1])
            staying = asyncio.create_task(store.log.append(noted("note:staying", 1)))
            await under_way(database)
            leaving = asyncio.create_task(store.log.append(noted("note:leaving", 1)))
            await asyncio.sleep(0)
            leaving.cancel()
        await staying
        await store.log.append(noted("note:after", 1))

        assert await store.log.history("note:leaving") == ()


async def test_who_leaves_after_the_sending_has_recorded_once(database):
    async with open_store(database) as store:
        with in_county(database) as other, other.transaction():
            append_notes(other, "note:other", [1])
            leaving = asyncio.create_task(store.log.append(noted("note:leaving", 1, key="k")))
            await under_way(database)
            leaving.cancel()
            await asyncio.sleep(0)
        again = await store.log.append(noted("note:leaving", 1, key="k"))

        assert again.is_repeat
        assert len(await store.log.history("note:leaving")) == 1


async def test_closing_finishes_what_was_accepted_and_takes_nothing_more(database):
    async with open_store(database) as store:
        appending = [asyncio.create_task(store.log.append(noted(new_stream(), 1))) for _ in range(500)]
        await asyncio.sleep(0)
    receipts = [task.result() for task in appending]

    assert sorted(receipt.first_position for receipt in receipts) == list(range(1, 501))
    with pytest.raises(LogBusy):
        await store.log.append(noted(new_stream(), 1))


async def test_commands_that_arrive_together_share_a_commit(database):
    async with open_store(database) as store:
        await asyncio.gather(*(store.log.append(noted(new_stream(), 1)) for _ in range(256)))

    sample = store.metrics.get_sample_value
    assert sample("jiandu_append_batch_commands_sum", {"county": COUNTY}) == 256
    assert sample("jiandu_append_batch_commands_count", {"county": COUNTY}) <= 8
    assert sample("jiandu_append_queued_commands", {"county": COUNTY}) == 0


async def test_histories_asked_for_together_are_each_answered_with_their_own(database):
    async with open_store(database) as store:
        await asyncio.gather(*(store.log.append(notes(f"note:{n}", 1, n)) for n in range(1, 101)))

        histories = await asyncio.gather(*(store.log.history(f"note:{n}") for n in range(101)))

    assert [len(history) for history in histories] == list(range(101))
    assert all(event.stream == f"note:{n}" for n, history in enumerate(histories) for event in history)


async def test_a_history_holds_what_was_appended_before_it_was_asked_for(database):
    """Whoever shares a read with others shares the next one, never one that began before."""
    async with open_store(database) as store:

        async def write_and_read(stream):
            for version in range(1, 21):
                await store.log.append(noted(stream, version))
                assert len(await store.log.history(stream)) == version

        await asyncio.gather(*(write_and_read(f"note:{n}") for n in range(20)))


async def test_an_event_of_an_unknown_topic_is_named_not_guessed(database):
    async with open_store(database) as store:
        with in_county(database) as other:
            append_notes(other, "note:1", [1])
            other.execute(
                "insert into events values (2, 'note:2', 1, 'note.sealed.v9', now(), now(), '{}'::bytea)"
            )

        with pytest.raises(TopicUnknown, match=r"position 2: note\.sealed\.v9"):
            await store.log.history("note:2")


async def test_an_old_topic_is_read_as_todays_fact_and_stands_as_it_was_stored(database):
    async with open_store(database) as store:
        await store.log.append(noted("note:1", 1, "old"))
        with in_county(database) as other:
            state = other.execute("select state from events").fetchone()[0]
            old = state.replace(b'"text"', b'"words"')
            other.execute(
                "insert into events values (2, 'note:2', 1, 'note.written.v1', %s, now(), %s)", (MORNING, old)
            )
    renamed = Upcast("note.written.v1", "note.noted.v1", lambda fact: {"text": fact["words"]})
    async with Store.open(database, COUNTY, [NOTE], upcasts=[renamed]) as store:
        (event,) = await store.log.history("note:2")

    assert event.fact == Noted(text="old")
    assert (event.topic, event.state) == ("note.written.v1", old)

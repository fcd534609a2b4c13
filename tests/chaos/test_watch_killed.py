"""kill -9 of the watch while it records what it found: whoever looks next raises the rest, and nothing twice."""

from tests.chaos.held import ask, cases, holding, is_checked, somebody_held, write
from tests.serving import furnish_county, jiandu, launched

SOME = 10
HOLDS_IN_MID_ROUND = f"""
create function public.held() returns trigger language plpgsql security definer as
    'begin
        if (select count(*) from county.events where topic = ''signal.raised.v1'') >= {SOME} then
            perform pg_advisory_xact_lock(42);
        end if;
        return new;
    end';
create trigger held before insert on county.events for each row
    when (new.topic = 'signal.raised.v1') execute function public.held();
"""  # noqa: S608  — a constant
"""So many signals are in the log, or on their way into it; the commit of the next one is not answered."""
DOUBLED = """
select stream, count(*) from county.events where topic = 'signal.raised.v1' group by stream having count(*) > 1
"""


def signals(dsn):
    ((count,),) = ask(dsn, "select count(*) from county.events where topic = 'signal.raised.v1'")
    return count


async def test_a_watch_killed_in_mid_round_is_followed_by_one_that_raises_the_rest_once(database18):
    settings = {"JIANDU_DATABASE_URL": database18}
    await furnish_county(database18)
    write(database18, *await cases(16))
    ask(database18, HOLDS_IN_MID_ROUND)
    with holding(database18), launched("watch", "run", settings=settings) as watch:
        await somebody_held(database18)
        watch.process.kill()
        watch.process.wait()
        before = signals(database18)
    assert 0 < before <= SOME
    again = jiandu("watch", "run", settings=settings)
    assert again.returncode == 0, again.stderr
    raised = signals(database18)
    assert raised > before
    assert ask(database18, DOUBLED) == []
    looked = jiandu("watch", "run", "--dry-run", settings=settings)
    assert f"所见 found {raised}, 应视为受理 to be deemed accepted 0" in looked.stdout
    assert looked.stdout.count("✓") == raised
    jiandu("watch", "run", settings=settings)
    assert signals(database18) == raised
    is_checked(database18)

-- Where in the log a moment lies. Runs as the projector, in the schema of the views.

-- The last position up to `head` that was recorded by the moment; 0 where there is none. The log is recorded in order, so
-- it is found by bisection.
create or replace function position_recorded_by(moment timestamptz, head bigint)
returns bigint
language sql stable parallel safe
as $$
    with recursive bisected (low, high) as (
        select 0::bigint, position_recorded_by.head
        union all
        select
            case when is_recorded then middle else low end,
            case when is_recorded then high else middle - 1 end
        from (
            select
                low,
                high,
                (low + high + 1) / 2 as middle,
                (
                    select events.recorded_at <= position_recorded_by.moment
                    from events
                    where events.position <= (low + high + 1) / 2
                    order by events.position desc
                    limit 1
                ) as is_recorded
            from bisected
            where low < high
        ) as step
    )

    select low
    from bisected
    where low = high
$$;

-- The same, recorded before the moment: times of the log are whole microseconds.
create or replace function position_recorded_before(moment timestamptz, head bigint)
returns bigint
language sql stable parallel safe
as $$
    select position_recorded_by(moment - interval '1 microsecond', head)
$$;

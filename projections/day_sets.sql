-- Days as sets, in SQL: what domain/calendar.py says. Runs as the projector, in the schema of the views.
--
-- A span of days is half-open, (after, upto]: neighbouring spans add up, and a union counts an overlap once.
-- `working` holds all working days of some consecutive years, ascending; width_bucket finds a day's place among them
-- by bisection. Whoever asks reads it once, so that a whole county can be counted against one calendar, of any day.
-- The short way of each function is one expression without `strict`, so that PostgreSQL writes it into the statement
-- that calls it; only what has to look into a set is a call (0088).

-- The day of a moment in China, as domain/grammar.py says: eight hours ahead of UTC, all year. Named by its offset, the
-- zone costs a tenth of what it costs by its name.
create or replace function day_of(moment timestamptz)
returns date
language sql immutable parallel safe
as $$
    select (moment at time zone interval '8 hours')::date
$$;

-- The days d with after < d <= upto; none where `upto` is not later; null where either is not known.
create or replace function days_between(after date, upto date)
returns datemultirange
language sql immutable parallel safe
as $$
    select case
        when upto > after then datemultirange(daterange(after, upto, '(]'))
        when upto <= after then '{}'::datemultirange
    end
$$;

create or replace function count_working_in(days datemultirange, working date[])
returns integer
language sql immutable strict parallel safe
as $$
    select case
        when extract(year from lower(days) - 1) >= extract(year from working[1])
            and extract(year from upper(days) - 1) <= extract(year from working[cardinality(working)])
            then (
                select sum(width_bucket(upper(span) - 1, working) - width_bucket(lower(span) - 1, working))::integer
                from unnest(days) as span
            )
    end
$$;

-- How many of the days are working days; null where the calendar does not reach them all.
create or replace function count_working(days datemultirange, working date[])
returns integer
language sql immutable parallel safe
as $$
    select case when isempty(days) then 0 else count_working_in(days, working) end
$$;

-- The same of the days of (after, upto] that are not excluded. One span is excluded, as nearly always where any is: then it
-- is arithmetic.
create or replace function working_beside(after date, upto date, excluded datemultirange, working date[])
returns integer
language sql immutable strict parallel safe
as $$
    select case
        when excluded @> range_merge(excluded)
            and extract(year from after) >= extract(year from working[1])
            and extract(year from upto) <= extract(year from working[cardinality(working)])
            then width_bucket(upto, working) - width_bucket(after, working)
                - greatest(
                    width_bucket(least(upto, upper(excluded) - 1), working)
                    - width_bucket(greatest(after, lower(excluded) - 1), working),
                    0
                )
        else count_working(days_between(after, upto) - excluded, working)
    end
$$;

-- count_working(days_between(after, upto) - excluded, …), without a set where nothing is excluded.
create or replace function working_between(after date, upto date, excluded datemultirange, working date[])
returns integer
language sql immutable parallel safe
as $$
    select case
        when upto <= after then 0
        when isempty(excluded)
            and extract(year from after) >= extract(year from working[1])
            and extract(year from upto) <= extract(year from working[cardinality(working)])
            then width_bucket(upto, working) - width_bucket(after, working)
        else working_beside(after, upto, excluded, working)
    end
$$;

create or replace function due_day_beside(after date, counted integer, excluded datemultirange, working date[])
returns date
language sql immutable strict parallel safe
as $$
    -- among so many working days lie enough that are not excluded
    select day
    from unnest(
        working[
            width_bucket(after, working) + 1
            : width_bucket(after, working) + counted + count_working(excluded, working)
        ]
    ) as day
    where not day <@ excluded
    order by day
    offset greatest(counted - 1, 0)
    limit 1
$$;

-- The last day of a limit: the `counted`-th working day after `after` that is not excluded, `after` itself for 0.
-- Null where nothing was limited or the calendar does not reach the answer. Source: 行政许可法 Arts. 45, 82.
create or replace function due_day(after date, counted integer, excluded datemultirange, working date[])
returns date
language sql immutable parallel safe
as $$
    select case
        when extract(year from after) < extract(year from working[1]) then null
        when counted = 0 then after
        when isempty(excluded) then working[width_bucket(after, working) + counted]
        -- one span is excluded: whoever comes to lie behind its beginning lies as many days later as it has behind `after`
        when excluded @> range_merge(excluded)
            and extract(year from lower(excluded) - 1) >= extract(year from working[1])
            and extract(year from upper(excluded) - 1) <= extract(year from working[cardinality(working)])
            then working[
                width_bucket(after, working) + counted
                + case
                    when width_bucket(after, working) + counted <= width_bucket(lower(excluded) - 1, working) then 0
                    else greatest(
                        width_bucket(upper(excluded) - 1, working)
                        - width_bucket(greatest(after, lower(excluded) - 1), working),
                        0
                    )
                end
            ]
        else due_day_beside(after, counted, excluded, working)
    end
$$;

-- A day that was given, moved by an extension and by the excluded days up to it; the day itself where nothing moves it.
create or replace function pushed_day(given date, extension integer, excluded datemultirange, working date[])
returns date
language sql immutable strict parallel safe
as $$
    select due_day(
        given,
        extension + count_working(excluded * datemultirange(daterange(null, given, '[]')), working),
        excluded,
        working
    )
$$;

-- 登记簿 places: one row for each unit 单位, window 窗口, post 岗位, village point 代办点 and member of staff 人员.
--
-- It exists on the days opened_on <= day < closed_on; where the register says a last day, closed_on is the day after.
-- A post has no days of its own: its holders have. Staff are known by number, never by name.
with history as (
    select
        stream,
        version,
        topic,
        fact,
        coalesce(fact -> 'unit', fact -> 'window', fact -> 'post', fact -> 'point', fact -> 'member') as entry,
        coalesce((fact ->> 'closed_on')::date, (fact ->> 'last_day')::date + 1) as closed_on,
        topic in ('unit.closed.v1', 'window.closed.v1', 'point.closed.v1', 'staff.left.v1') as is_end
    from effective_events
    where (stream >= 'unit:' and stream < 'unit;')
        or (stream >= 'window:' and stream < 'window;')
        or (stream >= 'post:' and stream < 'post;')
        or (stream >= 'point:' and stream < 'point;')
        or (stream >= 'staff:' and stream < 'staff;')
),

-- the last word of each stream
places as (
    select
        stream,
        (array_agg(entry order by version desc) filter (where entry is not null))[1] as entry,
        (array_agg(closed_on order by version desc) filter (where is_end))[1] as ended_on,
        max(version) filter (where is_end) > max(version) filter (where entry is not null) as is_ended,
        jsonb_agg(fact -> 'assignment') filter (where topic = 'post.assigned.v1') as assignments,
        jsonb_agg(fact) filter (where topic = 'post.relieved.v1') as reliefs
    from history
    group by stream
)

select
    split_part(stream, ':', 1) as place_kind,
    split_part(stream, ':', 2) as code,
    entry ->> 'title' as title,
    -- a unit's or a window's kind, a post's role
    coalesce(entry ->> 'kind', entry ->> 'role') as sort,
    -- the unit above a unit, the hall to which a point hands in, the unit to which anything else belongs
    case split_part(stream, ':', 1)
        when 'unit' then entry ->> 'parent_code'
        when 'point' then entry ->> 'hall_unit_code'
        else entry ->> 'unit_code'
    end as unit_code,
    case split_part(stream, ':', 1) when 'post' then entry ->> 'window_id' end as window_id,
    entry ->> 'division_code' as division_code,
    coalesce((entry ->> 'is_acceptance_point')::boolean, false) as is_acceptance_point,
    coalesce(entry ->> 'opened_on', entry ->> 'valid_from')::date as opened_on,
    case
        when is_ended then ended_on
        else coalesce((entry ->> 'closed_on')::date, (entry ->> 'valid_to')::date + 1)
    end as closed_on,
    held.holders
from places
-- 定岗: a relief ends the tenure that holds on its last day
cross join lateral (
    select coalesce(
        jsonb_agg(
            jsonb_build_object(
                'staff_id', told ->> 'staff_id',
                'duty', told ->> 'duty',
                'valid_from', told ->> 'valid_from',
                'valid_to', least(told ->> 'valid_to', relieved.last_day)
            )
            order by told ->> 'duty', told ->> 'valid_from', told ->> 'staff_id'
        ),
        '[]'
    ) as holders
    from jsonb_array_elements(assignments) as assignment (told)
    cross join lateral (
        select min(relief ->> 'last_day') as last_day
        from jsonb_array_elements(reliefs) as given (relief)
        where relief ->> 'staff_id' = told ->> 'staff_id'
            and relief ->> 'duty' = told ->> 'duty'
            and relief ->> 'last_day' >= told ->> 'valid_from'
    ) as relieved
) as held
where entry is not null

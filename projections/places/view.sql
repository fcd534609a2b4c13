-- 登记簿 places: one row for each unit 单位, window 窗口, post 岗位, village point 代办点 and member of staff 人员.
--
-- It exists on the days opened_on <= day < closed_on; where the register says a last day, closed_on is the day after.
-- A post has no days of its own: its holders have. Staff are known by number, never by name.
with history as (
    select stream, version, topic, fact
    from effective_events
    where (stream >= 'unit:' and stream < 'unit;')
        or (stream >= 'window:' and stream < 'window;')
        or (stream >= 'post:' and stream < 'post;')
        or (stream >= 'point:' and stream < 'point;')
        or (stream >= 'staff:' and stream < 'staff;')
),

-- the last word of each stream
entries as (
    select distinct on (stream)
        stream,
        version,
        coalesce(fact -> 'unit', fact -> 'window', fact -> 'post', fact -> 'point', fact -> 'member') as entry
    from history
    where topic in (
        'unit.registered.v1',
        'unit.changed.v1',
        'window.opened.v1',
        'window.changed.v1',
        'post.established.v1',
        'post.changed.v1',
        'point.established.v1',
        'point.changed.v1',
        'staff.enrolled.v1',
        'staff.changed.v1'
    )
    order by stream, version desc
),

ends as (
    select distinct on (stream)
        stream,
        version,
        coalesce((fact ->> 'closed_on')::date, (fact ->> 'last_day')::date + 1) as closed_on
    from history
    where topic in ('unit.closed.v1', 'window.closed.v1', 'point.closed.v1', 'staff.left.v1')
    order by stream, version desc
),

-- 定岗: a relief ends the tenure that holds on its last day
holders as (
    select
        stream,
        jsonb_agg(
            jsonb_build_object('staff_id', staff_id, 'duty', duty, 'valid_from', valid_from, 'valid_to', valid_to)
            order by duty, valid_from, staff_id
        ) as holders
    from (
        select
            assigned.stream,
            assigned.fact -> 'assignment' ->> 'staff_id' as staff_id,
            assigned.fact -> 'assignment' ->> 'duty' as duty,
            (assigned.fact -> 'assignment' ->> 'valid_from')::date as valid_from,
            least(
                (assigned.fact -> 'assignment' ->> 'valid_to')::date, min((relieved.fact ->> 'last_day')::date)
            ) as valid_to
        from history as assigned
        left join history as relieved
            on relieved.stream = assigned.stream
            and relieved.version > assigned.version
            and relieved.topic = 'post.relieved.v1'
            and relieved.fact ->> 'staff_id' = assigned.fact -> 'assignment' ->> 'staff_id'
            and relieved.fact ->> 'duty' = assigned.fact -> 'assignment' ->> 'duty'
            and (relieved.fact ->> 'last_day')::date >= (assigned.fact -> 'assignment' ->> 'valid_from')::date
        where assigned.topic = 'post.assigned.v1'
        group by assigned.stream, assigned.version, assigned.fact
    ) as tenures
    group by stream
)

select
    split_part(entries.stream, ':', 1) as place_kind,
    split_part(entries.stream, ':', 2) as code,
    entry ->> 'title' as title,
    -- a unit's or a window's kind, a post's role
    coalesce(entry ->> 'kind', entry ->> 'role') as sort,
    -- the unit above a unit, the hall to which a point hands in, the unit to which anything else belongs
    case split_part(entries.stream, ':', 1)
        when 'unit' then entry ->> 'parent_code'
        when 'point' then entry ->> 'hall_unit_code'
        else entry ->> 'unit_code'
    end as unit_code,
    case split_part(entries.stream, ':', 1) when 'post' then entry ->> 'window_id' end as window_id,
    entry ->> 'division_code' as division_code,
    coalesce((entry ->> 'is_acceptance_point')::boolean, false) as is_acceptance_point,
    coalesce(entry ->> 'opened_on', entry ->> 'valid_from')::date as opened_on,
    case
        when ends.version > entries.version then ends.closed_on
        else coalesce((entry ->> 'closed_on')::date, (entry ->> 'valid_to')::date + 1)
    end as closed_on,
    coalesce(holders.holders, '[]') as holders
from entries
left join ends on ends.stream = entries.stream
left join holders on holders.stream = entries.stream

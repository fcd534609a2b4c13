-- The statements of the signals 监察台账, by name. Each runs with search_path = the county's views.
-- `today` stands for the reply that has not come.

-- part: told
-- What is told of a signal; `today` stands for the reply that has not come.
    signal_no,
    rule_code,
    light,
    state,
    subject,
    case_no,
    facts,
    due,
    state_on,
    basis,
    unit_code,
    window_id,
    post_id,
    person,
    is_legacy,
    figures,
    raised_at,
    raised_on,
    raised_by_role,
    policy_version,
    calendar_version,
    reply_due,
    replied_at,
    reply_days,
    case when reply_due is not null and replied_at is null and state in ('raised', 'appealed') then (
        select count(*)::integer
        from calendar
        where is_working and day > raised_on and day <= %(today)s
    ) end as waiting_days,
    coalesce(
        is_reply_late,
        reply_due is not null and state in ('raised', 'appealed') and %(today)s > reply_due
    ) as is_reply_late,
    appealed_at,
    decided_at,
    withdrawal_reason,
    decision_text,
    events,
    raised_position,
    last_position

-- name: page
-- The signals that are sought, latest first, behind a place.
select
    <told>
from signals
where (%(rule)s::text is null or rule_code = %(rule)s)
    and (%(light)s::text is null or light = %(light)s)
    and (%(state)s::text is null or state = %(state)s)
    and (%(unit)s::text is null or unit_code = %(unit)s)
    and (%(window)s::text is null or window_id = %(window)s)
    and (%(person)s::text is null or person = %(person)s)
    and (%(case_no)s::text is null or case_no = %(case_no)s)
    and (%(raised_from)s::date is null or raised_on >= %(raised_from)s)
    and (%(raised_to)s::date is null or raised_on <= %(raised_to)s)
    and (
        %(is_reply_late)s::boolean is null
        or %(is_reply_late)s = coalesce(
            is_reply_late, reply_due is not null and state in ('raised', 'appealed') and %(today)s > reply_due
        )
    )
    and raised_position < %(before)s
order by raised_position desc
limit %(limit)s;

-- name: one
-- This signal.
select
    <told>
from signals
where signal_no = %(signal_no)s;

-- name: of_case
-- The signals of this case, as they were raised.
select
    <told>
from signals
where case_no = %(case_no)s
order by raised_position;

-- name: ledger
-- 监察台账: the fields of GB/T 39046—2020 table 11, in the order of raising, behind a place.
select
    signals.case_no,
    signals.rule_code || ' ' || signals.basis as matter,
    signals.unit_code,
    units.title as unit_title,
    items.class_code,
    signals.raised_at as issued_at,
    signals.signal_no,
    signals.rule_code,
    case signals.light when 'yellow' then '1' when 'red' then '2' when 'prewarning' then '3' else '4' end as warning_code,
    signals.state_on,
    case signals.state
        when 'raised' then '未反馈'
        when 'replied' then '已反馈'
        when 'appealed' then '申诉中'
        when 'upheld' then '维持'
        else '核销'
    end || coalesce('：' || signals.decision_text, '') as result,
    coalesce(units.title, signals.unit_code) as department,
    signals.raised_position
from signals
left join places as units on units.place_kind = 'unit' and units.code = signals.unit_code
left join case_card on case_card.stream = signals.subject
left join items on items.item_code = case_card.item_code and items.item_version = case_card.item_version
where (%(rule)s::text is null or signals.rule_code = %(rule)s)
    and (%(light)s::text is null or signals.light = %(light)s)
    and (%(state)s::text is null or signals.state = %(state)s)
    and (%(unit)s::text is null or signals.unit_code = %(unit)s)
    and (%(window)s::text is null or signals.window_id = %(window)s)
    and (%(person)s::text is null or signals.person = %(person)s)
    and (%(case_no)s::text is null or signals.case_no = %(case_no)s)
    and (%(raised_from)s::date is null or signals.raised_on >= %(raised_from)s)
    and (%(raised_to)s::date is null or signals.raised_on <= %(raised_to)s)
    and signals.raised_position > %(after)s
order by signals.raised_position
limit %(limit)s;

-- name: counts
-- What was raised in a span of days, told apart and period by period, and what became of it.
with period as materialized (
    select %(starts)s::date[] as starts
),

told as (
    select
        case %(by)s::text
            when 'rule' then signals.rule_code
            when 'unit' then signals.unit_code
            when 'window' then signals.window_id
            when 'post' then signals.post_id
            when 'person' then signals.person
            when 'hall' then figures.hall_code
            when 'item' then figures.item_code
            when 'kind' then figures.kind
            when 'point' then figures.point_code
        end as key,
        width_bucket(signals.raised_on, starts) as period_no,
        signals.light,
        signals.state,
        signals.is_legacy,
        signals.reply_due is not null as is_asked,
        signals.replied_at is not null and not signals.is_reply_late as is_in_time
    from signals
    cross join period
    left join case_figures as figures on figures.stream = signals.subject
    where signals.raised_on between %(first)s and %(last)s
)

select
    key,
    starts[period_no] as first_day,
    coalesce(starts[period_no + 1] - 1, %(last)s) as last_day,
    count(*) as raised,
    count(*) filter (where light = 'notice') as notice,
    count(*) filter (where light = 'prewarning') as prewarning,
    count(*) filter (where light = 'yellow') as yellow,
    count(*) filter (where light = 'red') as red,
    count(*) filter (where state = 'upheld' and light = 'yellow') as upheld_yellow,
    count(*) filter (where state = 'upheld' and light = 'red') as upheld_red,
    count(*) filter (where state = 'withdrawn') as signals_withdrawn,
    count(*) filter (where is_legacy) as of_legacy,
    count(*) filter (where is_asked) as asked_to_reply,
    count(*) filter (where is_in_time) as replied_in_time,
    (20000 * count(*) filter (where is_in_time) + count(*)) / (2 * count(*)) as rectified_per_10000,
    (20000 * count(*) filter (where is_asked and is_in_time) + count(*) filter (where is_asked))
        / nullif(2 * count(*) filter (where is_asked), 0) as answered_per_10000
from told
cross join period
group by key, period_no, starts
order by key nulls last, period_no;

-- The statements of the certificates register 证照登记, by name. Each runs with search_path = the county's views.
-- Days are working days; `today` ends what was not delivered by then.

-- name: register
-- Behind a place, by the day of issue: filtered by issuer, number, period and what has become of it.
with known as materialized (
    -- written out once, not at each use
    select array_cat(working, '{}') as working
    from working_days
),

governing as materialized (
    select valid_from, delivery_days
    from policies
)

select
    split_part(certificates.stream, ':', 2) as case_no,
    certificates.certificate_no,
    certificates.issue,
    certificates.title,
    certificates.issuer,
    certificates.valid_from,
    certificates.valid_to,
    certificates.e_licence_id,
    certificates.decided_on,
    certificates.issued_on,
    certificates.arrived_on,
    certificates.notified_on,
    certificates.delivered_on,
    certificates.method,
    certificates.recipient_ref,
    certificates.relation,
    certificates.identity_checked,
    certificates.waybill_no,
    certificates.unit_code,
    certificates.window_id,
    certificates.collected_on,
    certificates.returned_on,
    certificates.failed_attempts,
    case
        when certificates.delivered_on <= %(today)s then 'delivered'
        when coalesce(certificates.arrived_on, certificates.notified_on) is not null then 'not_collected'
        else 'issued'
    end as state,
    limits.due,
    count_working(days_between(certificates.decided_on, ended.day), known.working) as days_from_decision,
    count_working(days_between(limits.due, ended.day), known.working) as late_days,
    certificates.first_position
from certificates
cross join known
cross join lateral (
    select least(certificates.delivered_on, %(today)s) as day
) as ended
cross join lateral (
    select due_day(certificates.decided_on, (
        select delivery_days
        from governing
        where valid_from <= certificates.decided_on
        order by valid_from desc
        limit 1
    ), '{}', known.working) as due
) as limits
where coalesce(certificates.issued_on, certificates.delivered_on) between
    coalesce(%(first_day)s::date, '-infinity') and least(%(today)s, %(last_day)s::date)
    and (%(stream)s::text is null or certificates.stream = %(stream)s)
    and (%(issuer)s::text is null or certificates.issuer = %(issuer)s)
    and (%(certificate_no)s::text is null or certificates.certificate_no = %(certificate_no)s)
    and (not %(is_late)s or ended.day > limits.due)
    and (
        not %(is_uncollected)s
        or (
            certificates.delivered_on is null
            and coalesce(certificates.arrived_on, certificates.notified_on) is not null
        )
    )
    and (
        coalesce(certificates.issued_on, certificates.delivered_on),
        certificates.stream,
        certificates.certificate_no,
        certificates.issue
    ) > (%(after_day)s::date, 'case:' || %(after_case)s::text, %(after_no)s::text, %(after_issue)s::integer)
order by
    coalesce(certificates.issued_on, certificates.delivered_on),
    certificates.stream,
    certificates.certificate_no,
    certificates.issue
limit %(limit)s;

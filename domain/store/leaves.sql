-- What is read of the log alike by whoever seals it and by whoever proves it.

-- name: key_statements
-- What the log says of its keys, with the signatures that make it count.
select position, stream, version, topic, occurred_at, recorded_at, state, signature
from events
where stream = %(stream)s
order by version;

-- name: leaves
-- What the leaves of some positions are made of.
select
    position,
    stream,
    version,
    topic,
    occurred_at,
    recorded_at,
    sha256(state),
    signature,
    -- what is left of a lost event
    case when topic = 'event.lost.v1' then state end
from events
where position >= %(first)s and position <= %(last)s
order by position;

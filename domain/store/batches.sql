-- Signatures of batches: what is sent together is signed once (domain/proof/batch.py). Runs once, as the log's owner.

-- Alone 64 bytes; in a batch with its place (4 bytes) and a path of one to eight hashes behind them.
alter table events
    drop constraint events_signature_whole;

-- `not valid`: a log that is there already is not read through under a lock, and held a stricter form so far
alter table events
    add constraint events_signature_whole check (
        octet_length(signature) = 64
        or octet_length(signature) between 100 and 324 and octet_length(signature) % 32 = 4
    ) not valid;

"""Whom a bundle is believed for: keys in their places, signatures, witnesses and their times, and the policy that names them."""

from dataclasses import replace

import pytest

from domain.evidence import verify as verifier
from domain.evidence.bundle import bundle
from domain.evidence.verify import BROKEN, Refused
from domain.proof.batch import signed_together, statement
from domain.proof.signing import UNSIGNED
from domain.proof.tree import leaf_hash
from tests.evidenced import (
    ARCHIVE,
    KEYS,
    LOG_KEY,
    ORIGIN,
    POLICY,
    PROCESS,
    WITNESS,
    SealedLog,
    a_bundle,
    a_log,
    a_signer,
    trusting,
    unpacked,
)
from tests.forged import accepted, checked, forged, genuine, packed, report


def test_another_origin_is_refused():
    assert accepted(unpacked(a_bundle(a_log(origin="jiandu.local/other")))) is None


def test_a_log_key_that_is_not_in_the_policy_is_refused():
    assert accepted(unpacked(a_bundle(a_log(log_key=a_signer(f"{ORIGIN}#stolen"))))) is None


def test_the_bundle_s_own_policy_and_keys_are_not_believed():
    thief = a_signer(f"{ORIGIN}#thief")
    files = unpacked(a_bundle(a_log(log_key=thief, process=thief)))
    files["policy"] = f"log {thief.key().vkey()}\nquorum none\n".encode()
    files["keys"] = f"process {thief.key().vkey()} 1\n".encode()
    assert accepted(files) is None


def test_a_process_that_nobody_introduced_cannot_sign():
    log = a_log(events=2)
    log.tell("case:A", "case.decided.v1", signer=a_signer(f"{ORIGIN}/process#thief"), result="granted")
    log.root_heads()
    assert accepted(unpacked(a_bundle(log))) is None


def test_a_key_counts_only_between_its_positions():
    newcomer = a_signer(f"{ORIGIN}/process#2")
    log = a_log(events=2)
    log.tell("keys:county", "key.process_added.v1", key=newcomer.key().vkey())
    log.tell("case:A", "case.taken_up.v1", signer=newcomer, n=1)
    log.root_heads()
    assert accepted(unpacked(a_bundle(log)))
    log.tell("keys:county", "key.process_retired.v1", key=newcomer.key().vkey(), reason="rotation")
    log.root_heads()
    assert accepted(unpacked(a_bundle(log))), "what it signed before still counts"
    log.tell("case:A", "case.decided.v1", signer=newcomer, result="granted")
    log.root_heads()
    assert accepted(unpacked(a_bundle(log))) is None


def test_the_retirement_of_a_key_cannot_be_left_out():
    newcomer = a_signer(f"{ORIGIN}/process#2")
    log = a_log(events=2)
    log.tell("keys:county", "key.process_added.v1", key=newcomer.key().vkey())
    log.tell("keys:county", "key.process_retired.v1", key=newcomer.key().vkey(), reason="stolen")
    log.tell("case:A", "case.decided.v1", signer=newcomer, result="granted")
    log.root_heads()
    beside = log.evidence("case:A").beside
    retirement = log.rows("keys:county", log.size)[-1]
    kept = [row for row in beside if row != retirement]
    assert accepted(forged(log, beside=kept)) is None


def with_signature(log, position, change):
    """The bundle of a log whose sealing worker looked at no signatures, one of them changed."""
    other = SealedLog()
    for leaf, state in zip(log.leaves[1:], log.states[1:], strict=True):
        signature = change(leaf.signature) if leaf.position == position else leaf.signature
        other.put(leaf._replace(signature=signature), state)
        other.now = leaf.recorded_at
    other.root_heads()
    return unpacked(a_bundle(other))


def a_case_of_batches():
    """Three events of one case, signed together with one that is not shown."""
    log = SealedLog()
    log.root_heads()
    for n in range(3):
        log.tell("case:A", f"case.step_{n}.v1", step=n)
    events = [leaf.event for leaf in log.leaves[2:]]
    signed = signed_together([*(event.signed_bytes() for event in events), b"x"], PROCESS.private.sign)
    together = SealedLog()
    together.root_heads()
    for leaf, state, signature in zip(log.leaves[2:], log.states[2:], signed, strict=False):
        together.put(leaf._replace(signature=signature), state)
        together.now = leaf.recorded_at
    return together, signed


CHANGES_OF_A_PLACE = {
    "another index": lambda one, _: one[:64] + b"\0\1" + one[66:],
    "an index beyond the batch": lambda one, _: one[:64] + b"\0\4" + one[66:],
    "a larger batch": lambda one, _: one[:66] + b"\0\5" + one[68:],
    "a smaller batch": lambda one, _: one[:66] + b"\0\3" + one[68:],
    "a batch of one": lambda one, _: one[:66] + b"\0\1" + one[68:],
    "a neighbour's path": lambda one, other: one[:68] + other[68:],
    "a neighbour's place": lambda _, other: other,
    "a path turned round": lambda one, _: one[:68] + one[100:] + one[68:100],
    "a longer path": lambda one, _: one + one[-32:],
    "a shorter path": lambda one, _: one[:-32],
    "no place": lambda one, _: one[:64],
    "another signature": lambda one, _: bytes(64) + one[64:],
}


def test_events_that_were_signed_together_are_proved_each_by_itself():
    log, _ = a_case_of_batches()
    assert "  签名 signature ✓" in report(with_signature(log, 0, lambda one: one))


@pytest.mark.parametrize("change", CHANGES_OF_A_PLACE.values(), ids=CHANGES_OF_A_PLACE.keys())
def test_nobody_claims_another_place_in_a_batch(change):
    log, signed = a_case_of_batches()
    files = with_signature(log, 3, lambda one: change(one, signed[1]))
    assert accepted(files) is None


def test_a_process_cannot_tell_one_event_as_a_batch():
    log, _ = a_case_of_batches()
    root = leaf_hash(log.leaves[2].event.signed_bytes())
    told = PROCESS.private.sign(statement(1, root)) + b"\0\0\0\1" + root
    assert accepted(with_signature(log, 3, lambda _: told)) is None


@pytest.mark.parametrize("line", ["process {} 1 6", "process {} 8", "process {} 8 9"])
def test_the_auditor_s_own_ranges_hold(line):
    assert accepted(unpacked(genuine()), trusting(keys=line.format(PROCESS.key().vkey()))) is None


@pytest.mark.parametrize(("line", "is_good"), [("1 11", False), ("1 12", True), ("13", False)])
def test_the_log_s_key_signs_only_between_its_sizes(line, is_good):
    keys = f"{KEYS}log {LOG_KEY.key().vkey()} {line}\n"
    assert (accepted(unpacked(genuine()), trusting(keys=keys)) is not None) is is_good


def test_a_quorum_that_is_not_met_is_refused():
    both = POLICY.replace("any jiwei", "all jiwei")
    log = a_log(events=2)
    assert accepted(unpacked(genuine()), trusting(both)) is None
    evidence = replace(
        log.evidence("case:A"), beside=[], note=log.note(log.size, WITNESS, ARCHIVE).to_bytes()
    )
    with pytest.raises(Refused, match="case-head"):  # the checkpoint itself is accepted
        report(unpacked(bundle(evidence)), trusting(both))


def test_what_other_witnesses_saw_before_the_policy_s_came_proves_no_times_and_hinders_nothing():
    log, both = a_log(), POLICY.replace("any jiwei", "all jiwei")
    evidence = replace(log.evidence("case:A"), note=log.note(None, WITNESS, ARCHIVE).to_bytes())
    by_either, by_both = (report(unpacked(bundle(evidence)), trusting(each)) for each in (POLICY, both))
    brackets = [[line for line in told if "见证" in line] for told in (by_either, by_both)]
    assert all("—" not in line for line in brackets[0])
    assert all("witnessed — … 20" in line for line in brackets[1])
    assert len(set(brackets[1])) == 1, "the checkpoint alone says when"


def test_a_cosignature_of_another_checkpoint_is_refused():
    log = a_log(events=2)
    good, other = log.note(), log.note(log.size - 1)
    moved = good.signed_by(other.signatures[1])
    note = replace(moved, signatures=(good.signatures[0], other.signatures[1]))
    assert accepted(forged(log, note=note.to_bytes())) is None


def test_the_log_cannot_tell_of_a_witness_that_saw_another_tree():
    log, fork = a_log(events=2), a_log(events=3)
    seen = fork.note(log.size)
    lines = [one.line().removeprefix("— ").removesuffix("\n") for one in seen.signatures]
    root = fork.note(log.size).text.split("\n")[2]
    log.tell("cosignatures:county", "checkpoint.cosigned.v1", origin=ORIGIN, size=log.size, lines=lines,
             root=verifier.decoded(root).hex())  # fmt: skip
    log.root_heads()
    with pytest.raises(Refused, match="fork"):
        report(unpacked(a_bundle(log)))


def test_an_event_recorded_at_another_time_than_witnesses_saw_is_refused():
    log = a_log(events=2)
    for hours in (-1, 1):
        late = a_log(events=0)
        late.cosign()
        state = log.states[6]
        leaf = log.leaves[6]
        changed = leaf.event._replace(version=1)
        signature = PROCESS.private.sign(changed.signed_bytes())
        recorded = late.now.replace(hour=late.now.hour + hours)
        late.put(
            leaf._replace(position=late.size + 1, event=changed, signature=signature, recorded_at=recorded),
            state,
        )
        late.cosign()
        late.root_heads()
        with pytest.raises(Refused, match="witnesses"):
            report(unpacked(a_bundle(late)))


def test_a_withheld_content_is_named_and_must_be_expected(tmp_path):
    evidence = a_log(events=2).evidence("case:A")
    rows = [replace(row, state=None) if row.position == 9 else row for row in evidence.case]
    path = packed(tmp_path / "withheld.zip", unpacked(bundle(replace(evidence, case=rows))))
    with pytest.raises(Refused, match=r"withheld.*\[9\]"):
        checked(path)
    told = checked(path, withheld=[9])
    assert "  内容 content 未附 WITHHELD" in told
    with pytest.raises(Refused, match="withheld"):
        checked(path, withheld=[7, 9])


def test_events_without_signature_are_taken_only_where_a_signed_statement_adopts_them():
    def unsigned():
        log = a_log(events=2)
        log.tell("case:A", "case.noted.v1", note="before there were keys")
        leaf, state = log.leaves[-1], log.states[-1]
        bare = a_log(events=2)
        bare.put(leaf._replace(signature=UNSIGNED), state)
        return bare

    log = unsigned()
    log.root_heads()
    assert accepted(unpacked(a_bundle(log))) is None
    log = unsigned()
    log.tell(
        "keys:county",
        "log.unsigned_adopted.v1",
        first=13,
        last=13,
        root="00" * 32,
        reason="found on this day",
    )
    log.root_heads()
    assert "  签名 signature 无，经认领 NONE, adopted later" in report(unpacked(a_bundle(log)))


@pytest.mark.parametrize(
    "policy",
    [
        "quorum none",
        f"log {LOG_KEY.key().vkey()}",
        POLICY.replace("any jiwei", "3 jiwei"),
        POLICY.replace("any jiwei", "0 jiwei"),
        POLICY.replace("jiwei archive\n", "jiwei jiwei\n"),
        POLICY.replace("quorum either", "quorum nobody"),
        POLICY + "quorum none",
        POLICY + f"log {LOG_KEY.key().vkey()}",
        POLICY + "trust everybody",
        POLICY.replace(LOG_KEY.key().key_id.hex(), "00000000"),
    ],
)
def test_a_policy_with_a_slip_is_refused(policy):
    with pytest.raises((Refused, *BROKEN)):
        trusting(policy)


@pytest.mark.parametrize(
    "keys", ["process", "process x 1", "witness x 1", KEYS + "process", f"{KEYS.strip()} 2 3 4"]
)
def test_a_list_of_keys_with_a_slip_is_refused(keys):
    with pytest.raises((Refused, *BROKEN)):
        trusting(keys=keys)

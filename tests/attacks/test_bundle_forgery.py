"""Nobody can make a bundle say anything else: a hundred thousand random changes, and every structural one."""

import random
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from zipfile import ZipFile

import pytest

from domain.evidence import verify as verifier
from domain.evidence.bundle import Evidence, bundle
from domain.evidence.verify import BROKEN, TOLERANCE_SECONDS, Bundle, Refused
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

MUTATIONS, SEEDS = 25_000, (1, 2, 3, 4)
TRUST = trusting()


@cache
def genuine():
    log = a_log(events=2)
    return bundle(log.evidence("case:A"))


def report(files, trust=TRUST):
    """What the verifier tells of these files. Raises what it raises."""
    opened = Bundle(files, trust)
    case = opened.case()
    opened.refuse_back_dating(case, TOLERANCE_SECONDS)
    assert [event for event in case.events if event.state is None] == []
    if files["replay.txt"] != verifier.replay(case.events).encode():
        raise Refused("replay")
    return list(opened.report(case))


def accepted(files, trust=TRUST):
    try:
        return report(files, trust)
    except (Refused, AssertionError, *BROKEN):
        return None


def checked(path, **different):
    """As the command does."""
    given = {"trust": TRUST, "held": None, "withheld": [], "tolerance": TOLERANCE_SECONDS, **different}
    return verifier.verify(path, **given)


def packed(path, files):
    with ZipFile(path, "w") as written:
        for name, content in files.items():
            written.writestr(name, content)
    return path


def test_the_genuine_bundle_is_proved():
    assert report(unpacked(genuine()))[-1] == "齐全至位置 complete as of position 11; 此后 after it: []"


def flip(content, chance):
    at = chance.randrange(len(content))
    return content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]


def overwrite(content, chance):
    at = chance.randrange(len(content))
    return content[:at] + chance.randbytes(chance.randrange(1, 9)) + content[at + chance.randrange(9) :]


def digit(content, chance):
    at = [n for n, byte in enumerate(content) if 48 <= byte <= 57]
    if not at:
        return flip(content, chance)
    n = chance.choice(at)
    return content[:n] + str(chance.randrange(10)).encode() + content[n + 1 :]


def cut(content, chance):
    begin, end = sorted(chance.randrange(len(content) + 1) for _ in range(2))
    return content[:begin] + content[end:]


def double(content, chance):
    begin, end = sorted(chance.randrange(len(content) + 1) for _ in range(2))
    return content[:end] + content[begin:]


def shuffle_lines(content, chance):
    lines = content.split(b"\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


CHANGES = (flip, flip, overwrite, digit, cut, double, shuffle_lines)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_random_change_of_any_file_is_believed(seed):
    chance, files = random.Random(seed), unpacked(genuine())
    told, names = report(files), [name for name in files if name not in verifier.NOT_LOOKED_AT]
    for _ in range(MUTATIONS):
        name, change = chance.choice(names), chance.choice(CHANGES)
        changed = change(files[name] or b"\n", chance)
        assert changed == files[name] or accepted({**files, name: changed}) is None, (seed, name, change)
    assert accepted(files) == told


def test_no_random_change_of_the_zip_changes_what_is_told(tmp_path):
    chance, zipped, path = random.Random(5), genuine(), tmp_path / "forged.zip"
    told, refused = checked(packed(path, unpacked(zipped))), 0
    for _ in range(2_000):
        path.write_bytes(chance.choice((flip, overwrite, cut, double))(zipped, chance))
        try:
            assert checked(path) == told
        except (Refused, *BROKEN):
            refused += 1
    assert refused > 1_000


def case_files(files):
    return [name for name in files if name.startswith("case/") and name.endswith(".tlog-proof")]


def without(files, *names):
    return {name: content for name, content in files.items() if name not in names}


def without_event(files, position):
    return without(files, f"case/{position}.tlog-proof", f"case/{position}.json")


def swapped(files, one, other):
    return {**files, one: files[other], other: files[one]}


LATER = ["#14 v3 case.decided.v1", "#17 v4 case.delivered.v1"]


def test_what_is_said_to_follow_is_named_as_not_proved():
    told = report(forged(later=LATER))
    assert told[:-2] == report(unpacked(genuine()))
    assert told[-2:] == [f"{verifier.UNPROVED} {line}" for line in LATER]


def test_no_change_of_what_is_said_to_follow_changes_what_is_proved():
    """Nobody has signed it: it may be lied about as anything that is said, and is shown as no more."""
    chance, files, refused = random.Random(6), forged(later=LATER), 0
    proved = report(files)[:-2]
    for _ in range(300):
        later = chance.choice(CHANGES)(files["later"], chance)
        told = accepted({**files, "later": later})
        refused += told is None
        beyond = (told or proved)[len(proved) :]
        assert (told or proved)[: len(proved)] == proved
        assert all(line.startswith(verifier.UNPROVED) for line in beyond)
    assert refused > 100


@pytest.mark.parametrize(
    "later",
    ["✓ 通过 PROVED\n", "#14 v3\n", "#14 v3 case.decided.v1", "\n", "#14 v3 case.a.v1 签名 ✓\n", "\x1b[2J\n"],
)
def test_only_events_are_said_to_follow(later):
    with pytest.raises(Refused, match="broken: later"):
        report({**forged(), "later": later.encode()})


@pytest.mark.parametrize("name", sorted(unpacked(genuine()).keys() - verifier.NOT_LOOKED_AT - {"replay.txt"}))
def test_a_bundle_that_lacks_a_file_is_refused(name):
    assert accepted(without(unpacked(genuine()), name)) is None


@pytest.mark.parametrize("position", [7, 9])
def test_an_event_left_out_is_missed(position):
    files = without_event(unpacked(genuine()), position)
    opened = Bundle(files, TRUST)
    retold = verifier.replay(Bundle(files, TRUST).events("case/")).encode()
    with pytest.raises(Refused, match=r"missing|up to position"):
        opened.case()
    assert accepted({**files, "replay.txt": retold}) is None


@pytest.mark.parametrize("ending", [".json", ".tlog-proof"])
def test_two_events_that_change_places_are_refused(ending):
    assert accepted(swapped(unpacked(genuine()), f"case/7{ending}", f"case/9{ending}")) is None


def test_two_events_that_change_places_whole_are_refused():
    files = unpacked(genuine())
    for ending in (".json", ".tlog-proof"):
        files = swapped(files, f"case/7{ending}", f"case/9{ending}")
    assert accepted(files) is None


def forged(log=None, of="case:A", **different):
    """A bundle that the county's own programme makes of other things than it should."""
    evidence: Evidence = (log or a_log(events=2)).evidence(of)
    return unpacked(bundle(replace(evidence, **different)))


def test_an_event_of_another_case_is_refused():
    log = a_log(events=2)
    stolen = log.rows("case:B", log.size)[0]
    own = log.evidence("case:A").case
    assert accepted(forged(log, case=[*own, stolen])) is None
    assert accepted(forged(log, case=[own[0], stolen])) is None


def test_another_case_under_the_head_of_this_one_is_refused():
    log = a_log(events=2)
    assert accepted(forged(log, case=log.rows("case:B", log.size))) is None


def test_an_event_of_another_log_is_refused():
    ours, theirs = unpacked(genuine()), unpacked(bundle(a_log(events=2, of="case:C").evidence("case:C")))
    for ending in (".json", ".tlog-proof"):
        ours[f"case/7{ending}"] = theirs[f"case/7{ending}"]
    assert accepted(ours) is None


def test_the_newest_events_cannot_be_hidden_behind_a_fresh_checkpoint():
    log = a_log(events=4)
    shorter = log.evidence("case:A").case[:-1]
    assert accepted(forged(log, case=shorter)) is None
    opened = Bundle(forged(log, case=shorter), TRUST)
    assert len(opened.events("case/")) == 3, "without the case head each of the others is proved"


def test_an_older_checkpoint_says_that_it_is_older_and_does_not_satisfy_who_holds_a_newer(tmp_path):
    log = a_log(events=2)
    older = log.size
    log.tell("case:A", "case.decided.v1", result="granted")
    log.root_heads()
    path = packed(tmp_path / "older.zip", unpacked(bundle(log.evidence("case:A", older))))
    assert checked(path)[-1] == "齐全至位置 complete as of position 11; 此后 after it: []"
    with pytest.raises(Refused, match="before the checkpoint you hold"):
        checked(path, held=log.note(log.size - 1).to_bytes())


def test_old_case_heads_under_a_new_checkpoint_do_not_satisfy_who_holds_a_newer(tmp_path):
    log = a_log(events=2)
    old = log.evidence("case:A")
    log.tell("case:A", "case.decided.v1", result="granted")
    held = log.note().to_bytes()
    log.root_heads()
    new = log.evidence("case:A")
    known = {row.position for row in (*old.case, *old.beside)}
    hiding = replace(
        new,
        case=[row for row in new.case if row.position in known],
        beside=[row for row in (*new.beside, *log.rows("heads:county", log.size)) if row.position in known],
        case_head=old.case_head,
        keys_head=old.keys_head,
    )
    path = packed(tmp_path / "hiding.zip", unpacked(bundle(hiding)))
    assert checked(path)[-1] == "齐全至位置 complete as of position 11; 此后 after it: []"
    with pytest.raises(Refused, match="before the checkpoint you hold"):
        checked(path, held=held)


def test_a_checkpoint_that_is_held_must_be_of_the_same_log(tmp_path):
    log, fork = a_log(events=2), a_log(events=2)
    held = log.size
    fork.tell("case:A", "case.decided.v1", result="refused")
    log.tell("case:A", "case.decided.v1", result="granted")
    log.root_heads()
    fork.root_heads()
    fork.root_heads()
    path = tmp_path / "held.zip"
    evidence = log.evidence("case:A")
    growth = log.growth([*evidence.growth_by_size, held, held + 1], log.size)
    packed(path, unpacked(bundle(replace(evidence, growth_by_size=growth))))
    assert checked(path, held=log.note(held).to_bytes())
    with pytest.raises(Refused, match="fork"):
        checked(path, held=fork.note(held + 1).to_bytes())
    with pytest.raises(Refused, match="does not reach back"):
        checked(path, held=log.note(4).to_bytes())


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


@pytest.mark.parametrize("name", ["case/7.txt", "log/x.json", "../evil", "case/007.tlog-proof", "attachment"])
def test_a_file_that_nobody_asked_for_is_refused(name):
    assert accepted({**unpacked(genuine()), name: b"x"}) is None


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_that_names_a_file_twice_is_refused(tmp_path):
    path = packed(tmp_path / "twice.zip", unpacked(genuine()))
    with ZipFile(path, "a") as written:
        written.writestr("case/7.json", b"{}")
    with pytest.raises(Refused, match="twice"):
        checked(path)


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


def test_the_file_works_by_itself_and_answers_with_its_exit_code(tmp_path):
    """As on a machine that has never seen us: the file out of the bundle, alone in a directory, without our packages."""
    files = unpacked(genuine())
    (tmp_path / "verify.py").write_bytes(files["verify.py"])
    (tmp_path / "policy").write_text(POLICY, encoding="utf-8")
    (tmp_path / "keys").write_text(KEYS, encoding="utf-8")
    (tmp_path / "good.zip").write_bytes(genuine())
    packed(tmp_path / "bad.zip", {**files, "case/7.json": files["case/7.json"].replace(b"0", b"1")})

    def run(name, *more):
        command = [sys.executable, "-I", "verify.py", name, "--policy", "policy", "--keys", "keys", *more]
        return subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", check=False
        )

    good, bad = run("good.zip"), run("bad.zip")
    assert (good.returncode, good.stdout.split("\n")[-2]) == (0, "✓ 通过 PROVED")
    assert bad.returncode == 1
    assert bad.stdout == "✗ 未通过 NOT PROVED: 与封存不符 not the content that was sealed: 7\n"
    packed(tmp_path / "partial.zip", forged(later=LATER))
    partial = run("partial.zip")
    assert (partial.returncode, partial.stdout.split("\n")[-2]) == (0, "✓ 通过 PROVED，至此 UP TO THERE")
    strange = run("good.zip", "--files", ".")
    assert (
        strange.returncode,
        strange.stdout.endswith("bad.zip good.zip keys partial.zip policy verify.py\n"),
    ) == (
        1,
        True,
    )


def test_the_verifier_fits_on_four_hundred_lines():
    told = Path(verifier.__file__).read_text(encoding="utf-8").split("\n")
    assert sum(bool(line.strip()) for line in told) <= 400

"""Nobody can make a bundle say anything else: a hundred thousand random changes, and every structural one."""

import random
import re
import subprocess
import sys
from base64 import b64decode, b64encode
from codecs import BOM_UTF8
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest

from domain.evidence import verify as verifier
from domain.evidence.bundle import bundle
from domain.evidence.verify import BROKEN, Bundle, Refused
from tests.evidenced import (
    KEYS,
    POLICY,
    a_log,
    unpacked,
)
from tests.forged import (
    TRUST,
    accepted,
    checked,
    forged,
    genuine,
    packed,
    report,
    swapped,
    without,
    without_event,
)

MUTATIONS, SEEDS = 25_000, (1, 2, 3, 4)


def test_the_genuine_bundle_is_proved():
    assert report(unpacked(genuine()))[-1] == "齐全至位置 complete as of position 12; 此后 after it: []"


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


def test_what_a_later_version_may_bring_is_not_called_forged_but_unknown():
    """A bundle with a file, or a leaf of a form, that this verifier has never heard of: it says to take a newer one."""
    for files in ({**forged(), "much-later": b"1"}, with_leaf_of_another_form(forged())):
        with pytest.raises(Refused, match=r"真伪未判.*not judged: try a newer one"):
            report(files)


def with_leaf_of_another_form(files):
    name = next(each for each in files if each.startswith("case/") and each.endswith(".tlog-proof"))
    extra = re.search(rb"extra (.+)", files[name])[1]
    leaf = b"jdleaf9\n" + b64decode(extra)[8:]
    return {**files, name: files[name].replace(extra, b64encode(leaf))}


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
    assert checked(path)[-1] == "齐全至位置 complete as of position 12; 此后 after it: []"
    with pytest.raises(Refused, match="before the checkpoint you hold"):
        checked(path, held=log.note(log.size - 1).to_bytes())


def test_a_bundle_is_complete_over_what_it_shows_right_behind_the_root(tmp_path):
    """Of a log at rest the newest checkpoint covers the root itself, which no root covers: who holds it is satisfied."""
    log = a_log(events=2)
    growth = log.growth([*log.evidence("case:A").growth_by_size, log.size], log.size)
    path = tmp_path / "rest.zip"
    path.write_bytes(bundle(replace(log.evidence("case:A"), growth_by_size=growth)))
    (line,) = [line for line in checked(path, held=log.note().to_bytes()) if "complete" in line]
    assert line == f"齐全至位置 complete as of position {log.size}; 此后 after it: []"


def test_nobody_knows_whose_event_it_is_that_a_bundle_does_not_show(tmp_path):
    log = a_log(events=2)
    log.tell("case:B", "case.noted.v1", note="behind the root, and not in the bundle")
    growth = log.growth([*log.evidence("case:A").growth_by_size, log.size], log.size)
    path = tmp_path / "gone-on.zip"
    path.write_bytes(bundle(replace(log.evidence("case:A"), growth_by_size=growth)))
    assert f"complete as of position {log.size - 1};" in checked(path)[-1]
    with pytest.raises(Refused, match="before the checkpoint you hold"):
        checked(path, held=log.note().to_bytes())


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
    assert checked(path)[-1] == "齐全至位置 complete as of position 12; 此后 after it: []"
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
    absent = run("absent.zip")
    assert (absent.returncode, "absent.zip" in absent.stdout) == (1, True)
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


def asked(*words, encoding="utf-8"):
    command = [sys.executable, verifier.__file__, *words]
    return subprocess.run(command, capture_output=True, check=False, env={"PYTHONIOENCODING": encoding})


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "the following arguments are required: bundle, --policy, --keys"),
        (["a.zip", "--policy"], "argument --policy: expected one argument"),
        (["a.zip", "--policy", "p", "--keys", "k", "more"], "unrecognized arguments: more"),
        (["a.zip", "--tolerance", "x"], "argument --tolerance: invalid int value: 'x'"),
    ],
)
def test_what_it_does_not_understand_is_told_with_how_it_is_used_in_both_languages(words, said):
    done = asked(*words)
    assert (done.returncode, done.stdout) == (2, b"")
    assert verifier.__doc__ in done.stderr.decode()
    assert done.stderr.decode().endswith(f"\nverify.py 用法有误: error: {said}\n")


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "ascii"])
def test_how_it_is_used_is_told_on_any_terminal(encoding):
    done = asked("--help", encoding=encoding)
    told = verifier.__doc__.encode(encoding, "backslashreplace").decode(encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    assert told in done.stdout.decode(encoding)


def test_how_it_is_used_names_all_that_it_takes():
    taken = re.findall(
        r'"(?:--)?(policy|keys|checkpoint|files|withheld|tolerance)"[:,]',
        Path(verifier.__file__).read_text("utf-8"),
    )
    assert sorted({*taken}) == ["checkpoint", "files", "keys", "policy", "tolerance", "withheld"]
    assert all(f"--{name} " in verifier.__doc__ for name in taken)


@pytest.mark.parametrize("ending", ["\n", "\r\n", ""])
def test_what_is_typed_in_on_another_machine_counts_as_it_was_meant(tmp_path, ending):
    """A checkpoint out of a printed daily report, in an editor that ends lines in its own way, or not the last."""
    log, told = a_log(events=2), {}
    told["held"] = log.note().to_bytes().decode()
    log.root_heads()
    evidence = log.evidence("case:A")
    growth = log.growth([*evidence.growth_by_size, log.size - 1], log.size)
    (tmp_path / "case.zip").write_bytes(bundle(replace(evidence, growth_by_size=growth)))
    for name, text in {**told, "policy": POLICY, "keys": KEYS}.items():
        lines = text.rstrip("\n").replace("\n", ending or "\n") + ending
        (tmp_path / name).write_bytes(BOM_UTF8 * (ending == "\r\n") + lines.encode())
    words = [verifier.__file__, "case.zip", "--policy", "policy", "--keys", "keys", "--checkpoint", "held"]
    done = subprocess.run(
        [sys.executable, *words],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        env={"PYTHONIOENCODING": "gbk"},
    )
    assert (done.returncode, done.stdout.decode("gbk").split("\n")[-2]) == (0, "\\u2713 通过 PROVED"), done


def test_the_verifier_fits_on_four_hundred_lines():
    told = Path(verifier.__file__).read_text(encoding="utf-8").split("\n")
    assert sum(bool(line.strip()) for line in told) <= 400

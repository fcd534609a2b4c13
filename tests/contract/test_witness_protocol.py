"""The witness as its keeper runs it, to the letter of C2SP tlog-witness and tlog-cosignature."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.proof.note import COSIGNATURE, Key, Note, NotSigned, Signer, cosigned_at, opened
from domain.proof.tree import EMPTY_ROOT
from ops.witness.desk import Desk
from ops.witness.submission import submitted
from ops.witnesses.stick import Brought
from tests.serving import jiandu
from tests.witnessed import LOG, NAME, ORIGIN, Paper, at_hand, keeper, made, serving

STRANGER = Signer(ORIGIN, Ed25519PrivateKey.generate())
TRUNK = Paper(300)
BRANCH = Paper(300, branch="other", forked_at=100)
FORK = Paper(60, branch="other", forked_at=50)
BRANCHES = {log.branch: log for log in (TRUNK, BRANCH)}


@pytest.fixture
def folder(tmp_path):
    made(tmp_path / "witness")
    return tmp_path / "witness"


@pytest.fixture
def vkey(folder):
    return Desk.at(folder).signer.key(COSIGNATURE).vkey()


@pytest.fixture
def witness(folder):
    with at_hand(folder) as running:
        yield running


def cosigned(answer, vkey, note):
    """The times at which the witness has seen the checkpoint, by the lines of its answer."""
    assert answer.status_code == 200, answer.text
    return [
        cosigned_at(line.value)
        for line in opened(Note.from_bytes(note + answer.content), [Key.from_vkey(vkey)])
    ]


def kinds_of_evidence(folder):
    return sorted(piece.name.rpartition("-")[0] for piece in (folder / "evidence").glob("*"))


def test_a_growing_log_is_cosigned_with_the_time(witness, vkey):
    for old, size in ((0, 1), (1, 100), (100, 100), (100, 257)):
        before = int(time.time())
        (moment,) = cosigned(witness.add(TRUNK.submission(old, size)), vkey, TRUNK.note(size))
        assert before <= moment <= time.time()


def test_every_line_of_the_answer_is_a_signature_line(witness):
    answer = witness.add(TRUNK.submission(0, 7)).text
    assert answer.startswith(f"\N{EM DASH} {NAME} ")
    assert answer.endswith("\n")
    assert answer.count("\n") == 1


def test_a_log_that_nobody_trusts_is_not_found(tmp_path):
    made(tmp_path / "witness", trusts=Signer("another.example/log", LOG.private))
    with at_hand(tmp_path / "witness") as witness:
        assert witness.add(TRUNK.submission(0, 7)).status_code == 404
    assert not list((tmp_path / "witness").glob("*.cosigned"))


def test_a_checkpoint_of_a_strangers_key_is_forbidden(witness):
    assert witness.add(Paper(7, signer=STRANGER).submission(0, 7)).status_code == 403


def test_a_trusted_key_whose_signature_fails_is_forbidden(witness):
    note = TRUNK.note(7).replace(b"\n7\n", b"\n8\n")
    assert witness.add(submitted(0, [], note)).status_code == 403


def test_unknown_signatures_are_ignored(witness):
    text = TRUNK.checkpoint(7).text()
    assert witness.add(TRUNK.submission(0, 7, STRANGER.sign(text))).status_code == 200


def test_an_old_size_beyond_the_checkpoint_is_a_bad_request(witness):
    assert witness.add(submitted(8, [], TRUNK.note(7))).status_code == 400


def test_a_stale_submitter_is_told_the_size(witness):
    witness.add(TRUNK.submission(0, 100))
    for old in (0, 99):
        answer = witness.add(TRUNK.submission(old, 200))
        assert answer.status_code == 409
        assert answer.headers["content-type"] == "text/x.tlog.size"
        assert answer.text == "100\n"


def test_another_tree_of_the_same_size_is_a_conflict_and_kept_as_evidence(witness, folder, vkey):
    witness.add(TRUNK.submission(0, 200))
    forked = BRANCH.submission(200, 200)
    assert witness.add(forked).status_code == 409
    assert witness.add(forked).status_code == 409
    (piece,) = (folder / "evidence").glob("*")
    assert piece.name.startswith("forked-")
    assert (piece / "submission").read_bytes() == forked
    against = Note.from_bytes((piece / "cosigned").read_bytes())
    assert against.text == TRUNK.checkpoint(200).text()
    assert len(opened(against, [LOG.key(), Key.from_vkey(vkey)])) == 2


def test_an_earlier_tree_that_was_cosigned_otherwise_is_evidence_too(witness, folder):
    witness.add(TRUNK.submission(0, 150))
    witness.add(TRUNK.submission(150, 200))
    assert witness.add(BRANCH.submission(100, 150)).status_code == 409
    assert kinds_of_evidence(folder) == ["forked"]


def test_a_proof_that_does_not_hold_is_refused_and_kept_as_evidence(witness, folder):
    witness.add(TRUNK.submission(0, 150))
    assert witness.add(BRANCH.submission(150, 200)).status_code == 422
    assert kinds_of_evidence(folder) == ["not-proved"]


def test_the_first_submission_proves_nothing(witness):
    assert witness.add(submitted(0, TRUNK.proof(1, 7), TRUNK.note(7))).status_code == 422


def test_an_empty_tree_has_one_root(witness, vkey):
    assert TRUNK.checkpoint(0).root == EMPTY_ROOT
    assert cosigned(witness.add(TRUNK.submission(0, 0)), vkey, TRUNK.note(0))
    text = f"{ORIGIN}\n0\n{'A' * 43}=\n"
    assert witness.add(submitted(0, [], Note(text).signed_by(LOG.sign(text)).to_bytes())).status_code != 200


def test_a_stranger_leaves_no_evidence(witness, folder):
    witness.add(TRUNK.submission(0, 150))
    witness.add(Paper(150, branch="x", signer=STRANGER).submission(150, 150))
    assert kinds_of_evidence(folder) == []


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"old 0\n\n",
        TRUNK.submission(0, 7).replace(b"old 0", b"old 00"),
        TRUNK.submission(0, 7).replace(b"old 0", b"old +0"),
        TRUNK.submission(0, 7).replace(b"old 0", b"old 0\r"),
        TRUNK.submission(0, 7).replace(b"old 0\n", b"old 0\nAAAA\n"),
        TRUNK.submission(0, 7).replace(b"old 0\n", b"old 0\n" + (b"A" * 43 + b"=\n") * 64),
        TRUNK.submission(0, 7).replace(b"\n7\n", b"\n07\n"),
        TRUNK.submission(0, 7).rstrip(b"\n"),
    ],
)
def test_what_breaks_the_format_is_a_bad_request(witness, broken):
    assert witness.add(broken).status_code == 400


def test_what_is_too_large_or_of_unknown_length_is_refused_unread(witness):
    assert witness.add(b"x" * 65_537).status_code == 413
    assert witness.client.post("/add-checkpoint", content=iter([b"old 0\n"])).status_code == 411


def test_the_latest_checkpoint_is_shown_with_both_signatures(witness, vkey):
    address = f"/{sha256(ORIGIN.encode()).hexdigest()}/checkpoint"
    assert witness.client.get(address).status_code == 404
    witness.add(TRUNK.submission(0, 42))
    note = Note.from_bytes(witness.client.get(address).content)
    assert note.text == TRUNK.checkpoint(42).text()
    assert len(opened(note, [LOG.key(), Key.from_vkey(vkey)])) == 2


def test_a_log_whose_key_is_rotated_is_cosigned_under_either(witness, folder):
    assert keeper("trust", folder, STRANGER.key().vkey()).returncode == 0
    rotated = Paper(300, signer=STRANGER)
    assert witness.add(TRUNK.submission(0, 7)).status_code == 200
    assert witness.add(rotated.submission(7, 9)).status_code == 200


def test_a_key_that_is_trusted_already_is_said_to_be(folder):
    """The county sends its key once more: nothing is broken, and nothing is to be done."""
    before = (folder / "logs").read_bytes()
    done = keeper("trust", folder, LOG.key().vkey())
    assert (done.returncode, "Trusted before" in done.stdout, done.stderr) == (0, True, "")
    assert (folder / "logs").read_bytes() == before


def test_two_servers_on_one_folder_never_cosign_two_branches(folder):
    """The race that tlog-witness warns of: compare and store are one act, whoever else asks meanwhile."""
    with serving(folder) as one, serving(folder) as other, ThreadPoolExecutor(8) as pool:
        assert one.add(TRUNK.submission(0, 100)).status_code == 200
        pushed = [
            pool.submit(lambda *pushing: list(push(*pushing)), log, witness, step)
            for log, witness in ((TRUNK, one), (BRANCH, other))
            for step in (7, 11, 13, 17)
        ]
        reached = {log for future in pushed for log in future.result()}
    assert len(reached) == 1
    _, size, root, *_ = keeper("latest", folder).stdout.splitlines()
    assert BRANCHES[reached.pop()].checkpoint(int(size)).text().splitlines()[2] == root


def push(log, witness, step):
    """Submits ever larger trees of one branch; tells the branch for each that was cosigned."""
    size = 100
    for target in range(100 + step, 300, step):
        answer = witness.add(log.submission(size, target))
        if answer.headers["content-type"] == "text/x.tlog.size" and int(answer.text) <= target:
            answer = witness.add(log.submission(int(answer.text), target))
        if answer.status_code == 200:
            size = target
            yield log.branch


def test_usb_stick_takes_submissions_there_and_cosignatures_back(folder, vkey, tmp_path):
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / "1.submission").write_bytes(TRUNK.submission(0, 50))
    (stick / "2.submission").write_bytes(TRUNK.submission(50, 60))
    (stick / "3.submission").write_bytes(BRANCH.submission(50, 55))
    (stick / "4.submission").write_bytes(b"broken")
    assert keeper("cosign", folder, stick).returncode == 1
    for name, size in (("1", 50), ("2", 60)):
        line = (stick / f"{name}.cosignature").read_bytes()
        assert opened(Note.from_bytes(TRUNK.note(size) + line), [Key.from_vkey(vkey)])
    assert (stick / "3.size").read_text() == "60\n"
    assert "malformed" in (stick / "4.refusal").read_text()


def test_what_a_stick_was_given_before_is_no_failure_the_next_time(folder, tmp_path):
    """Files stay on it: the keeper is not told of them as refused, whenever the stick comes."""
    stick = tmp_path / "stick"
    stick.mkdir()
    for size, old in ((9, 0), (10, 9)):
        (stick / f"{size}.submission").write_bytes(TRUNK.submission(old, size))
    for _ in range(2):
        done = keeper("cosign", folder, stick)
        assert (done.returncode, "未见证" in done.stdout) == (0, False), done.stdout
    assert sorted(path.suffix for path in stick.iterdir()) == [
        ".cosignature",
        ".cosignature",
        *[".submission"] * 2,
    ]
    (stick / "8.submission").write_bytes(TRUNK.submission(0, 8))
    assert keeper("cosign", folder, stick).returncode == 1


def test_a_reminder_that_a_witness_refuses_is_told_rather_than_what_it_remembers(folder, tmp_path):
    """It was put back, and has cosigned another tree since: asking again for what it remembers would lead nowhere."""
    (stick := tmp_path / "stick").mkdir()

    def answered(name, submission):
        (stick / f"{name}.submission").write_bytes(submission)
        return keeper("cosign", folder, stick).returncode

    assert answered(45, TRUNK.submission(0, 45)) == 0
    (memory,) = folder.glob("*.cosigned")
    backup = memory.read_bytes()
    assert answered(60, TRUNK.submission(45, 60)) == 0
    own = Note.from_bytes(TRUNK.note(60) + (stick / "60.cosignature").read_bytes()).signatures[-1]
    memory.write_bytes(backup)
    (stick / "60.submission").unlink()
    assert answered(55, FORK.submission(45, 55)) == 0
    (stick / "60.submission").write_bytes(TRUNK.submission(55, 60, own))
    assert answered(70, TRUNK.submission(60, 70)) == 1
    brought = Brought.on(stick)
    assert (brought.size, brought.remembered) == (60, None)
    assert "not-proved" in brought.refusal


def test_a_witness_put_back_finds_its_own_word_on_the_stick(folder, tmp_path):
    """What it has cosigned lies there still: it would cosign it again, and nobody would know."""
    (stick := tmp_path / "stick").mkdir()
    (stick / "45.submission").write_bytes(TRUNK.submission(0, 45))
    keeper("cosign", folder, stick)
    (memory,) = folder.glob("*.cosigned")
    backup = memory.read_bytes()
    (stick / "60.submission").write_bytes(TRUNK.submission(45, 60))
    for kept in ([], ["forgotten"]):
        assert keeper("cosign", folder, stick).returncode == 0
        assert [piece.kind for piece in Desk.at(folder).evidence.all()] == kept
        memory.write_bytes(backup)


def test_an_answer_takes_the_place_of_the_one_before(folder, tmp_path):
    (stick := tmp_path / "stick").mkdir()
    for submission, left in (
        (b"broken", {".refusal"}),
        (TRUNK.submission(9, 10), {".size"}),
        (TRUNK.submission(0, 10), {".cosignature"}),
    ):
        (stick / "10.submission").write_bytes(submission)
        keeper("cosign", folder, stick)
        assert {path.suffix for path in stick.iterdir()} == left | {".submission"}


def test_a_witness_answers_nothing_in_the_folder_of_another(folder, vkey, tmp_path):
    (stick := tmp_path / "stick").mkdir()
    (stick / "9.submission").write_bytes(TRUNK.submission(0, 9))
    another = made(tmp_path / "another")
    (stick / "witness.vkey").write_text(f"{another}\n")
    done = keeper("cosign", folder, stick)
    assert (done.returncode, another in done.stderr, "另一见证人" in done.stderr) == (1, True, True)
    assert not (stick / "9.cosignature").exists()
    (stick / "witness.vkey").write_text(f"{vkey}\n")
    assert keeper("cosign", folder, stick).returncode == 0


def test_a_witness_packed_into_one_file_runs_without_jiandu(tmp_path):
    packed = tmp_path / "witness.pyz"
    assert keeper("pack", packed).returncode == 0
    alone = (sys.executable, "-I", packed)
    folder = tmp_path / "witness"
    for words in (("create", folder, "--name", NAME), ("trust", folder, LOG.key().vkey()), ("check", folder)):
        ran = subprocess.run([*alone, *words], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
    (tmp_path / "1.submission").write_bytes(TRUNK.submission(0, 50))
    ran = subprocess.run([*alone, "cosign", folder, tmp_path], cwd=tmp_path, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr
    code = f"import sys; sys.path.insert(0, {str(packed)!r}); import ops.witness.words as w; print(w.__file__); print(*sys.modules)"
    told = subprocess.run(
        [sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    place, modules = told.stdout.splitlines()
    assert place.startswith(str(packed))
    assert not {"psycopg", "pydantic", "fastapi", "typer"} & set(modules.split())


def test_the_key_is_its_owners_alone_and_never_made_twice(folder, vkey):
    assert (folder / "key").stat().st_mode & 0o777 == 0o600
    again = keeper("create", folder, "--name", NAME)
    assert (again.returncode, "此处已有见证人" in again.stderr, "made once" in again.stderr) == (
        1,
        True,
        True,
    )
    assert keeper("key", folder).stdout.strip() == vkey


def test_check_says_what_the_keeper_must_look_into(witness, folder):
    witness.add(TRUNK.submission(0, 150))
    assert keeper("check", folder).returncode == 0
    witness.add(BRANCH.submission(150, 150))
    told = keeper("check", folder)
    assert told.returncode == 1
    assert "forked" in told.stdout
    (folder / "key").chmod(0o644)
    assert "chmod 600" in keeper("check", folder).stdout


def test_jiandu_has_the_same_words(folder, vkey):
    told = jiandu("witness", "key", str(folder), settings={})
    assert told.stdout.strip() == vkey


def test_a_note_spoilt_by_our_own_key_is_not_opened(vkey):
    """The control: what the tests above call cosigned can fail."""
    with pytest.raises(NotSigned):
        opened(Note.from_bytes(TRUNK.note(7)), [Key.from_vkey(vkey)])

"""The witness is killed, its disk fails, its memory is torn, or an older one is put in place of it."""

import shutil
import signal
import threading
from contextlib import suppress

import httpx
import pytest

from domain.proof.note import Note
from ops.witness.memory import opened_memory
from tests.servers import missing
from tests.witnessed import ORIGIN, Paper, at_hand, keeper, made, serving

TRUNK = Paper(400)
BRANCH = Paper(400, branch="other", forked_at=100)


@pytest.fixture
def folder(tmp_path):
    made(tmp_path / "witness")
    return tmp_path / "witness"


def remembered(folder):
    with opened_memory(folder, ORIGIN) as memory:
        return memory.remembered.size


def memory_file(folder):
    (path,) = folder.glob("*.cosigned")
    return path


def test_what_a_killed_witness_has_answered_it_remembers(folder):
    for life in range(4):
        with serving(folder) as witness:
            first = answered = remembered(folder)
            killing = threading.Timer(0.15 + life / 20, witness.process.kill)
            killing.start()
            with suppress(httpx.TransportError):
                for size in range(first, 400):
                    assert witness.add(TRUNK.submission(size, size + 1)).status_code == 200
                    answered = size + 1
            killing.join()
        assert remembered(folder) in (answered, answered + 1)
        assert keeper("check", folder).returncode == 0


def test_nothing_is_signed_that_the_disk_did_not_take(folder):
    if shutil.which("strace") is None:
        missing("strace is not installed")
    with serving(folder) as witness:
        assert witness.add(TRUNK.submission(0, 10)).status_code == 200
    failing = ("strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=fsync:error=EIO")
    with serving(folder, before=failing) as witness:
        answer = witness.add(TRUNK.submission(10, 20))
        assert answer.status_code == 503
        assert "\N{EM DASH}" not in answer.text
    with serving(folder) as witness:
        size = remembered(folder)
        assert size in (10, 20)
        assert witness.add(TRUNK.submission(size, 30)).status_code == 200


def test_a_torn_last_line_was_never_answered_and_is_cut_off(folder):
    with at_hand(folder) as witness:
        witness.add(TRUNK.submission(0, 10))
        with memory_file(folder).open("ab") as file:
            file.write(b"20 torn")
        assert witness.add(TRUNK.submission(10, 30)).status_code == 200
    assert remembered(folder) == 30
    assert keeper("check", folder).returncode == 0


def test_a_damaged_memory_signs_nothing(folder):
    with at_hand(folder) as witness:
        witness.add(TRUNK.submission(0, 10))
        content = memory_file(folder).read_bytes()
        memory_file(folder).write_bytes(content.replace(b"10 ", b"1O "))
        assert witness.add(TRUNK.submission(10, 30)).status_code == 503
        assert witness.add(TRUNK.submission(0, 30)).status_code == 503
    assert keeper("check", folder).returncode == 1


def test_a_memory_with_a_changed_tree_is_not_whole(folder):
    with at_hand(folder) as witness:
        witness.add(TRUNK.submission(0, 10))
    content = memory_file(folder).read_bytes()
    memory_file(folder).write_bytes(content.replace(b"10 ", b"11 "))
    told = keeper("check", folder)
    assert told.returncode == 1
    assert "not signed by the log" in told.stdout


def test_a_witness_rolled_back_learns_it_from_its_own_signature(folder):
    """Restored from a backup it would cosign a fork; shown its own later word, it says so and goes on from there."""
    with at_hand(folder) as witness:
        witness.add(TRUNK.submission(0, 100))
        backup = memory_file(folder).read_bytes()
        own = Note.from_bytes(TRUNK.note(200) + witness.add(TRUNK.submission(100, 200)).content).signatures[1]
        memory_file(folder).write_bytes(backup)
        assert keeper("check", folder).returncode == 0
        assert witness.add(TRUNK.submission(100, 200, own)).status_code == 200
    told = keeper("check", folder)
    assert told.returncode == 1
    assert "forgotten" in told.stdout
    assert remembered(folder) == 200


def test_a_witness_without_its_folder_signs_nothing(folder):
    with at_hand(folder) as witness:
        witness.add(TRUNK.submission(0, 100))
        shutil.rmtree(folder)
        assert witness.add(TRUNK.submission(100, 200)).status_code == 503


def test_a_stopped_witness_leaves_at_once_and_cleanly(folder):
    with serving(folder) as witness:
        witness.process.send_signal(signal.SIGTERM)
        assert witness.process.wait(10) == 0

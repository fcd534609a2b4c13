"""What the county hears from a witness that answers, forgets, lies, contradicts, knows more, or is not there."""

import http.server
import threading
from contextlib import contextmanager

import pytest

from domain.proof.note import COSIGNATURE, Note
from domain.proof.witnessing import Trouble
from ops.witness.desk import Desk
from ops.witnesses.asking import Conversation, Word
from ops.witnesses.speaking import Voice, a_client
from tests.chaos.faults import free_port
from tests.witnessed import LOG, Paper, at_hand, made

TRUNK = Paper(300)
BRANCH = Paper(300, branch="other", forked_at=100)


STRANGERS = Word()


class PaperTree:
    def __init__(self, paper):
        self._paper = paper

    async def consistency(self, earlier, later):
        return self._paper.proof(earlier, later)

    async def note(self, size):
        return self._paper.note(size)


@pytest.fixture
def folder(tmp_path):
    made(tmp_path / "witness")
    return tmp_path / "witness"


async def said(folder, url, size, last=STRANGERS, *, paper=TRUNK, **voice):
    async with a_client() as client:
        key = Desk.at(folder).signer.key(COSIGNATURE)
        conversation = Conversation(
            Voice(client, url, key, **voice),
            PaperTree(paper),
            Note.from_bytes(paper.note(size)),
            paper.checkpoint(size),
            [LOG.key()],
        )
        return await conversation.hold(last)


def memory(folder):
    (path,) = folder.glob("*.cosigned")
    return path


async def test_a_growing_log_is_heard_cosigned(folder):
    with at_hand(folder) as witness:
        first = await said(folder, witness.address, 100)
        second = await said(folder, witness.address, 257, Word(100, first.signature))
    assert (first.trouble, second.trouble) == (None, None)
    assert second.signature.name == "jw.example/qx"


async def test_a_county_that_has_forgotten_what_was_cosigned_asks_and_goes_on(folder):
    with at_hand(folder) as witness:
        await said(folder, witness.address, 100)
        heard = await said(folder, witness.address, 200)
    assert heard.signature
    assert heard.trouble is None


async def test_a_witness_put_back_is_reminded_of_its_own_word_and_told_of(folder):
    with at_hand(folder) as witness:
        await said(folder, witness.address, 100)
        backup = memory(folder).read_bytes()
        last = await said(folder, witness.address, 200, Word(100))
        memory(folder).write_bytes(backup)
        heard = await said(folder, witness.address, 250, Word(200, last.signature))
        again = await said(folder, witness.address, 260, Word(250, heard.signature))
    assert heard.trouble is Trouble.forgetful
    assert heard.why == "it remembers 100, and cosigned 200"
    assert heard.signature
    assert again.trouble is None
    assert [piece.kind for piece in Desk.at(folder).evidence.all()] == ["forgotten"]


async def test_a_witness_put_back_cosigns_no_fork_once_it_was_reminded(folder):
    with at_hand(folder) as witness:
        await said(folder, witness.address, 90)
        backup = memory(folder).read_bytes()
        last = await said(folder, witness.address, 200, Word(90))
        memory(folder).write_bytes(backup)
        await said(folder, witness.address, 250, Word(200, last.signature))
        assert witness.add(BRANCH.submission(90, 260)).status_code == 409
        assert witness.add(BRANCH.submission(250, 260)).status_code == 422


async def test_a_log_written_anew_is_contradicted(folder):
    with at_hand(folder) as witness:
        await said(folder, witness.address, 200)
        for size in (200, 250):
            heard = await said(folder, witness.address, size, Word(200), paper=BRANCH)
            assert heard.trouble is Trouble.contradicting
            assert heard.signature is None


async def test_a_log_restored_from_an_old_backup_hears_that_it_was_larger(folder):
    with at_hand(folder) as witness:
        await said(folder, witness.address, 250)
        heard = await said(folder, witness.address, 120, Word(100))
    assert heard.trouble is Trouble.ahead
    assert heard.ahead.text == TRUNK.checkpoint(250).text()


async def test_a_witness_that_is_down_is_unreachable(folder):
    heard = await said(folder, f"http://127.0.0.1:{free_port()}", 100)
    assert heard.trouble is Trouble.unreachable


async def test_a_witness_whose_disk_fails_is_unreachable(folder):
    with at_hand(folder) as witness:
        (folder / "logs").unlink()
        heard = await said(folder, witness.address, 100)
    assert heard.trouble is Trouble.unreachable


async def test_a_witness_that_was_not_told_of_the_log_refuses(folder):
    (folder / "logs").write_text("quorum none\n")
    with at_hand(folder) as witness:
        heard = await said(folder, witness.address, 100)
    assert heard.trouble is Trouble.refusing


async def test_a_cosignature_of_another_time_is_no_witness(folder):
    with at_hand(folder) as witness:
        heard = await said(folder, witness.address, 100, clock=lambda: 1_000_000_000.0)
    assert heard.trouble is Trouble.lying
    assert heard.signature is None


@contextmanager
def answering(status, body, kind="text/plain"):
    """A server that says the same whatever it is asked."""

    class Same(http.server.BaseHTTPRequestHandler):
        def answer(self):
            # a connection that is closed over what nobody read is reset, and the answer lost
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    Same.do_GET = Same.do_POST = Same.answer
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Same) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("status", "body", "kind", "trouble"),
    [
        (200, b"", "text/plain", Trouble.lying),
        (200, LOG.cosign(TRUNK.checkpoint(100).text(), 1).line().encode(), "text/plain", Trouble.lying),
        (200, b"x" * 100_000, "text/plain", Trouble.lying),
        (409, b"many\n", "text/x.tlog.size", Trouble.lying),
        (409, b"099\n", "text/x.tlog.size", Trouble.lying),
        (409, b"99\n", "text/x.tlog.size", Trouble.lying),
        (409, b"9999\n", "text/x.tlog.size", Trouble.lying),
        (302, b"", "text/plain", Trouble.refusing),
        (403, b"", "text/plain", Trouble.refusing),
        (500, b"", "text/plain", Trouble.unreachable),
    ],
)
async def test_what_is_no_cosignature_is_not_taken_for_one(folder, status, body, kind, trouble):
    with answering(status, body, kind) as url:
        heard = await said(folder, url, 100)
    assert heard.trouble is trouble
    assert heard.signature is None


async def test_a_larger_tree_that_another_key_signed_is_a_lie(folder):
    text = TRUNK.checkpoint(250).text()
    forged = Note(text).signed_by(Desk.at(folder).signer.sign(text)).to_bytes()
    with answering(409, b"250\n", "text/x.tlog.size") as url:
        assert (await said(folder, url, 100)).trouble is Trouble.lying
    with answering(200, forged) as url:
        assert (await said(folder, url, 100)).trouble is Trouble.lying

"""A log on paper and a witness of flesh: trees that grow and fork, and `python -m ops.witness` as its keeper runs it."""

import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.proof.checkpoint import Checkpoint
from domain.proof.note import COSIGNATURE, Note, Signer
from domain.proof.tree import CompactRange, consistency_proof, leaf_hash
from ops.witness import keys
from ops.witness.desk import Desk
from ops.witness.serving import Server
from ops.witness.submission import submitted
from tests import asking

ROOT = Path(__file__).resolve().parents[1]
ORIGIN = "jiandu.example/qx"
LOG = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
NAME = "jw.example/qx"
READY = re.compile(r"The witness is ready: (\S+)/")


@dataclass
class Paper:
    """A log of so many leaves. Two branches share their leaves up to `forked_at`, and none behind it."""

    leaves: int
    branch: str = ""
    forked_at: int = 0
    signer: Signer = LOG
    _roots: dict = field(default_factory=dict)
    _trees: list = field(default_factory=list)

    def __post_init__(self):
        tree = CompactRange()
        self._trees.append(tree.root())
        for index in range(self.leaves):
            branch = self.branch if index >= self.forked_at else ""
            for height, place, root in tree.append(leaf_hash(f"{branch}{index}".encode())):
                self._roots[height, place] = root
            self._trees.append(tree.root())

    def checkpoint(self, size):
        return Checkpoint(ORIGIN, size, self._trees[size])

    def note(self, size, *further):
        text = self.checkpoint(size).text()
        return Note(text).signed_by(self.signer.sign(text), *further).to_bytes()

    def proof(self, old, size):
        if not 0 < old <= size:
            return []
        return consistency_proof(old, size, lambda height, index: self._roots[height, index])

    def submission(self, old, size, *further):
        return submitted(old, self.proof(old, size), self.note(size, *further))


def keeper(*words):
    """Runs a word of the keeper's to its end."""
    return subprocess.run(
        [sys.executable, "-m", "ops.witness", *map(str, words)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        timeout=60,
    )


def made(folder, *, trusts=LOG):
    """A witness's folder that trusts a log; its public key."""
    folder.mkdir()
    signer = keys.create(folder / "key", NAME)
    (folder / "logs").write_text(f"log {trusts.key().vkey()}\nquorum none\n")
    return signer.key(COSIGNATURE).vkey()


class Serving:
    def __init__(self, address, process=None):
        self.address, self.process = address, process
        self.client = asking.a_client(base_url=address)

    def add(self, body):
        return self.client.post("/add-checkpoint", content=body)


@contextmanager
def at_hand(folder, *, port=0):
    """The witness's server in a thread of this process."""
    with Server(("127.0.0.1", port), Desk.at(folder)) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        witness = Serving(f"http://127.0.0.1:{server.server_port}")
        try:
            with witness.client:
                yield witness
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def serving(folder, *words, before=()):
    """The witness's server; `before` stands before the command, as strace does."""
    with subprocess.Popen(
        [
            *before,
            sys.executable,
            "-m",
            "ops.witness",
            "serve",
            str(folder),
            "--listen",
            "127.0.0.1:0",
            *words,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    ) as process:
        try:
            ready = READY.search(process.stdout.readline())
            assert ready, process.stderr.read()
            witness = Serving(ready[1], process)
            with witness.client:
                yield witness
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # strace leaves what it traced running
            process.communicate()

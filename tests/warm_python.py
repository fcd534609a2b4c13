"""Has the oven (tests/warm.py) fork `python -m ops.command …`, and stands for that process: ends as it ends."""

import json
import os
import signal
import socket
import sys
from pathlib import Path

OURS = ["-m", "ops.command"]


def main() -> None:
    words = sys.argv[1:]
    if words[:2] != OURS:
        python = os.environ["WARM_PYTHON"]
        os.execv(python, [python, *words])  # noqa: S606  — whatever else Python is asked for
    pid, end = asked({"words": words[2:], "environment": dict(os.environ), "folder": str(Path.cwd())})
    signal.signal(signal.SIGTERM, lambda *_: os.kill(pid, signal.SIGTERM))
    code = int(os.read(end, 16))
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    raise SystemExit(code)


def asked(told: dict[str, object]) -> tuple[int, int]:
    """The process id, and a pipe on which its exit code comes."""
    end, told_end = os.pipe()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as wire:
        wire.connect(os.environ["WARM_DOOR"])
        socket.send_fds(wire, [json.dumps(told).encode()], [0, 1, 2, told_end])
        pid = int(wire.recv(16))
    os.close(told_end)
    return pid, end


if __name__ == "__main__":
    main()

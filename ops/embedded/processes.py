"""The processes of a cluster, found by where they stand: every PostgreSQL process works in its data directory."""

import os
import signal
import time
from pathlib import Path


def processes_in(cluster: Path) -> list[int]:
    """Process ids whose working directory is `cluster`; empty where the system has no /proc."""
    try:
        wanted = cluster.stat()
    except FileNotFoundError:
        return []
    return [
        int(entry.name)
        for entry in Path("/proc").glob("[0-9]*")
        if _stands_in(entry, (wanted.st_dev, wanted.st_ino))
    ]


def _stands_in(process: Path, wanted: tuple[int, int]) -> bool:
    try:
        place = (process / "cwd").stat()
    except OSError:  # ended, or another user's
        return False
    return (place.st_dev, place.st_ino) == wanted


def postmaster_file(cluster: Path) -> list[str]:
    """The lines of postmaster.pid: pid, directory, start, port, socket directory, host, memory, status."""
    try:
        return (cluster / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []


def clear_away_predecessors(cluster: Path, *, timeout_seconds: float) -> bool:
    """Ends what a killed owner left running, and the file that names a postmaster which is no more.

    The caller holds the owner lock, so whoever still stands in the cluster has lost its owner. True where
    something was running. A pid file of a dead postmaster is harmless until its number belongs to somebody
    else; then PostgreSQL would refuse to start.
    """
    left = processes_in(cluster)
    postmaster = next(iter(postmaster_file(cluster)), "")
    if left and postmaster.isdigit() and int(postmaster) in left:
        _send(int(postmaster), signal.SIGINT)
    if not _gone(cluster, timeout_seconds):
        for pid in processes_in(cluster):
            _send(pid, signal.SIGQUIT)
        _gone(cluster, timeout_seconds)
    if Path("/proc/self").exists() and not processes_in(cluster):
        (cluster / "postmaster.pid").unlink(missing_ok=True)
    return bool(left)


def clear_away_socket(cluster: Path, socket_dir: Path, port: int) -> None:
    """Likewise the file that says whose the socket is: after a power cut its number soon belongs to somebody else."""
    if Path("/proc/self").exists() and not processes_in(cluster):
        (socket_dir / f".s.PGSQL.{port}.lock").unlink(missing_ok=True)


def _gone(cluster: Path, timeout_seconds: float) -> bool:
    deadline = time.monotonic() + timeout_seconds
    while processes_in(cluster):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return

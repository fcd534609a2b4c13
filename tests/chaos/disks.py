"""Small disks that can be filled. They need root and the right to mount; without, the tests that use them are skipped."""

import os
import shutil
import subprocess
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.servers import open_directory

MIB = 2**20


@contextmanager
def a_small_disk(mib):
    """A file system of its own in memory, as large as that."""
    if os.geteuid() != 0:
        pytest.skip("a disk of its own cannot be mounted: not root")
    with open_directory() as place:
        disk = place / "disk"
        disk.mkdir()
        run("mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=711", "jiandu-test", disk)
        try:
            yield disk
        finally:
            run("umount", "--lazy", disk)


@contextmanager
def filled_up(disk, *, but_for_mib=0):
    """Somebody else's file takes all the room, or all but so much."""
    ballast = Path(disk) / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while shutil.disk_usage(disk).free > but_for_mib * MIB:  # others use it up meanwhile
            file.write(bytes(64 * 1024))
    try:
        yield
    finally:
        ballast.unlink()


def run(*words):
    """Skips, with what was said, where the machine cannot do it."""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"{words[0]}: {done.stderr.strip()}")
    return done.stdout.strip()

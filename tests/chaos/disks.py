"""Small disks that can be filled. They need root and the right to mount; without, the tests that use them are skipped."""

import fcntl
import os
import shutil
import struct
import subprocess
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.servers import open_directory

MIB = 2**20
SHUTDOWN = 0x8004587D
"""FS_IOC_SHUTDOWN: the file system stops at once."""
WITHOUT_A_FLUSH = 2
"""Not even its own journal is written any more."""


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


class MortalDisk:
    """An ext4 file system in a file, whose power can be cut: what was not flushed by then is gone."""

    def __init__(self, image, place):
        self._image, self.place = image, place

    def mount(self):
        run("mount", "-o", "loop", self._image, self.place)

    def flush(self):
        """What was written so far outlives a power cut."""
        run("sync", "--file-system", self.place)

    def cut_power(self):
        """From here on every read, write and flush fails."""
        disk = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(disk, SHUTDOWN, struct.pack("I", WITHOUT_A_FLUSH))
        except OSError as error:
            pytest.skip(f"the power of a file system cannot be cut here: {error}")
        finally:
            os.close(disk)

    def unmount(self):
        run("umount", self.place)


@contextmanager
def a_mortal_disk(mib):
    if os.geteuid() != 0:
        pytest.skip("a disk of its own cannot be mounted: not root")
    with open_directory() as place:
        image, disk = place / "image", place / "disk"
        with image.open("wb") as file:
            file.truncate(mib * MIB)
        run("mkfs.ext4", "-q", image)
        disk.mkdir()
        mortal = MortalDisk(image, disk)
        mortal.mount()
        disk.chmod(0o711)
        try:
            yield mortal
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

"""A disk without room, for the files of one test."""

import resource
from contextlib import contextmanager


@contextmanager
def a_disk_of(size):
    """No file of this process can grow beyond, as if the disk were full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

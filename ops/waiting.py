"""What a command waits for, said in one line at the terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text


@contextmanager
def waiting_line() -> Iterator[Callable[[str], None]]:
    """What is told takes the place of what was told before, and is gone when the block ends.

    Nothing is written where standard error is no terminal: a file of it holds what happened.
    """
    if not sys.stderr.isatty():
        yield lambda _told: None
        return
    status = Console(stderr=True).status("")

    def tell(told: str) -> None:
        status.update(Text(told))
        status.start()

    try:
        yield tell
    finally:
        status.stop()

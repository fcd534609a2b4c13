"""A PostgreSQL whose clock a file sets, by libfaketime."""

import shlex
from pathlib import Path
from typing import Final

FAKETIME: Final = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)


def put_under_faketime(postgres: Path, clock: Path, programs: Path) -> None:
    """Into `programs` a `postgres` that takes for the time what `clock` says, as "+3" or "-1d"; where FAKETIME is there."""
    chosen = {
        "LD_PRELOAD": FAKETIME,
        "FAKETIME_TIMESTAMP_FILE": clock,
        "FAKETIME_NO_CACHE": 1,
        "FAKETIME_DONT_FAKE_MONOTONIC": 1,
    }
    words = " ".join(f"{name}={shlex.quote(str(value))}" for name, value in chosen.items())
    (programs / "postgres").write_text(f'#!/bin/sh\nexec env {words} {postgres} "$@"\n')
    (programs / "postgres").chmod(0o755)

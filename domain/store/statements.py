"""The statements of an SQL file, by name."""

import re
from importlib import resources
from typing import Final

_NAME: Final = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


def _read(file: str) -> dict[str, bytes]:
    """Bytes, so that psycopg takes them for trusted text."""
    text = resources.files("domain.store").joinpath(file).read_text(encoding="utf-8")
    _, *pieces = _NAME.split(text)
    return {name: statement.encode() for name, statement in zip(pieces[::2], pieces[1::2], strict=True)}


STATEMENTS: Final = _read("queries.sql")
SEALING: Final = _read("sealing.sql")
"""Those of the sealing worker."""
WITNESSES: Final = _read("witnesses.sql")
"""Those of whoever asks the witnesses."""

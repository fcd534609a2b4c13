"""Named statements of .sql files: `-- name: the_name`, then comments, then the statement."""

import re
from importlib import resources
from typing import Final

_NAME: Final = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


def text_of(package: str, file: str) -> str:
    return resources.files(package).joinpath(file).read_text(encoding="utf-8")


def statements_of(package: str, file: str) -> dict[str, bytes]:
    """Statement by name; bytes, so that psycopg takes them for trusted text."""
    _, *pieces = _NAME.split(text_of(package, file))
    return {name: statement.encode() for name, statement in zip(pieces[::2], pieces[1::2], strict=True)}

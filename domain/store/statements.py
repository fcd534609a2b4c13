"""Named statements of .sql files: `-- name: the_name`, then comments, then the statement.

What several of them say alike stands once, behind `-- part: its_name`; `<its_name>` in a statement stands for it.
"""

import re
from importlib import resources
from typing import Final

_PART: Final = re.compile(r"^-- part: (\w+)\n(.*?)\n+(?=-- (?:part|name): )", re.MULTILINE | re.DOTALL)
_COMMENT: Final = re.compile(r"^--[^\n]*\n", re.MULTILINE)
_NAME: Final = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


def text_of(package: str, file: str) -> str:
    return resources.files(package).joinpath(file).read_text(encoding="utf-8")


def statements_of(package: str, file: str) -> dict[str, bytes]:
    """Statement by name; bytes, so that psycopg takes them for trusted text."""
    told = text_of(package, file)
    text = _PART.sub("", told)
    for name, part in _PART.findall(told):
        text = text.replace(f"<{name}>", _COMMENT.sub("", part).strip())
    _, *pieces = _NAME.split(text)
    return {name: statement.encode() for name, statement in zip(pieces[::2], pieces[1::2], strict=True)}


LEAVES: Final = statements_of("domain.store", "leaves.sql")
STATEMENTS: Final = statements_of("domain.store", "queries.sql") | LEAVES
SEALING: Final = statements_of("domain.store", "sealing.sql") | LEAVES
"""Those of the sealing worker."""
WITNESSES: Final = statements_of("domain.store", "witnesses.sql")
"""Those of whoever asks the witnesses."""

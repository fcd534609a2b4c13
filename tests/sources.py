"""What the source of our values says: the sentences with which their validators refuse."""

import ast
from pathlib import Path

DOMAIN = Path(__file__).parents[1] / "domain"
INTERNAL = {"a calendar has at least one working day"}
"""Said to programmers, never to a client."""
FORMATS = DOMAIN / "proof"
"""Keys and notes stand in files: who reads one says which, in both languages, around the reason."""


def _said(source):
    if "ValueError" not in source:  # nine files of ten need no tree
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            name, arguments = getattr(node.exc.func, "id", ""), node.exc.args
            if name == "ValueError" and arguments and isinstance(arguments[0], ast.Constant):
                yield arguments[0].value


SOURCES = sorted(
    {
        said
        for path in DOMAIN.rglob("*.py")
        if FORMATS not in path.parents
        for said in _said(path.read_text("utf-8"))
    }
    - INTERNAL
)

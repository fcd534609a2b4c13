"""The measures of the statistics say what they are: every count where it is declared, every rate in the guides."""

import ast
import inspect
from itertools import pairwise
from pathlib import Path

import pytest

from projections.case_figures import counts
from projections.case_figures.rates import FORMULAS

DOCS = Path(__file__).resolve().parents[2] / "docs"
PLACE = {"key", "first_day", "last_day"}


def described():
    """The fields of `Counts` with a docstring below them."""
    body = ast.parse(inspect.getsource(counts.Counts)).body[0].body
    for field, below in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr):
            yield field.target.id


def test_every_count_says_what_is_counted():
    assert set(counts.Counts.__dataclass_fields__) - PLACE == set(described()) - PLACE


@pytest.mark.parametrize("guide", ["reporting.md", "reporting.zh-CN.md"])
def test_every_rate_stands_in_the_guides_with_what_it_divides(guide):
    rows = [line.split("|") for line in (DOCS / guide).read_text(encoding="utf-8").splitlines()]
    told = {row[1].strip(" `"): row[3].replace("`", "").strip() for row in rows if len(row) > 4}
    for name, formula in FORMULAS.items():
        whole = "1 − " if formula.is_complement else ""
        assert told[name] == f"{whole}{formula.numerator} / {formula.denominator}"

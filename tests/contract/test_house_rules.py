"""The rules of the house that need no running: imports, names, documents."""

import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOP_LEVEL = ("domain", "projections", "api", "ops")
PAIRS = sorted([*ROOT.glob("*.zh-CN.md"), *ROOT.glob("docs/**/*.zh-CN.md")])


def test_imports_go_one_way():
    lint = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert lint.returncode == 0, lint.stdout


@pytest.mark.parametrize("name", TOP_LEVEL)
def test_no_other_distribution_provides_one_of_our_generic_names(name):
    assert set(packages_distributions().get(name, ["jiandu"])) == {"jiandu"}


def test_every_sql_file_is_named_by_the_python_beside_it():
    for sql in (path for name in TOP_LEVEL for path in (ROOT / name).rglob("*.sql")):
        neighbours = "".join(python.read_text() for python in sql.parent.glob("*.py"))
        assert sql.name in neighbours, f"nothing beside {sql.relative_to(ROOT)} reads it"


@pytest.mark.parametrize("document", ["README.md", "README.zh-CN.md"])
def test_the_readme_only_names_make_targets_that_exist(document):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"^make ([a-z]+)", (ROOT / document).read_text(), re.MULTILINE))
    assert named
    assert named <= targets


@pytest.mark.parametrize("chinese", PAIRS, ids=lambda path: path.name)
def test_a_document_says_the_same_in_both_languages(chinese):
    english = chinese.with_name(chinese.name.replace(".zh-CN", ""))
    assert _outline(english) == _outline(chinese)
    assert _code_blocks(english) == _code_blocks(chinese)


def test_every_relative_link_of_a_document_leads_somewhere():
    for page in ROOT.glob("*.md"), ROOT.glob("docs/**/*.md"):
        for document in page:
            for target in re.findall(r"\]\((?!http|#)([^)#]+)", document.read_text()):
                assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_every_test_that_a_document_names_is_there():
    tests = {path.name for path in ROOT.glob("tests/**/test_*.py")}
    for document in ROOT.glob("docs/**/*.md"):
        named = set(re.findall(r"test_\w+\.py", document.read_text()))
        assert named <= tests, f"{document.name} names {named - tests}"


def test_every_test_that_asks_over_the_network_asks_with_patience():
    """`tests/asking.py` has it; httpx's own is five seconds, which a busy machine may take for an answer."""
    hasty = re.compile(
        r"httpx\.(?:get|post|put|patch|delete|request|stream|(?:Async)?Client)\((?!transport=)"
    )
    for test in ROOT.glob("tests/**/*.py"):
        assert not hasty.search(test.read_text()), f"{test.name} asks without patience"


def _outline(document: Path) -> list[int]:
    """The levels of the headings, in order: both languages have the same shape."""
    text = re.sub(r"```.*?```", "", document.read_text(), flags=re.DOTALL)
    return [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]


def _code_blocks(document: Path) -> list[str]:
    blocks = re.findall(r"```(?:sh|json|python)\n(.*?)```", document.read_text(), re.DOTALL)
    return [re.sub(r"\s*#.*", "", block) for block in blocks]

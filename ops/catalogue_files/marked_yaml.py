"""YAML that remembers its lines, in the part of the language that has no surprises.

Only `true`, `false`, `null` and whole numbers are more than text: `no` is the text "no", 2026-01-01 the text
"2026-01-01". Anchors, tags and doubled keys are refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import yaml

from ops.catalogue_files.broken import Broken

Path = tuple[str | int, ...]

PLAIN: Final = {"true": True, "false": False, "null": None, "~": None, "": None}
WHOLE_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]{0,14})")
"""No register counts further; longer digits are a code."""
DEEPEST: Final = 12
QUOTED: Final = frozenset("'\"|>")
PLAIN_TAGS: Final = frozenset(
    f"tag:yaml.org,2002:{kind}"
    for kind in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp", "merge", "value")
)


@dataclass(frozen=True, slots=True)
class Document:
    """What a file holds, and the line on which each part of it begins."""

    content: Any
    lines: dict[Path, int]

    def line(self, path: Path) -> int:
        """The line of the part, or of the nearest part around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


class Unreadable(Exception):  # noqa: N818  — it reads as what is said
    """The file as a whole cannot be read."""

    def __init__(self, broken: Broken) -> None:
        super().__init__(str(broken))
        self.broken = broken


def read(file: str, data: bytes) -> Document:
    """Raises Unreadable at the first place that is not such YAML."""
    try:
        node = yaml.compose(data.decode("utf-8-sig"), Loader=yaml.CSafeLoader)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Unreadable(Broken(file, line, "", "not UTF-8 text", "不是 UTF-8 编码的文本")) from error
    except yaml.MarkedYAMLError as error:
        last_line = data.rstrip().count(b"\n")
        line = min(error.problem_mark.line, last_line) + 1 if error.problem_mark else 1
        raise Unreadable(Broken(file, line, "", f"not YAML: {error.problem}", "不是合法的 YAML")) from error
    except yaml.YAMLError as error:
        raise Unreadable(Broken(file, 1, "", f"not YAML: {error}", "不是合法的 YAML")) from error
    reading = _Reading(file)
    return Document(reading.value(node, ()) if node else None, reading.lines)


class _Reading:
    def __init__(self, file: str) -> None:
        self._file = file
        self._seen: set[int] = set()
        self.lines: dict[Path, int] = {}

    def value(self, node: yaml.Node, path: Path) -> Any:
        self._refuse_surprises(node, len(path))
        self.lines.setdefault(path, node.start_mark.line + 1)
        match node:
            case yaml.MappingNode():
                return dict(self._entries(node, path))
            case yaml.SequenceNode():
                return [self.value(each, (*path, n)) for n, each in enumerate(node.value)]
            case yaml.ScalarNode():
                return _scalar(node)
            case _:
                raise AssertionError(f"no YAML node is a {type(node).__name__}")

    def _entries(self, node: yaml.MappingNode, path: Path) -> Iterator[tuple[str, Any]]:
        known: set[str] = set()
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in known:
                raise self._broken(key_node, f"{key} stands here twice", f"{key} 重复出现")
            known.add(key)
            self.lines[(*path, key)] = key_node.start_mark.line + 1
            yield key, self.value(value_node, (*path, key))

    def _refuse_surprises(self, node: yaml.Node, depth: int) -> None:
        if depth > DEEPEST:
            raise self._broken(node, f"nested more than {DEEPEST} deep", f"嵌套超过 {DEEPEST} 层")
        if id(node) in self._seen:
            raise self._broken(
                node, "anchors and aliases are not read; write the part out", "不支持锚点与别名，请逐项写明"
            )
        self._seen.add(id(node))
        if node.tag not in PLAIN_TAGS:
            raise self._broken(node, "tags are not read; remove it", "不支持标签，请删除")

    def _broken(self, node: yaml.Node, english: str, chinese: str) -> Unreadable:
        return Unreadable(Broken(self._file, node.start_mark.line + 1, "", english, chinese))


def _scalar(node: yaml.ScalarNode) -> str | int | bool | None:
    text: str = node.value
    if node.style in QUOTED:
        return text
    if text in PLAIN:
        return PLAIN[text]
    return int(text) if WHOLE_NUMBER.fullmatch(text) else text

"""The catalogue of events in `docs/`, written from the facts themselves: `make docs`. A test compares them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Final, get_args, get_origin

from domain import amendment
from domain.aggregates import AGGREGATES
from domain.grammar import Fact

DOCS: Final = Path(__file__).resolve().parents[1] / "docs"

INTRODUCTION: Final = {
    "events.md": """# Events

Everything that can stand in the log, generated from the facts in `domain/`. A topic is stored for ever; a changed
fact gets a new topic and the old one stays readable. `?` marks a field that may be absent.
""",
    "events.zh-CN.md": """# 事件

日志中可能出现的全部事件，由 `domain/` 中的定义生成。主题（topic）一经存储永不改变；定义变化时使用新主题，旧主题仍可读。
`?` 表示可以缺省的字段。
""",
}
COLUMNS: Final = {
    "events.md": "| topic | event | 中文 | fields |",
    "events.zh-CN.md": "| 主题 | 事件 | 名称 | 字段 |",
}
AMENDMENTS: Final = "event"
"""The heading of corrections and voids, which stand in the streams of every aggregate."""


def main() -> None:
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")


def pages() -> dict[str, str]:
    """File name in `docs/` → text."""
    return {name: _page(introduction, COLUMNS[name]) for name, introduction in INTRODUCTION.items()}


def _page(introduction: str, columns: str) -> str:
    families = [(aggregate.name, aggregate.facts) for aggregate in AGGREGATES]
    sections = [_section(name, columns, facts) for name, facts in [*families, (AMENDMENTS, amendment.FACTS)]]
    return "\n".join([introduction, *sections])


def _section(name: str, columns: str, facts: Sequence[type[Fact]]) -> str:
    rows = [f"| `{fact.TOPIC}` | {fact.__name__} | {fact.LABEL} | {_fields(fact)} |" for fact in facts]
    return "\n".join([f"## {name}", "", columns, "|---|---|---|---|", *rows, ""])


def _fields(fact: type[Fact]) -> str:
    return "; ".join(
        f"`{name}{'' if field.is_required() else '?'}` {_kind(field.annotation)}"
        for name, field in fact.model_fields.items()
    )


def _kind(annotation: Any) -> str:
    """The type as a reader knows it: date, text, one of …, list of …"""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _kind(get_args(annotation)[0])
    if origin in (tuple, frozenset, list):
        return f"list of {_kind(get_args(annotation)[0])}"
    alternatives = [part for part in get_args(annotation) if part is not NoneType]
    if origin is not None and alternatives:
        return " or ".join(dict.fromkeys(_alternatives(alternatives)))
    return PLAIN.get(annotation, getattr(annotation, "__name__", str(annotation)))


def _alternatives(parts: Sequence[Any]) -> Iterator[str]:
    for part in parts:
        yield repr(part) if isinstance(part, str) else _kind(part)


PLAIN: Final = {str: "text", int: "integer", bool: "true/false"}

if __name__ == "__main__":
    main()

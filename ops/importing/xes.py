"""Event logs as XES (IEEE 1849): a stream of the same rows that a CSV export of the log would hold.

Attributes of a trace become columns `case:<key>`, those of an event columns `<key>`: the names process-mining
tools give them, so that one mapping file serves both formats.
"""

import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from xml.parsers import expat

from ops.importing.rows import BrokenRow, FileUnreadable, Row, RowObjection, open_bytes

CHUNK: Final = 64 * 1024
VALUES: Final = frozenset({"string", "date", "int", "float", "boolean", "id"})
DEEPEST: Final = 32


class XmlBroken(RowObjection):
    """The XML is not well-formed from here on; what follows cannot be read."""

    ZH = "自此处起 XML 格式不正确，其后内容无法读取。"
    WANTED = "well-formed XML."
    WANTED_ZH = "格式正确的 XML。"


@dataclass
class XesReader:
    """Reads an XES file as a stream, one trace in memory at a time."""

    path: Path

    def columns(self) -> tuple[str, ...]:
        """The columns of the first trace that holds an event; those of others may differ."""
        for row in self:
            if isinstance(row, Row):
                return tuple(row.cells)
        raise FileUnreadable("the file holds no event", "文件中没有任何事件")

    def __iter__(self) -> Iterator[Row | BrokenRow]:
        traces = _Traces()
        with open_bytes(self.path) as file:
            while True:
                try:
                    chunk = file.read(CHUNK)
                    traces.feed(chunk)
                except expat.ExpatError as error:
                    yield from traces.take()
                    yield BrokenRow(error.lineno, XmlBroken())
                    return
                except (EOFError, gzip.BadGzipFile, OSError) as error:
                    raise FileUnreadable("the file breaks off", "文件中断或损坏") from error
                yield from traces.take()
                if not chunk:
                    return


@dataclass
class _Traces:
    """Collects finished traces while the parser goes over the text."""

    _finished: list[Row] = field(default_factory=list)
    _path: list[str] = field(default_factory=list)
    _trace: dict[str, str] = field(default_factory=dict)
    _events: list[tuple[int, dict[str, str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse_document_type
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def feed(self, chunk: bytes) -> None:
        self._parser.Parse(chunk, not chunk)

    def take(self) -> list[Row]:
        taken, self._finished = self._finished, []
        return taken

    def _refuse_document_type(self, *_: object) -> None:
        raise FileUnreadable(
            "the file declares a document type (DTD); XES has none, and entities are refused",
            "文件声明了文档类型（DTD）；XES 不使用 DTD，实体一律拒绝",
        )

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        name = name.rpartition(":")[2]
        if len(self._path) >= DEEPEST:
            raise FileUnreadable("the file nests elements too deeply", "文件的元素嵌套过深")
        self._path.append(name)
        match self._path:
            case [*_, "trace"]:
                self._trace, self._events = {}, []
            case [*_, "trace", "event"]:
                self._events.append((self._parser.CurrentLineNumber, {}))
            case [*_, "trace", tag] if tag in VALUES:
                self._trace[f"case:{attributes.get('key', '')}"] = attributes.get("value", "")
            case [*_, "trace", "event", tag] if tag in VALUES:
                self._events[-1][1][attributes.get("key", "")] = attributes.get("value", "")

    def _end(self, name: str) -> None:
        self._path.pop()
        if name.rpartition(":")[2] == "trace":
            # The attributes of a trace may stand after its events, so its rows are complete only here.
            self._finished += [Row(line, self._trace | cells) for line, cells in self._events]

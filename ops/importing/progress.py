"""The progress of an import: which lines of which file are answered for, so that an interrupted run goes on there.

The file only saves work. Were it lost, the keys of the rows would still keep anything from being recorded twice.
"""

from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ops.importing.report import Report


class Header(BaseModel):
    """What the progress is about: another file, mapping or server begins anew."""

    model_config = ConfigDict(hide_input_in_errors=True)

    source: str
    file_sha256: str
    mapping_sha256: str
    server: str


class Stretch(BaseModel):
    """Lines that were answered together."""

    model_config = ConfigDict(hide_input_in_errors=True)

    through_line: int
    case_no_by_case: dict[str, str] = Field(default_factory=dict)
    report: Report


@dataclass
class Progress:
    """Answered stretches, the newest last; kept in a file of one JSON document a line."""

    path: Path | None
    header: Header
    stretches: list[Stretch] = field(default_factory=list)

    @property
    def through_line(self) -> int:
        return self.stretches[-1].through_line if self.stretches else 0

    def case_numbers(self) -> dict[str, str]:
        numbers: dict[str, str] = {}
        for stretch in self.stretches:
            numbers |= stretch.case_no_by_case
        return numbers

    def report(self, last: Report) -> Report:
        """All stretches and the last report together."""
        whole = Report(source=self.header.source)
        for part in (*(stretch.report for stretch in self.stretches), last):
            whole.add(part)
        return whole

    def begin(self) -> None:
        """Forgets what was done: the record at the server is another one."""
        self.stretches.clear()
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_bytes(_line(self.header))

    def add(self, stretch: Stretch) -> None:
        self.stretches.append(stretch)
        if self.path is not None:
            with self.path.open("ab") as file:
                file.write(_line(stretch))


def load_progress(path: Path | None, header: Header) -> Progress:
    """The progress kept at `path`, empty where it is about something else or breaks off before its first line."""
    progress = Progress(path, header)
    kept = path.read_bytes().splitlines() if path is not None and path.exists() else []
    if not kept or not _is_header(kept[0], header):
        progress.begin()
        return progress
    for raw in kept[1:]:
        try:
            stretch = Stretch.model_validate_json(raw)
        except ValidationError:
            break  # A run was killed while writing this line: its rows are sent again.
        stretch.report.repeats = stretch.report.recorded
        progress.stretches.append(stretch)
    return progress


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _is_header(raw: bytes, header: Header) -> bool:
    try:
        return Header.model_validate_json(raw) == header
    except ValidationError:
        return False


def _line(document: BaseModel) -> bytes:
    return orjson.dumps(document.model_dump(mode="json")) + b"\n"

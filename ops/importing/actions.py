"""What a row said, as the actions that the door takes."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final

from pydantic import JsonValue

from ops.client import Ask
from ops.importing.mapping import Mapping
from ops.importing.sayings import Said

Document = dict[str, JsonValue]

RECEIPT: Final = "receive_case"
STEP: Final = "complete_step"
CONCLUSION: Final = "conclude"


@dataclass
class Keys:
    """Idempotency keys made from the source and what tells a row from every other.

    A source may write the very same row twice; both are recorded, so the second has a key of its own.
    """

    source: str
    _seen: Counter[bytes] = field(default_factory=Counter)

    def of(self, said: Said) -> str:
        """Ask once for each row, in the order of the file: the answer counts the repetitions."""
        what = sha256(f"{said.case}\x1d{said.identity}".encode()).digest()
        self._seen[what] += 1
        return f"{self.source}:{what.hex()[:40]}:{self._seen[what]}"

    def of_conclusion(self, case: str) -> str:
        return f"{self.source}:{sha256(case.encode()).hexdigest()[:40]}:concluded"


@dataclass(frozen=True)
class Actions:
    """Builds asks in the words of one mapping."""

    mapping: Mapping

    def receipt(self, said: Said, key: str, case_no: str | None) -> Ask:
        """With a case number: a second receipt of the same case, which the record takes or refuses."""
        about = said.about
        origin: Document = {
            "source_channel": about.source_channel,
            "department": about.department,
            "group": about.group,
            "responsible": about.responsible,
            "started_at": _written(about.started_at),
            "deadline": _written(about.deadline),
            "planned_end": _written(about.planned_end),
        }
        action: Document = {
            "type": RECEIPT,
            "item_code": self.mapping.receipt.item_code,
            "external_ref": said.case,
            "origin": _said(origin) or None,
        }
        return Ask(key, _said(action), case_no, self._circumstances(said, said.occurred_at))

    def step(self, said: Said, key: str, case_no: str) -> Ask:
        code, title = said.step or ("", "")
        action: Document = {
            "type": STEP,
            "step_code": code,
            "step_title": title,
            "source_ref": said.source_ref,
        }
        return Ask(key, _said(action), case_no, self._circumstances(said, said.occurred_at))

    def conclusion(self, said: Said, key: str, case_no: str) -> Ask:
        """Who concluded the case no source says; the row's own unit and person did something else."""
        how: Document = {
            "occurred_at": _written(said.about.concluded_at),
            "imported_from": self.mapping.source,
            "occurred_precision": self.mapping.times.precision,
        }
        return Ask(key, {"type": CONCLUSION}, case_no, how)

    def _circumstances(self, said: Said, occurred_at: datetime) -> Document:
        performer: Document = {
            "staff_id": said.person,
            "unit_code": said.unit.code if said.unit else None,
        }
        how: Document = {
            "occurred_at": _written(occurred_at),
            "occurred_precision": self.mapping.times.precision,
            "channel": said.about.channel.value if said.about.channel and said.step is None else None,
            "imported_from": self.mapping.source,
            "performed_by": _said(performer) or None,
        }
        return _said(how)


def _said(document: Document) -> Document:
    """Only what was said: what the source does not know is left out, never filled in."""
    return {name: value for name, value in document.items() if value is not None}


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None

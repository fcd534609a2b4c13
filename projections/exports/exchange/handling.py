"""A case in the terms of the exchange standards: receipt, acceptance, steps, special procedures, result, delivery.

A step that has not ended has no end here; each table says what it wants in its place.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final

from projections.exports.dossiers import Dossier, Told
from projections.exports.exchange.registers import Item, Registers, Unit

DECISIONS: Final = {
    "case.approved.v1": "准予",
    "case.rejected.v1": "不予许可",
    "case.closed_as_instant.v1": "即办办结",
}
ENDINGS: Final = {
    "case.acceptance_refused.v1": "不予受理",
    "case.withdrawn_by_applicant.v1": "撤回",
    "case.terminated.v1": "终止",
    "case.closed_as_instant.v1": "办结",
    "case.concluded.v1": "办结",
}


@dataclass(frozen=True, slots=True)
class Step:
    """环节, a decision among them. `told` is what it stands on: its completion, or its start while it is open."""

    told: Told
    code: str
    title: str
    result: str | None
    """passed, returned, other; None while it is open."""
    opinion: str | None
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Procedure:
    """特别程序, an extension among them. `ended`: what ended it, or found it invalid."""

    told: Told
    is_extension: bool
    ended: Told | None

    @property
    def ended_at(self) -> datetime | None:
        return self.ended.occurred_at if self.ended else None


@dataclass(frozen=True, slots=True)
class Paper:
    """材料 that was taken. `no`: its place in the event."""

    told: Told
    no: int
    code: str
    form: str
    copies: int


@dataclass(frozen=True)
class Case:
    """What the tables ask of a case; the registers name what it names."""

    dossier: Dossier
    registers: Registers

    @property
    def case_no(self) -> str:
        return self.dossier.case_no

    @cached_property
    def receipt(self) -> Told | None:
        return self._last("case.received.v1")

    @cached_property
    def acceptance(self) -> Told | None:
        return self._last("case.accepted.v1", "case.deemed_accepted.v1")

    @cached_property
    def refusal(self) -> Told | None:
        return self._last("case.acceptance_refused.v1")

    @cached_property
    def ending(self) -> Told | None:
        """The first end behind the last reopening."""
        return next((told for told in self._since_reopened if told.topic in ENDINGS), None)

    @cached_property
    def decision(self) -> Told | None:
        return next((told for told in reversed(self._since_reopened) if told.topic in DECISIONS), None)

    @cached_property
    def item(self) -> Item | None:
        fact = self.receipt.fact if self.receipt else {}
        return self.registers.item_by_version.get((fact.get("item_code", ""), fact.get("item_version", "")))

    @property
    def item_title(self) -> str | None:
        return self.item.title if self.item else None

    @property
    def unit(self) -> Unit:
        """收件单位."""
        return self.registers.unit(self.dossier.card.unit_code)

    @property
    def applicant_ref(self) -> str | None:
        refs = [told.fact["applicant_ref"] for told in self.dossier.events if "applicant_ref" in told.fact]
        return refs[-1] if refs else None

    @property
    def agent_ref(self) -> str | None:
        """代理人: whom a mandate names."""
        refs = [told.fact["mandate"]["agent_ref"] for told in self.dossier.events if "mandate" in told.fact]
        return refs[-1] if refs else None

    @property
    def promise_due(self) -> date | None:
        return self.dossier.clock.promise_due if self.dossier.clock else None

    def all(self, *topics: str) -> Iterator[Told]:
        return (told for told in self.dossier.events if told.topic in topics)

    def unit_of(self, told: Told) -> Unit:
        return self.registers.unit(told.actor.get("unit_code"))

    def _last(self, *topics: str) -> Told | None:
        found = list(self.all(*topics))
        return found[-1] if found else None

    @cached_property
    def _since_reopened(self) -> Sequence[Told]:
        events = self.dossier.events
        reopened = [place for place, told in enumerate(events) if told.topic == "case.reopened.v1"]
        return events[reopened[-1] + 1 :] if reopened else events

    # ── steps ───────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def steps(self) -> list[Step]:
        """In the order in which they ended; then those that are open."""
        begun: dict[str, Told] = {}
        done: list[Step] = []
        for told in self.dossier.events:
            if told.topic == "case.step_started.v1":
                begun[told.fact["step_code"]] = told
            elif told.topic == "case.step_completed.v1":
                done.append(_completed(told, begun.pop(told.fact["step_code"], None)))
            elif told.topic in DECISIONS:
                done.append(_decided(told))
        return [*done, *(_open(told) for told in begun.values())]

    # ── special procedures ──────────────────────────────────────────────────────────────────────────────

    @cached_property
    def procedures(self) -> list[Procedure]:
        """In the order in which they began. The first end of a procedure stands."""
        ended: dict[int, Told] = {}
        for told in self.all("case.special_procedure_ended.v1", "case.special_procedure_invalidated.v1"):
            ended.setdefault(told.fact["procedure_no"], told)
        return [
            Procedure(
                told,
                is_extension=told.topic == "case.extension_approved.v1",
                ended=ended.get(told.fact.get("procedure_no", 0)),
            )
            for told in self.all("case.special_procedure_started.v1", "case.extension_approved.v1")
        ]

    # ── papers ──────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def papers(self) -> list[Paper]:
        """What the applicant gave: at the receipt, and when something was missing."""
        return [
            Paper(told, no, paper["code"], paper.get("form", "original"), paper.get("copies", 1))
            for told in self.all("case.received.v1", "case.correction_supplied.v1")
            for no, paper in enumerate(told.fact.get("materials", ()), 1)
        ]

    def paper_title(self, code: str) -> str:
        """As the published list calls it, or the notice that asked for it; else its code."""
        listed = self.item.material(code) if self.item else None
        asked = (
            missing["title"]
            for told in self.all("case.correction_notice_issued.v1")
            for missing in told.fact["missing"]
            if missing["code"] == code
        )
        return listed or next(asked, code)

    # ── certificates ────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def certificates(self) -> list[dict[str, Any]]:
        return [told.fact for told in self.all("case.certificate_issued.v1")]


def _completed(told: Told, begun: Told | None) -> Step:
    fact = told.fact
    started_at = datetime.fromisoformat(fact["started_at"]) if "started_at" in fact else None
    if started_at is None and begun is not None:
        started_at = begun.occurred_at
    return Step(
        told,
        fact["step_code"],
        fact["step_title"],
        fact.get("result", "passed"),
        fact.get("opinion"),
        started_at,
        told.occurred_at,
    )


def _decided(told: Told) -> Step:
    """决定 is a step of its own; it begins and ends with the decision."""
    result = "other" if told.topic == "case.rejected.v1" else "passed"
    opinion = told.fact.get("content") or told.fact.get("reasons")
    return Step(told, "PZ", DECISIONS[told.topic], result, opinion, told.occurred_at, told.occurred_at)


def _open(told: Told) -> Step:
    return Step(told, told.fact["step_code"], told.fact["step_title"], None, None, told.occurred_at, None)

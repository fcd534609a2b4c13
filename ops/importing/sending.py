"""From rows to the record: each case's events in their order, many cases at a time, through the door.

The receipt opens the case and the server numbers it; what a file says of a case before its receipt waits for it.
What the file states of the whole case, its conclusion, is sent after its last row.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Final

from domain.grammar import Objection
from ops.client import Answer, Ask, Door
from ops.importing.actions import CONCLUSION, RECEIPT, STEP, Actions, Keys
from ops.importing.progress import Progress, Stretch
from ops.importing.refusals import refused_by_the_door, refused_by_the_file
from ops.importing.report import Refusal, Report
from ops.importing.rows import BrokenRow, Row, RowObjection
from ops.importing.sayings import Listener, Said

LOT: Final = 1000
"""Rows that are read before they are sent and their progress is kept."""
BATCH: Final = 250
UNDER_WAY: Final = 4
"""Batches under way at once."""


class NoReceipt(RowObjection):
    """No row that could be recorded says that this case was received."""

    ZH = "没有可记录的行表明此件已收件。"
    WANTED = "a row of the case with the receipt's activity that is not broken itself."
    WANTED_ZH = "同一办件应有一行未损坏的收件活动。"


class StrictlyStopped(Exception):  # noqa: N818  — it reads as a word of the rules
    """A row was refused and the import was asked to stop there; what was recorded before stays."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"line {refusal.line}: {refusal.en}")
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Errand:
    """An ask, and the row it comes from."""

    said: Said
    ask: Ask


@dataclass(frozen=True, slots=True)
class Keyed:
    """What a row said, under the key that is its own."""

    said: Said
    key: str


@dataclass
class Importer:
    """One run over one file."""

    door: Door
    listener: Listener
    progress: Progress
    is_strict: bool = False
    on_rows: Callable[[int], None] = lambda _: None
    _case_no_by_case: dict[str, str] = field(default_factory=dict)
    _waiting: dict[str, list[Keyed]] = field(default_factory=dict)
    _last_said: dict[str, Said] = field(default_factory=dict)
    _stretch: Stretch = field(init=False)

    def __post_init__(self) -> None:
        self._actions = Actions(self.listener.mapping)
        self._keys = Keys(self.listener.mapping.source)

    async def run(self, rows: Iterable[Row | BrokenRow]) -> Report:
        """Records what is not recorded yet. Raises StrictlyStopped, DoorClosed, FileUnreadable."""
        self._case_no_by_case = self.progress.case_numbers()
        going = iter(rows)
        while lot := list(islice(going, LOT)):
            await self._send_lot(lot)
            self.on_rows(len(lot))
        await self._send_conclusions()
        return self.progress.report(self._stretch.report)

    async def _send_lot(self, lot: Sequence[Row | BrokenRow]) -> None:
        """Rows that an earlier run answered for are only listened to: later rows need what they say."""
        answered = self.progress.through_line
        new: list[Keyed] = []
        self._begin(lot[-1].line)
        for row in lot:
            said = row if isinstance(row, BrokenRow) else self.listener.understand(row)
            self._stretch.report.rows += said.line > answered
            if isinstance(said, Said):
                new += self._listen(said, is_answered=said.line <= answered)
            elif said.line > answered:
                self._refuse(said.line, said.objection, said.column)
        await self._send_new(new)
        if lot[-1].line > answered:
            self.progress.add(self._stretch)

    def _listen(self, said: Said, *, is_answered: bool) -> list[Keyed]:
        keyed = Keyed(said, self._keys.of(said))
        self._last_said[said.case] = said
        if not is_answered:
            return [keyed]
        if said.step and said.case not in self._case_no_by_case:
            self._waiting.setdefault(said.case, []).append(keyed)
        return []

    async def _send_new(self, new: Sequence[Keyed]) -> None:
        receipts = [keyed for keyed in new if keyed.said.step is None]
        await self._send([self._receipt(keyed) for keyed in receipts])
        ready: list[Keyed] = []
        for keyed in receipts:
            if keyed.said.case in self._case_no_by_case:
                ready += self._waiting.pop(keyed.said.case, [])
        for keyed in new:
            if keyed.said.step and keyed.said.case in self._case_no_by_case:
                ready.append(keyed)
            elif keyed.said.step:
                self._waiting.setdefault(keyed.said.case, []).append(keyed)
        await self._send([self._step(keyed) for keyed in ready])

    async def _send_conclusions(self) -> None:
        """Also refuses what waited for a receipt in vain. No progress is kept of it: every run sends it anew."""
        self._begin(self.progress.through_line)
        for waiting in self._waiting.values():
            for keyed in waiting:
                self._refuse(keyed.said.line, NoReceipt(), None)
        concluded = [
            said
            for said in self._last_said.values()
            if said.about.concluded_at and said.case in self._case_no_by_case
        ]
        await self._send([self._conclusion(said) for said in concluded])

    def _receipt(self, keyed: Keyed) -> Errand:
        case_no = self._case_no_by_case.get(keyed.said.case)
        return Errand(keyed.said, self._actions.receipt(keyed.said, keyed.key, case_no))

    def _step(self, keyed: Keyed) -> Errand:
        case_no = self._case_no_by_case[keyed.said.case]
        return Errand(keyed.said, self._actions.step(keyed.said, keyed.key, case_no))

    def _conclusion(self, said: Said) -> Errand:
        key = self._keys.of_conclusion(said.case)
        return Errand(said, self._actions.conclusion(said, key, self._case_no_by_case[said.case]))

    async def _send(self, errands: Sequence[Errand]) -> None:
        gate = asyncio.Semaphore(UNDER_WAY)
        for wave in waves(errands):
            for answers in await asyncio.gather(*(self._send_batch(batch, gate) for batch in wave)):
                for errand, answer in answers:
                    self._note(errand, answer)

    async def _send_batch(
        self, errands: Sequence[Errand], gate: asyncio.Semaphore
    ) -> list[tuple[Errand, Answer]]:
        async with gate:
            answers = await self.door.batch([errand.ask for errand in errands])
        return list(zip(errands, answers, strict=True))

    def _note(self, errand: Errand, answer: Answer) -> None:
        if answer.problem is not None:
            self._refuse_as(refused_by_the_door(errand.said.line, answer.problem))
            return
        self._count(errand, answer)
        if errand.ask.action["type"] == RECEIPT and answer.case_no:
            self._case_no_by_case[errand.said.case] = answer.case_no
            self._stretch.case_no_by_case[errand.said.case] = answer.case_no

    def _count(self, errand: Errand, answer: Answer) -> None:
        report = self._stretch.report
        report.repeats += answer.replayed
        report.cases += errand.ask.action["type"] == RECEIPT
        report.steps += errand.ask.action["type"] == STEP
        report.conclusions += errand.ask.action["type"] == CONCLUSION
        for code in answer.irregularities:
            report.flag(code, errand.said.case)

    def _refuse(self, line: int, objection: Objection, column: str | None) -> None:
        self._refuse_as(refused_by_the_file(line, objection, column))

    def _refuse_as(self, refusal: Refusal) -> None:
        self._stretch.report.refused.append(refusal)
        if self.is_strict:
            raise StrictlyStopped(refusal)

    def _begin(self, through_line: int) -> None:
        self._stretch = Stretch(through_line=through_line, report=Report(source=self.listener.mapping.source))


def waves(errands: Sequence[Errand]) -> Iterator[list[list[Errand]]]:
    """Waves of batches: batches of one wave may overlap, for none holds a case of another; waves follow each other."""
    by_case: dict[str, list[Errand]] = {}
    for errand in errands:
        by_case.setdefault(errand.said.case, []).append(errand)
    for start in count(0, BATCH):
        portions = [portion for same in by_case.values() if (portion := same[start : start + BATCH])]
        if not portions:
            return
        yield _packed(portions)


def _packed(portions: Sequence[list[Errand]]) -> list[list[Errand]]:
    batches: list[list[Errand]] = [[]]
    for portion in portions:
        if len(batches[-1]) + len(portion) > BATCH:
            batches.append([])
        batches[-1] += portion
    return [batch for batch in batches if batch]

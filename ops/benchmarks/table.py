"""The table that `make bench` prints: each row a ratio against a reference measured in the same run."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Row:
    """Medians over at least three rounds in which measured and reference took turns."""

    what: str
    reference: str
    unit: str
    measured: Sequence[float]
    """One figure a round, in `unit`; more is better."""
    referred: Sequence[float]
    at_least: float | None = None
    """The budget: the smallest ratio of the medians that is good enough; None where there is none."""

    @property
    def ratio(self) -> float:
        return median(self.measured) / median(self.referred)

    @property
    def is_within_budget(self) -> bool:
        return self.at_least is None or self.ratio >= self.at_least


@dataclass(frozen=True, slots=True)
class Latency:
    """Latencies at one number of callers, medians of the rounds, in milliseconds."""

    what: str
    callers: int
    p50_ms: float
    p99_ms: float
    per_second: float
    at_most_ms: float | None = None
    """The budget of the 99th percentile, where there is one."""

    @property
    def is_within_budget(self) -> bool:
        return self.at_most_ms is None or self.p99_ms < self.at_most_ms


def show(rows: Sequence[Row], latencies: Sequence[Latency], console: Console) -> bool:
    """Prints both tables; True where every row and latency keeps its budget."""
    console.print(_ratios(rows))
    console.print(_latencies(latencies))
    return all([*(row.is_within_budget for row in rows), *(each.is_within_budget for each in latencies)])


def _ratios(rows: Sequence[Row]) -> Table:
    table = Table(
        "what",
        "against",
        "measured",
        "reference",
        "ratio",
        "at least",
        "",
        title="Ratios 比值: measured / reference, more is better",
    )
    for row in rows:
        table.add_row(
            row.what,
            row.reference,
            f"{median(row.measured):,.0f} {row.unit}",
            f"{median(row.referred):,.0f} {row.unit}",
            f"{row.ratio:.2f}",
            "" if row.at_least is None else f"{row.at_least:.2f}",
            _verdict(row.at_least, is_kept=row.is_within_budget),
        )
    return table


def _latencies(latencies: Sequence[Latency]) -> Table:
    table = Table(
        "what",
        "callers",
        "p50 ms",
        "p99 ms",
        "below",
        "",
        "per second",
        title="Latencies 时延: less is better",
    )
    for latency in latencies:
        table.add_row(
            latency.what,
            f"{latency.callers}",
            f"{latency.p50_ms:.2f}",
            f"{latency.p99_ms:.2f}",
            "" if latency.at_most_ms is None else f"{latency.at_most_ms:,.0f}",
            _verdict(latency.at_most_ms, is_kept=latency.is_within_budget),
            f"{latency.per_second:,.0f}",
        )
    return table


def _verdict(budget: float | None, *, is_kept: bool) -> str:
    if budget is None:
        return ""
    return "✓ kept" if is_kept else "✗ missed"

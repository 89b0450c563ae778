"""The goals of docs/performance.md, each judged on figures of the same run, honestly."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Goal:
    """A promise, the figure, and whether it is met."""

    text: str
    figure: str
    met: bool | None
    """None: not measured in this run."""


class Results:
    """Medians over rounds, by (size, what, clients)."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows

    def median(self, field: str, what: str, clients: int, size: int) -> float | None:
        values = [
            row[field] for row in self.rows if (row["what"], row["clients"], row["size"]) == (what, clients, size)
        ]
        return median(values) if values else None

    def ratio(self, field: str, what: str, other: str, clients: int, size: int) -> float | None:
        one, two = self.median(field, what, clients, size), self.median(field, other, clients, size)
        return one / two if one and two else None

    @property
    def sizes(self) -> list[int]:
        return sorted({row["size"] for row in self.rows})


def _judged(text: str, figure: float | None, limit: float, *, at_least: bool, unit: str = "") -> Goal:
    if figure is None:
        return Goal(text, "not measured", None)
    met = figure >= limit if at_least else figure <= limit
    return Goal(text, f"{figure:.2f}{unit}", met)


def judge(results: Results) -> list[Goal]:
    """Every goal of the spine that this benchmark can judge."""
    small, large = results.sizes[0], results.sizes[-1]
    goals = [
        _judged(f"JSON page of 25, signed in: at least 0.45 L in requests a second (16 clients, {size:,})",
                results.ratio("rps", "feed member", "floor feed", 16, size), 0.45, at_least=True)
        for size in results.sizes
    ]  # fmt: skip
    goals += [
        _judged(f"JSON page of 25: the floor's CPU a request over ours, at least 0.45 ({size:,})",
                _inverse(results.ratio("app_cpu_ms", "feed member", "floor feed", 16, size)), 0.45, at_least=True)
        for size in results.sizes
    ]  # fmt: skip
    goals.append(
        _judged("post with rights, revision, event and idempotency: at least 0.35 of a raw insert route (16 clients)",
                results.ratio("rps", "post", "floor post", 16, small), 0.35, at_least=True)
    )  # fmt: skip
    for what in ("feed member", "search", "deliverable"):
        p50, p99 = results.median("p50_ms", what, 64, large), results.median("p99_ms", what, 64, large)
        errors = sum(row["errors"] for row in results.rows if row["what"] == what and row["clients"] == 64)
        figure = p99 / p50 if p50 and p99 else None
        goals.append(_judged(f"{what}: 64 clients on one worker, p99 at most 5 times p50", figure, 5, at_least=False))
        goals.append(_judged(f"{what}: 64 clients, errors", float(errors), 0, at_least=False))
    for what in ("feed copilot", "feed member", "feed narrow", "feed deep"):
        one, two = results.median("p50_ms", what, 1, small), results.median("p50_ms", what, 1, large)
        goals.append(
            _judged(f"{what}: from {small:,} to {large:,} contributions, at most 1.5 times slower",
                    two / one if one and two and small != large else None, 1.5, at_least=False)
        )  # fmt: skip
    for what in ("search common", "search rare", "search"):
        goals.append(
            _judged(f"{what}: a word at {large:,}, at most 50 ms (p50, one client)",
                    results.median("p50_ms", what, 1, large), 50, at_least=False, unit=" ms")
        )  # fmt: skip
    statements = [row["statements"] for row in results.rows if row["what"].startswith("feed") and row["statements"]]
    goals.append(_judged("statements a feed request", max(statements) if statements else None, 3, at_least=False))
    memory = [row["rss_mb"] for row in results.rows if row["what"].startswith("feed") and row["rss_mb"]]
    goals.append(_judged("memory of a worker, MB", max(memory) if memory else None, 130, at_least=False, unit=" MB"))
    return goals


def _inverse(value: float | None) -> float | None:
    return 1 / value if value else None

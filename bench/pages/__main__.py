"""`make bench-pages DATA=folder`: the figures of QUALITY.md for pages, printed with the goals that they meet or miss.

python -m bench.pages --size 100000                      # the server's side: time, statements, bytes
python -m bench.pages --data ../data/consultation        # the browser's side, on an imported consultation
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from app.core.postgres.cluster import Cluster
from bench.pages import browser, server

out = Console(width=140, highlight=False)
FOLDER = Path("var/bench")


def main() -> int:
    """Measure both sides; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="bench.pages")
    parser.add_argument("--size", type=int, default=100_000, help="contributions; 0 leaves the server's side out")
    parser.add_argument(
        "--data", default="", help="the folder of the consultation; empty leaves the browser's side out"
    )
    given = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    settings = {"shared_buffers": "1GB", "max_connections": "100", "shared_preload_libraries": "pg_stat_statements"}
    report: dict[str, list[dict[str, Any]]] = {}
    with Cluster(FOLDER / "postgres", settings=settings) as cluster:
        if given.size:
            report["server"] = server.measure(cluster, given.size, FOLDER, out)
            _table(f"The server, {given.size:,} contributions", report["server"], server.GOALS)
        if given.data:
            report["browser"] = browser.measure(cluster, Path(given.data), FOLDER, out)
            _table("Chromium, on the imported consultation", report["browser"], browser.GOALS)
        else:
            out.print("The browser's side is left out: give DATA=folder, the files of the consultation.")
    results = Path("bench/results")
    results.mkdir(parents=True, exist_ok=True)
    path = results / f"pages-{datetime.now(UTC):%Y%m%d-%H%M%S}.json"  # noqa: TID251
    path.write_text(json.dumps(report, indent=1))
    out.print(f"\n{path}")
    goals = {"server": server.GOALS, "browser": browser.GOALS}
    return int(any(_missed(row, goals[side]) for side, rows in report.items() for row in rows))


def _missed(row: dict[str, Any], goals: dict[str, float]) -> list[str]:
    return [name for name, most in goals.items() if row.get(name) is not None and row[name] > most]


def _table(title: str, rows: list[dict[str, Any]], goals: dict[str, float]) -> None:
    table = Table(title=title)
    for name in rows[0]:
        most = f"\n≤ {goals[name]:g}" if name in goals else ""
        table.add_column(f"{name}{most}", justify="left" if name == "page" else "right")
    for row in rows:
        missed = _missed(row, goals)
        cells = [_shown(value) for value in row.values()]
        table.add_row(
            *(f"[bold red]{cell}[/]" if name in missed else cell for name, cell in zip(row, cells, strict=True))
        )
    out.print(table)
    for goal, limit in goals.items():
        worst = max((row[goal] for row in rows if row.get(goal) is not None), default=None)
        if worst is None:
            out.print(f"-        {goal}: not measured")
        else:
            out.print(f"{'met    ' if worst <= limit else 'NOT MET'}  {goal} at most {limit:g}: worst {worst:.3g}")


def _shown(value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:.1f}" if value >= 1 else f"{value:.3g}"


if __name__ == "__main__":
    sys.exit(main())

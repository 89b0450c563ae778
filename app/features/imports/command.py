"""`alliage import`: the import with a progress bar, and what came of it in plain French."""

from __future__ import annotations

from pathlib import Path

import psycopg
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from app.core.db import Database
from app.core.errors import Problem
from app.core.richtext.typography import counted, figure
from app.core.text import on_a_terminal
from app.features.imports.actions import Callback, run_import
from app.features.imports.lines import MappingRefused
from app.features.imports.report import LABELS, Report
from app.policy.actor import Actor

OPERATOR = Actor(is_admin=True, is_import=True)
"""Whoever may run commands on the machine: nobody's account, so the audit names no person."""

STOPPED = (
    "La base de données n’a pas répondu : l’import s’est arrêté en route. Ce qui est entré est complet ; "
    "relancez la même commande, elle reprendra où elle en était."
)

SHOWN = 20
"""Refused rows on the screen; the file has them all."""


async def import_command(
    database: Database,
    folder: Path,
    mapping: Path,
    *,
    dry_run: bool = False,
    refusals: Path | None = None,
    actor: Actor = OPERATOR,
    console: Console | None = None,
) -> int:
    """Run, show and explain; 0 when it went through (refused rows included), 1 when the database failed on the way,
    2 when the mapping or the files cannot be used.

    `mapping` is a file or the name of a shipped one; `refusals` is where the CSV of refused rows
    goes (by default `import-refusals.csv` in the current folder, written only if there are any).
    """
    console = console or Console()
    try:
        with _bar(console) as bar:
            report = await run_import(database, actor, folder, mapping, dry_run=dry_run, progress=_follow(bar))
    except MappingRefused as refused:
        console.print(f"{on_a_terminal(refused.file)} : rien n’a été importé.", markup=False, highlight=False)
        for problem in refused.problems:
            console.print(f"  {on_a_terminal(problem)}", markup=False, highlight=False)
        return 2
    except Problem as problem:
        console.print(on_a_terminal(problem.detail), markup=False, highlight=False)
        return 2
    except (psycopg.Error, SQLAlchemyError) as failure:
        console.print(STOPPED, markup=False, highlight=False)
        console.print(f"Cause : {type(failure).__name__}", markup=False, highlight=False)
        return 1
    summarise(report, console)
    if report.refusals:
        path = refusals or Path("import-refusals.csv")
        report.write_refusals(path)
        console.print(f"Lignes refusées, avec leurs raisons : {path}", markup=False, highlight=False)
    return 0


def summarise(report: Report, console: Console) -> None:
    """Say what went in, or would; then the first refused rows."""
    title = "Essai à blanc : voici ce qui serait importé" if report.dry_run else "Import terminé"
    table = Table(title=f"{title} ({figure(report.seconds)} s)")
    table.add_column("")
    for heading in ("ajoutées", "fusionnées", "déjà là", "refusées"):
        table.add_column(heading, justify="right")
    for kind, count in report.counts.items():
        table.add_row(
            LABELS[kind], *(figure(n) if n else "·" for n in (count.added, count.merged, count.already, count.refused))
        )
    console.print(table)
    written = sum(report.rows.values())
    if report.dry_run:
        console.print("Rien n’a été écrit.", highlight=False)
    elif not report.added and not written:
        console.print("Tout était déjà là : 0 ligne ajoutée.", highlight=False)
    if report.refusals:
        console.print(f"{counted(len(report.refusals), 'ligne refusée', 'lignes refusées')} :", highlight=False)
    for it in report.refusals[:SHOWN]:
        where = f"  {it.file}, ligne {it.line} ({LABELS[it.kind]})" + (f", {it.field}" if it.field else "")
        console.print(on_a_terminal(f"{where} : {it.reason}"), markup=False, highlight=False)
    if len(report.refusals) > SHOWN:
        console.print(f"  … et {len(report.refusals) - SHOWN} autres", highlight=False)


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )


def _follow(bar: Progress) -> Callback:
    tasks: dict[str, TaskID] = {}

    def follow(kind: str, done: int, total: int) -> None:
        if kind not in tasks:
            tasks[kind] = bar.add_task(kind, total=total)
        bar.update(tasks[kind], completed=done, total=total)

    return follow

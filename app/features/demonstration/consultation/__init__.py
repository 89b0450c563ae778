"""`alliage demo-consultation`: from the files of a real consultation to a published synthesis, in one command."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from app.core.db import Database
from app.core.errors import Problem
from app.core.text import on_a_terminal
from app.features.demonstration.accounts import demonstration_password
from app.features.demonstration.consultation.pilot import EMAIL
from app.features.demonstration.consultation.report import ConsultationReport, show
from app.features.demonstration.consultation.steps import consult
from app.features.imports.lines import MappingRefused
from app.settings import Settings

__all__ = ["ConsultationReport", "consult", "run_consultation"]


async def run_consultation(
    database: Database, settings: Settings, data: Path, out: Path, console: Console | None = None
) -> int:
    """Do it, then print what came of it; 0 when all of it can be traced, 1 when not, 2 when `data` cannot be read."""
    console = console or Console(highlight=False)
    try:
        with console.status("Import…") as status:
            report = await consult(database, settings, data, out, lambda what: status.update(f"{what}…"))
    except MappingRefused as refused:
        console.print(f"{on_a_terminal(refused.file)} : rien n’a été importé.", markup=False)
        for problem in refused.problems:
            console.print(f"  {on_a_terminal(problem)}", markup=False)
        return 2
    except Problem as problem:
        console.print(on_a_terminal(problem.detail), markup=False)
        return 2
    show(report, console)
    console.print(
        f"Co-pilote de démonstration : {EMAIL}, mot de passe {demonstration_password(settings)[0]}", markup=False
    )
    return 0 if report.ok else 1

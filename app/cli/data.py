"""`alliage import`, `export`, `verify`, `draft`, `check` and `demo-consultation`."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from app.cli.database import acting_as, in_transaction, installation, run, running_database
from app.core.db import Database
from app.core.richtext.typography import counted, figure
from app.core.storage import open_storage
from app.core.text import on_a_terminal
from app.features.checks.actions import check as run_checks
from app.features.deliverables.actions.draft import draft as propose
from app.features.deliverables.schemas.fates import DraftReport
from app.features.demonstration.consultation import run_consultation
from app.features.editions.actions.export import export_edition
from app.features.editions.verify import ALTERED
from app.features.editions.verify import verify as verify_folder
from app.features.imports.command import import_command
from app.settings import get_settings

out = Console(highlight=False)

Folder = Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Dossier des fichiers CSV.")]


def import_(
    folder: Folder,
    mapping: Annotated[Path, typer.Option(help="Fichier de correspondance, ou nom d’une correspondance livrée.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Dit ce qui serait fait, n’écrit rien.")] = False,
    refusals: Annotated[Path | None, typer.Option(help="Où écrire les lignes refusées.")] = None,
) -> None:
    """Importe organisations, personnes, espaces, thèmes, contributions, sources et décomptes depuis des CSV."""
    with running_database() as settings:
        code = run(
            settings, lambda database: import_command(database, folder, mapping, dry_run=dry_run, refusals=refusals)
        )
    raise typer.Exit(code)


def export(
    edition: Annotated[UUID, typer.Argument(help="Identifiant de l’édition : un « id » de /api/v1/editions.")],
    folder: Annotated[Path, typer.Argument(help="Dossier où écrire ses fichiers.")],
) -> None:
    """Écrit les fichiers d’une édition, tels qu’ils ont été publiés."""

    async def work(database: Database) -> str:
        async with database.reading() as connection:
            await export_edition(connection, edition, folder)
        return hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()

    with running_database(existing=True) as settings:
        fingerprint = run(settings, work)
    out.print(f"Écrit dans {on_a_terminal(folder)}. Empreinte : {fingerprint}", markup=False)
    out.print(f"Pour vérifier : .venv/bin/alliage verify {folder} --expect {fingerprint}", soft_wrap=True, markup=False)


def verify(
    folder: Annotated[Path, typer.Argument(help="Dossier d’une édition.")],
    expect: Annotated[
        str,
        typer.Option(
            help="Empreinte de l’édition, telle que la montre la page /lire : « fingerprint » dans l’API, pas « sha256 »."
        ),
    ],
) -> None:
    """Vérifie qu’une édition téléchargée est bien celle qui a été publiée. Ne demande ni base ni réseau."""
    verdict = verify_folder(folder, expect)
    for finding in verdict.findings:
        out.print(
            on_a_terminal(f"{finding.file} : {finding.message}" if finding.file else finding.message), markup=False
        )
    if verdict.ok:
        out.print(f"Intacte. Fichiers : {verdict.files} ; citations : {verdict.quotes}.")
        out.print(f"Empreinte : {verdict.fingerprint}", soft_wrap=True)
    elif verdict.exit_code == ALTERED:  # where nothing could be compared, nothing is said of the edition
        out.print("Ce dossier n’est pas l’édition publiée, ou il est incomplet.")
    raise typer.Exit(verdict.exit_code)


def draft(
    deliverable: Annotated[UUID, typer.Argument(help="Identifiant du livrable : un « id » de /api/v1/deliverables.")],
    as_: Annotated[str, typer.Option("--as", help="Adresse du co-pilote au nom de qui proposer.")],
) -> None:
    """Propose un premier texte à partir des contributions ; rien ne compte tant qu’une personne ne l’a pas accepté."""

    async def work(db: AsyncSession) -> DraftReport:
        return await propose(db, await acting_as(db, as_), deliverable)

    with running_database(existing=True) as settings:
        report = run(settings, lambda database: in_transaction(database, work))
    out.print(
        f"{counted(report.passages, 'passage proposé', 'passages proposés')}, {counted(report.citations, 'citation')}, "
        f"pour {counted(report.contributions, 'contribution')}. Contributions qui restent à traiter : "
        f"{figure(report.left_out)} (dont internes à leur espace : {figure(report.internal)})."
    )
    out.print("Rien ne compte tant qu’une personne ne l’a pas accepté.")


def check(
    repair: Annotated[bool, typer.Option("--repair", help="Corrige compteurs et index de recherche.")] = False,
) -> None:
    """Vérifie compteurs, textes canoniques, citations, manifestes, fichiers joints et orphelins."""
    out.print(f"Installation vérifiée : {installation(get_settings())}", markup=False, soft_wrap=True)
    with running_database(existing=True) as settings:
        files = open_storage(settings)
        findings = run(
            settings, lambda database: in_transaction(database, lambda db: run_checks(db, repair=repair, files=files))
        )
    table = Table("Ce qui est vérifié", "Lignes", "Écarts", "Exemples")
    for finding in findings:
        table.add_row(finding.what, figure(finding.checked), figure(finding.wrong), ", ".join(finding.examples[:3]))
    out.print(table)
    left = [finding.what for finding in findings if finding.wrong and not (repair and finding.repairable)]
    if repair and left:
        out.print(f"À voir de près, rien ne le corrige : {', '.join(left)}.")
    raise typer.Exit(1 if left else 0)


def demo_consultation(
    folder: Folder, to: Annotated[Path, typer.Option("--out", help="Où écrire l’édition.")] = Path("var/consultation")
) -> None:
    """Importe la consultation « République numérique », en publie une synthèse, et la fait relire."""
    with running_database() as settings:
        code = run(settings, lambda database: run_consultation(database, settings, folder, to))
    raise typer.Exit(code)

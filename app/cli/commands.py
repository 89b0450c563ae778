"""The list of commands; each says in French what it did, and fails with a sentence instead of a trace."""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from app.cli import data, people, serving
from app.core.errors import Problem
from app.core.postgres.errors import PostgresError
from app.settings import UnsafeSettings

app = typer.Typer(
    name="alliage",
    help="Alliage : l’espace de travail où beaucoup d’organisations aboutissent à un texte que toutes reconnaissent.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

for command in (serving.serve, serving.worker, serving.migrate, serving.demo):
    app.command()(command)
app.command("import")(data.import_)
app.command("export")(data.export)
app.command("verify")(data.verify)
app.command("draft")(data.draft)
app.command("check")(data.check)
app.command("demo-consultation")(data.demo_consultation)
app.command("create-admin")(people.create_admin)
app.command("remove-demonstration-accounts")(people.remove_demonstration_accounts)


def main() -> None:
    """Run the command line; exit 2 with a sentence for what the reader can mend."""
    try:
        app()
    except (UnsafeSettings, PostgresError, Problem) as refusal:
        Console(stderr=True, highlight=False).print(str(refusal), markup=False)
        sys.exit(2)

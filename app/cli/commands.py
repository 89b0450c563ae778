"""The list of commands; each says in French what it did, and fails with a sentence instead of a trace."""

from __future__ import annotations

import sys
from typing import NoReturn

import psycopg
import typer
from rich.console import Console
from sqlalchemy.exc import DBAPIError

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


INTERRUPTED = 130
"""How typer leaves after Ctrl-C."""


def main() -> None:
    """Run the command line; exit 2 with a sentence for what the reader can mend."""
    try:
        app()
    except SystemExit as left:
        if left.code == INTERRUPTED:
            Console(stderr=True).print("Arrêté avant la fin. Ce qui était confirmé reste ; relancez la même commande.")
        raise
    except (UnsafeSettings, PostgresError, Problem) as refusal:
        _leave(str(refusal))
    except (psycopg.OperationalError, psycopg.InterfaceError) as failure:
        _leave(_away(failure))
    except DBAPIError as failure:
        if isinstance(failure.orig, psycopg.errors.UndefinedTable):
            _leave("Le schéma de la base n’est pas à jour : lancez d’abord « alliage migrate ».")
        if not isinstance(failure.orig, psycopg.OperationalError | psycopg.InterfaceError):
            raise
        _leave(_away(failure.orig))
    except OSError as failure:
        if failure.filename is None:
            raise
        why = next((words for kind, words in _OBSTACLES.items() if isinstance(failure, kind)), failure.strerror)
        _leave(f"{failure.filename} : {why}.")


_OBSTACLES: dict[type[OSError], str] = {
    FileExistsError: "ce nom est déjà pris par un fichier",
    NotADirectoryError: "ce n’est pas un dossier",
    FileNotFoundError: "il n’y a rien à cet endroit",
    PermissionError: "vous n’avez pas le droit d’y lire ou d’y écrire",
}


def _away(failure: psycopg.Error) -> str:
    cause = str(failure).strip().partition("\n")[0]
    return f"La base de données ne répond pas. Vérifiez DATABASE_URL, et que le serveur tourne. Cause : {cause}"


def _leave(sentence: str) -> NoReturn:
    Console(stderr=True, highlight=False).print(sentence, markup=False, soft_wrap=True)
    sys.exit(2)

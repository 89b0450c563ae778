"""`alliage create-admin` and `remove-demonstration-accounts`."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError
from rich.console import Console

from app.cli.database import in_transaction, run, running_database
from app.core.richtext.typography import counted
from app.core.security.passwords import password_problem
from app.core.text import EmailAddress, Name
from app.features.demonstration.accounts import remove_demonstration_accounts as remove
from app.features.identity.actions.accounts import create_admin as create
from app.settings import UnsafeSettings

out = Console(highlight=False)


def create_admin(
    email: Annotated[str, typer.Argument(help="Adresse de l’administrateur.")],
    name: Annotated[str, typer.Option(help="Nom affiché.")],
) -> None:
    """Crée un compte d’administration ; le mot de passe est demandé, ou lu sur l’entrée standard."""
    email, name = _accepted("L’adresse", EmailAddress, email), _accepted("Le nom", Name, name)
    password = (
        typer.prompt("Mot de passe", hide_input=True, confirmation_prompt=True)
        if sys.stdin.isatty()
        else sys.stdin.readline().rstrip("\n")
    )
    if problem := password_problem(password, email=email, name=name):
        raise UnsafeSettings(problem)
    with running_database() as settings:
        run(settings, lambda database: in_transaction(database, lambda db: create(db, email, name, password)))
    out.print(f"Compte d’administration créé pour {email}.")


def _accepted(what: str, kind: Any, value: str) -> str:
    """The value as the API would take it, or its sentence."""
    try:
        accepted: str = TypeAdapter(kind).validate_python(value)
    except ValidationError as refused:
        raise UnsafeSettings(f"{what} n’est pas acceptable. {refused.errors()[0]['msg']}") from None
    return accepted


def remove_demonstration_accounts() -> None:
    """Désactive les comptes de démonstration, pour ouvrir le service au-delà de cette machine."""
    with running_database(existing=True) as settings:
        count = run(settings, lambda database: in_transaction(database, remove))
    out.print(f"{counted(count, 'compte de démonstration désactivé', 'comptes de démonstration désactivés')}.")

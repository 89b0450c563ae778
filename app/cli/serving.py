"""`alliage serve`, `worker`, `migrate` and `demo`."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import os
import signal
import socket
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from app.cli.database import run, running_database
from app.core.db import Database
from app.core.migrations import upgrade
from app.features.demonstration.accounts import has_demonstration_accounts, sign_ins
from app.features.demonstration.load import load_demonstration
from app.jobs.worker import run_worker
from app.settings import Settings, UnsafeSettings, get_settings
from app.web.metrics import metrics_beside
from app.web.server import run as serve_forever
from app.wiring import HANDLERS

out = Console(highlight=False)

Host = Annotated[str, typer.Option(help="Adresse d’écoute.")]
Port = Annotated[int, typer.Option(help="Port d’écoute.", min=1, max=65535)]


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse_known_secrets(settings: Settings, host: str) -> None:
    """What this machine alone may reach may be signed, and opened, by what everybody can read."""
    if is_loopback(host):
        return
    if settings.has_public_secret:
        raise UnsafeSettings(
            "ALLIAGE_SECRET est celui du développement, que tout le monde peut lire : n’importe qui pourrait signer "
            "des jetons. Donnez le vôtre, ou n’écoutez que sur 127.0.0.1."
        )

    async def found(database: Database) -> bool:
        async with database.reading() as connection:
            return await has_demonstration_accounts(connection)

    if run(settings, found):
        raise UnsafeSettings(
            "Des comptes de démonstration existent, et leur mot de passe a été affiché : ce serveur n’écoute que sur "
            "127.0.0.1. Supprimez-les (« alliage remove-demonstration-accounts ») avant d’ouvrir le service."
        )


def _refuse_a_taken_port(host: str, port: int, another: str) -> None:
    """Before anything is started or announced: uvicorn finds out last, and says so in a line of its log."""
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as failure:
        if failure.errno == errno.EADDRINUSE:
            raise UnsafeSettings(f"Le port {port} est déjà pris. Choisissez-en un autre : {another}") from None
        raise UnsafeSettings(f"On ne peut pas écouter sur {host}, port {port} ({failure.strerror}).") from None


async def _answers(database: Database) -> None:
    """Raise here what would be a trace in the server's log."""
    async with database.reading() as connection:
        await connection.execute(text("SELECT 1"))


def _serve(settings: Settings, host: str, port: int) -> None:
    serve_forever(
        "app.main:create_app",
        host,
        port,
        log_level="info" if settings.log_json else "warning",
        log_json=settings.log_json,
    )


def serve(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Sert l’application, avec la base embarquée si DATABASE_URL est vide."""
    _refuse_a_taken_port(host, port, "alliage serve --port 8100")
    with running_database() as settings:
        run(settings, _answers)
        _refuse_known_secrets(settings, host)
        _serve(settings, host, port)


def worker() -> None:
    """Fait le travail de fond : courriels, nettoyages."""
    with running_database() as settings:
        asyncio.run(_work(settings))


async def _work(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    assert settings.database_url is not None
    watched = Database(settings.database_url, pool_size=2)
    async with metrics_beside(settings, watched):
        await run_worker(settings, HANDLERS, stop=stop)
    await watched.close()


def migrate() -> None:
    """Met le schéma de la base à jour (rôle propriétaire : DATABASE_OWNER_URL)."""
    settings = get_settings()
    if settings.database_url is None:
        with running_database():
            out.print("Base embarquée à jour.")
        return
    if settings.database_owner_url is None:
        raise UnsafeSettings("DATABASE_OWNER_URL est vide : donnez l’adresse du rôle propriétaire.")
    upgrade(settings.database_owner_url, settings.database_url)
    out.print("Base à jour.")


def demo(port: Port = 8000) -> None:
    """Charge la démonstration et la sert sur 127.0.0.1, avec la base embarquée."""
    if get_settings().environment != "development":
        raise UnsafeSettings("La démonstration ne tourne qu’en développement (ALLIAGE_ENVIRONMENT=development).")
    _refuse_a_taken_port("127.0.0.1", port, "make demo PORT=8100")
    _settle_for_the_demonstration(port)
    with running_database() as settings:
        with out.status("Données de démonstration…"):
            run(settings, lambda database: load_demonstration(database, settings))
        _welcome(settings, port)
        _serve(settings, "127.0.0.1", port)
    out.print("Arrêté. Rien n’est perdu : la même commande reprend où vous en étiez.")


def _settle_for_the_demonstration(port: int) -> None:
    """What the demonstration wants of the settings that nobody chose; pages and mails say the port where they are."""
    if "base_url" not in get_settings().model_fields_set:
        os.environ["ALLIAGE_BASE_URL"] = f"http://127.0.0.1:{port}"
    os.environ.setdefault("ALLIAGE_WORKER_IN_SERVER", "true")
    os.environ.setdefault("ALLIAGE_LOG_JSON", "false")
    get_settings.cache_clear()


def _welcome(settings: Settings, port: int) -> None:
    base = f"http://127.0.0.1:{port}"
    out.print(f"\n[bold]Alliage[/bold]  {base}/")
    out.print(f"API      {base}/api/v1/openapi.json")
    out.print(f"Guide    {base}/api")
    table = Table("Qui", "Adresse", title="Comptes de démonstration", title_justify="left")
    signs = sign_ins(settings)
    for who in signs.accounts:
        table.add_row(who.role, who.email)
    out.print(table)
    out.print(f"Mot de passe de tous : [bold]{signs.password}[/bold]")
    out.print("Ctrl-C arrête tout, base comprise.\n")

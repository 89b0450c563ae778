"""Run the migrations from Python: the server's start, the command line and the tests call the same function."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import make_url

ROOT = Path(__file__).resolve().parents[2]


def config(owner_url: str, app_role: str) -> Config:
    """Alembic's configuration for a database."""
    settings = Config(str(ROOT / "alembic.ini"))
    settings.attributes["owner_url"] = owner_url
    settings.attributes["app_role"] = app_role
    return settings


def upgrade(owner_url: str, app_url: str) -> None:
    """Bring the schema to the newest revision and give the application role its rights."""
    role = make_url(app_url).username
    if role is None:
        raise ValueError("DATABASE_URL names no role.")
    command.upgrade(config(owner_url, role), "head")

"""Migrations run as the owner role; afterwards the application role gets exactly what the tables declare."""

from __future__ import annotations

from alembic import context
from alembic.operations.ops import CreateTableOp, MigrationScript
from sqlalchemy import create_engine, pool, text
from sqlalchemy.engine import make_url

from app.core import grants
from app.settings import get_settings
from app.wiring import TABLES

LOCK = 7_412_096_214
"""Two processes that migrate at once would both create everything: the second waits here."""


def _urls() -> tuple[str, str]:
    """The owner's address and the application role's name: from the caller, else from the settings."""
    attributes = context.config.attributes
    settings = get_settings()
    owner = attributes.get("owner_url") or settings.database_owner_url
    role = attributes.get("app_role") or (make_url(settings.database_url).username if settings.database_url else None)
    if not owner or not role:
        raise SystemExit(
            "Set DATABASE_OWNER_URL (owner role) and DATABASE_URL (application role), or use `alliage migrate`."
        )
    return owner, role


def _ours(name: str | None, kind: str, *_rest: object) -> bool:
    """Tables of the job queue come from its own SQL, not from our models."""
    return not (kind == "table" and name is not None and name.startswith("procrastinate_"))


def _object_ours(_object: object, name: str | None, kind: str, *_rest: object) -> bool:
    return _ours(name, kind)


def _without_access(_context: object, _revision: object, directives: list[MigrationScript]) -> None:
    """A table's `info` is read from the models by `grants`: it has no place in a revision."""
    for script in directives:
        for operation in script.upgrade_ops_list[0].ops + script.downgrade_ops_list[0].ops:
            if isinstance(operation, CreateTableOp):
                operation.info = {}


def run() -> None:
    """Upgrade or compare on one connection, in one transaction, under one lock."""
    owner, role = _urls()
    engine = create_engine(owner, poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.execute(text("SET lock_timeout = '10s'"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=TABLES,
            include_name=_ours,
            include_object=_object_ours,
            process_revision_directives=_without_access,
            compare_type=True,
            compare_server_default=True,
            transaction_per_migration=False,
        )
        with context.begin_transaction():
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
            context.run_migrations()
            if connection.execute(text("SELECT to_regclass('public.statements') IS NOT NULL")).scalar():
                grants.apply(connection, TABLES, role)
    engine.dispose()


run()

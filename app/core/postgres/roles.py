"""The two roles and the databases: the owner makes the tables, the application only uses them."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from app.core.postgres.errors import PostgresError
from app.core.postgres.places import PORT

SUPERUSER = "postgres"
OWNER = "alliage_owner"
APP = "alliage_app"
DATABASE = "alliage"
EXTENSIONS = ("btree_gist", "pg_trgm", "unaccent")
# Written on the database when everything below is done, so that a warm start asks one question only.
PREPARED = "alliage: roles prepared, 1"

_MAKE_ROLE = """
DO $$ BEGIN
    CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
EXCEPTION WHEN duplicate_object THEN NULL;
END $$
"""
# A failed statement is logged with its text, a broken constraint with its values: what people wrote, and
# their addresses. The application says itself, by codes, what went wrong; the server's own failures stay.
_KEEP_QUIET = "ALTER ROLE {role} SET log_min_messages = 'log'"


def connect(socket: Path, database: str) -> psycopg.Connection:
    """An autocommit connection as the superuser: only the launcher uses it."""
    return psycopg.connect(
        host=str(socket), port=PORT, user=SUPERUSER, dbname=database, autocommit=True, connect_timeout=30
    )


def url(socket: Path, role: str, database: str) -> str:
    """The address of a database for SQLAlchemy and psycopg 3; the port only names the socket file."""
    return f"postgresql+psycopg://{quote(role)}@:{PORT}/{quote(database, safe='')}?host={quote(str(socket))}"


def prepare(socket: Path) -> None:
    """Make the roles and the database `alliage` unless they are there. May be interrupted, and run again."""
    with connect(socket, SUPERUSER) as db:
        found = db.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [DATABASE]
        ).fetchone()
        if found == (PREPARED,):
            return
        for role in (OWNER, APP):
            db.execute(sql.SQL(_MAKE_ROLE).format(role=sql.Identifier(role)))
            db.execute(sql.SQL(_KEEP_QUIET).format(role=sql.Identifier(role)))
        if found is None:
            _create(db, DATABASE, None)
        _open_to_the_application(db, DATABASE)
        _close_the_schema(socket, DATABASE)
        db.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(DATABASE), sql.Literal(PREPARED)))


def create_database(socket: Path, name: str, template: str | None) -> None:
    """Make one more database, empty or a copy of `template`; psycopg.Error if that one is in use."""
    with connect(socket, SUPERUSER) as db:
        _create(db, name, template)
        _open_to_the_application(db, name)
    if template is None:
        _close_the_schema(socket, name)


def drop_database(socket: Path, name: str) -> None:
    """Delete a database if it is there, whoever is still connected to it."""
    with connect(socket, SUPERUSER) as db:
        db.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _create(db: psycopg.Connection, name: str, template: str | None) -> None:
    copied = sql.SQL(" TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
    db.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(OWNER)) + copied)


def _open_to_the_application(db: psycopg.Connection, name: str) -> None:
    """Rights on the database itself: they are not copied from a template."""
    names = {"name": sql.Identifier(name), "app": sql.Identifier(APP)}
    db.execute(sql.SQL("REVOKE ALL ON DATABASE {name} FROM PUBLIC").format(**names))
    # Temporary tables are what an import stages its rows in.
    db.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {name} TO {app}").format(**names))


def _close_the_schema(socket: Path, name: str) -> None:
    with connect(socket, name) as db:
        app = sql.Identifier(APP)
        db.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        db.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(app))
        _allow_extensions(db)


def _allow_extensions(db: psycopg.Connection) -> None:
    """Leave trusted extensions to the migrations, which own what they make; make the others here."""
    rows = db.execute(
        "SELECT name, bool_or(trusted) FROM pg_available_extension_versions WHERE name = ANY(%s) GROUP BY 1",
        [list(EXTENSIONS)],
    ).fetchall()
    found: dict[str, bool] = dict(rows)
    missing = [name for name in EXTENSIONS if name not in found]
    if missing:
        raise PostgresError(
            f"Il manque à ce PostgreSQL : {', '.join(missing)}. Installez ses extensions "
            "(le paquet s’appelle souvent postgresql-contrib), ou donnez DATABASE_URL, l’adresse d’un serveur qui les a."
        )
    for name in EXTENSIONS:
        if not found[name]:
            db.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name)))

"""The database is away, or is not the one that this version of the code was written for: nothing can be read or kept for now."""

from __future__ import annotations

import psycopg
import structlog
from fastapi import Request
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.core.db import SCHEMA, Database
from app.core.errors import Unavailable

log = structlog.get_logger()

FOR_READERS = "30"
"""Seconds after which a page asks to come back; programs, which send the same request again by themselves, are told their own."""


class Away(Unavailable):
    """The database does not answer. What was confirmed is safe; send the same request again, with the same key, after `Retry-After` seconds."""


class SchemaBehind(Away):
    """The database's schema is not the one this version expects: run `alliage migrate`."""

    title = "Base de données à mettre à jour"


def misses_what_it_expects(cause: object) -> bool:
    """Whether the database said that a table, a column or a right is not there (SQLSTATE class 42)."""
    return isinstance(cause, psycopg.Error) and (cause.sqlstate or "").startswith("42")


async def schema_behind(request: Request) -> SchemaBehind | None:
    """What to answer when the schema is ahead of this code, or behind; None where it is ours, and the fault too.

    It is asked only when a statement failed: a new column harms nobody, and a service goes on through most migrations.
    """
    database: Database = request.app.state.database
    try:
        async with database.reading() as read:
            found = (await read.execute(text("SELECT version_num FROM alembic_version"))).scalar_one_or_none()
    except SQLAlchemyError:
        return None
    if found == SCHEMA:
        return None
    log.error("schema.other", expected=SCHEMA, found=found)
    return SchemaBehind(
        "Le service est en cours de mise à jour ; rien n’a été perdu de ce qui avait été confirmé. Renvoyez la même demande.",
        headers={"Retry-After": FOR_READERS},
    )

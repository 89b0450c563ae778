"""One transaction of an import: rows by COPY, what they came from, and the audit of each, together or not at all.

A batch is bounded, so that readers of events wait little for it; a kill between two batches
leaves whole ones, and the next run goes on from the external ids that were committed.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Database, Handle, lock_shared
from app.core.events import Audience, Event
from app.core.model import Base
from app.features.imports.models import ExternalRef
from app.policy.actor import Actor

LOCK = 1_095_518_291
"""The family of advisory locks of imports; the second number is the source's."""

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Trace:
    """What the audit keeps of one imported object: ids and codes."""

    object_id: UUID
    audience: Audience
    space_id: UUID | None = None
    organisation_id: UUID | None = None
    """Whose people are told, never who acts: an import acts for nobody, and the word itself says whose it is."""
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Batch:
    """The open transaction."""

    db: AsyncSession
    connection: psycopg.AsyncConnection[Any]
    actor: Actor
    source: str
    initiative_id: UUID
    at: datetime
    """When this installation records: taken after the locks, so that nothing lands under a cut-off that passed."""
    written: dict[str, int]

    async def copy(self, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
        """Append rows, all with the same columns, in one statement."""
        if not rows:
            return
        table = model.__tablename__
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, rows[0]))
        )
        async with self.connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                await copy.write_row(tuple(row.values()))
        self.written[table] = self.written.get(table, 0) + len(rows)

    async def fetch(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """Rows of a psycopg query, whose parameters are `%(name)s`."""
        async with self.connection.cursor() as cursor:
            await cursor.execute(query.encode(), values)
            return await cursor.fetchall() if cursor.description else []

    async def taken(self, kind: str, names: Sequence[str]) -> dict[str, UUID]:
        """Those of these external ids that went in before, perhaps by another run a moment ago."""
        rows = await self.fetch(
            "SELECT external_id, object_id FROM external_refs "
            "WHERE source = %(source)s AND object_type = %(kind)s AND external_id = ANY(%(names)s)",
            source=self.source,
            kind=kind,
            names=list(names),
        )
        return dict(rows)

    async def refer(self, kind: str, ids: Mapping[str, UUID]) -> None:
        """Remember which object each external id became."""
        await self.copy(
            ExternalRef,
            [
                {
                    "source": self.source,
                    "object_type": kind,
                    "external_id": name,
                    "object_id": it,
                    "created_at": self.at,
                }
                for name, it in ids.items()
            ],
        )

    async def record(self, verb: str, object_type: str, traces: Sequence[Trace]) -> None:
        """One quiet event for each object: kept for the audit, sent to nobody."""
        await self.copy(
            Event,
            [
                {
                    "at": self.at,
                    "verb": verb,
                    "object_type": object_type,
                    "object_id": it.object_id,
                    "initiative_id": self.initiative_id,
                    "space_id": it.space_id,
                    "audience": it.audience.value,
                    "person_id": self.actor.person_id,
                    "organisation_id": it.organisation_id,
                    "capacity": None,
                    "login_id": self.actor.login_id,
                    "quiet": True,
                    "data": json.dumps({"origin": "import", **it.data}),
                }
                for it in traces
            ],
        )


@asynccontextmanager
async def batch(
    database: Database, actor: Actor, source: str, initiative_id: UUID, written: dict[str, int]
) -> AsyncIterator[Batch]:
    """A transaction that no other import of this source shares, and that no publication overtakes."""
    mine: dict[str, int] = {}
    async with database.sessions.begin() as db:
        await db.execute(
            text("SELECT pg_advisory_xact_lock(:family, hashtext(:source))"), {"family": LOCK, "source": source}
        )
        await lock_shared(db, initiative_id)
        fairy = await (await db.connection()).get_raw_connection()
        connection = fairy.driver_connection
        assert isinstance(connection, psycopg.AsyncConnection)
        yield Batch(db, connection, actor, source, initiative_id, now(), mine)
    for table, rows in mine.items():
        written[table] = written.get(table, 0) + rows


async def known_refs(db: Handle, source: str) -> dict[str, dict[str, UUID]]:
    """Kind -> external id -> object, of everything that this source brought before."""
    found: dict[str, dict[str, UUID]] = {}
    rows = await db.execute(
        text("SELECT object_type, external_id, object_id FROM external_refs WHERE source = :source"),
        {"source": source},
    )
    for kind, name, object_id in rows.all():
        found.setdefault(kind, {})[name] = object_id
    return found

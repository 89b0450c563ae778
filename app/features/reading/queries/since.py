"""From when on something is new: the end of one's last visit, a week, or a day that the caller chose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, DateTime, Text, and_, bindparam, cast, func, literal_column, or_, select
from sqlalchemy.sql.elements import ColumnElement

from app.core.clock import now
from app.core.db import Handle
from app.features.reading.models import PgSnapshot, Visit
from app.features.reading.schemas import SinceKind
from app.policy.actor import Actor

WEEK = timedelta(days=7)
SLACK = timedelta(hours=1)
"""Longer than any transaction lasts between the hour that it writes and its end. An older event was seen, whatever its
number says: a dump restored into another cluster brings numbers that mean nothing there."""

V = Visit.__table__


@dataclass(frozen=True, slots=True)
class Since:
    """Where the news begin."""

    kind: SinceKind
    at: datetime
    snapshot: str | None = None
    """What the last request of the visit before could see, in the cluster that answers now; without it hours decide."""
    first_visit: bool = False

    def parameters(self) -> dict[str, Any]:
        """The values of `is_new`; without a snapshot every event is as one that was not in it."""
        exact = self.snapshot is not None
        at = self.at - SLACK if self.kind == SinceKind.VISIT and not self.first_visit else self.at
        return {"since_at": at, "since_snapshot": self.snapshot or "1:1:", "since_exact": exact}


def is_new(event: Any) -> ColumnElement[bool]:
    """Whether an event happened since: by its own transaction where a visit is asked, else by its hour."""
    snapshot = cast(bindparam("since_snapshot", type_=Text()), PgSnapshot())
    return and_(
        event.at >= bindparam("since_at", type_=DateTime(timezone=True)),
        or_(
            ~cast(bindparam("since_exact", type_=Boolean()), Boolean()),
            ~func.pg_visible_in_snapshot(event.xid, snapshot, type_=Boolean()),
        ),
    )


async def since_visit(read: Handle, actor: Actor, initiative_id: UUID) -> Since:
    """Since the end of the visit before the one that runs; a week in a first one."""
    same = V.c.since_cluster == literal_column("(SELECT system_identifier FROM pg_control_system())")
    question = select(V.c.since_at, cast(V.c.since, Text()).label("since"), same.label("same")).where(
        V.c.person_id == actor.person_id, V.c.initiative_id == initiative_id
    )
    return since_row((await read.execute(question)).one_or_none())


def since_row(row: Any) -> Since:
    """Where the news begin for a row of `visits` (`since_at`, `since`, `same`), or for nobody's."""
    if row is None or row.since_at is None:
        return Since(SinceKind.VISIT, now() - WEEK, first_visit=True)
    return Since(SinceKind.VISIT, row.since_at, row.since if row.same else None)


async def since_of(read: Handle, actor: Actor, initiative_id: UUID, asked: datetime | SinceKind) -> Since:
    """What was asked for: `visit`, `week`, or an instant."""
    if isinstance(asked, datetime):
        return Since(SinceKind.DATE, asked)
    if asked == SinceKind.WEEK:
        return Since(SinceKind.WEEK, now() - WEEK)
    return await since_visit(read, actor, initiative_id)

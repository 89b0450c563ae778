"""What is about to be written: rows table by table, one dated event for each act, and who acted by which mandate.

The history of the demonstration is in the past, so it cannot go through actions, which write
now. It goes through this instead: Core inserts with the dates of the content, held by the same
constraints and triggers as everything else.
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.events import Audience, Event
from app.core.model import Base
from app.features.demonstration.content import Content, Row
from app.features.harvest.models import ExtractFiling, Filing, Theme
from app.features.identity.models import Mandate, Organisation, Person
from app.features.initiatives.models import Initiative, Milestone, Participation, Phase, Term
from app.features.sessions.models import (
    AgendaItem,
    Attendance,
    Decision,
    MinutesRevision,
    Session,
    SessionAnswer,
    SessionNote,
)
from app.features.spaces.models import Facilitator, Space, SpaceMember
from app.features.statements.models import Position, Revision, Source, Statement
from app.policy.actor import Capacity
from app.policy.speaker import Speaker

ORDER: tuple[type[Base], ...] = (
    Organisation,
    Person,
    Initiative,
    Phase,
    Milestone,
    Term,
    Participation,
    Mandate,
    Space,
    SpaceMember,
    Facilitator,
    Theme,
    Session,
    AgendaItem,
    SessionAnswer,
    SessionNote,
    Attendance,
    MinutesRevision,
    Decision,
    Statement,
    Revision,
    Filing,
    ExtractFiling,
    Source,
    Position,
)
"""A row's parents are written before it."""


def id_at(instant: datetime) -> UUID:
    """A UUIDv7 of that instant: identifiers sort as things happened, in 2020 as today."""
    value = (int(instant.timestamp() * 1000) << 80) | int.from_bytes(os.urandom(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=value)


@dataclass(slots=True)
class Ledger:
    """Rows that wait, and the ids of everything by its kind and its key in the content."""

    content: Content
    ids: dict[tuple[str, str], UUID] = field(default_factory=dict)
    rows: dict[type[Base], list[Row]] = field(default_factory=lambda: defaultdict(list))
    events: list[Row] = field(default_factory=list)
    _held: dict[tuple[str, str], list[Row]] = field(default_factory=lambda: defaultdict(list))

    @property
    def initiative_id(self) -> UUID:
        """The initiative that all this is about."""
        return self.ids["initiative", self.content.initiative["slug"]]

    def add(self, model: type[Base], when: datetime, kind: str = "", key: str = "", /, **values: Any) -> UUID:
        """A row created at `when`; remembered as (kind, key) when they are given."""
        row_id = id_at(when)
        columns = model.__table__.c
        if "id" in columns:
            values["id"] = row_id
        if "created_at" in columns:
            values["created_at"] = when
        if "initiative_id" in columns:
            values.setdefault("initiative_id", self.initiative_id)
        self.rows[model].append(values)
        if kind:
            self.ids[kind, key] = row_id
        return row_id

    def tell(
        self,
        when: datetime,
        verb: str,
        model: type[Base],
        object_id: UUID,
        audience: Audience,
        said: Speaker | None = None,
        *,
        organisation_id: UUID | None = None,
        space_id: UUID | None = None,
        everywhere: bool = False,
        **data: Any,
    ) -> None:
        """The event of an act; quiet, since it tells nobody anything new. `everywhere`: of no initiative."""
        self.events.append(
            {
                "at": when,
                "verb": verb,
                "object_type": model.__tablename__.removesuffix("s"),
                "object_id": object_id,
                "initiative_id": None if everywhere else self.initiative_id,
                "space_id": space_id,
                "audience": audience.value,
                "person_id": said.person_id if said else None,
                "organisation_id": said.organisation_id if said else organisation_id,
                "capacity": said.capacity.value if said else None,
                "login_id": None,
                "quiet": True,
                "data": data,
            }
        )

    def hold(self, organisation: str, person: str, mandate_id: UUID, span: Any) -> None:
        """Remember a mandate, to act by it."""
        self._held[organisation, person].append({"id": mandate_id, "during": span})

    def speaker(
        self, organisation: str, person: str, when: datetime, capacity: Capacity = Capacity.ORGANISATION
    ) -> Speaker:
        """Who acts there at that instant; LookupError when no mandate ran."""
        for mandate in self._held[organisation, person]:
            if when in mandate["during"]:
                return Speaker(
                    self.ids["person", person], self.ids["organisation", organisation], mandate["id"], capacity
                )
        raise LookupError(f"{person} had no mandate of {organisation} on {when:%d/%m/%Y}")

    async def write(self, db: AsyncSession) -> int:
        """Send everything that waits; how many rows, events included."""
        written = 0
        for model in ORDER:
            written += await _insert(db, model, self.rows.pop(model, []))
        assert not self.rows, f"tables without an order: {list(self.rows)}"
        self.events.sort(key=lambda event: event["at"])
        written += await _insert(db, Event, self.events)
        self.events = []
        return written


async def _insert(db: AsyncSession, model: type[Base], rows: list[Row]) -> int:
    if rows:
        await db.execute(insert(model.__table__), rows)  # type: ignore[arg-type]
    return len(rows)

"""Sessions: who came, what was noted and decided, and when each was locked."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.events import Audience
from app.core.model import Base
from app.core.richtext.canonical import to_plain
from app.core.richtext.render import to_html
from app.features.demonstration.content import Row, at, day_begins
from app.features.demonstration.ledger import Ledger
from app.features.demonstration.places import facilitator_of
from app.features.demonstration.preparations import add_actions, add_living, add_notes, add_preparation
from app.features.sessions.models import (
    Attendance,
    Decision,
    DecisionKind,
    MinutesRevision,
    Session,
    SessionState,
)
from app.policy.speaker import Speaker

PLANNED_AHEAD = timedelta(days=21)
SETTLED = {"kind": DecisionKind.DECISION.value, "owner_organisation_id": None} | dict.fromkeys(
    ("due_on", "state", "done_at")
)
"""What a decision has not, and an action has."""
WRITTEN_UP = timedelta(days=1)
"""Minutes are open on the next day."""


def add_sessions(ledger: Ledger) -> None:
    """Every session as planned, with what its meeting left; `set_states` closes them once all the rest stands."""
    start = day_begins(ledger.content.initiative["starts_on"])
    for row in ledger.content.sessions:
        begins, ends = at(row["starts_at"]), at(row["ends_at"])
        planned = max(start, begins - PLANNED_AHEAD)
        session_id = ledger.add(
            Session,
            planned,
            "session",
            row["key"],
            space_id=_space(ledger, row),
            number=row["number"],
            title=row["title"],
            starts_at=begins,
            ends_at=ends,
            timezone=row["zone"],
            url=row["url"],
            state=SessionState.PLANNED.value,
            minutes_until=None,
        )
        where: dict[str, Any] = {"session_id": session_id, "space_id": _space(ledger, row)}
        _tell(ledger, planned, "session.planned", row)
        points = add_preparation(ledger, row, where, planned, begins)
        if row["state"] != SessionState.PLANNED:
            add_notes(ledger, row, where, points, begins)
            _add_meeting(ledger, row, where, ends)
            add_actions(ledger, row, where, ends, len(row["decisions"]) + 1)
    add_living(ledger)


def _add_meeting(ledger: Ledger, row: Row, where: Row, ends: datetime) -> None:
    said = facilitator_of(ledger, row.get("space"), ends)
    _tell(ledger, ends, "session.held", row)
    for seat in row["attendance"]:
        ledger.add(
            Attendance,
            ends,
            **where,
            person_id=ledger.ids["person", seat["person"]],
            organisation_id=ledger.ids["organisation", seat["organisation"]],
            status=seat["status"],
            recorded_by=said.person_id,
        )
    came: dict[str, Any] = Counter(seat["status"] for seat in row["attendance"])
    _tell(ledger, ends, "attendance.recorded", row, **came)
    for n, text in enumerate(row["decisions"], 1):
        decision_id = ledger.add(Decision, ends, **where, n=n, text=text, **SETTLED, **said.columns())
        _tell(ledger, ends, "decision.recorded", row, Decision, decision_id, n=n)
    if "minutes" in row:
        _add_minutes(ledger, row, where, ends + WRITTEN_UP)
    if "locked_at" in row:
        _tell(ledger, at(row["locked_at"]), "session.locked", row)


def _add_minutes(ledger: Ledger, row: Row, where: Row, when: datetime) -> None:
    said = facilitator_of(ledger, row.get("space"), when)
    text = row["minutes"]
    minutes_id = ledger.add(
        MinutesRevision,
        when,
        **where,
        n=1,
        markdown=text,
        plain=to_plain(text),
        html=to_html(text),
        **said.columns(),
    )
    _tell(ledger, when, "session.minutes_opened", row)
    session_id = str(where["session_id"])
    _tell(ledger, when, "minutes.saved", row, MinutesRevision, minutes_id, n=1, session=session_id)


async def set_states(db: AsyncSession, ledger: Ledger) -> None:
    """Move each session to where it stands, one version for each step that led there."""
    steps = [state.value for state in SessionState]
    for row in ledger.content.sessions:
        if row["state"] != SessionState.PLANNED:
            await db.execute(
                update(Session)
                .where(Session.id == ledger.ids["session", row["key"]])
                .values(state=row["state"], version=1 + steps.index(row["state"]))
            )


def _space(ledger: Ledger, row: Row) -> Any:
    return ledger.ids["space", row["space"]] if "space" in row else None


def _tell(
    ledger: Ledger,
    when: datetime,
    verb: str,
    row: Row,
    model: type[Base] = Session,
    object_id: UUID | None = None,
    **data: Any,
) -> None:
    """About the session itself, unless something of it is named."""
    said: Speaker = facilitator_of(ledger, row.get("space"), when)
    space_id = _space(ledger, row)
    audience = Audience.INITIATIVE if space_id is None else Audience.SPACE
    about = object_id or ledger.ids["session", row["key"]]
    ledger.tell(when, verb, model, about, audience, said, space_id=space_id, **data)

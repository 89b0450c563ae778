"""Everything that the screen of a session shows, in two statements whatever was kept of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Select, func, literal_column, select
from sqlalchemy.sql.selectable import ScalarSelect

from app.core.db import Handle
from app.features.sessions.models import AgendaItem, Amendment, Decision, SessionNote
from app.features.sessions.queries.agenda import AgendaRow, TimedItem, agenda, timed
from app.features.sessions.queries.amendments import AmendmentRow, ReadingRow, amendments, readings
from app.features.sessions.queries.answers import AnswerRow, answers
from app.features.sessions.queries.attendance import AttendanceRow, attendance
from app.features.sessions.queries.cards import SessionWhole, get_session
from app.features.sessions.queries.decisions import DecisionRow, decisions
from app.features.sessions.queries.notes import NoteRow, notes, shown_to
from app.policy.actor import Actor

_AGENDA, _ANSWERS, _ATTENDANCE = (
    TypeAdapter(list[AgendaRow]),
    TypeAdapter(list[AnswerRow]),
    TypeAdapter(list[AttendanceRow]),
)
_NOTES, _DECISIONS = TypeAdapter(list[NoteRow]), TypeAdapter(list[DecisionRow])
_AMENDMENTS, _READINGS = TypeAdapter(list[AmendmentRow]), TypeAdapter(list[ReadingRow])


@dataclass(frozen=True, slots=True)
class SessionPage:
    """A session with all that was kept of it; what the writes bound is whole, and in order."""

    whole: SessionWhole
    agenda: list[TimedItem]
    answers: list[AnswerRow]
    attendance: list[AttendanceRow]
    notes: list[NoteRow]
    decisions: list[DecisionRow]
    """Decisions and actions, without those that were removed."""
    amendments: list[AmendmentRow]
    readings: list[ReadingRow]


async def get_session_page(read: Handle, actor: Actor, session_id: UUID) -> SessionPage:
    """The session and everything of it; `NotFound` when hidden or unknown."""
    whole = await get_session(read, actor, session_id)
    question = select(
        *(
            as_json(rows)
            for rows in (
                agenda().where(AgendaItem.session_id == session_id),
                answers(session_id),
                attendance(session_id),
                notes().where(SessionNote.session_id == session_id),
                decisions()
                .where(Decision.session_id == session_id, Decision.removed_at.is_(None))
                .order_by(Decision.n),
                amendments().where(Amendment.session_id == session_id),
                readings(session_id),
            )
        )
    )
    found = (await read.execute(question)).one()
    return SessionPage(
        whole=whole,
        agenda=timed(whole.card.starts_at, _AGENDA.validate_python(found[0])),
        answers=_ANSWERS.validate_python(found[1]),
        attendance=_ATTENDANCE.validate_python(found[2]),
        notes=list(map(shown_to(actor), _NOTES.validate_python(found[3]))),
        decisions=_DECISIONS.validate_python(found[4]),
        amendments=_AMENDMENTS.validate_python(found[5]),
        readings=_READINGS.validate_python(found[6]),
    )


def as_json(rows: Select[Any]) -> ScalarSelect[Any]:
    """The rows as one JSON array of objects, whose members are named as the columns are."""
    inner = rows.subquery("one")
    array = func.coalesce(func.json_agg(literal_column("one")), literal_column("'[]'::json"))
    return select(array).select_from(inner).scalar_subquery()

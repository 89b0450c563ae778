"""Meetings: what is planned, who answers, what is noted and decided, what is said of the minutes."""

from app.features.sessions.models.amending import AMENDMENT_STATES, Amendment, AmendmentState, MinutesValidation
from app.features.sessions.models.calendar import CalendarAddress
from app.features.sessions.models.meeting import (
    ACTION_STATES,
    SESSION_STATES,
    ActionState,
    Attendance,
    AttendanceStatus,
    Decision,
    DecisionKind,
    DecisionRevision,
    MinutesRevision,
    Session,
    SessionState,
)
from app.features.sessions.models.noting import SessionNote, SessionNoteRevision
from app.features.sessions.models.preparing import LONGEST_ITEM, AgendaItem, AnswerChoice, SessionAnswer

__all__ = [
    "ACTION_STATES",
    "AMENDMENT_STATES",
    "LONGEST_ITEM",
    "SESSION_STATES",
    "ActionState",
    "AgendaItem",
    "Amendment",
    "AmendmentState",
    "AnswerChoice",
    "Attendance",
    "AttendanceStatus",
    "CalendarAddress",
    "Decision",
    "DecisionKind",
    "DecisionRevision",
    "MinutesRevision",
    "MinutesValidation",
    "Session",
    "SessionAnswer",
    "SessionNote",
    "SessionNoteRevision",
    "SessionState",
]

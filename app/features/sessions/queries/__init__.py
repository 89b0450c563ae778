"""What readers are shown of sessions."""

from app.features.sessions.queries.agenda import NO_ITEM, AgendaRow, TimedItem, get_agenda_item, list_agenda
from app.features.sessions.queries.amendments import (
    NO_AMENDMENT,
    AmendmentRow,
    ReadingRow,
    get_amendment,
    list_amendments,
    list_readings,
)
from app.features.sessions.queries.answers import AnswerRow, find_answer, list_answers
from app.features.sessions.queries.attendance import AttendanceRow, list_attendance
from app.features.sessions.queries.calendar import find_made_at, get_owner
from app.features.sessions.queries.cards import (
    MISSING,
    SessionLocked,
    SessionRow,
    SessionWhole,
    Wanted,
    get_card,
    get_session,
    list_sessions,
    require_unlocked,
)
from app.features.sessions.queries.decisions import (
    NO_DECISION,
    DecisionRevisionRow,
    DecisionRow,
    get_decision,
    list_decision_revisions,
    list_decisions,
)
from app.features.sessions.queries.desk import (
    SessionsDesk,
    SpaceSessions,
    ToTakeUp,
    get_sessions_desk,
    list_space_sessions,
)
from app.features.sessions.queries.mine import (
    AwaitedRow,
    UpcomingRow,
    list_awaiting_answer,
    list_calendar,
    list_my_upcoming,
)
from app.features.sessions.queries.minutes import (
    MinutesRow,
    RevisionRow,
    get_minutes,
    get_plain_texts,
    list_revisions,
)
from app.features.sessions.queries.notes import (
    NO_NOTE,
    NoteRevisionRow,
    NoteRow,
    NotesWanted,
    get_note,
    list_note_revisions,
    list_notes,
)
from app.features.sessions.queries.page import SessionPage, get_session_page

__all__ = [
    "MISSING",
    "NO_AMENDMENT",
    "NO_DECISION",
    "NO_ITEM",
    "NO_NOTE",
    "AgendaRow",
    "AmendmentRow",
    "AnswerRow",
    "AttendanceRow",
    "AwaitedRow",
    "DecisionRevisionRow",
    "DecisionRow",
    "MinutesRow",
    "NoteRevisionRow",
    "NoteRow",
    "NotesWanted",
    "ReadingRow",
    "RevisionRow",
    "SessionLocked",
    "SessionPage",
    "SessionRow",
    "SessionWhole",
    "SessionsDesk",
    "SpaceSessions",
    "TimedItem",
    "ToTakeUp",
    "UpcomingRow",
    "Wanted",
    "find_answer",
    "find_made_at",
    "get_agenda_item",
    "get_amendment",
    "get_card",
    "get_decision",
    "get_minutes",
    "get_note",
    "get_owner",
    "get_plain_texts",
    "get_session",
    "get_session_page",
    "get_sessions_desk",
    "list_agenda",
    "list_amendments",
    "list_answers",
    "list_attendance",
    "list_awaiting_answer",
    "list_calendar",
    "list_decision_revisions",
    "list_decisions",
    "list_my_upcoming",
    "list_note_revisions",
    "list_notes",
    "list_readings",
    "list_revisions",
    "list_sessions",
    "list_space_sessions",
    "require_unlocked",
]

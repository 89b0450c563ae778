"""What is done to sessions, by verb."""

from app.features.sessions.actions.attendance import record_attendance
from app.features.sessions.actions.decisions import edit_decision, record_decision, remove_decision
from app.features.sessions.actions.minutes import save_minutes
from app.features.sessions.actions.session import edit, hold, lock, open_minutes, plan

__all__ = [
    "edit",
    "edit_decision",
    "hold",
    "lock",
    "open_minutes",
    "plan",
    "record_attendance",
    "record_decision",
    "remove_decision",
    "save_minutes",
]

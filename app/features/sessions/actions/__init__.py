"""What is done to sessions, by verb."""

from app.features.sessions.actions.agenda import add_item, edit_item, move_item, remove_item
from app.features.sessions.actions.amendments import (
    accept_amendment,
    propose_amendment,
    refuse_amendment,
    validate_minutes,
    withdraw_amendment,
)
from app.features.sessions.actions.answers import answer
from app.features.sessions.actions.attendance import record_attendance, tick_attendance
from app.features.sessions.actions.calendar import make_address, revoke_address
from app.features.sessions.actions.decisions import (
    edit_decision,
    finish_action,
    record_decision,
    remove_decision,
    reopen_action,
)
from app.features.sessions.actions.minutes import compose_minutes, save_minutes
from app.features.sessions.actions.notes import edit_note, remove_note, write_note
from app.features.sessions.actions.session import edit, hold, lock, open_minutes, plan

__all__ = [
    "accept_amendment",
    "add_item",
    "answer",
    "compose_minutes",
    "edit",
    "edit_decision",
    "edit_item",
    "edit_note",
    "finish_action",
    "hold",
    "lock",
    "make_address",
    "move_item",
    "open_minutes",
    "plan",
    "propose_amendment",
    "record_attendance",
    "record_decision",
    "refuse_amendment",
    "remove_decision",
    "remove_item",
    "remove_note",
    "reopen_action",
    "revoke_address",
    "save_minutes",
    "tick_attendance",
    "validate_minutes",
    "withdraw_amendment",
    "write_note",
]

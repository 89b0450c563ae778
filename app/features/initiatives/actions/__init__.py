"""What is done to initiatives, by verb."""

from app.features.initiatives.actions.access import end_access, open_access
from app.features.initiatives.actions.calendar import (
    add_milestone,
    add_phase,
    edit_milestone,
    edit_phase,
    remove_milestone,
    remove_phase,
)
from app.features.initiatives.actions.participations import end_participation, start_participation
from app.features.initiatives.actions.process import archive, close, create, edit, reopen
from app.features.initiatives.actions.words import add_term, edit_term, restore_term, retire_term

__all__ = [
    "add_milestone",
    "add_phase",
    "add_term",
    "archive",
    "close",
    "create",
    "edit",
    "edit_milestone",
    "edit_phase",
    "edit_term",
    "end_access",
    "end_participation",
    "open_access",
    "remove_milestone",
    "remove_phase",
    "reopen",
    "restore_term",
    "retire_term",
    "start_participation",
]

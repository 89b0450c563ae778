"""What the addresses of sessions announce: the refusals they share."""

from __future__ import annotations

from app.core.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed, PreconditionRequired, WrongState
from app.features.initiatives.queries import InitiativeArchived
from app.features.sessions.queries import SessionLocked
from app.web.api import problems

READING = problems(NotFound)
ADDING = problems(NotFound, Forbidden, Conflict, InitiativeArchived, Invalid)
EDITING = problems(
    NotFound, Forbidden, SessionLocked, InitiativeArchived, PreconditionFailed, Invalid, PreconditionRequired
)
CLOSING = problems(NotFound, Forbidden, WrongState, InitiativeArchived, PreconditionFailed, PreconditionRequired)
MOVING = problems(
    NotFound, Forbidden, WrongState, SessionLocked, InitiativeArchived, PreconditionFailed, PreconditionRequired
)

"""What the addresses of sessions announce: the refusals they share."""

from __future__ import annotations

from app.core.changes import NotInThisState
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed, PreconditionRequired
from app.features.initiatives.queries import InitiativeArchived
from app.policy.decide import WrongState
from app.web.api import problems

READING = problems(NotFound)
ADDING = problems(NotFound, Forbidden, Conflict, WrongState, InitiativeArchived, Invalid)
EDITING = problems(
    NotFound, Forbidden, WrongState, InitiativeArchived, PreconditionFailed, Invalid, PreconditionRequired
)
MOVING = problems(NotFound, Forbidden, WrongState, NotInThisState, PreconditionFailed, PreconditionRequired)

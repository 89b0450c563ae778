"""What the addresses of initiatives announce: the refusals they share, and who may edit."""

from __future__ import annotations

from app.core.errors import Forbidden, Invalid, NotFound, PreconditionFailed, PreconditionRequired, WrongState
from app.features.initiatives.queries import InitiativeArchived, InitiativeRow
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import allowed
from app.web.api import problems

READING = problems(NotFound)
ADDING = problems(NotFound, Forbidden, InitiativeArchived, Invalid)
EDITING = problems(NotFound, Forbidden, InitiativeArchived, PreconditionFailed, Invalid, PreconditionRequired)
MOVING = problems(NotFound, Forbidden, WrongState, InitiativeArchived, PreconditionFailed, PreconditionRequired)

EDITED = [Action.INITIATIVE_EDIT.value]
"""What whoever just changed a part may do with it."""


def editing(actor: Actor, card: InitiativeRow) -> list[str]:
    """The abilities that every part of an initiative has."""
    return EDITED if allowed(actor, Action.INITIATIVE_EDIT, card) else []

"""The images of a deliverable."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.core.db import Handle
from app.core.errors import NotFound
from app.features.deliverables.models import Figure
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible

FIGURE_NOT_FOUND = "Cette image n’existe pas, ou vous n’y avez pas accès."


async def get_figure(read: Handle, actor: Actor, figure_id: UUID, *, deliverable_id: UUID | None = None) -> Any:
    """The image with its bytes, or NotFound; of this deliverable, where an address names one."""
    question = select(Figure.media_type, Figure.content).where(
        Figure.id == figure_id, visible(actor, Figure, Action.DELIVERABLE_READ)
    )
    if deliverable_id is not None:
        question = question.where(Figure.deliverable_id == deliverable_id)
    row = (await read.execute(question)).first()
    if row is None:
        raise NotFound(FIGURE_NOT_FOUND)
    return row

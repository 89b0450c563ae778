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


async def get_figure(read: Handle, actor: Actor, figure_id: UUID) -> Any:
    """The image with its bytes, or NotFound."""
    question = select(Figure.media_type, Figure.content).where(
        Figure.id == figure_id, visible(actor, Figure, Action.DELIVERABLE_READ)
    )
    row = (await read.execute(question)).first()
    if row is None:
        raise NotFound(FIGURE_NOT_FOUND)
    return row

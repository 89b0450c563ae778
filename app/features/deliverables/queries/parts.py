"""Whether a passage, a part, a citation or a waiver is of the deliverable whose address names it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app.core.db import Handle
from app.core.errors import NotFound
from app.features.deliverables.models import Citation, Passage, Section, Waiver
from app.features.deliverables.queries.citations import NOT_FOUND as CITATION_NOT_FOUND
from app.features.deliverables.queries.outline import SECTION_NOT_FOUND
from app.features.deliverables.queries.passages import PASSAGE_NOT_FOUND
from app.features.deliverables.queries.queue import WAIVER_NOT_FOUND
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible

Part = type[Citation] | type[Passage] | type[Section] | type[Waiver]
ABSENT: dict[Part, str] = {
    Citation: CITATION_NOT_FOUND,
    Passage: PASSAGE_NOT_FOUND,
    Section: SECTION_NOT_FOUND,
    Waiver: WAIVER_NOT_FOUND,
}


async def check_part(read: Handle, actor: Actor, deliverable_id: UUID, model: Part, part_id: UUID) -> None:
    """NotFound, as what does not exist, unless the part is of this deliverable and the caller may read it."""
    question = select(model.id).where(
        model.id == part_id, model.deliverable_id == deliverable_id, visible(actor, model, Action.DELIVERABLE_READ)
    )
    if (await read.execute(question)).first() is None:
        raise NotFound(ABSENT[model])

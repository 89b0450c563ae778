"""The parts of the text: add, name, move, take out."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response

from app.features.deliverables.actions import sections
from app.features.deliverables.models import Section
from app.features.deliverables.queries.parts import check_part
from app.features.deliverables.queries.queue import check_deliverable
from app.features.deliverables.schemas.writing import SectionDraft, SectionMove, SectionPatch
from app.features.screens.pages.desk.passages import DESK
from app.policy.actions import Action
from app.web.conflict import written_on
from app.web.deps import Db
from app.web.forms import Filled, again, page_router, read
from app.web.idempotency import CREATES
from app.web.screen import Acting

router = page_router()
SECTION = DESK + "/parties/{section_id}"
OPEN = DESK + "?partie={section_id}"


def _place(deliverable_id: UUID, section_id: UUID) -> str:
    return f"/livrables/{deliverable_id}/redaction?partie={section_id}"


@router.post(f"{DESK}/parties", openapi_extra=CREATES | again(DESK))
async def add(screen: Acting, db: Db, form: Filled, deliverable_id: UUID) -> Response:
    """Add a part, at the top or under another."""
    await check_deliverable(db, screen.actor, deliverable_id, Action.DELIVERABLE_READ)
    made = await sections.add_section(db, screen.actor, read(SectionDraft, form, deliverable_id=deliverable_id))
    return screen.see(_place(deliverable_id, made.id), said="section-added")


@router.post(SECTION, openapi_extra=again(OPEN))
async def rename(screen: Acting, db: Db, form: Filled, deliverable_id: UUID, section_id: UUID) -> Response:
    """Give it another title."""
    await check_part(db, screen.actor, deliverable_id, Section, section_id)
    await sections.edit_section(db, screen.actor, section_id, read(SectionPatch, form), written_on(form))
    return screen.see(_place(deliverable_id, section_id), said="section-renamed")


@router.post(f"{SECTION}/deplacer", openapi_extra=again(OPEN))
async def move(screen: Acting, db: Db, form: Filled, deliverable_id: UUID, section_id: UUID) -> Response:
    """Up, down, or under another."""
    await check_part(db, screen.actor, deliverable_id, Section, section_id)
    await sections.move_section(db, screen.actor, section_id, read(SectionMove, form), written_on(form))
    return screen.see(_place(deliverable_id, section_id), said="section-moved")


@router.post(f"{SECTION}/retirer", openapi_extra=again(OPEN))
async def remove(screen: Acting, db: Db, form: Filled, deliverable_id: UUID, section_id: UUID) -> Response:
    """Take it out, once it holds no accepted passage."""
    await check_part(db, screen.actor, deliverable_id, Section, section_id)
    await sections.remove_section(db, screen.actor, section_id, written_on(form))
    return screen.see(f"/livrables/{deliverable_id}/redaction", said="section-removed")

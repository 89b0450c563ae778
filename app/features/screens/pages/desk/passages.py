"""What is done to a passage of the text: write it, add one, put it elsewhere, take it out."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from fastapi import Response

from app.features.deliverables.actions.passages import add_passage, move_passage, remove_passage
from app.features.deliverables.models import Passage, PassageKind, Section
from app.features.deliverables.queries.parts import check_part
from app.features.deliverables.schemas.writing import PassageDraft, PassageMove, PassageText
from app.features.screens.actions import desk
from app.web.addresses import id_in
from app.web.conflict import written_on
from app.web.deps import Db
from app.web.forms import Filled, again, files, page_router, read
from app.web.idempotency import CREATES
from app.web.screen import Acting

router = page_router()
DESK = "/livrables/{deliverable_id}/redaction"
PASSAGE = DESK + "/passages/{passage_id}"
OPEN = DESK + "?passage={passage_id}"


def place_of(deliverable_id: UUID, section_id: UUID, passage_id: UUID) -> str:
    """Where a passage is read on the desk."""
    return f"/livrables/{deliverable_id}/redaction?partie={section_id}#p-{passage_id}"


def part_of(deliverable_id: UUID, form: Filled, **more: object) -> str:
    """Where one was on the desk, as the form says; the desk alone where it says no part."""
    section = id_in(str(form.get("section_id", "")))
    query = urlencode({name: value for name, value in {"partie": section, **more}.items() if value})
    return f"/livrables/{deliverable_id}/redaction{'?' if query else ''}{query}"


@router.post(f"{DESK}/parties/{{section_id}}/passages", openapi_extra=CREATES | again(DESK + "?partie={section_id}"))
async def add(screen: Acting, db: Db, form: Filled, deliverable_id: UUID, section_id: UUID) -> Response:
    """Add a passage of any kind to a part; a figure comes with its image."""
    await check_part(db, screen.actor, deliverable_id, Section, section_id)
    draft = read(PassageDraft, form, section_id=section_id)
    if draft.kind == PassageKind.FIGURE:
        image = next(iter(files(form, "image")), None)
        raw = await image.read() if image else b""
        made = await desk.add_figure_passage(db, screen.actor, deliverable_id, draft, raw)
    else:
        made = await add_passage(db, screen.actor, draft)
    return screen.see(place_of(deliverable_id, section_id, made.id), said="passage-added")


@router.post(PASSAGE, openapi_extra=again(OPEN))
async def write(screen: Acting, db: Db, form: Filled, deliverable_id: UUID, passage_id: UUID) -> Response:
    """Give it other words; on a version that is no longer in force, both are shown."""
    await check_part(db, screen.actor, deliverable_id, Passage, passage_id)
    text = read(PassageText, form)
    passage = await desk.save_passage(db, screen.actor, passage_id, text, written_on(form))
    return screen.see(place_of(deliverable_id, passage.section_id, passage_id), said="passage-saved")


@router.post(f"{PASSAGE}/deplacer", openapi_extra=again(OPEN))
async def move(screen: Acting, db: Db, form: Filled, deliverable_id: UUID, passage_id: UUID) -> Response:
    """Up, down, or to another part."""
    await check_part(db, screen.actor, deliverable_id, Passage, passage_id)
    where = read(PassageMove, form)
    passage = await move_passage(db, screen.actor, passage_id, where, written_on(form))
    return screen.see(place_of(deliverable_id, passage.section_id, passage_id), said="passage-moved")


@router.post(f"{PASSAGE}/retirer", openapi_extra=again(OPEN))
async def remove(screen: Acting, db: Db, form: Filled, deliverable_id: UUID, passage_id: UUID) -> Response:
    """Take it out of the text; its history stays."""
    await check_part(db, screen.actor, deliverable_id, Passage, passage_id)
    await remove_passage(db, screen.actor, passage_id, written_on(form))
    return screen.see(part_of(deliverable_id, form), said="passage-removed")

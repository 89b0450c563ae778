"""What is proposed: suggest other words, accept or refuse one by one, accept many by a rule."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Path, Response

from app.features.deliverables.actions import suggestions
from app.features.deliverables.models import Passage, Section
from app.features.deliverables.queries.parts import check_part
from app.features.deliverables.schemas.writing import AcceptMany, PassageRefusal, Suggestion
from app.features.screens.pages.desk.passages import DESK, OPEN, PASSAGE, place_of
from app.web.conflict import written_on
from app.web.deps import Db
from app.web.forms import Filled, again, page_router, read
from app.web.idempotency import CREATES
from app.web.screen import Acting

router = page_router()
Number = Annotated[int, Path(ge=1, le=1_000_000)]


@router.post(f"{PASSAGE}/suggestions", openapi_extra=CREATES | again(OPEN))
async def suggest(screen: Acting, db: Db, form: Filled, deliverable_id: UUID, passage_id: UUID) -> Response:
    """Propose other words instead of writing them over those in force."""
    await check_part(db, screen.actor, deliverable_id, Passage, passage_id)
    await suggestions.suggest(db, screen.actor, passage_id, read(Suggestion, form))
    return screen.see(f"/livrables/{deliverable_id}/redaction?passage={passage_id}#p-{passage_id}", said="suggested")


@router.post(f"{PASSAGE}/suggestions/{{n}}/accepter", openapi_extra=again(OPEN))
async def accept(screen: Acting, db: Db, form: Filled, deliverable_id: UUID, passage_id: UUID, n: Number) -> Response:
    """Put it in force."""
    await check_part(db, screen.actor, deliverable_id, Passage, passage_id)
    passage = await suggestions.accept(db, screen.actor, passage_id, n, written_on(form))
    return screen.see(place_of(deliverable_id, passage.section_id, passage_id), said="passage-accepted")


@router.post(f"{PASSAGE}/suggestions/{{n}}/refuser", openapi_extra=again(DESK))
async def refuse(screen: Acting, db: Db, form: Filled, deliverable_id: UUID, passage_id: UUID, n: Number) -> Response:
    """Turn it down, and say why to whoever proposed it; it stays in the history."""
    await check_part(db, screen.actor, deliverable_id, Passage, passage_id)
    refusal = read(PassageRefusal, form)
    passage = await suggestions.refuse(db, screen.actor, passage_id, n, refusal, written_on(form))
    return screen.see(place_of(deliverable_id, passage.section_id, passage_id), said="passage-refused")


@router.post(f"{DESK}/parties/{{section_id}}/accepter", openapi_extra=CREATES | again(DESK + "?partie={section_id}"))
async def accept_many(screen: Acting, db: Db, form: Filled, deliverable_id: UUID, section_id: UUID) -> Response:
    """Accept all that a part is proposed, by a rule that is recorded beside each."""
    await check_part(db, screen.actor, deliverable_id, Section, section_id)
    order = read(AcceptMany, form, deliverable_id=deliverable_id, section_id=section_id)
    done = await suggestions.accept_many(db, screen.actor, order)
    left = done.stale or done.refused_by_consent
    where = f"/livrables/{deliverable_id}/redaction?partie={section_id}"
    return screen.see(where, said="passages-accepted-but" if left else "passages-accepted")

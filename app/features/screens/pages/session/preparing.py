"""Before a session: who comes, and the agenda."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import Response

from app.core.schema import Input
from app.core.versions import Expected
from app.features.screens.pages.session.fields import AGENDA, NOTES, emptied, expected, seen
from app.features.sessions import actions
from app.features.sessions.models import AnswerChoice
from app.features.sessions.schemas import AgendaItemDraft, AgendaItemMove, AgendaItemPatch, AnswerDraft, Ticked
from app.web.deps import Db
from app.web.forms import Filled, again, page_router, read
from app.web.idempotency import CREATES
from app.web.screen import Acting, here

router = page_router()
HERE = again("/seances/{session_id}?vue=preparer")


class Answering(Input):
    """Which answer is given: whose, and the version of the one before it, 0 for the first."""

    organisation_id: UUID
    version: int = 0


@router.post("/seances/{session_id}/reponses/{organisation_id}", openapi_extra=HERE)
async def answer(screen: Acting, db: Db, session_id: UUID, organisation_id: UUID, form: Filled) -> Response:
    """Come, not come, or send somebody."""
    alone: dict[str, Any] = {} if form.get("answer") == AnswerChoice.SENDS else {"sent_name": None}
    said = read(AnswerDraft, form, **alone)
    await actions.answer(db, screen.actor, session_id, organisation_id, said, expected(form))
    return screen.see(seen(session_id, AGENDA), said="session-answered")


@router.post("/seances/{session_id}/reponse", openapi_extra=again("/"))
async def answer_at_once(screen: Acting, db: Db, form: Filled, session_id: UUID) -> Response:
    """Come or not, in one click, from wherever the session was shown; `vers` is where one was."""
    on = read(Answering, form)
    draft = read(AnswerDraft, form)
    await actions.answer(db, screen.actor, session_id, on.organisation_id, draft, Expected(on.version))
    said = "session-coming" if draft.answer == AnswerChoice.COMES else "session-not-coming"
    return screen.see(here(str(form.get("vers", "/"))), said=said)


@router.post("/seances/{session_id}/points", openapi_extra=HERE | CREATES)
async def add_item(screen: Acting, db: Db, session_id: UUID, form: Filled) -> Response:
    """A point at the end."""
    await actions.add_item(db, screen.actor, session_id, read(AgendaItemDraft, form))
    return screen.see(seen(session_id, AGENDA), said="agenda-item-added")


@router.post(
    "/seances/{session_id}/points/{item_id}", openapi_extra=again("/seances/{session_id}?vue=preparer&point={item_id}")
)
async def edit_item(screen: Acting, db: Db, session_id: UUID, item_id: UUID, form: Filled) -> Response:
    """Its words, its time, who presents it."""
    patch = read(AgendaItemPatch, form, **emptied(form, "presenter_organisation_id"))
    await actions.edit_item(db, screen.actor, item_id, patch, expected(form))
    return screen.see(seen(session_id, AGENDA), said="agenda-item-edited")


@router.post("/seances/{session_id}/points/{item_id}/deplacer", openapi_extra=HERE)
async def move_item(screen: Acting, db: Db, session_id: UUID, item_id: UUID, form: Filled) -> Response:
    """Earlier or later."""
    await actions.move_item(db, screen.actor, item_id, read(AgendaItemMove, form), expected(form))
    return screen.see(seen(session_id, AGENDA), said="agenda-item-moved")


@router.post("/seances/{session_id}/points/{item_id}/retirer", openapi_extra=HERE)
async def remove_item(screen: Acting, db: Db, session_id: UUID, item_id: UUID, form: Filled) -> Response:
    """Off the agenda; its notes stay."""
    await actions.remove_item(db, screen.actor, item_id, expected(form))
    return screen.see(seen(session_id, AGENDA), said="agenda-item-removed")


@router.post("/seances/{session_id}/presences", openapi_extra=again("/seances/{session_id}?vue=notes"))
async def tick(screen: Acting, db: Db, session_id: UUID, form: Filled) -> Response:
    """Which organisations are there."""
    ticked = read(Ticked, form)
    await actions.tick_attendance(db, screen.actor, session_id, ticked, expected(form))
    return screen.see(seen(session_id, NOTES), said="attendance-recorded")


@router.post("/seances/{session_id}/tenue", openapi_extra=HERE)
async def hold(screen: Acting, db: Db, session_id: UUID, form: Filled) -> Response:
    """It took place."""
    await actions.hold(db, screen.actor, session_id, expected(form))
    return screen.see(f"/seances/{session_id}", said="session-held")

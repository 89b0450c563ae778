"""Before a session: who comes, and the agenda."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import Response

from app.core.schema import Input
from app.features.screens.pages.session.fields import AGENDA, NOTES, emptied, seen
from app.features.sessions import actions
from app.features.sessions.models import AgendaItem, AnswerChoice
from app.features.sessions.queries.parts import check_part
from app.features.sessions.schemas import AgendaItemDraft, AgendaItemMove, AgendaItemPatch, AnswerDraft, Ticked
from app.web.conflict import written_on
from app.web.deps import Db
from app.web.forms import Filled, again, page_router, read
from app.web.idempotency import CREATES
from app.web.screen import Acting, here

router = page_router()
HERE = again("/seances/{session_id}?vue=preparer")
SHOWN_ON = r"/(?:(?:espaces|seances)/[0-9a-f-]{36})?(?:\?[!-~]*)?"
"""The pages where one says in one click whether one comes: home, a space, a session."""


class Answering(Input):
    """Whose answer is given."""

    organisation_id: UUID


@router.post("/seances/{session_id}/reponses/{organisation_id}", openapi_extra=HERE)
async def answer(screen: Acting, db: Db, session_id: UUID, organisation_id: UUID, form: Filled) -> Response:
    """Come, not come, or send somebody."""
    alone: dict[str, Any] = {} if form.get("answer") == AnswerChoice.SENDS else {"sent_name": None}
    said = read(AnswerDraft, form, **alone)
    await actions.answer(db, screen.actor, session_id, organisation_id, said, written_on(form))
    return screen.see(seen(session_id, AGENDA), said="session-answered")


@router.post("/seances/{session_id}/reponse", openapi_extra=again("/", sent_from=SHOWN_ON))
async def answer_at_once(screen: Acting, db: Db, form: Filled, session_id: UUID) -> Response:
    """Come or not, in one click, from wherever the session was shown; `vers` is where one was."""
    whose, draft = read(Answering, form).organisation_id, read(AnswerDraft, form)
    await actions.answer(db, screen.actor, session_id, whose, draft, written_on(form))
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
    await check_part(db, screen.actor, session_id, AgendaItem, item_id)
    patch = read(AgendaItemPatch, form, **emptied(form, "presenter_organisation_id"))
    await actions.edit_item(db, screen.actor, item_id, patch, written_on(form))
    return screen.see(seen(session_id, AGENDA), said="agenda-item-edited")


@router.post("/seances/{session_id}/points/{item_id}/deplacer", openapi_extra=HERE)
async def move_item(screen: Acting, db: Db, session_id: UUID, item_id: UUID, form: Filled) -> Response:
    """Earlier or later."""
    await check_part(db, screen.actor, session_id, AgendaItem, item_id)
    await actions.move_item(db, screen.actor, item_id, read(AgendaItemMove, form), written_on(form))
    return screen.see(seen(session_id, AGENDA), said="agenda-item-moved")


@router.post("/seances/{session_id}/points/{item_id}/retirer", openapi_extra=HERE)
async def remove_item(screen: Acting, db: Db, session_id: UUID, item_id: UUID, form: Filled) -> Response:
    """Off the agenda; its notes stay."""
    await check_part(db, screen.actor, session_id, AgendaItem, item_id)
    await actions.remove_item(db, screen.actor, item_id, written_on(form))
    return screen.see(seen(session_id, AGENDA), said="agenda-item-removed")


@router.post("/seances/{session_id}/presences", openapi_extra=again("/seances/{session_id}?vue=notes"))
async def tick(screen: Acting, db: Db, session_id: UUID, form: Filled) -> Response:
    """Which organisations are there."""
    ticked = read(Ticked, form)
    await actions.tick_attendance(db, screen.actor, session_id, ticked, written_on(form))
    return screen.see(seen(session_id, NOTES), said="attendance-recorded")


@router.post("/seances/{session_id}/tenue", openapi_extra=HERE)
async def hold(screen: Acting, db: Db, session_id: UUID, form: Filled) -> Response:
    """It took place."""
    await actions.hold(db, screen.actor, session_id, written_on(form))
    return screen.see(f"/seances/{session_id}", said="session-held")

"""What a session decides, and what is to be done by whom until when."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response

from app.features.screens.pages.session.fields import NOTES, emptied, keeps_theirs, seen
from app.features.sessions import actions
from app.features.sessions.models import Decision
from app.features.sessions.queries.parts import check_part
from app.features.sessions.schemas import DecisionDraft, DecisionPatch
from app.web.conflict import written_on
from app.web.deps import Db
from app.web.forms import Filled, again, page_router, read
from app.web.idempotency import CREATES
from app.web.screen import Acting

router = page_router()
HERE = again("/seances/{session_id}?vue=notes")


@router.post("/seances/{session_id}/decisions", openapi_extra=HERE | CREATES)
async def record(screen: Acting, db: Db, session_id: UUID, form: Filled) -> Response:
    """A decision, or an action with who sees to it and its day."""
    await actions.record_decision(db, screen.actor, session_id, read(DecisionDraft, form))
    return screen.see(seen(session_id, NOTES, "decider"), said="decision-recorded")


@router.post(
    "/seances/{session_id}/decisions/{decision_id}",
    openapi_extra=again("/seances/{session_id}?vue=notes&decision={decision_id}"),
)
async def edit(screen: Acting, db: Db, session_id: UUID, decision_id: UUID, form: Filled) -> Response:
    """Its words, its owner, its day; of two versions, the one that stands may be kept."""
    await check_part(db, screen.actor, session_id, Decision, decision_id)
    if keeps_theirs(form):
        return screen.see(seen(session_id, NOTES, f"d-{decision_id}"))
    patch = read(DecisionPatch, form, **emptied(form, "owner_organisation_id", "due_on"))
    await actions.edit_decision(db, screen.actor, decision_id, patch, written_on(form))
    return screen.see(seen(session_id, NOTES, f"d-{decision_id}"), said="decision-edited")


@router.post("/seances/{session_id}/decisions/{decision_id}/retirer", openapi_extra=HERE)
async def remove(screen: Acting, db: Db, session_id: UUID, decision_id: UUID, form: Filled) -> Response:
    """Out of the decisions; its number stays taken."""
    await check_part(db, screen.actor, session_id, Decision, decision_id)
    await actions.remove_decision(db, screen.actor, decision_id, written_on(form))
    return screen.see(seen(session_id, NOTES), said="decision-removed")


@router.post("/seances/{session_id}/decisions/{decision_id}/faite", openapi_extra=HERE)
async def finish(screen: Acting, db: Db, session_id: UUID, decision_id: UUID, form: Filled) -> Response:
    """It is done."""
    await check_part(db, screen.actor, session_id, Decision, decision_id)
    await actions.finish_action(db, screen.actor, decision_id, written_on(form))
    return screen.see(seen(session_id, NOTES, f"d-{decision_id}"), said="action-finished")


@router.post("/seances/{session_id}/decisions/{decision_id}/a-faire", openapi_extra=HERE)
async def reopen(screen: Acting, db: Db, session_id: UUID, decision_id: UUID, form: Filled) -> Response:
    """It is not done after all."""
    await check_part(db, screen.actor, session_id, Decision, decision_id)
    await actions.reopen_action(db, screen.actor, decision_id, written_on(form))
    return screen.see(seen(session_id, NOTES, f"d-{decision_id}"), said="action-reopened")

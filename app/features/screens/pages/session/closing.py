"""After a session: the minutes, what those who came say of them, and the lock."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response

from app.features.drafts.actions import forget
from app.features.drafts.keys import DraftForm
from app.features.screens.pages.session.fields import MINUTES, keeps_theirs, seen
from app.features.sessions import actions
from app.features.sessions.models import Amendment
from app.features.sessions.queries.parts import check_part
from app.features.sessions.schemas import (
    Acceptance,
    AmendmentDraft,
    MinutesDraft,
    MinutesOpening,
    Refusal,
    ValidationDraft,
)
from app.web.conflict import written_on
from app.web.deps import Db
from app.web.forms import Filled, again, page_router, read
from app.web.idempotency import CREATES
from app.web.screen import Acting

router = page_router()
HERE = again("/seances/{session_id}?vue=compte-rendu")


@router.post("/seances/{session_id}/compte-rendu", openapi_extra=HERE)
async def save(screen: Acting, db: Db, session_id: UUID, form: Filled) -> Response:
    """A revision of the minutes; of two versions, the one that stands may be kept."""
    if keeps_theirs(form):
        await forget(db, screen.actor, DraftForm.MINUTES_EDIT.key(session_id))
        return screen.see(seen(session_id, MINUTES))
    await actions.save_minutes(db, screen.actor, session_id, read(MinutesDraft, form), written_on(form))
    await forget(db, screen.actor, DraftForm.MINUTES_EDIT.key(session_id))
    return screen.see(seen(session_id, MINUTES), said="minutes-saved")


@router.post("/seances/{session_id}/compte-rendu/composer", openapi_extra=HERE)
async def compose(screen: Acting, db: Db, session_id: UUID, form: Filled) -> Response:
    """Made of everything that was kept, to be read again and edited."""
    await actions.compose_minutes(db, screen.actor, session_id, written_on(form))
    return screen.see(f"{seen(session_id, MINUTES)}&rediger=1", said="minutes-composed")


@router.post("/seances/{session_id}/compte-rendu/ouvrir", openapi_extra=HERE)
async def open_minutes(screen: Acting, db: Db, session_id: UUID, form: Filled) -> Response:
    """Put to those who came, until a day."""
    await actions.open_minutes(db, screen.actor, session_id, read(MinutesOpening, form), written_on(form))
    return screen.see(seen(session_id, MINUTES), said="minutes-opened")


@router.post("/seances/{session_id}/compte-rendu/valider", openapi_extra=HERE | CREATES)
async def validate(screen: Acting, db: Db, session_id: UUID, form: Filled) -> Response:
    """Read, and nothing to amend."""
    await actions.validate_minutes(db, screen.actor, session_id, read(ValidationDraft, form))
    return screen.see(seen(session_id, MINUTES), said="minutes-validated")


@router.post("/seances/{session_id}/amendements", openapi_extra=HERE | CREATES)
async def propose(screen: Acting, db: Db, session_id: UUID, form: Filled) -> Response:
    """What the minutes should say."""
    await actions.propose_amendment(db, screen.actor, session_id, read(AmendmentDraft, form))
    return screen.see(seen(session_id, MINUTES, "amendments"), said="amendment-proposed")


@router.post("/seances/{session_id}/amendements/{amendment_id}/accepter", openapi_extra=HERE)
async def accept(screen: Acting, db: Db, session_id: UUID, amendment_id: UUID, form: Filled) -> Response:
    """Agreed: it is then written in the minutes."""
    await check_part(db, screen.actor, session_id, Amendment, amendment_id)
    said = read(Acceptance, form)
    await actions.accept_amendment(db, screen.actor, amendment_id, said.reason, written_on(form))
    return screen.see(seen(session_id, MINUTES, f"a-{amendment_id}"), said="amendment-accepted")


@router.post("/seances/{session_id}/amendements/{amendment_id}/refuser", openapi_extra=HERE)
async def refuse(screen: Acting, db: Db, session_id: UUID, amendment_id: UUID, form: Filled) -> Response:
    """Not agreed, and why."""
    await check_part(db, screen.actor, session_id, Amendment, amendment_id)
    said = read(Refusal, form)
    await actions.refuse_amendment(db, screen.actor, amendment_id, said.reason, written_on(form))
    return screen.see(seen(session_id, MINUTES, f"a-{amendment_id}"), said="amendment-refused")


@router.post("/seances/{session_id}/amendements/{amendment_id}/retirer", openapi_extra=HERE)
async def withdraw(screen: Acting, db: Db, session_id: UUID, amendment_id: UUID, form: Filled) -> Response:
    """Taken back before it was answered."""
    await check_part(db, screen.actor, session_id, Amendment, amendment_id)
    await actions.withdraw_amendment(db, screen.actor, amendment_id, written_on(form))
    return screen.see(seen(session_id, MINUTES, "amendments"), said="amendment-withdrawn")


@router.post("/seances/{session_id}/verrouiller", openapi_extra=HERE)
async def lock(screen: Acting, db: Db, session_id: UUID, form: Filled) -> Response:
    """Nothing of it changes any more."""
    await actions.lock(db, screen.actor, session_id, written_on(form))
    return screen.see(seen(session_id, MINUTES), said="session-locked")

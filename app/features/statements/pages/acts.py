"""Take words back, hide them with a reason, show them again: contributions and replies alike."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response

from app.features.statements.actions.change import moderate, restore, withdraw
from app.features.statements.models import Statement, StatementType
from app.features.statements.schemas import Moderation, Withdrawal
from app.web.conflict import written_on
from app.web.deps import Db
from app.web.forms import Filled, again, page_router, read
from app.web.screen import Acting, Screen

router = page_router()
CONTRIBUTION, REPLY = StatementType.CONTRIBUTION, StatementType.REPLY
HERE = again("/contributions/{contribution_id}")


@router.post("/contributions/{contribution_id}/retirer", openapi_extra=HERE)
async def withdraw_contribution(screen: Acting, db: Db, form: Filled, contribution_id: UUID) -> Response:
    """A tombstone with the class of its reason stays; of a draft, nothing that others see."""
    it = await withdraw(db, screen.actor, CONTRIBUTION, contribution_id, read(Withdrawal, form), written_on(form))
    if it.published_at is None:
        return screen.see(f"/espaces/{it.space_id}", said="draft-withdrawn")
    return _back(screen, it, "contribution-withdrawn")


@router.post("/contributions/{contribution_id}/moderer", openapi_extra=HERE)
async def moderate_contribution(screen: Acting, db: Db, form: Filled, contribution_id: UUID) -> Response:
    """Hide it, with a reason that everybody reads."""
    it = await moderate(db, screen.actor, CONTRIBUTION, contribution_id, read(Moderation, form), written_on(form))
    return _back(screen, it, "statement-moderated")


@router.post("/contributions/{contribution_id}/retablir", openapi_extra=HERE)
async def restore_contribution(screen: Acting, db: Db, form: Filled, contribution_id: UUID) -> Response:
    """Show it again."""
    it = await restore(db, screen.actor, CONTRIBUTION, contribution_id, written_on(form))
    return _back(screen, it, "statement-restored")


@router.post("/reponses/{reply_id}/retirer")
async def withdraw_reply(screen: Acting, db: Db, form: Filled, reply_id: UUID) -> Response:
    """Take a reply back."""
    it = await withdraw(db, screen.actor, REPLY, reply_id, read(Withdrawal, form), written_on(form))
    return _back(screen, it, "reply-withdrawn")


@router.post("/reponses/{reply_id}/moderer")
async def moderate_reply(screen: Acting, db: Db, form: Filled, reply_id: UUID) -> Response:
    """Hide a reply, with a reason that everybody reads."""
    it = await moderate(db, screen.actor, REPLY, reply_id, read(Moderation, form), written_on(form))
    return _back(screen, it, "statement-moderated")


@router.post("/reponses/{reply_id}/retablir")
async def restore_reply(screen: Acting, db: Db, form: Filled, reply_id: UUID) -> Response:
    """Show a reply again."""
    return _back(screen, await restore(db, screen.actor, REPLY, reply_id, written_on(form)), "statement-restored")


def _back(screen: Screen, it: Statement, said: str) -> Response:
    where = "reponses" if it.type == REPLY else "contributions"
    return screen.see(f"/{where}/{it.id}", said=said)

"""Take a position in an organisation's name; add and remove sources."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response

from app.features.statements.actions.opinions import add_source, remove_source, take_back_position, take_position
from app.features.statements.models import StatementType
from app.features.statements.schemas import PositionDraft, PositionHeld, SourceDraft
from app.web.conflict import written_on
from app.web.deps import Db
from app.web.forms import Filled, again, page_router, read
from app.web.idempotency import CREATES
from app.web.screen import Acting

router = page_router()
HERE = again("/contributions/{contribution_id}")


@router.post("/contributions/{contribution_id}/positions", openapi_extra=CREATES | HERE)
async def stand(screen: Acting, db: Db, form: Filled, contribution_id: UUID) -> Response:
    """Support, nuance or object; a new position supersedes the earlier one, which stays in the record."""
    await take_position(db, screen.actor, contribution_id, read(PositionDraft, form))
    return screen.see(f"/contributions/{contribution_id}#position", said="position-taken")


@router.post("/contributions/{contribution_id}/positions/retirer", openapi_extra=HERE)
async def stand_no_more(screen: Acting, db: Db, form: Filled, contribution_id: UUID) -> Response:
    """Leave the organisation without an answer again; what it had said stays in the record."""
    await take_back_position(db, screen.actor, contribution_id, read(PositionHeld, form).organisation_id)
    return screen.see(f"/contributions/{contribution_id}#position", said="position-taken-back")


@router.post("/contributions/{contribution_id}/sources", openapi_extra=CREATES | HERE)
async def lean_on(screen: Acting, db: Db, form: Filled, contribution_id: UUID) -> Response:
    """Add a document."""
    await add_source(db, screen.actor, StatementType.CONTRIBUTION, contribution_id, read(SourceDraft, form))
    return screen.see(f"/contributions/{contribution_id}#sources", said="source-added")


@router.post("/contributions/{contribution_id}/sources/{source_id}/retirer", openapi_extra=HERE)
async def lean_no_more(screen: Acting, db: Db, form: Filled, contribution_id: UUID, source_id: UUID) -> Response:
    """Take a document off; the row stays, dated."""
    kind = StatementType.CONTRIBUTION
    await remove_source(db, screen.actor, kind, contribution_id, source_id, written_on(form))
    return screen.see(f"/contributions/{contribution_id}#sources", said="source-removed")

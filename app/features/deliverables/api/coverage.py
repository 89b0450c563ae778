"""Coverage: who is heard."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from app.core.errors import NotFound
from app.features.deliverables.queries import coverage
from app.features.deliverables.schemas.fates import CoverageOut
from app.web import respond
from app.web.api import api_router, problems
from app.web.auth import Caller
from app.web.deps import Read

router = api_router("coverage")


@router.get("/coverage", response_model=CoverageOut, responses=problems(NotFound))
async def show(request: Request, deliverable_id: UUID, actor: Caller, read: Read) -> Response:
    """What became of what each organisation and each profile said: counts, in the order of names, never a rank."""
    body = await coverage.get_coverage(read, actor, deliverable_id)
    await read.release()
    return respond.plain(request, body)

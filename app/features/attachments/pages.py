"""A file of a session or of a contribution, for a browser: always as a download."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from app.features.attachments.sending import send
from app.web.auth import Caller
from app.web.deps import Read
from app.web.forms import page_router

router = page_router()


@router.get("/fichiers/{attachment_id}")
async def fetch(request: Request, attachment_id: UUID, actor: Caller, read: Read) -> Response:
    """The file itself; the right to read it is asked each time."""
    return await send(request, actor, read, attachment_id)

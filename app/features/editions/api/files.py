"""The files of an edition: the stored bytes, exactly."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from fastapi import Request, Response

from app.core.errors import NotFound
from app.features.editions.queries import shelf
from app.web.api import api_router, problems
from app.web.auth import Caller
from app.web.deps import Read

router = api_router("editions")

PUBLIC = "public, no-cache"
"""Anybody may keep it and asks each time whether it still stands: an edition can be withdrawn."""
PRIVATE = "private, no-store"
_POLICY = re.compile(rb'<meta http-equiv="Content-Security-Policy" content="([^"<>]+)">')
NOTHING = "default-src 'none'"


@router.get(
    "/editions/{edition_id}/files/{name}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}, **problems(NotFound, shelf.EditionWithdrawn)},
)
async def download(request: Request, edition_id: UUID, name: str, actor: Caller, read: Read) -> Response:
    """A file as it was rendered when the edition was published; `ETag` is its SHA-256. Public."""
    row = await shelf.get_file(read, actor, edition_id, name)
    await read.release()
    headers = _headers(row, name)
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(row.content, media_type=row.media_type, headers=headers)


def _headers(row: Any, name: str) -> dict[str, str]:
    """The page opens in the browser under its own policy; everything else is downloaded.

    A withdrawn edition, which only co-pilots still get, is kept by no cache.
    """
    page = row.media_type.startswith("text/html")
    allowed = _POLICY.search(row.content[:4096]) if page else None
    policy = allowed[1].decode().replace("&#x27;", "'") if allowed else NOTHING
    return {
        "ETag": f'"{row.file_sha256.hex()}"',
        "Cache-Control": PUBLIC if row.at is None else PRIVATE,
        "Content-Disposition": f'{"inline" if page else "attachment"}; filename="{name}"',
        "Content-Security-Policy": f"{policy}; frame-ancestors 'none'",
    }

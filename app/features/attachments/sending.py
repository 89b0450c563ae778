"""Sending a file to who may read it: always as a download, and with no database connection held meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import quote
from uuid import UUID

import obstore
import structlog
from fastapi import Request, Response
from obstore.exceptions import BaseError
from starlette.responses import StreamingResponse

from app.core.db import Reader
from app.core.errors import Unavailable
from app.core.storage import key_of
from app.features.attachments import queries
from app.features.attachments.queries import FileRow
from app.policy.actor import Actor
from app.web import respond

log = structlog.get_logger("alliage.attachments")
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"
PIECE = 65_536


async def send(request: Request, actor: Actor, read: Reader, attachment_id: UUID) -> Response:
    """The file itself; the right to read it is asked each time."""
    row = await queries.get_attachment(read, actor, attachment_id)
    await read.release()
    headers = _headers(row)
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    try:
        found = await obstore.get_async(request.app.state.storage, key_of(row.holder_id, row.id))
    except (BaseError, OSError) as failure:
        log.error("attachment.unreadable", attachment=str(row.id), reason=type(failure).__name__)  # noqa: TRY400
        raise Unavailable("Ce fichier ne peut pas être lu pour le moment.", headers={"Retry-After": "60"}) from None
    if found.meta["size"] != row.size:
        log.error("attachment.altered", attachment=str(row.id))
        raise Unavailable("Ce fichier ne peut pas être lu pour le moment.", headers={"Retry-After": "60"})

    async def pieces() -> AsyncIterator[bytes]:
        async for piece in found.stream(min_chunk_size=PIECE):
            yield bytes(piece)

    # The type among the headers: given apart, a text would be said to be in UTF-8, which nobody knows.
    headers |= {"Content-Type": row.media_type, "Content-Length": str(row.size)}
    return StreamingResponse(pieces(), headers=headers)


def _headers(row: FileRow) -> dict[str, str]:
    """A browser saves the file under its name, and never shows it, whatever it holds."""
    plain = "".join(letter if letter.isascii() and letter not in '"\\' else "_" for letter in row.name)
    return {
        "ETag": f'"{row.sha256.hex()}"',
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(row.name, safe='')}",
        "Content-Security-Policy": SANDBOX,
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        **respond.PRIVATE,
    }

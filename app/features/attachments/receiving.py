"""Receive a file from a form: what the API and every page with an upload call.

    form = IncomingForm(request)
    fields = await form.fields()                 # what stands before the first file: csrf, the key, words
    while form.has_file:
        async with receive(request, actor, owner, form) as upload, transaction(request) as db:
            await finalise(db, await identify(request, db), upload, quota=...)
        fields = await form.fields()             # on to the next file, or to the end

A page's route is marked `STREAMS`, its address is added to `app.wiring.STREAMED`, its caller is asked with `Caller` (and
`read.release()`), and it calls `csrf.require_token` with the field of its form. No connection is held between the first transaction, which keeps the room, and the caller's own, which attaches.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import obstore.exceptions
import structlog
from fastapi import Request
from sqlalchemy.exc import SQLAlchemyError

from app.core.errors import invalid
from app.core.storage import forget, incoming_folder, keep, key_of
from app.features.attachments.actions import Reserved, Upload, release, reserve, too_large
from app.features.attachments.contents import examine
from app.features.attachments.queries import Owner
from app.policy.actor import Actor
from app.settings import Settings
from app.web.deps import transaction
from app.web.multipart import IncomingForm

PIECE = 262_144
"""Bytes that are written to the disk at a time."""
_DISK = ThreadPoolExecutor(2, thread_name_prefix="incoming")
log = structlog.get_logger("alliage.attachments")


@asynccontextmanager
async def receive(request: Request, actor: Actor, owner: Owner, form: IncomingForm) -> AsyncIterator[Upload]:
    """The next file of `form`, arrived, looked at and in the store; deleted again unless the block attaches it.

    Raises what `reserve` raises before a byte of the file is read, then 413 or 422 (`FileRefused`, `FormRefused`).
    """
    settings: Settings = request.app.state.settings
    store = request.app.state.storage
    most = min(settings.attachment_bytes, form.at_most) if form.at_most is not None else settings.attachment_bytes
    async with transaction(request) as db:
        reserved = await reserve(db, actor, owner, most=most, quota=settings.attachment_quota_bytes)
    path, upload = incoming_folder(settings) / str(reserved.id), None
    try:
        if not form.has_file:
            await form.fields()
        if not form.has_file:
            raise invalid("/file", "Choisissez un fichier.")
        received = await _arrive(form, path, settings.attachment_bytes)
        examined = await examine(path, form.filename)
        if examined.size > settings.attachment_bytes:
            raise too_large(settings.attachment_bytes)
        await keep(store, key_of(reserved.organisation_id, reserved.id), path)
        upload = Upload(reserved, examined, received)
        yield upload
    finally:
        await asyncio.to_thread(path.unlink, missing_ok=True)
        if upload is None or not upload.attached:
            await _discard(request, reserved)


async def _arrive(form: IncomingForm, path: Path, most: int) -> bytes:
    """Write the file to the disk as it comes, in threads; the SHA-256 of what came."""
    digest, length, waiting = hashlib.sha256(), 0, bytearray()
    loop = asyncio.get_running_loop()
    file = await loop.run_in_executor(_DISK, path.open, "xb")

    def write(piece: bytes) -> None:
        digest.update(piece)
        file.write(piece)

    try:
        async for chunk in form.chunks():
            length += len(chunk)
            if length > most:
                raise too_large(most)
            waiting += chunk
            if len(waiting) >= PIECE:
                await loop.run_in_executor(_DISK, write, bytes(waiting))
                waiting.clear()
        await loop.run_in_executor(_DISK, write, bytes(waiting))
    finally:
        await loop.run_in_executor(_DISK, file.close)
    return digest.digest()


async def _discard(request: Request, reserved: Reserved) -> None:
    """Leave nothing of a file that was refused; what cannot be deleted now is swept within the hour."""
    try:
        await forget(request.app.state.storage, key_of(reserved.organisation_id, reserved.id))
        async with transaction(request) as db:
            await release(db, reserved)
    except (SQLAlchemyError, OSError, obstore.exceptions.BaseError) as failure:
        log.warning("attachment.not_discarded", reason=type(failure).__name__)

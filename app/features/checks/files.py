"""Files against their rows: every byte that a row promises, and no byte that no row knows."""

from __future__ import annotations

import hashlib

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.storage import ATTACHED, key_of
from app.features.attachments.actions import ABANDONED
from app.features.attachments.jobs import id_in
from app.features.attachments.queries import find_rows
from app.features.checks.queries import EXAMPLES, Finding

STORED = text("SELECT id, organisation_id, size, sha256 FROM attachments WHERE state = 'stored' ORDER BY id")
LEFT = text(
    "SELECT id FROM attachments WHERE state = 'pending' AND created_at < :before "
    "OR purged_at IS NULL AND ended_at < :before"
)


async def look_at_files(db: AsyncSession, store: ObjectStore) -> list[Finding]:
    """Size and SHA-256 of each stored file, read again; then what should have been swept."""
    return [await _bytes(db, store), await _orphans(db, store)]


async def _bytes(db: AsyncSession, store: ObjectStore) -> Finding:
    rows, wrong = (await db.execute(STORED)).all(), []
    for row in rows:
        digest, size = hashlib.sha256(), 0
        try:
            async for piece in (await obstore.get_async(store, key_of(row.organisation_id, row.id))).stream():
                digest.update(piece)
                size += len(piece)
        except (BaseError, OSError):
            size = -1
        if size != row.size or digest.digest() != bytes(row.sha256):
            wrong.append(str(row.id))
    return Finding("Fichiers joints : octets et empreintes", len(rows), len(wrong), wrong[:EXAMPLES])


async def _orphans(db: AsyncSession, store: ObjectStore) -> Finding:
    """What the worker sweeps every hour, and has not: bytes without a row, rows that wait for their bytes to go."""
    before, looked = now() - ABANDONED, 0
    wrong = [str(found) for found in (await db.execute(LEFT, {"before": before})).scalars()]
    async for batch in obstore.list(store, ATTACHED, chunk_size=500):
        looked += len(batch)
        old = [meta["path"] for meta in batch if meta["last_modified"] < before]
        known = await find_rows(db, [found for found in map(id_in, old) if found is not None])
        wrong += [path for path in old if id_in(path) not in known]
    return Finding("Fichiers joints sans usage : lancez le worker", looked, len(wrong), wrong[:EXAMPLES])

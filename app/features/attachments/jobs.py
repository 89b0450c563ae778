"""What the worker does for files: it deletes the bytes that nobody keeps any more."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import obstore
from obstore.store import ObjectStore

from app.core.clock import now
from app.core.storage import ATTACHED, forget, incoming_folder, key_of, open_storage
from app.features.attachments.actions import ABANDONED, drop_abandoned, note_purged
from app.features.attachments.queries import find_rows, list_unpurged
from app.jobs.work import Work


async def purge_attachment(work: Work, *, object_id: str) -> None:
    """Delete the bytes of a file that was removed."""
    await _purge(work, open_storage(work.settings), UUID(object_id))


async def purge_contribution(work: Work, *, object_id: str) -> None:
    """Delete the bytes of the files of a contribution that was erased."""
    await _purge(work, open_storage(work.settings), UUID(object_id))


async def sweep(work: Work, store: ObjectStore | None = None) -> int:
    """Delete what nobody keeps: files that did not arrive, bytes of removed ones, bytes that no row knows; how many."""
    store, before = store or open_storage(work.settings), now() - ABANDONED
    async with work.transaction() as db:
        abandoned = await drop_abandoned(db, before)
    for organisation_id, attachment_id in abandoned:
        await forget(store, key_of(organisation_id, attachment_id))
    left = await asyncio.to_thread(_drop_incoming, incoming_folder(work.settings), ABANDONED)
    return len(abandoned) + left + await _purge(work, store) + await _drop_unknown(work, store)


async def _purge(work: Work, store: ObjectStore, of: UUID | None = None) -> int:
    """First the bytes, then the note: killed in between, it is done again."""
    purged = 0
    while True:
        async with work.database.reading() as connection:
            batch = await list_unpurged(connection, of)
        for organisation_id, attachment_id in batch:
            await forget(store, key_of(organisation_id, attachment_id))
        if batch:
            async with work.transaction() as db:
                await note_purged(db, [attachment_id for _, attachment_id in batch])
        purged += len(batch)
        if not batch:
            return purged


async def _drop_unknown(work: Work, store: ObjectStore) -> int:
    """An upload writes its bytes while its row is there: what is old and has none belongs to nobody."""
    dropped, before = 0, now() - ABANDONED
    async for batch in obstore.list(store, ATTACHED, chunk_size=500):
        old = {meta["path"]: id_in(meta["path"]) for meta in batch if meta["last_modified"] < before}
        async with work.database.reading() as connection:
            known = await find_rows(connection, [found for found in old.values() if found is not None])
        for path, attachment_id in old.items():
            if attachment_id not in known:
                await forget(store, path)
                dropped += 1
    return dropped


def id_in(path: str) -> UUID | None:
    """The file that an object is of; None for what we did not write."""
    try:
        return UUID(path.rpartition("/")[2])
    except ValueError:
        return None


def _drop_incoming(folder: Path, older: timedelta) -> int:
    limit, dropped = time.time() - older.total_seconds(), 0
    for path in folder.iterdir():
        if path.is_file() and path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
            dropped += 1
    return dropped

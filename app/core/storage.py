"""Where the bytes of attached files are: a folder of this machine, or a bucket.

The store itself is obstore's, used as it is (`obstore.get_async`, `obstore.delete_async`). Keys are made of ids, never
of names that people typed, and hold the organisation: two organisations never share bytes.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import obstore
from obstore.store import LocalStore, ObjectStore, S3Store

from app.settings import Settings

if TYPE_CHECKING:
    from obstore.store import S3Config

ATTACHED = "attachments"
"""What the keys of attached files begin with."""


def open_storage(settings: Settings) -> ObjectStore:
    """The store of this installation; the folder is made when it is missing, for its owner alone."""
    if settings.storage_url is None:
        folder = settings.folder.absolute() / "files"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return LocalStore(folder)
    config: S3Config = {"region": settings.storage_region}
    if settings.storage_endpoint:
        config["endpoint"] = settings.storage_endpoint
    if settings.storage_key and settings.storage_secret:
        config["access_key_id"] = settings.storage_key
        config["secret_access_key"] = settings.storage_secret.get_secret_value()
    plain = (settings.storage_endpoint or "").startswith("http://")
    return S3Store.from_url(settings.storage_url, config=config, client_options={"allow_http": plain})


def incoming_folder(settings: Settings) -> Path:
    """Where a file is while it arrives: on a disk, since it is looked into before it is kept."""
    folder = settings.folder.absolute() / "incoming"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def key_of(organisation_id: UUID, attachment_id: UUID) -> str:
    """The name of a file's bytes in the store."""
    return f"{ATTACHED}/{organisation_id}/{attachment_id}"


async def keep(store: ObjectStore, key: str, path: Path) -> None:
    """Store the file at `path` under `key`; when this returns, a folder has it on its disk."""
    await obstore.put_async(store, key, path)
    if isinstance(store, LocalStore):
        await asyncio.to_thread(_to_disk, Path(str(store.prefix)) / key)


def _to_disk(path: Path) -> None:
    for place in (path, path.parent):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


async def forget(store: ObjectStore, key: str) -> None:
    """Delete what `key` names; nothing happens where it is gone already."""
    try:
        await obstore.delete_async(store, key)
    except FileNotFoundError:
        return

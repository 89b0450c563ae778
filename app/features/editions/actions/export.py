"""Write an edition to a folder, as it was published."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from app.core.db import Handle
from app.core.errors import Conflict, NotFound
from app.features.editions.models import EditionFile
from app.features.editions.queries.shelf import NOT_FOUND


class FolderNotEmpty(Conflict):
    """The folder holds something else: an edition is exported to an empty or a new one, so that it verifies."""

    title = "Dossier non vide"


async def export_edition(read: Handle, edition_id: UUID, folder: Path) -> list[Path]:
    """Write the stored bytes of each file; the paths, by name. NotFound for an unknown edition."""
    table = EditionFile.__table__
    question = select(table.c.name, table.c.content).where(table.c.edition_id == edition_id).order_by(table.c.name)
    rows = (await read.execute(question)).all()
    if not rows:
        raise NotFound(NOT_FOUND)
    return await asyncio.to_thread(_write, folder, [(row.name, bytes(row.content)) for row in rows])


def _write(folder: Path, files: list[tuple[str, bytes]]) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FolderNotEmpty(f"Le dossier {folder} n’est pas vide : choisissez-en un autre.")
    written = []
    for name, content in files:
        path = folder / name
        path.write_bytes(content)
        written.append(path)
    return written

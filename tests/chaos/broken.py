"""Applications that break a promise on purpose: what the checks must notice, or they are worth nothing.

`late_commit` asks for its transaction as everybody does who reads only the first page of the manual: a plain
yield dependency, which FastAPI ends after the answer has left. `forgetful` does not look for the key of
a repeated POST. Started by tests alone (`tests.chaos.serving`), never imported by the application.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.settings import Settings
from app.web import deps

DELAY = 0.5  # seconds between an answer and its commit


async def get_late_db(request: Request) -> AsyncIterator[AsyncSession]:
    """`get_db` with a disk that takes its time."""
    async with deps.get_database(request).sessions() as db:
        yield db
        await asyncio.sleep(DELAY)
        await db.commit()


def late_commit(settings: Settings | None = None) -> FastAPI:
    """The whole service, with the default scope; call it in a process that has not yet imported the routes."""
    names = vars(deps)
    kept = names["Db"]
    names["Db"] = Annotated[AsyncSession, Depends(get_late_db)]  # before the routes read it
    try:
        from app.main import create_app  # noqa: PLC0415
    finally:
        names["Db"] = kept
    return create_app(settings)


def forgetful(settings: Settings | None = None) -> FastAPI:
    """The whole service, whose keys are neither looked up nor kept."""
    from app.main import create_app  # noqa: PLC0415
    from app.web.idempotency import Key  # noqa: PLC0415

    async def claim(*_args: object) -> None:
        return

    Key.claim = claim  # type: ignore[method-assign,assignment]
    return create_app(settings)

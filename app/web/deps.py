"""What routes ask for: a transaction (`Db`), a reading connection (`Read`), the caller, the version they read.

`Db` is function-scoped: a plain yield dependency commits after the answer was sent, and a
commit that failed would still have answered 200 (R1). Commit stands here, in the worker and in
the command line, and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Reader
from app.core.errors import BadRequest, Problem
from app.core.paging import LIMIT, LIMIT_MOST
from app.core.versions import Expected
from app.settings import Settings


def get_database(request: Request) -> Database:
    """The engines of this process."""
    database: Database = request.app.state.database
    return database


def get_app_settings(request: Request) -> Settings:
    """The settings this application was made with."""
    settings: Settings = request.app.state.settings
    return settings


@asynccontextmanager
async def transaction(request: Request) -> AsyncIterator[AsyncSession]:
    """Committed when the block ends, rolled back on any refusal but a durable one.

    `Db` is what routes ask for; this is for uploads, which need a transaction before the body and another after it.
    """
    async with get_database(request).sessions() as db:
        try:
            yield db
        except Problem as problem:
            if problem.durable:
                await db.commit()
            raise
        else:
            await db.commit()


async def get_db(request: Request) -> AsyncIterator[AsyncSession]:
    """One transaction for the request, which ends before the answer leaves."""
    async with transaction(request) as db:
        request.state.db = db
        yield db


async def get_reader(request: Request) -> AsyncIterator[Reader]:
    """An autocommit connection, taken at the first read and given back before the answer is rendered."""
    reader = Reader(get_database(request))
    try:
        yield reader
    finally:
        await reader.release()


def get_expected(request: Request) -> Expected:
    """The version that `If-Match` names; `check` says what is wrong once the object is known to exist."""
    header = request.headers.get("if-match")
    if header is None:
        return Expected()
    if header.strip() == "*":
        return Expected(any_version=True)
    match = re.fullmatch(r'\s*(?:W/)?"v(\d{1,9})(?:-[0-9a-f]{1,16})?(?:-gzip)?"\s*', header)
    if match is None:
        raise BadRequest('L’en-tête If-Match attend un ETag donné par ce service, par exemple "v3-1f2e".')
    return Expected(int(match[1]))


Db = Annotated[AsyncSession, Depends(get_db, scope="function")]
Read = Annotated[Reader, Depends(get_reader, scope="function")]
IfMatch = Annotated[Expected, Depends(get_expected)]
SettingsDep = Annotated[Settings, Depends(get_app_settings)]
Limit = Annotated[int, Query(ge=1, le=LIMIT_MOST, description="How many items, at most.")]
Cursor = Annotated[str | None, Query(max_length=1000, description="The `next_cursor` of the page before.")]

__all__ = ["LIMIT", "Cursor", "Db", "IfMatch", "Limit", "Read", "SettingsDep"]

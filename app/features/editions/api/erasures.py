"""Erasing words, for administrators."""

from __future__ import annotations

from fastapi import Request, Response

from app.core.errors import Forbidden, Invalid
from app.features.editions import schemas
from app.features.editions.actions.erase import AlreadyErased
from app.features.editions.actions.erase import erase as erase_words
from app.web import respond
from app.web.api import api_router, problems
from app.web.auth import Writer
from app.web.deps import Db

router = api_router("erasures")


@router.post(
    "/erasures",
    status_code=201,
    response_model=schemas.ErasureOut,
    responses=problems(Forbidden, Invalid, AlreadyErased),
)
async def erase(request: Request, said: schemas.ErasureDraft, actor: Writer, db: Db) -> Response:
    """Erase what somebody said, for good. Editions that were published keep their words: the answer names them."""
    return respond.plain(request, await erase_words(db, actor, said), status=201)

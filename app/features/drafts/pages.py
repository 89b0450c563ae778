"""What a page keeps while somebody types: the form as it stands, every few seconds."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from fastapi import Path, Response
from fastapi.responses import JSONResponse
from starlette.datastructures import FormData

from app.core.errors import NotFound
from app.core.versions import ANY_VERSION
from app.features.drafts.actions import discard, save
from app.features.drafts.schemas import DraftIn, DraftKey
from app.web.conflict import written_on
from app.web.deps import Db
from app.web.forms import OURS, Filled, page_router, read, texts
from app.web.screen import Acting, here

router = page_router()
Key = Annotated[DraftKey, Path()]
APART = OURS | {"geste", "vers", "draft_version", "draft_space_id", "draft_initiative_id"}
"""Fields that say how a form is kept, and are no words of it."""
BETWEEN = "\n"
"""What parts the values of a field that may be chosen several times."""


@router.post("/brouillons/{key}")
async def keep(screen: Acting, db: Db, key: Key, form: Filled) -> Response:
    """Keep the form on the version that the page last had, 0 for the first time; a program of the page reads the answer."""
    body = {name: BETWEEN.join(values) for name, values in texts(form).items() if name not in APART}
    space, initiative = (form.get(name) or None for name in ("draft_space_id", "draft_initiative_id"))
    said = read(DraftIn, FormData(), body=body, space_id=space, initiative_id=initiative)
    saved = await save(db, screen.actor, key, said, written_on(form, "draft_version"))
    return JSONResponse(saved.model_dump(mode="json"), headers={"Cache-Control": "no-store"})


@router.post("/brouillons/{key}/jeter")
async def throw_away(screen: Acting, db: Db, key: Key, form: Filled) -> Response:
    """Begin again from nothing."""
    with suppress(NotFound):
        await discard(db, screen.actor, key, ANY_VERSION)
    return screen.see(here(str(form.get("vers", "/"))))

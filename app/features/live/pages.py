"""What a page that is open is told: `/direct`, and who is writing where. The login of the browser says who follows."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Header, Query, Request, Response

from app.features.live import actions
from app.features.live.following import follow_one, listed
from app.features.live.schemas import WritingIn
from app.web.auth import Caller, Writer
from app.web.deps import Db
from app.web.forms import Filled, page_router, read

router = page_router()


@router.get("/direct")
async def follow(
    request: Request,
    actor: Caller,
    livrable: UUID | None = None,
    seance: UUID | None = None,
    espace: UUID | None = None,
    after: Annotated[str | None, Query(max_length=64)] = None,
    last_event_id: Annotated[str | None, Header(max_length=64)] = None,
) -> Response:
    """The events of one page: the same as those of the API's `/live`."""
    asked = {"deliverable": ("livrable", livrable), "session": ("seance", seance), "space": ("espace", espace)}
    return await follow_one(request, actor, asked, last_event_id or after)


@router.post("/direct/presence")
async def write_here(request: Request, actor: Writer, db: Db, form: Filled) -> Response:
    """Say that one writes there, or with `left` that one no longer does; who else does, or 204."""
    said = read(WritingIn, form)
    if said.left:
        await actions.leave(db, actor, said.kind, said.id)
        return Response(status_code=204)
    return listed(request, await actions.arrive(db, actor, said.kind, said.id))

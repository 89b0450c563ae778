"""What a page that is open is told: `/direct`, and who is writing where. The login of the browser says who follows."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Header, Query, Request, Response

from app.core.errors import Unauthenticated, invalid
from app.core.paging import Page
from app.core.schema import Listing
from app.features.live import actions
from app.features.live.api import live_response
from app.features.live.schemas import PresenceOut, WritingIn
from app.web import respond
from app.web.auth import Caller, Writer, asked_again
from app.web.deps import Db
from app.web.forms import Filled, page_router, read

router = page_router()
WRITERS = Listing[PresenceOut]


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
    if not actor.signed_in:
        raise Unauthenticated("Connectez-vous pour suivre cette page.")
    asked = {"deliverable": livrable, "session": seance, "space": espace}
    given = [(scope, thing) for scope, thing in asked.items() if thing is not None]
    if len(given) != 1:
        raise invalid("query:seance", "Suivez une chose à la fois : livrable, seance ou espace.")
    [(scope, thing)] = given
    return await live_response(request, asked_again(request), scope, thing, last_event_id or after)


@router.post("/direct/presence")
async def write_here(request: Request, actor: Writer, db: Db, form: Filled) -> Response:
    """Say that one writes there, or with `left` that one no longer does; who else does, or 204."""
    said = read(WritingIn, form)
    if said.left:
        await actions.leave(db, actor, said.kind, said.id)
        return Response(status_code=204)
    return respond.page(request, WRITERS, Page(list(await actions.arrive(db, actor, said.kind, said.id)), None))

"""`/sessions/{id}/agenda` and `/agenda-items`."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from app.core.db import Handle, Reader
from app.core.paging import Page
from app.core.schema import Listing
from app.features.sessions import actions, queries
from app.features.sessions.api.rights import ADDING, EDITING, READING
from app.features.sessions.schemas import AgendaItemDraft, AgendaItemMove, AgendaItemOut, AgendaItemPatch
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import allowed
from app.web import respond
from app.web.api import PREFIX, api_router
from app.web.auth import Caller, Writer
from app.web.deps import Db, IfMatch, Read
from app.web.objects import page

router = api_router("sessions")


@router.get("/sessions/{session_id}/agenda", response_model=Listing[AgendaItemOut], responses=READING)
async def list_agenda(request: Request, session_id: UUID, actor: Caller, read: Read) -> Response:
    """The whole agenda, in order, with the hours that follow from how long each point takes."""
    session = await queries.get_card(read, actor, session_id)
    found = await queries.list_agenda(read, session)
    await read.release()
    return page(request, Listing[AgendaItemOut], Page(found, None), (_shown(actor, session, row) for row in found))


@router.post("/sessions/{session_id}/agenda", response_model=AgendaItemOut, status_code=201, responses=ADDING)
async def add_item(request: Request, session_id: UUID, body: AgendaItemDraft, actor: Writer, db: Db) -> Response:
    """Add a point to the agenda."""
    item = await actions.add_item(db, actor, session_id, body)
    return await answer_item(request, db, actor, item.id, status=201)


@router.get("/agenda-items/{item_id}", response_model=AgendaItemOut, responses=READING)
async def get_item(request: Request, item_id: UUID, actor: Caller, read: Read) -> Response:
    """One point of an agenda."""
    return await answer_item(request, read, actor, item_id)


@router.patch("/agenda-items/{item_id}", response_model=AgendaItemOut, responses=EDITING)
async def edit_item(
    request: Request, item_id: UUID, body: AgendaItemPatch, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """Change its title, how long it takes, or who presents it."""
    await actions.edit_item(db, actor, item_id, body, expected)
    return await answer_item(request, db, actor, item_id)


@router.post("/agenda-items/{item_id}/move", response_model=AgendaItemOut, responses=EDITING)
async def move_item(
    request: Request, item_id: UUID, body: AgendaItemMove, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """Put it elsewhere in the order."""
    await actions.move_item(db, actor, item_id, body, expected)
    return await answer_item(request, db, actor, item_id)


@router.delete("/agenda-items/{item_id}", status_code=204, responses=EDITING)
async def remove_item(item_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Take it off the agenda; its notes stay."""
    await actions.remove_item(db, actor, item_id, expected)
    return Response(status_code=204)


def _shown(actor: Actor, session: queries.SessionRow, row: queries.TimedItem) -> AgendaItemOut:
    item = row.item
    return AgendaItemOut(
        **{name: getattr(item, name) for name in queries.AgendaRow.__slots__},
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        abilities=[Action.SESSION_EDIT.value] if allowed(actor, Action.SESSION_EDIT, session) else [],
    )


async def answer_item(request: Request, handle: Handle, actor: Actor, item_id: UUID, status: int = 200) -> Response:
    """The point with its hours, as it is now."""
    row, session = await queries.get_agenda_item(handle, actor, item_id)
    if isinstance(handle, Reader):
        await handle.release()
    location = f"{PREFIX}/agenda-items/{item_id}" if status == 201 else ""
    body = _shown(actor, session, row)
    return respond.item(request, body, version=row.item.version, status=status, location=location)

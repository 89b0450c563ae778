"""`/initiatives/{id}/participations`: the organisations."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from app.core.changes import AlreadyEnded
from app.core.errors import Forbidden, NotFound
from app.core.schema import Listing
from app.features.initiatives import actions, queries
from app.features.initiatives.actions.participations import LastCopilot
from app.features.initiatives.api.rights import ADDING, EDITED, READING, editing
from app.features.initiatives.schemas import ParticipationDraft, ParticipationOut
from app.policy.actor import ParticipationRole
from app.web import respond
from app.web.api import PREFIX, api_router, problems
from app.web.auth import Caller, Writer
from app.web.deps import LIMIT, Cursor, Db, Limit, Read
from app.web.objects import page, shape

router = api_router("initiatives")


@router.get("/initiatives/{reference}/participations", response_model=Listing[ParticipationOut], responses=READING)
async def list_participations(
    request: Request,
    reference: str,
    actor: Caller,
    read: Read,
    role: ParticipationRole | None = None,
    limit: Limit = LIMIT,
    cursor: Cursor = None,
) -> Response:
    """The organisations by name, those that left too."""
    card = await queries.get_card(read, actor, reference)
    found = await queries.list_participations(read, card.id, role=role, cursor=cursor, limit=limit)
    await read.release()
    items = (shape(ParticipationOut, row, editing(actor, card)) for row in found.items)
    return page(request, Listing[ParticipationOut], found, items)


@router.post(
    "/initiatives/{reference}/participations",
    response_model=ParticipationOut,
    status_code=201,
    responses=ADDING,
)
async def start_participation(
    request: Request, reference: str, body: ParticipationDraft, actor: Writer, db: Db
) -> Response:
    """Let an organisation take part, as a co-pilot, a participant or an observer."""
    made = await actions.start_participation(db, actor, reference, body)
    row, _ = await queries.get_part(db, actor, queries.ParticipationRow, made.id)
    location = f"{PREFIX}/participations/{row.id}"
    return respond.item(request, shape(ParticipationOut, row, EDITED), version=1, status=201, location=location)


@router.get("/participations/{participation_id}", response_model=ParticipationOut, responses=READING)
async def get_participation(request: Request, participation_id: UUID, actor: Caller, read: Read) -> Response:
    """An organisation in an initiative, from when to when."""
    row, card = await queries.get_part(read, actor, queries.ParticipationRow, participation_id)
    await read.release()
    return respond.item(request, shape(ParticipationOut, row, editing(actor, card)), version=1)


@router.post(
    "/participations/{participation_id}/end",
    response_model=ParticipationOut,
    responses=problems(NotFound, Forbidden, AlreadyEnded, LastCopilot),
)
async def end_participation(request: Request, participation_id: UUID, actor: Writer, db: Db) -> Response:
    """Let an organisation leave; what it said stays its own."""
    await actions.end_participation(db, actor, participation_id)
    row, _ = await queries.get_part(db, actor, queries.ParticipationRow, participation_id)
    return respond.item(request, shape(ParticipationOut, row), version=1)

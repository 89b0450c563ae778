"""`/initiatives/{id}/phases` and `/milestones`."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from app.core.schema import Listing
from app.features.initiatives import actions, queries
from app.features.initiatives.api.rights import ADDING, EDITED, EDITING, READING, editing
from app.features.initiatives.schemas import (
    MilestoneDraft,
    MilestoneOut,
    MilestonePatch,
    PhaseDraft,
    PhaseOut,
    PhasePatch,
)
from app.web import respond
from app.web.api import PREFIX, api_router
from app.web.auth import Caller, Writer
from app.web.deps import LIMIT, Cursor, Db, IfMatch, Limit, Read
from app.web.objects import page, shape

router = api_router("initiatives")


@router.get("/initiatives/{reference}/phases", response_model=Listing[PhaseOut], responses=READING)
async def list_phases(
    request: Request, reference: str, actor: Caller, read: Read, limit: Limit = LIMIT, cursor: Cursor = None
) -> Response:
    """The dated stages, in order."""
    card = await queries.get_card(read, actor, reference)
    found = await queries.list_phases(read, card.id, cursor=cursor, limit=limit)
    await read.release()
    return page(request, Listing[PhaseOut], found, (shape(PhaseOut, row, editing(actor, card)) for row in found.items))


@router.post("/initiatives/{reference}/phases", response_model=PhaseOut, status_code=201, responses=ADDING)
async def add_phase(request: Request, reference: str, body: PhaseDraft, actor: Writer, db: Db) -> Response:
    """Add a dated stage."""
    phase = await actions.add_phase(db, actor, reference, body)
    location = f"{PREFIX}/phases/{phase.id}"
    return respond.item(request, shape(PhaseOut, phase, EDITED), version=1, status=201, location=location)


@router.get("/phases/{phase_id}", response_model=PhaseOut, responses=READING)
async def get_phase(request: Request, phase_id: UUID, actor: Caller, read: Read) -> Response:
    """A dated stage."""
    row, card = await queries.get_part(read, actor, queries.PhaseRow, phase_id)
    await read.release()
    return respond.item(request, shape(PhaseOut, row, editing(actor, card)), version=row.version)


@router.patch("/phases/{phase_id}", response_model=PhaseOut, responses=EDITING)
async def edit_phase(
    request: Request, phase_id: UUID, body: PhasePatch, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """Change a stage."""
    phase = await actions.edit_phase(db, actor, phase_id, body, expected)
    return respond.item(request, shape(PhaseOut, phase, EDITED), version=phase.version)


@router.delete("/phases/{phase_id}", status_code=204, responses=EDITING)
async def remove_phase(phase_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Take a stage off the calendar."""
    await actions.remove_phase(db, actor, phase_id, expected)
    return Response(status_code=204)


@router.get("/initiatives/{reference}/milestones", response_model=Listing[MilestoneOut], responses=READING)
async def list_milestones(
    request: Request, reference: str, actor: Caller, read: Read, limit: Limit = LIMIT, cursor: Cursor = None
) -> Response:
    """What happened on a day, in order."""
    card = await queries.get_card(read, actor, reference)
    found = await queries.list_milestones(read, card.id, cursor=cursor, limit=limit)
    await read.release()
    items = (shape(MilestoneOut, row, editing(actor, card)) for row in found.items)
    return page(request, Listing[MilestoneOut], found, items)


@router.post("/initiatives/{reference}/milestones", response_model=MilestoneOut, status_code=201, responses=ADDING)
async def add_milestone(request: Request, reference: str, body: MilestoneDraft, actor: Writer, db: Db) -> Response:
    """Add something that happens on a day."""
    milestone = await actions.add_milestone(db, actor, reference, body)
    location = f"{PREFIX}/milestones/{milestone.id}"
    return respond.item(request, shape(MilestoneOut, milestone, EDITED), version=1, status=201, location=location)


@router.get("/milestones/{milestone_id}", response_model=MilestoneOut, responses=READING)
async def get_milestone(request: Request, milestone_id: UUID, actor: Caller, read: Read) -> Response:
    """What happened on a day."""
    row, card = await queries.get_part(read, actor, queries.MilestoneRow, milestone_id)
    await read.release()
    return respond.item(request, shape(MilestoneOut, row, editing(actor, card)), version=row.version)


@router.patch("/milestones/{milestone_id}", response_model=MilestoneOut, responses=EDITING)
async def edit_milestone(
    request: Request, milestone_id: UUID, body: MilestonePatch, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """Change a milestone."""
    milestone = await actions.edit_milestone(db, actor, milestone_id, body, expected)
    return respond.item(request, shape(MilestoneOut, milestone, EDITED), version=milestone.version)


@router.delete("/milestones/{milestone_id}", status_code=204, responses=EDITING)
async def remove_milestone(milestone_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Take a milestone off the calendar."""
    await actions.remove_milestone(db, actor, milestone_id, expected)
    return Response(status_code=204)

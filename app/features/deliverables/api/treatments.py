"""Treatments and waivers: what became of each contribution."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.core.errors import Forbidden, NotFound, PreconditionFailed, PreconditionRequired, WrongState
from app.core.paging import LIMIT
from app.core.schema import Listing
from app.core.text import SearchText
from app.features.deliverables.actions import treatments, waivers
from app.features.deliverables.models import Fate
from app.features.deliverables.queries import queue
from app.features.deliverables.schemas import fates
from app.features.initiatives.queries import InitiativeArchived
from app.web import respond
from app.web.api import api_router, problems
from app.web.auth import Caller, Writer
from app.web.deps import Cursor, Db, IfMatch, Limit, Read
from app.web.idempotency import CREATES

router = api_router("treatments")
QUEUE = Listing[fates.InQueue]
WAIVERS = Listing[fates.WaiverOut]


class QueueFilters(BaseModel):
    """What the queue is narrowed to."""

    model_config = ConfigDict(extra="forbid")

    status: Fate | None = None
    space_id: UUID | None = None
    section_id: UUID | None = Field(default=None, description="What this section is about: its theme, or its space.")
    cited: bool | None = Field(default=None, description="`false`: what the text does not cite yet.")
    q: SearchText | None = None
    cursor: Cursor = None
    limit: Limit = LIMIT


@router.get(
    "/deliverables/{deliverable_id}/treatments",
    response_model=Listing[fates.InQueue],
    responses=problems(NotFound),
)
async def list_queue(
    request: Request,
    deliverable_id: UUID,
    actor: Caller,
    read: Read,
    filters: Annotated[QueueFilters, Query()],
) -> Response:
    """The contributions of the scope, newest first, with what became of each; `cited=false`: not cited yet.

    Narrowed by `status` or `cited`, a page looks at 2,000 contributions: it may be short, or empty, and go on all the same.
    """
    page = await queue.list_queue(read, actor, deliverable_id, **dict(filters))
    await read.release()
    return respond.page(request, QUEUE, page)


@router.post(
    "/treatments",
    status_code=201,
    response_model=fates.TreatmentOut,
    responses=problems(
        Forbidden,
        WrongState,
        InitiativeArchived,
        treatments.OutOfScope,
        treatments.MergedInCircle,
        treatments.RevisedSince,
    ),
)
async def treat(request: Request, draft: fates.TreatmentDraft, actor: Writer, db: Db) -> Response:
    """Say what became of a contribution, in a sentence that its author will read."""
    treatment = await treatments.treat(db, actor, draft)
    body = await queue.get_treatment(db, actor, treatment.id)
    return respond.item(request, body, version=1, status=201, location=f"/api/v1/treatments/{body.id}")


@router.post(
    "/treatments/by-rule",
    openapi_extra=CREATES,
    response_model=fates.TreatedByRule,
    responses=problems(Forbidden, WrongState, InitiativeArchived),
)
async def treat_by_rule(request: Request, order: fates.TreatByRule, actor: Writer, db: Db) -> Response:
    """Treat alike everything that a filter finds; the rule is recorded beside each treatment."""
    treated = await treatments.treat_by_rule(db, actor, order)
    return respond.plain(request, fates.TreatedByRule(treated=treated, rule=order.rule))


@router.get("/treatments", response_model=Listing[fates.TreatmentOut])
async def list_treatments(
    request: Request,
    deliverable_id: UUID,
    statement_id: UUID,
    actor: Caller,
    read: Read,
    cursor: Cursor = None,
    limit: Limit = LIMIT,
) -> Response:
    """Every treatment that a contribution had in a deliverable, newest first."""
    page = await queue.list_treatments_of(read, actor, deliverable_id, statement_id, cursor, limit)
    await read.release()
    return respond.page(request, Listing[fates.TreatmentOut], page)


@router.get("/treatments/{treatment_id}", response_model=fates.TreatmentOut, responses=problems(NotFound))
async def show(request: Request, treatment_id: UUID, actor: Caller, read: Read) -> Response:
    """One treatment."""
    body = await queue.get_treatment(read, actor, treatment_id)
    await read.release()
    return respond.plain(request, body)


@router.get("/waivers", response_model=Listing[fates.WaiverOut], responses=problems(NotFound))
async def list_waivers(
    request: Request, deliverable_id: UUID, actor: Caller, read: Read, cursor: Cursor = None, limit: Limit = LIMIT
) -> Response:
    """Who let what through the gate, and why; newest first."""
    page = await queue.list_waivers(read, actor, deliverable_id, cursor, limit)
    await read.release()
    return respond.page(request, WAIVERS, page)


@router.post(
    "/waivers",
    status_code=201,
    response_model=fates.WaiverOut,
    responses=problems(Forbidden, WrongState, InitiativeArchived, waivers.NothingToWaive),
)
async def waive(request: Request, draft: fates.WaiverDraft, actor: Writer, db: Db) -> Response:
    """Let a contribution through the gate, with a reason that is printed."""
    waiver = await waivers.waive(db, actor, draft)
    body = await queue.get_waiver(db, actor, waiver.id)
    return respond.item(request, body, version=1, status=201, location=f"/api/v1/waivers/{body.id}")


@router.get("/waivers/{waiver_id}", response_model=fates.WaiverOut, responses=problems(NotFound))
async def show_waiver(request: Request, waiver_id: UUID, actor: Caller, read: Read) -> Response:
    """One waiver."""
    body = await queue.get_waiver(read, actor, waiver_id)
    await read.release()
    return respond.item(request, body, version=waivers.version_of(body.revoked_at is not None))


@router.post(
    "/waivers/{waiver_id}/revoke",
    response_model=fates.WaiverOut,
    responses=problems(Forbidden, NotFound, PreconditionFailed, PreconditionRequired, WrongState, InitiativeArchived),
)
async def revoke(request: Request, waiver_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Take a waiver back: the gate holds again."""
    await waivers.revoke(db, actor, waiver_id, expected)
    return respond.item(request, await queue.get_waiver(db, actor, waiver_id), version=2)

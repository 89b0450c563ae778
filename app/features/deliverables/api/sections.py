"""Sections: the tree of the text."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from app.core.errors import Forbidden, NotFound, PreconditionFailed, PreconditionRequired, WrongState
from app.features.deliverables.actions import sections
from app.features.deliverables.queries import outline
from app.features.deliverables.schemas import writing
from app.features.initiatives.queries import InitiativeArchived
from app.policy.actor import Actor
from app.web import respond
from app.web.api import api_router, problems
from app.web.auth import Caller, Writer
from app.web.deps import Db, IfMatch, Read

router = api_router("sections")
CHANGED = (Forbidden, NotFound, PreconditionFailed, PreconditionRequired, WrongState, InitiativeArchived)


def _answer(request: Request, body: writing.SectionOut, status: int = 200) -> Response:
    location = f"/api/v1/sections/{body.id}" if status == 201 else ""
    return respond.item(request, body, version=body.version, status=status, location=location)


async def _written(request: Request, db: Db, actor: Actor, section_id: UUID, status: int = 200) -> Response:
    await db.flush()
    return _answer(request, await outline.get_section(db, actor, section_id), status)


@router.post(
    "/sections",
    status_code=201,
    response_model=writing.SectionOut,
    responses=problems(Forbidden, WrongState, InitiativeArchived),
)
async def create(request: Request, draft: writing.SectionDraft, actor: Writer, db: Db) -> Response:
    """Add a section."""
    section = await sections.add_section(db, actor, draft)
    return await _written(request, db, actor, section.id, 201)


@router.get("/sections/{section_id}", response_model=writing.SectionOut, responses=problems(NotFound))
async def show(request: Request, section_id: UUID, actor: Caller, read: Read) -> Response:
    """One section, with its number in the outline."""
    body = await outline.get_section(read, actor, section_id)
    await read.release()
    return _answer(request, body)


@router.patch("/sections/{section_id}", response_model=writing.SectionOut, responses=problems(*CHANGED))
async def edit(
    request: Request, section_id: UUID, patch: writing.SectionPatch, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """Rename a section."""
    await sections.edit_section(db, actor, section_id, patch, expected)
    return await _written(request, db, actor, section_id)


@router.post(
    "/sections/{section_id}/move",
    response_model=writing.SectionOut,
    responses=problems(*CHANGED, sections.SectionInItself),
)
async def move(
    request: Request, section_id: UUID, where: writing.SectionMove, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """Put a section elsewhere, with what stands in it."""
    await sections.move_section(db, actor, section_id, where, expected)
    return await _written(request, db, actor, section_id)


@router.delete("/sections/{section_id}", status_code=204, responses=problems(*CHANGED, sections.SectionNotEmpty))
async def remove(section_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Take out a section that holds no accepted passage."""
    await sections.remove_section(db, actor, section_id, expected)
    return Response(status_code=204)

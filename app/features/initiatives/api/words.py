"""`/initiatives/{id}/terms`: the words of its taxonomies."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from app.core.schema import Listing
from app.core.text import Code
from app.features.initiatives import actions, queries
from app.features.initiatives.api.rights import ADDING, EDITED, EDITING, MOVING, READING, editing
from app.features.initiatives.schemas import TermDraft, TermOut, TermPatch
from app.web import respond
from app.web.api import PREFIX, api_router
from app.web.auth import Caller, Writer
from app.web.deps import LIMIT, Cursor, Db, IfMatch, Limit, Read
from app.web.objects import page, shape

router = api_router("initiatives")


@router.get("/initiatives/{reference}/terms", response_model=Listing[TermOut], responses=READING)
async def list_terms(
    request: Request,
    reference: str,
    actor: Caller,
    read: Read,
    taxonomy: Code | None = None,
    limit: Limit = LIMIT,
    cursor: Cursor = None,
) -> Response:
    """The words of the taxonomies, retired ones too, by position."""
    card = await queries.get_card(read, actor, reference)
    found = await queries.list_terms(read, card.id, taxonomy=taxonomy, cursor=cursor, limit=limit)
    await read.release()
    return page(request, Listing[TermOut], found, (shape(TermOut, row, editing(actor, card)) for row in found.items))


@router.post("/initiatives/{reference}/terms", response_model=TermOut, status_code=201, responses=ADDING)
async def add_term(request: Request, reference: str, body: TermDraft, actor: Writer, db: Db) -> Response:
    """Add a word to a taxonomy."""
    term = await actions.add_term(db, actor, reference, body)
    location = f"{PREFIX}/terms/{term.id}"
    return respond.item(request, shape(TermOut, term, EDITED), version=1, status=201, location=location)


@router.get("/terms/{term_id}", response_model=TermOut, responses=READING)
async def get_term(request: Request, term_id: UUID, actor: Caller, read: Read) -> Response:
    """A word of a taxonomy."""
    row, card = await queries.get_part(read, actor, queries.TermRow, term_id)
    await read.release()
    return respond.item(request, shape(TermOut, row, editing(actor, card)), version=row.version)


@router.patch("/terms/{term_id}", response_model=TermOut, responses=EDITING)
async def edit_term(
    request: Request, term_id: UUID, body: TermPatch, expected: IfMatch, actor: Writer, db: Db
) -> Response:
    """Change a word's label or its place."""
    term = await actions.edit_term(db, actor, term_id, body, expected)
    return respond.item(request, shape(TermOut, term, EDITED), version=term.version)


@router.post("/terms/{term_id}/retire", response_model=TermOut, responses=MOVING)
async def retire_term(request: Request, term_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Propose a word no more; what carries it keeps it."""
    term = await actions.retire_term(db, actor, term_id, expected)
    return respond.item(request, shape(TermOut, term, EDITED), version=term.version)


@router.post("/terms/{term_id}/restore", response_model=TermOut, responses=MOVING)
async def restore_term(request: Request, term_id: UUID, expected: IfMatch, actor: Writer, db: Db) -> Response:
    """Propose a retired word again."""
    term = await actions.restore_term(db, actor, term_id, expected)
    return respond.item(request, shape(TermOut, term, EDITED), version=term.version)

"""The words of the initiative's taxonomies: retired, never deleted, since statements carry their codes."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.changes import alter, asked
from app.core.clock import now
from app.core.versions import Expected
from app.features.initiatives.actions.process import get_part, get_to_edit, tell
from app.features.initiatives.models import Term
from app.features.initiatives.schemas import TermDraft, TermPatch
from app.policy.actor import Actor

NO_TERM = "Ce mot n’existe pas, ou vous n’y avez pas accès."


async def add_term(db: AsyncSession, actor: Actor, reference: str, draft: TermDraft) -> Term:
    """Add a word to a taxonomy; a taxonomy exists as soon as it has one."""
    initiative = await get_to_edit(db, actor, reference)
    term = Term(initiative_id=initiative.id, **draft.model_dump())
    db.add(term)
    await db.flush()
    tell(db, actor, "term.added", term, initiative.id, taxonomy=term.taxonomy, code=term.code)
    return term


async def edit_term(db: AsyncSession, actor: Actor, term_id: UUID, patch: TermPatch, expected: Expected) -> Term:
    """Change its label or its place; its code stays what statements carry."""
    term = await get_part(db, actor, Term, term_id, NO_TERM)
    expected.check(term.version)
    if changed := alter(term, asked(patch)):
        await db.flush()
        tell(db, actor, "term.edited", term, term.initiative_id, code=term.code, fields=changed)
    return term


async def retire_term(db: AsyncSession, actor: Actor, term_id: UUID, expected: Expected) -> Term:
    """Propose it no more; what carries it keeps it. A retired one stays as it is."""
    term = await get_part(db, actor, Term, term_id, NO_TERM)
    expected.check(term.version)
    if term.retired_at is None:
        alter(term, {"retired_at": now()})
        await db.flush()
        tell(db, actor, "term.retired", term, term.initiative_id, code=term.code)
    return term


async def restore_term(db: AsyncSession, actor: Actor, term_id: UUID, expected: Expected) -> Term:
    """Propose it again."""
    term = await get_part(db, actor, Term, term_id, NO_TERM)
    expected.check(term.version)
    if alter(term, {"retired_at": None}):
        await db.flush()
        tell(db, actor, "term.restored", term, term.initiative_id, code=term.code)
    return term

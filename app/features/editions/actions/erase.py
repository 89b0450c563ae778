"""Erase what somebody said, for good: what an administrator does when a person asks, or a court.

The database blanks the words wherever it holds them: the revisions, what was harvested from them, the search,
and the answers kept for repeated requests; and where all of its versions go, the names and the bytes of its files. Hash, length and dates stay, with the name of who erased and why.
Passages that quote render from their citation, and so say that the words are gone.

Two things are not touched, and the answer names them. An edition is frozen: it keeps the words that it was
published with; withdraw it and publish another. And words that somebody else typed again in a text of their own
are theirs: ask them, or moderate. Copies of the database made earlier (backups) hold the words until they are destroyed.
"""

from __future__ import annotations

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import lock_exclusive
from app.core.errors import Conflict, invalid
from app.core.events import Audience, record
from app.features.attachments.actions import erase_files
from app.features.editions.queries.copies import find_editions, find_retyped, pieces_of
from app.features.editions.schemas import ErasureDraft, ErasureOut
from app.features.harvest.models import Extract
from app.features.statements.models import Revision, Statement, StatementState
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import require

SECONDS = 120
"""The stored answers of a week are read one by one: rare, and longer than a request may usually take."""


class AlreadyErased(Conflict):
    """These words were erased already: nothing is left of them but their hash, their length and their dates."""

    title = "Déjà effacé"


async def erase(db: AsyncSession, actor: Actor, said: ErasureDraft) -> ErasureOut:
    """Blank the revisions of a statement, all of them or the one that is named; where its words still stand."""
    require(actor, Action.STATEMENT_ERASE, said)
    # The row, then the initiative alone: as whoever edits takes them, so that neither waits for the other in a ring.
    question = select(Statement).where(Statement.id == said.statement_id)
    statement = (await db.execute(question.with_for_update(key_share=True))).scalar_one_or_none()
    if statement is None:
        raise invalid("/statement_id", "Cette prise de parole n’existe pas.")
    await lock_exclusive(db, statement.initiative_id)
    await db.execute(text(f"SET LOCAL statement_timeout = '{SECONDS}s'"))
    revisions = await _standing(db, said)
    quotes = await db.scalars(
        select(Extract.quote).where(Extract.revision_id.in_([revision.id for revision in revisions]))
    )
    pieces = pieces_of(revisions, quotes.all())
    editions = await find_editions(db, statement, pieces)
    retyped = await find_retyped(db, statement, pieces)
    for revision in revisions:
        await db.execute(
            text("SELECT erase_revision(:revision, :administrator, :reason)"),
            {"revision": revision.id, "administrator": actor.person_id, "reason": said.reason},
        )
    files = await erase_files(db, statement.id) if said.revision is None else 0
    erased = [revision.n for revision in revisions]
    audience = Audience.PERSON if statement.state == StatementState.DRAFT else Audience.SPACE
    record(db, actor, f"{statement.type}.erased", statement, audience=audience, revisions=erased, files=files)
    return ErasureOut(statement_id=statement.id, revisions=erased, files=files, editions=editions, retyped=retyped)


async def _standing(db: AsyncSession, said: ErasureDraft) -> list[Revision]:
    """The revisions to erase, oldest first."""
    question = select(Revision).where(Revision.statement_id == said.statement_id).order_by(Revision.n)
    if said.revision is not None:
        question = question.where(Revision.n == said.revision)
    found = (await db.scalars(question)).all()
    if not found:
        raise invalid("/revision", "Cette prise de parole n’a pas de version de ce numéro.")
    standing = [revision for revision in found if revision.erased_at is None]
    if not standing:
        raise AlreadyErased("Ces mots ont déjà été effacés.")
    return standing

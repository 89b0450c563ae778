"""Add, rewrite, move and remove passages."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.errors import Conflict, invalid
from app.core.model import new_id
from app.core.versions import Expected
from app.features.deliverables.actions.ground import hold_passage, hold_section, pilot, rank, say
from app.features.deliverables.actions.writing import write_revision
from app.features.deliverables.models import Passage, PassageRevision, PassageState, Section
from app.features.deliverables.schemas.writing import PassageDraft, PassageMove, PassageText
from app.policy.actor import Actor
from app.policy.speaker import Speaker

MOST = 2_000


async def add_passage(db: AsyncSession, actor: Actor, draft: PassageDraft) -> Passage:
    """Write a passage; its words count at once, unless they are only proposed."""
    section, deliverable = await hold_section(db, actor, draft.section_id, "/section_id")
    passage = Passage(
        id=new_id(),
        deliverable_id=deliverable.id,
        initiative_id=deliverable.initiative_id,
        section_id=section.id,
        position=0,
        kind=draft.kind,
        version=1,
    )
    db.add(passage)
    await db.flush()
    await _order(db, passage, draft.position)
    said = pilot(actor, deliverable)
    state = PassageState.PROPOSED if draft.proposed else PassageState.ACCEPTED
    await write_revision(db, said, passage, draft, state=state, base_id=None)
    say(db, actor, "passage.proposed" if draft.proposed else "passage.added", passage, said)
    return passage


async def rewrite(db: AsyncSession, actor: Actor, passage_id: UUID, text: PassageText, expected: Expected) -> Passage:
    """Give a passage new words: an accepted revision of the co-pilot who wrote them; the earlier ones stay."""
    passage, deliverable = await hold_passage(db, actor, passage_id)
    expected.check(passage.version)
    await rewrite_held(db, pilot(actor, deliverable), passage, text)
    say(db, actor, "passage.rewritten", passage, pilot(actor, deliverable))
    return passage


async def rewrite_held(
    db: AsyncSession, said: Speaker, passage: Passage, text: PassageText, *, names_nothing_new: bool = False
) -> PassageRevision:
    """The same for a passage whose deliverable is held already."""
    revision = await write_revision(
        db,
        said,
        passage,
        text,
        state=PassageState.ACCEPTED,
        base_id=passage.head_id,
        names_nothing_new=names_nothing_new,
    )
    passage.version += 1
    await db.flush()
    return revision


async def move_passage(
    db: AsyncSession, actor: Actor, passage_id: UUID, move: PassageMove, expected: Expected
) -> Passage:
    """Put a passage elsewhere in its section, or in another one of the same deliverable."""
    passage, deliverable = await hold_passage(db, actor, passage_id)
    expected.check(passage.version)
    question = select(Section.id).where(
        Section.id == move.section_id, Section.deliverable_id == deliverable.id, Section.removed_at.is_(None)
    )
    if (await db.execute(question)).first() is None:
        raise invalid("/section_id", "Cette partie n’existe pas dans ce livrable.")
    passage.section_id = move.section_id
    passage.version += 1
    await db.flush()
    await _order(db, passage, move.position)
    say(db, actor, "passage.moved", passage, pilot(actor, deliverable))
    return passage


async def remove_passage(db: AsyncSession, actor: Actor, passage_id: UUID, expected: Expected) -> None:
    """Take a passage out of the text; its revisions stay readable, and what only it cited is no longer cited."""
    passage, deliverable = await hold_passage(db, actor, passage_id)
    expected.check(passage.version)
    passage.removed_at = now()
    passage.version += 1
    say(db, actor, "passage.removed", passage, pilot(actor, deliverable))


async def _order(db: AsyncSession, passage: Passage, position: int | None) -> None:
    """Number the passages of the section from 0, this one at `position` (last by default)."""
    found = await db.execute(
        select(Passage.id, Passage.position)
        .where(Passage.section_id == passage.section_id, Passage.removed_at.is_(None))
        .order_by(Passage.position, Passage.id)
    )
    at = {row.id: row.position for row in found}
    if len(at) > MOST:
        raise Conflict("Cette partie a déjà trop de passages : ouvrez-en une autre.")
    for place, sibling in enumerate(rank(list(at), passage.id, position)):
        if sibling == passage.id:
            passage.position = place
        elif at[sibling] != place:
            await db.execute(update(Passage).where(Passage.id == sibling).values(position=place))
    await db.flush()

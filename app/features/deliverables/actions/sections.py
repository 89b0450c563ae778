"""Add, name, move and remove sections."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.errors import Conflict, Invalid, invalid, unknown
from app.core.model import new_id
from app.core.versions import Expected
from app.features.deliverables.actions.ground import hold_named, hold_section, pilot, rank, say
from app.features.deliverables.models import Deliverable, Passage, Section
from app.features.deliverables.schemas.writing import SectionDraft, SectionMove, SectionPatch
from app.features.harvest.models import Theme
from app.features.spaces.models import Space
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible

DEEPEST = 6
MOST = 500


class SectionNotEmpty(Conflict):
    """The section, or one under it, still holds accepted passages: move or remove them first."""

    title = "Partie non vide"


class SectionInItself(Invalid):
    """A section cannot stand under itself, nor under one of its own sub-sections."""

    title = "Partie rangée dans elle-même"


async def add_section(db: AsyncSession, actor: Actor, draft: SectionDraft) -> Section:
    """Add a section under another, or at the top."""
    deliverable = await hold_named(db, actor, draft.deliverable_id)
    await _check_subjects(db, actor, deliverable, draft)
    section = Section(
        id=new_id(),
        deliverable_id=deliverable.id,
        initiative_id=deliverable.initiative_id,
        parent_id=draft.parent_id,
        position=0,
        title=draft.title,
        angle=draft.angle,
        about_space_id=draft.about_space_id,
        about_theme_id=draft.about_theme_id,
        version=1,
    )
    await _check_parent(db, section, draft.parent_id)
    db.add(section)
    await db.flush()
    await _order(db, section, draft.parent_id, draft.position)
    say(db, actor, "section.added", section, pilot(actor, deliverable))
    return section


async def edit_section(
    db: AsyncSession, actor: Actor, section_id: UUID, patch: SectionPatch, expected: Expected
) -> Section:
    """Rename a section, or say of which part of the template it is."""
    section, deliverable = await hold_section(db, actor, section_id)
    expected.check(section.version)
    for name, value in patch.model_dump(exclude_none=True).items():
        setattr(section, name, value)
    section.version += 1
    say(db, actor, "section.edited", section, pilot(actor, deliverable))
    return section


async def move_section(
    db: AsyncSession, actor: Actor, section_id: UUID, move: SectionMove, expected: Expected
) -> Section:
    """Put a section elsewhere in the tree; what stands in it and under it goes along."""
    section, deliverable = await hold_section(db, actor, section_id)
    expected.check(section.version)
    await _check_parent(db, section, move.parent_id)
    section.parent_id = move.parent_id
    section.version += 1
    await db.flush()
    await _order(db, section, move.parent_id, move.position)
    say(db, actor, "section.moved", section, pilot(actor, deliverable))
    return section


async def remove_section(db: AsyncSession, actor: Actor, section_id: UUID, expected: Expected) -> None:
    """Take a section out, with what stands under it, unless an accepted passage is there."""
    section, deliverable = await hold_section(db, actor, section_id)
    expected.check(section.version)
    family = await _family(db, section.id)
    accepted = select(func.count()).where(
        Passage.section_id.in_(family), Passage.removed_at.is_(None), Passage.head_id.is_not(None)
    )
    if count := (await db.execute(accepted)).scalar_one():
        raise SectionNotEmpty(
            "Cette partie contient encore des passages acceptés : déplacez-les ou retirez-les d’abord.",
            passages=count,
        )
    at = now()
    for model, column in ((Section, Section.id), (Passage, Passage.section_id)):
        gone = update(model).where(column.in_(family), model.removed_at.is_(None))
        await db.execute(gone.values(removed_at=at, version=model.version + 1))
    say(db, actor, "section.removed", section, pilot(actor, deliverable), sections=len(family))


async def _check_subjects(db: AsyncSession, actor: Actor, deliverable: Deliverable, draft: SectionDraft) -> None:
    for model, action, row_id, pointer in (
        (Space, Action.SPACE_READ, draft.about_space_id, "/about_space_id"),
        (Theme, Action.THEME_READ, draft.about_theme_id, "/about_theme_id"),
    ):
        if row_id is None:
            continue
        question = select(model).where(
            model.id == row_id,
            model.initiative_id == deliverable.initiative_id,
            visible(actor, model, action),
        )
        if (await db.execute(question)).first() is None:
            raise unknown(pointer, "Cela n’existe pas dans cette démarche, ou vous n’y avez pas accès.")


async def _check_parent(db: AsyncSession, section: Section, parent_id: UUID | None) -> None:
    """The parent stands in the same deliverable, is not inside the section, and is not too deep."""
    if parent_id is None:
        return
    above = await _above(db, section.deliverable_id, parent_id)
    if not above:
        raise invalid("/parent_id", "Cette partie n’existe pas dans ce livrable.")
    if section.id in above:
        raise SectionInItself("Une partie ne peut pas être rangée dans elle-même ni dans l’une de ses sous-parties.")
    if len(above) + await _height(db, section.id) > DEEPEST:
        raise invalid("/parent_id", "Les parties s’emboîtent sur {most} niveaux au plus.", most=DEEPEST)


async def _above(db: AsyncSession, deliverable_id: UUID, section_id: UUID) -> Sequence[UUID]:
    """The section and those above it; nothing when it does not stand in the deliverable."""
    rows = await db.execute(
        text(
            "WITH RECURSIVE above(id, parent_id) AS (SELECT id, parent_id FROM sections WHERE id = :id "
            "AND deliverable_id = :deliverable AND removed_at IS NULL UNION SELECT s.id, s.parent_id "
            "FROM sections s JOIN above a ON s.id = a.parent_id) SELECT id FROM above"
        ),
        {"id": section_id, "deliverable": deliverable_id},
    )
    return rows.scalars().all()


async def _height(db: AsyncSession, section_id: UUID) -> int:
    """How many levels the section and what stands under it take."""
    rows = await db.execute(
        text(
            "WITH RECURSIVE under(id, depth) AS (SELECT CAST(:id AS uuid), 1 UNION ALL SELECT s.id, u.depth + 1 "
            "FROM sections s JOIN under u ON s.parent_id = u.id AND s.removed_at IS NULL WHERE u.depth < 20) "
            "SELECT max(depth) FROM under"
        ),
        {"id": section_id},
    )
    return int(rows.scalar_one())


async def _family(db: AsyncSession, section_id: UUID) -> Sequence[UUID]:
    """The section and those under it that stand."""
    rows = await db.execute(
        text(
            "WITH RECURSIVE under(id) AS (SELECT CAST(:id AS uuid) UNION SELECT s.id FROM sections s "
            "JOIN under u ON s.parent_id = u.id WHERE s.removed_at IS NULL) SELECT id FROM under"
        ),
        {"id": section_id},
    )
    return rows.scalars().all()


async def _order(db: AsyncSession, section: Section, parent_id: UUID | None, position: int | None) -> None:
    """Number the section and its siblings from 0, the section at `position`."""
    found = await db.execute(
        select(Section.id)
        .where(
            Section.deliverable_id == section.deliverable_id,
            Section.parent_id == parent_id,
            Section.removed_at.is_(None),
        )
        .order_by(Section.position, Section.id)
    )
    siblings = found.scalars().all()
    if len(siblings) > MOST:
        raise Conflict("Il y a déjà trop de parties ici : rangez-les sous d’autres.")
    for place, sibling in enumerate(rank(siblings, section.id, position)):
        await db.execute(update(Section).where(Section.id == sibling, Section.position != place).values(position=place))

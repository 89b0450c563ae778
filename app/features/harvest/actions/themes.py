"""Make, name, move and remove themes, and file words under them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.errors import Conflict, Invalid, NotFound, invalid, unknown
from app.core.events import Audience, record
from app.core.model import new_id
from app.core.versions import Expected
from app.features.harvest.models import Extract, ExtractFiling, Filing, Theme
from app.features.harvest.queries import EXTRACT_NOT_FOUND, MOST_THEMES, THEME_NOT_FOUND, ancestors
from app.features.harvest.schemas import ThemeDraft, ThemePatch
from app.features.initiatives.models import Initiative
from app.features.initiatives.queries import require_not_archived
from app.features.spaces.models import Space
from app.features.statements.models import Statement, StatementType
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import require, visible
from app.policy.speaker import find_pilot_speaker, signature

DEEPEST = 6


class ThemeNotEmpty(Conflict):
    """The theme still holds contributions, extracts or other themes: move them first."""

    title = "Thème non vide"


class ThemeInItself(Invalid):
    """A theme cannot stand under itself, nor under one of its own sub-themes."""

    title = "Thème rangé dans lui-même"


async def create_theme(db: AsyncSession, actor: Actor, draft: ThemeDraft) -> Theme:
    """Add a theme to a space, or to the initiative as a whole (co-pilots)."""
    await _check_place(db, actor, draft.initiative_id, draft.space_id)
    theme = Theme(id=new_id(), initiative_id=draft.initiative_id, space_id=draft.space_id, title=draft.title, version=1)
    require(actor, Action.THEME_EDIT, theme)
    await require_not_archived(db, theme.initiative_id)
    await _one_at_a_time(db, theme.initiative_id)
    await _place(db, actor, theme, draft.parent_id, draft.position)
    db.add(theme)
    await db.flush()
    _record(db, actor, "theme.created", theme)
    return theme


async def edit_theme(db: AsyncSession, actor: Actor, theme_id: UUID, patch: ThemePatch, expected: Expected) -> Theme:
    """Rename a theme, or move it in its tree."""
    theme = await get_theme_to_edit(db, actor, theme_id)
    await _one_at_a_time(db, theme.initiative_id)
    await db.refresh(theme)
    expected.check(theme.version)
    if patch.title is not None:
        theme.title = patch.title
    if "parent_id" in patch.model_fields_set or patch.position is not None:
        parent = patch.parent_id if "parent_id" in patch.model_fields_set else theme.parent_id
        await _place(db, actor, theme, parent, patch.position)
    theme.version += 1
    await db.flush()
    _record(db, actor, "theme.edited", theme)
    return theme


async def delete_theme(db: AsyncSession, actor: Actor, theme_id: UUID, expected: Expected) -> None:
    """Remove a theme that holds nothing."""
    theme = await get_theme_to_edit(db, actor, theme_id)
    await _one_at_a_time(db, theme.initiative_id)
    await db.refresh(theme)
    expected.check(theme.version)
    for held in (Theme.parent_id, Filing.theme_id, ExtractFiling.theme_id):
        if (await db.execute(select(func.count()).where(held == theme.id))).scalar_one():
            raise ThemeNotEmpty("Ce thème contient encore des contributions, des extraits ou d’autres thèmes.")
    _record(db, actor, "theme.deleted", theme)
    await db.delete(theme)
    await db.flush()


async def file_statement(
    db: AsyncSession, actor: Actor, theme_id: UUID, statement_id: UUID, expected: Expected
) -> Theme:
    """Put a contribution under a theme; putting it there again changes nothing."""
    theme = await get_theme_to_edit(db, actor, theme_id)
    statement = await _contribution(db, actor, statement_id)
    expected.check(theme.version)
    if not _fits(theme, statement.initiative_id, statement.space_id):
        raise invalid("/statement_id", "Ce thème est d’un autre espace que cette contribution.")
    filing = insert(Filing).values(
        theme_id=theme.id,
        statement_id=statement.id,
        initiative_id=statement.initiative_id,
        space_id=statement.space_id,
        by_person=actor.person_id,
        created_at=now(),
    )
    await db.execute(filing.on_conflict_do_nothing())
    _record(db, actor, "theme.filed", theme, statement_id=str(statement.id))
    return theme


async def unfile_statement(
    db: AsyncSession, actor: Actor, theme_id: UUID, statement_id: UUID, expected: Expected
) -> None:
    """Take a contribution out of a theme."""
    theme = await get_theme_to_edit(db, actor, theme_id)
    gone = await db.execute(delete(Filing).where(Filing.theme_id == theme.id, Filing.statement_id == statement_id))
    if not getattr(gone, "rowcount", 0):
        raise NotFound("Cette contribution n’est pas rangée dans ce thème.")
    expected.check(theme.version)
    _record(db, actor, "theme.unfiled", theme, statement_id=str(statement_id))


async def file_extract(db: AsyncSession, actor: Actor, extract_id: UUID, theme_id: UUID, expected: Expected) -> Theme:
    """Put an extract under a theme; putting it there again changes nothing."""
    extract = await get_extract(db, actor, extract_id)
    theme = await get_theme_to_edit(db, actor, theme_id)
    expected.check(theme.version)
    await put_extract(db, actor, theme, extract)
    return theme


async def put_extract(db: AsyncSession, actor: Actor, theme: Theme, extract: Extract) -> None:
    """The row that files `extract` under `theme`, once both are known to be the caller's to file."""
    if not _fits(theme, extract.initiative_id, extract.space_id):
        raise invalid("/theme_id", "Ce thème est d’un autre espace que cet extrait.")
    filing = insert(ExtractFiling).values(
        theme_id=theme.id, extract_id=extract.id, by_person=actor.person_id, created_at=now()
    )
    await db.execute(filing.on_conflict_do_nothing())
    _record(db, actor, "theme.filed", theme, extract_id=str(extract.id))


async def unfile_extract(db: AsyncSession, actor: Actor, extract_id: UUID, theme_id: UUID, expected: Expected) -> None:
    """Take an extract out of a theme."""
    extract = await get_extract(db, actor, extract_id)
    theme = await get_theme_to_edit(db, actor, theme_id)
    row = delete(ExtractFiling).where(ExtractFiling.theme_id == theme.id, ExtractFiling.extract_id == extract.id)
    if not getattr(await db.execute(row), "rowcount", 0):
        raise NotFound("Cet extrait n’est pas rangé dans ce thème.")
    expected.check(theme.version)
    _record(db, actor, "theme.unfiled", theme, extract_id=str(extract.id))


async def get_theme(db: AsyncSession, actor: Actor, theme_id: UUID) -> Theme:
    """The theme, if the caller may see it."""
    found = await db.execute(select(Theme).where(Theme.id == theme_id, visible(actor, Theme, Action.THEME_READ)))
    if (theme := found.scalar_one_or_none()) is None:
        raise NotFound(THEME_NOT_FOUND)
    return theme


async def get_theme_to_edit(db: AsyncSession, actor: Actor, theme_id: UUID) -> Theme:
    """The theme, for somebody who may edit it, in an initiative that is not archived."""
    theme = await get_theme(db, actor, theme_id)
    require(actor, Action.THEME_EDIT, theme)
    await require_not_archived(db, theme.initiative_id)
    return theme


async def get_extract(db: AsyncSession, actor: Actor, extract_id: UUID) -> Extract:
    """The extract, if the caller may see it."""
    question = select(Extract).where(Extract.id == extract_id, visible(actor, Extract, Action.EXTRACT_READ))
    if (extract := (await db.execute(question)).scalar_one_or_none()) is None:
        raise NotFound(EXTRACT_NOT_FOUND)
    return extract


async def _contribution(db: AsyncSession, actor: Actor, statement_id: UUID) -> Statement:
    question = select(Statement).where(
        Statement.id == statement_id,
        Statement.type == StatementType.CONTRIBUTION,
        visible(actor, Statement, Action.STATEMENT_READ),
    )
    if (statement := (await db.execute(question)).scalar_one_or_none()) is None:
        raise NotFound("Cette contribution n’existe pas, ou vous n’y avez pas accès.")
    return statement


def _fits(theme: Theme, initiative_id: UUID, space_id: UUID) -> bool:
    """A theme of the whole initiative takes everything; one of a space takes what was said there."""
    return theme.initiative_id == initiative_id and theme.space_id in (None, space_id)


async def _check_place(db: AsyncSession, actor: Actor, initiative_id: UUID, space_id: UUID | None) -> None:
    question = select(Initiative.id).where(
        Initiative.id == initiative_id, visible(actor, Initiative, Action.INITIATIVE_READ)
    )
    if (await db.execute(question)).first() is None:
        raise unknown("/initiative_id", "Cette démarche n’existe pas, ou vous n’y avez pas accès.")
    if space_id is None:
        return
    inside = select(Space.id).where(
        Space.id == space_id, Space.initiative_id == initiative_id, visible(actor, Space, Action.SPACE_READ)
    )
    if (await db.execute(inside)).first() is None:
        raise unknown("/space_id", "Cet espace n’existe pas dans cette démarche, ou vous n’y avez pas accès.")


async def _one_at_a_time(db: AsyncSession, initiative_id: UUID) -> None:
    """Two moves at once could make a circle that neither of them sees."""
    await db.execute(text("SELECT pg_advisory_xact_lock(1952999789, hashtext(:id))"), {"id": str(initiative_id)})


async def _place(db: AsyncSession, actor: Actor, theme: Theme, parent_id: UUID | None, position: int | None) -> None:
    """Put the theme under `parent_id` at `position` (last by default), and number its siblings anew."""
    above = await ancestors(db, parent_id)
    if theme.id in above:
        raise ThemeInItself("Un thème ne peut pas être rangé dans lui-même ni dans l’un de ses sous-thèmes.")
    if parent_id is not None:
        await _check_parent(db, actor, theme, parent_id)
    if len(above) + await _height(db, theme.id) > DEEPEST:
        raise invalid("/parent_id", "Les thèmes s’emboîtent sur {most} niveaux au plus.", most=DEEPEST)
    siblings = await _siblings(db, theme, parent_id)
    at = len(siblings) if position is None else min(position, len(siblings))
    for rank, sibling in enumerate([*siblings[:at], None, *siblings[at:]]):
        if sibling is not None:
            await db.execute(update(Theme).where(Theme.id == sibling, Theme.position != rank).values(position=rank))
    theme.parent_id, theme.position = parent_id, at


async def _siblings(db: AsyncSession, theme: Theme, parent_id: UUID | None) -> Sequence[UUID]:
    question = select(Theme.id).where(
        Theme.initiative_id == theme.initiative_id, Theme.parent_id == parent_id, Theme.id != theme.id
    )
    if parent_id is None:
        question = question.where(Theme.space_id == theme.space_id)
    rows = (await db.execute(question.order_by(Theme.position, Theme.id).limit(MOST_THEMES))).scalars().all()
    if len(rows) >= MOST_THEMES:
        raise Conflict("Il y a déjà trop de thèmes ici : rangez-les sous d’autres.")
    return rows


async def _check_parent(db: AsyncSession, actor: Actor, theme: Theme, parent_id: UUID) -> None:
    question = select(Theme.space_id).where(
        Theme.id == parent_id, Theme.initiative_id == theme.initiative_id, visible(actor, Theme, Action.THEME_READ)
    )
    parent = (await db.execute(question)).first()
    if parent is None or parent.space_id not in (None, theme.space_id):
        raise unknown("/parent_id", "Ce thème parent n’existe pas à cet endroit, ou vous n’y avez pas accès.")


async def _height(db: AsyncSession, theme_id: UUID) -> int:
    """How many levels the theme and what stands under it take."""
    levels = text(
        "WITH RECURSIVE under(id, depth) AS (SELECT CAST(:id AS uuid), 1 UNION ALL SELECT t.id, u.depth + 1 "
        "FROM themes t JOIN under u ON t.parent_id = u.id WHERE u.depth < 20) SELECT max(depth) FROM under"
    )
    return int((await db.execute(levels, {"id": theme_id})).scalar_one())


def _record(db: AsyncSession, actor: Actor, verb: str, theme: Theme, **data: Any) -> None:
    said = find_pilot_speaker(actor, theme.initiative_id, theme.space_id)
    record(db, actor, verb, theme, audience=Audience.PILOTS, **signature(said), **data)

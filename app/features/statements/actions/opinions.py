"""Take a position in an organisation's name; add and remove sources."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.errors import Conflict, NotFound
from app.core.events import record
from app.core.versions import Expected
from app.features.statements.actions.spine import audience_of, get_for_update, get_to_change, hold_open
from app.features.statements.models import Position, Source, Stance, Statement, StatementType
from app.features.statements.schemas import PositionDraft, SourceDraft
from app.policy.actions import Action
from app.policy.actor import Actor, Capacity
from app.policy.decide import require
from app.policy.speaker import Speaker, signature, speaker


class NoPosition(Conflict):
    """Your organisation holds no position on this contribution: there is none to take back."""

    title = "Aucune position à retirer"


async def take_position(db: AsyncSession, actor: Actor, contribution_id: UUID, draft: PositionDraft) -> Position:
    """Say where the organisation stands; its earlier position on the contribution is superseded, not lost."""
    statement = await get_for_update(db, actor, contribution_id, StatementType.CONTRIBUTION)
    require(actor, Action.POSITION_TAKE, statement)
    await hold_open(db, actor, statement.space_id)
    said = speaker(actor, statement.initiative_id, statement.space_id, draft.organisation_id, Capacity.ORGANISATION)
    await _supersede(db, statement, said.organisation_id)
    position = Position(
        statement_id=statement.id,
        initiative_id=statement.initiative_id,
        space_id=statement.space_id,
        stance=draft.stance,
        reason=draft.reason or "",
        **said.columns(),
    )
    db.add(position)
    _count(statement, Stance(draft.stance), 1)
    await db.flush()
    _record(db, actor, "position.taken", statement, said, stance=draft.stance)
    return position


async def take_back_position(
    db: AsyncSession, actor: Actor, contribution_id: UUID, organisation_id: UUID | None = None
) -> None:
    """Let the organisation be without an answer again; what it had said stays in the record, dated."""
    statement = await get_for_update(db, actor, contribution_id, StatementType.CONTRIBUTION)
    require(actor, Action.POSITION_TAKE, statement)
    await hold_open(db, actor, statement.space_id)
    said = speaker(actor, statement.initiative_id, statement.space_id, organisation_id, Capacity.ORGANISATION)
    if not await _supersede(db, statement, said.organisation_id):
        raise NoPosition("Votre organisation n’a pas de position ici, ou l’a déjà retirée.")
    await db.flush()
    _record(db, actor, "position.taken_back", statement, said)


async def _supersede(db: AsyncSession, statement: Statement, organisation_id: UUID | None) -> bool:
    """End the position that the organisation holds; whether it held one."""
    found = await db.execute(
        select(Position).where(
            Position.statement_id == statement.id,
            Position.organisation_id == organisation_id,
            Position.superseded_at.is_(None),
        )
    )
    before = found.scalar_one_or_none()
    if before is not None:
        before.superseded_at = now()
        _count(statement, Stance(before.stance), -1)
        await db.flush()
    return before is not None


def _count(statement: Statement, stance: Stance, by: int) -> None:
    name = f"positions_{stance.value}"
    setattr(statement, name, max(getattr(statement, name) + by, 0))


async def add_source(
    db: AsyncSession, actor: Actor, kind: StatementType, statement_id: UUID, draft: SourceDraft
) -> Source:
    """Attach a document to a statement of one's own organisation."""
    statement = await get_for_update(db, actor, statement_id, kind)
    require(actor, Action.STATEMENT_SOURCE, statement)
    await hold_open(db, actor, statement.space_id)
    said = as_it_was_said(actor, statement)
    source = Source(
        statement_id=statement.id,
        initiative_id=statement.initiative_id,
        space_id=statement.space_id,
        category=draft.category,
        title=draft.title,
        url=draft.url,
        note=draft.note or "",
        occurred_at=now(),
        **said.columns(),
    )
    db.add(source)
    statement.sources_count += 1
    await db.flush()
    _record(db, actor, "source.added", statement, said, category=draft.category)
    return source


def as_it_was_said(actor: Actor, statement: Statement) -> Speaker:
    """A source stands beside words in the capacity of these words, by the mandate that runs now."""
    capacity = Capacity(statement.capacity)
    return speaker(actor, statement.initiative_id, statement.space_id, statement.organisation_id, capacity)


async def remove_source(
    db: AsyncSession, actor: Actor, kind: StatementType, statement_id: UUID, source_id: UUID, expected: Expected
) -> None:
    """Take a document off; the row stays, dated."""
    statement = await get_to_change(db, actor, statement_id, Action.STATEMENT_SOURCE, kind)
    found = await db.execute(
        select(Source).where(Source.id == source_id, Source.statement_id == statement.id, Source.removed_at.is_(None))
    )
    source = found.scalar_one_or_none()
    if source is None:
        raise NotFound("Cette source n’existe pas, ou a déjà été retirée.")
    expected.check(statement.version)
    source.removed_at = now()
    statement.sources_count = max(statement.sources_count - 1, 0)
    _record(db, actor, "source.removed", statement, as_it_was_said(actor, statement))


def _record(db: AsyncSession, actor: Actor, verb: str, statement: Statement, said: Speaker, **data: Any) -> None:
    record(db, actor, verb, statement, audience=audience_of(statement.published_at), **signature(said), **data)

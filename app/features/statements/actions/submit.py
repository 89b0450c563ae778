"""Contribute, reply, and publish a draft."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.errors import invalid
from app.core.events import Audience, record
from app.core.model import new_id
from app.core.versions import Expected
from app.features.statements.actions.spine import (
    check_open,
    check_tags,
    count_reply,
    get_for_update,
    hold_open,
    hold_session,
    hold_space,
    new_revision,
)
from app.features.statements.models import Revision, Statement, StatementState, StatementType
from app.features.statements.schemas import ContributionDraft, ReplyDraft, Words
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import require
from app.policy.speaker import speaker


async def submit(db: AsyncSession, actor: Actor, draft: ContributionDraft) -> Statement:
    """Add a contribution to an open space, in the name of an organisation that is a member of it."""
    space = await hold_space(db, actor, draft.space_id)
    require(actor, Action.CONTRIBUTION_SUBMIT, space)
    check_open(space)
    if draft.session_id is not None:
        await hold_session(db, space, draft.session_id)
    statement = _statement(actor, draft, space.initiative_id, space.id, draft=draft.draft)
    statement.type = StatementType.CONTRIBUTION
    statement.kind = draft.kind
    statement.root_id = statement.id
    statement.root_state, statement.root_consent = statement.state, statement.consent
    statement.session_id = draft.session_id
    statement.tags = await check_tags(db, space.initiative_id, draft.tags)
    _say(db, actor, statement, title=draft.title, words=draft)
    verb = "contribution.drafted" if draft.draft else "contribution.submitted"
    _record(db, actor, verb, statement)
    return statement


async def reply(db: AsyncSession, actor: Actor, contribution_id: UUID, draft: ReplyDraft) -> Statement:
    """Answer a published contribution, or one of its replies."""
    root = await get_for_update(db, actor, contribution_id, StatementType.CONTRIBUTION)
    require(actor, Action.STATEMENT_REPLY, root)
    await hold_open(db, actor, root.space_id)
    statement = _statement(actor, draft, root.initiative_id, root.space_id, draft=False)
    statement.type = StatementType.REPLY
    statement.side = draft.side
    statement.root_id = root.id
    statement.parent_id = await _parent(db, root, draft.parent_id)
    statement.root_state, statement.root_consent = root.state, root.consent
    _say(db, actor, statement, title="", words=draft)
    await db.flush()
    await count_reply(db, statement, 1)
    _record(db, actor, "reply.submitted", statement, root_id=str(root.id), side=draft.side)
    return statement


async def publish(db: AsyncSession, actor: Actor, statement_id: UUID, expected: Expected) -> Statement:
    """Let a draft be read; its earlier revisions stay its author's alone."""
    statement = await get_for_update(db, actor, statement_id, StatementType.CONTRIBUTION)
    require(actor, Action.STATEMENT_PUBLISH, statement)
    expected.check(statement.version)
    await hold_open(db, actor, statement.space_id, statement.session_id)
    n = (await db.execute(select(Revision.n).where(Revision.id == statement.head_id))).scalar_one()
    statement.state = StatementState.PUBLISHED
    statement.first_n = n
    statement.published_at = statement.occurred_at = now()
    statement.version += 1
    _record(db, actor, "contribution.submitted", statement)
    return statement


def _statement(actor: Actor, words: Words, initiative_id: UUID, space_id: UUID, *, draft: bool) -> Statement:
    said = speaker(actor, initiative_id, space_id, words.organisation_id, words.capacity)
    at = now()
    return Statement(
        id=new_id(),
        initiative_id=initiative_id,
        space_id=space_id,
        **said.columns(),
        state=StatementState.DRAFT if draft else StatementState.PUBLISHED,
        consent=words.consent,
        language=words.language,
        tags=[],
        origin="posted",
        occurred_at=at,
        recorded_at=at,
        published_at=None if draft else at,
        first_n=None if draft else 1,
        version=1,
    )


def _say(db: AsyncSession, actor: Actor, statement: Statement, *, title: str, words: Words) -> None:
    revision = new_revision(
        statement,
        1,
        title=title,
        markdown=words.markdown,
        consent=words.consent,
        language=words.language,
        author_id=actor.person_id,
    )
    statement.head_id = revision.id
    db.add(statement)
    db.add(revision)


def _record(db: AsyncSession, actor: Actor, verb: str, statement: Statement, **data: Any) -> None:
    draft = statement.state == StatementState.DRAFT
    record(
        db,
        actor,
        verb,
        statement,
        audience=Audience.PERSON if draft else Audience.SPACE,
        organisation_id=statement.organisation_id,
        capacity=statement.capacity,
        **data,
    )


async def _parent(db: AsyncSession, root: Statement, parent_id: UUID | None) -> UUID:
    """The reply answered, or the contribution itself; 422, alike for hidden and unknown, when it is no part of the thread."""
    if parent_id is None or parent_id == root.id:
        return root.id
    found = await db.execute(
        select(func.count()).where(
            Statement.id == parent_id, Statement.root_id == root.id, Statement.state == StatementState.PUBLISHED
        )
    )
    if not found.scalar_one():
        raise invalid("/parent_id", "Cette réponse ne fait pas partie de la discussion.")
    return parent_id

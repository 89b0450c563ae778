"""Contribute, reply, and publish a draft."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.errors import invalid
from app.core.events import Audience, event_of, record
from app.core.model import new_id
from app.core.versions import Expected
from app.features.spaces.queries import SpaceClosed
from app.features.statements.actions.saying import say
from app.features.statements.actions.spine import (
    audience_of,
    check_open,
    check_tags,
    count_reply,
    get_for_update,
    hold_open,
    hold_session,
    hold_space,
    revision_of,
)
from app.features.statements.models import Revision, Statement, StatementState, StatementType
from app.features.statements.schemas import ContributionDraft, ReplyDraft, Words
from app.policy.actions import Action
from app.policy.actor import Actor, Capacity
from app.policy.decide import require
from app.policy.speaker import speaker


async def submit(db: AsyncSession, actor: Actor, draft: ContributionDraft) -> Any:
    """Add a contribution to an open space, in the name of an organisation that is a member of it; the row to answer with."""
    space = await hold_space(db, actor, draft.space_id)
    require(actor, Action.CONTRIBUTION_SUBMIT, space, SpaceClosed)
    check_open(space)
    if draft.session_id is not None:
        await hold_session(db, space, draft.session_id)
    statement = _statement(actor, draft, space, draft=draft.draft) | {
        "type": StatementType.CONTRIBUTION,
        "kind": draft.kind,
        "session_id": draft.session_id,
        "tags": await check_tags(db, space.initiative_id, draft.tags),
    }
    verb = "contribution.drafted" if draft.draft else "contribution.submitted"
    return await _say(db, actor, space, statement, draft.title, draft, verb)


async def reply(db: AsyncSession, actor: Actor, contribution_id: UUID, draft: ReplyDraft) -> Any:
    """Answer a published contribution, or one of its replies; the row to answer with."""
    root = await get_for_update(db, actor, contribution_id, StatementType.CONTRIBUTION)
    require(actor, Action.STATEMENT_REPLY, root)
    await hold_open(db, actor, root.space_id)
    statement = _statement(actor, draft, root, draft=False) | {
        "type": StatementType.REPLY,
        "side": draft.side,
        "root_id": root.id,
        "parent_id": await _parent(db, root, draft.parent_id),
        "root_state": root.state,
        "root_consent": root.consent,
    }
    row = await _say(db, actor, root, statement, "", draft, "reply.submitted", root_id=str(root.id), side=draft.side)
    await count_reply(db, root.id, draft.side, 1)
    return row


async def publish(db: AsyncSession, actor: Actor, statement_id: UUID, expected: Expected) -> Statement:
    """Let a draft be read, said under a mandate of today; its earlier revisions stay its author's alone."""
    statement = await get_for_update(db, actor, statement_id, StatementType.CONTRIBUTION)
    require(actor, Action.STATEMENT_PUBLISH, statement)
    expected.check(statement.version)
    await hold_open(db, actor, statement.space_id, statement.session_id)
    said = speaker(
        actor, statement.initiative_id, statement.space_id, statement.organisation_id, Capacity(statement.capacity)
    )
    statement.mandate_id = said.mandate_id
    n = (await db.execute(select(Revision.n).where(Revision.id == statement.head_id))).scalar_one()
    statement.state = StatementState.PUBLISHED
    statement.first_n = n
    statement.published_at = statement.occurred_at = now()
    statement.version += 1
    record(
        db,
        actor,
        "contribution.submitted",
        statement,
        audience=Audience.SPACE,
        organisation_id=statement.organisation_id,
        capacity=statement.capacity,
    )
    return statement


def _statement(actor: Actor, words: Words, space: Any, *, draft: bool) -> dict[str, Any]:
    said = speaker(actor, space.initiative_id, space.space_id, words.organisation_id, words.capacity)
    identifier, at = new_id(), now()
    state = StatementState.DRAFT if draft else StatementState.PUBLISHED
    return {
        "id": identifier,
        "initiative_id": space.initiative_id,
        "space_id": space.space_id,
        "kind": None,
        "side": None,
        "session_id": None,
        "tags": [],
        "parent_id": None,
        "root_id": identifier,
        "state": state,
        "root_state": state,
        "consent": words.consent,
        "root_consent": words.consent,
        **said.columns(),
        "language": words.language,
        "occurred_at": at,
        "recorded_at": at,
        "published_at": None if draft else at,
        "first_n": None if draft else 1,
    }


async def _say(
    db: AsyncSession,
    actor: Actor,
    space: Any,
    statement: dict[str, Any],
    title: str,
    words: Words,
    verb: str,
    **data: Any,
) -> Any:
    revision = await revision_of(
        statement["id"],
        space,
        1,
        title=title,
        markdown=words.markdown,
        consent=words.consent,
        language=words.language,
        author_id=actor.person_id,
    )
    event = event_of(
        actor,
        verb,
        "statement",
        statement["id"],
        audience=audience_of(statement["published_at"]),
        initiative_id=space.initiative_id,
        space_id=space.space_id,
        organisation_id=statement["organisation_id"],
        capacity=statement["capacity"],
        **data,
    )
    return await say(db, actor, {**statement, "head_id": revision["id"]}, revision, event)


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

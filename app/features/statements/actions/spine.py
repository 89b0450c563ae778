"""What every act on a statement shares: finding it, locking its place, writing its words, keeping its counters."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, cast, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core.clock import now
from app.core.db import ADVISORY, Question, fetch
from app.core.errors import NotFound, invalid
from app.core.events import Audience
from app.core.model import new_id
from app.core.richtext.canonical import PLAIN_VERSION, to_plain
from app.core.richtext.reading import aside
from app.core.richtext.render import to_html
from app.features.initiatives.models import Initiative, InitiativeState, Term
from app.features.initiatives.queries import InitiativeClosed, require_not_archived
from app.features.sessions.models import Session
from app.features.sessions.queries import require_unlocked
from app.features.spaces.models import Space, SpaceState
from app.features.spaces.queries import SpaceClosed
from app.features.statements.models import Side, Statement, StatementState, StatementType
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import require, visible
from app.policy.symbolic import CALLER, facts

NOT_FOUND = "Cette contribution n’existe pas, ou vous n’y avez pas accès."


@lru_cache(maxsize=1)
def _space() -> Question:
    """A space that the caller may see, and the states that a post depends on, held until the transaction ends."""
    return Question(
        select(
            Space.id,
            Space.id.label("space_id"),
            Space.initiative_id,
            Space.state,
            Initiative.state.label("initiative_state"),
            SHARED_LOCK.label("_lock"),
        )
        .join(Initiative, Initiative.id == Space.initiative_id)
        .where(Space.id == bindparam("space_id", type_=Uuid()), visible(CALLER, Space, Action.SPACE_READ))
        .with_for_update(key_share=True, read=True)
    )


SHARED_LOCK = func.pg_advisory_xact_lock_shared(ADVISORY, func.hashtext(cast(Space.initiative_id, Text)))
"""`lock_shared`, in the statement that reads the space."""


async def hold_space(db: AsyncSession, actor: Actor, space_id: UUID) -> Any:
    """The space if the caller may see it, with its state and its initiative's, kept as they are until the end.

    Whoever closes a space, an initiative or a session locks its row FOR UPDATE: each post is either
    before, and counted, or after, and refused (409); none falls in between. Publishing takes the
    initiative's lock alone, posting shares it.
    """
    rows = await fetch(db, _space(), {**facts(actor), "space_id": space_id})
    if not rows:
        raise NotFound("Cet espace n’existe pas, ou vous n’y avez pas accès.")
    return rows[0]


async def get_for_update(
    db: AsyncSession, actor: Actor, statement_id: UUID, kind: StatementType | None = None
) -> Statement:
    """The statement, locked until the transaction ends, if the caller may see it.

    Locked but for its key, which an edition that is being published refers to: a full lock would make
    whoever edits (row, then `lock_shared`) and whoever publishes (`lock_exclusive`, then row) wait for each other.
    A reply's contribution is locked first: changing the reply counts there, and changing the contribution
    changes its replies (`follow_root`), so the two would wait for each other.
    """
    if kind != StatementType.CONTRIBUTION:
        itself = aliased(Statement)
        root = select(itself.root_id).where(itself.id == statement_id, itself.root_id != itself.id).scalar_subquery()
        await db.execute(select(Statement.id).where(Statement.id == root).with_for_update(key_share=True))
    question = select(Statement).where(Statement.id == statement_id, visible(actor, Statement, Action.STATEMENT_READ))
    if kind is not None:
        question = question.where(Statement.type == kind)
    statement = (await db.execute(question.with_for_update(of=Statement, key_share=True))).scalar_one_or_none()
    if statement is None:
        raise NotFound(NOT_FOUND)
    return statement


async def get_to_change(
    db: AsyncSession, actor: Actor, statement_id: UUID, action: Action, kind: StatementType | None = None
) -> Statement:
    """The statement, locked, for somebody who may do `action` to it, in an initiative that is not archived."""
    statement = await get_for_update(db, actor, statement_id, kind)
    require(actor, action, statement)
    await require_not_archived(db, statement.initiative_id)
    return statement


async def hold_open(db: AsyncSession, actor: Actor, space_id: UUID, session_id: UUID | None = None) -> None:
    """Keep the space and the session open until this transaction ends, or say which one is not."""
    space = await hold_space(db, actor, space_id)
    check_open(space)
    if session_id is not None:
        await hold_session(db, space, session_id)


def check_open(space: Any) -> None:
    """409 unless the space and its initiative take contributions."""
    if space.initiative_state != InitiativeState.OPEN:
        raise InitiativeClosed.of(space.initiative_state)
    if space.state != SpaceState.OPEN:
        raise SpaceClosed.of(space.state)


async def hold_session(db: AsyncSession, space: Any, session_id: UUID) -> None:
    """Keep the session unlocked; 422 when it is not one of this space or a plenary of its initiative."""
    found = await db.execute(
        select(Session.id).where(
            Session.id == session_id,
            Session.initiative_id == space.initiative_id,
            or_(Session.space_id == space.id, Session.space_id.is_(None)),
        )
    )
    if found.first() is None:
        raise invalid("/session_id", "Cette séance n’est pas une séance de cet espace.")
    await require_unlocked(db, session_id)


async def check_tags(db: AsyncSession, initiative_id: UUID, tags: list[str]) -> list[str]:
    """The codes without repeats, or 422 with the ones that the initiative does not have."""
    wanted = list(dict.fromkeys(tags))
    if not wanted:
        return wanted
    found = await db.execute(
        select(Term.code).where(Term.initiative_id == initiative_id, Term.code.in_(wanted), Term.retired_at.is_(None))
    )
    if missing := sorted(set(wanted) - set(found.scalars())):
        raise invalid("/tags", "Étiquette inconnue dans cette démarche : {tags}.", tags=", ".join(missing))
    return wanted


async def revision_of(
    statement_id: UUID,
    space: Any,
    n: int,
    *,
    title: str,
    markdown: str,
    consent: str,
    language: str,
    author_id: UUID | None,
) -> dict[str, Any]:
    """The words as a row of `revisions`: canonical text, its hash, safe HTML; 422 when nothing readable is left.

    `space` is whatever carries `initiative_id` and `space_id`.
    """
    plain, html = await aside(markdown, lambda: (to_plain(markdown), to_html(markdown)))
    if not plain.strip():
        raise invalid("/markdown", "Ce texte ne contient aucun mot lisible.")
    return {
        "id": new_id(),
        "statement_id": statement_id,
        "initiative_id": space.initiative_id,
        "space_id": space.space_id,
        "n": n,
        "title": title,
        "markdown": markdown,
        "plain": plain,
        "plain_sha256": hashlib.sha256(plain.encode()).digest(),
        "plain_length": len(plain),
        "plain_version": PLAIN_VERSION,
        "html": html,
        "consent": consent,
        "language": language,
        "author_id": author_id,
        "created_at": now(),
    }


REPLY_COUNTERS = {
    Side.FOR: Statement.replies_for,
    Side.AGAINST: Statement.replies_against,
    Side.MIXED: Statement.replies_other,
    Side.NONE: Statement.replies_other,
}


async def count_reply(db: AsyncSession, root_id: UUID, side: str | None, by: int) -> None:
    """Add `by` (1 or -1) to the root's counter of the side, for a reply that readers see."""
    counter = REPLY_COUNTERS[Side(side or Side.NONE)]
    await db.execute(
        update(Statement)
        .where(Statement.id == root_id)
        .values({counter: func.greatest(counter + by, 0)})
        .execution_options(synchronize_session=False)
    )


def is_shown_reply(statement: Statement) -> bool:
    """Whether a statement is a reply that counts."""
    return statement.type == StatementType.REPLY and statement.state == StatementState.PUBLISHED


def audience_of(published_at: datetime | None) -> Audience:
    """Who may read what is done to a statement: until it is published, it is its author's business."""
    return Audience.SPACE if published_at else Audience.PERSON

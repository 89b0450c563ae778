"""Edit, withdraw, moderate and restore."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import lock_shared
from app.core.errors import invalid
from app.core.events import record
from app.core.versions import Expected
from app.features.statements.actions.spine import (
    audience_of,
    check_tags,
    count_reply,
    get_to_change,
    is_shown_reply,
    revision_of,
)
from app.features.statements.models import (
    CONSENT_WIDTH,
    STATEMENT_STATES,
    Consent,
    Revision,
    Statement,
    StatementState,
    StatementType,
)
from app.features.statements.schemas import Moderation, StatementPatch, Withdrawal
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.speaker import find_taker_back, pilot_speaker, signature


async def edit(
    db: AsyncSession, actor: Actor, kind: StatementType, statement_id: UUID, patch: StatementPatch, expected: Expected
) -> Statement:
    """Change what is said: new words or a wider consent make a new revision, a narrower consent holds at once for all."""
    statement = await get_to_change(db, actor, statement_id, Action.STATEMENT_EDIT, kind)
    expected.check(statement.version)
    await lock_shared(db, statement.initiative_id)
    _check_nature(statement, patch)
    head = (await db.execute(select(Revision).where(Revision.id == statement.head_id))).scalar_one()
    counted = is_shown_reply(statement)
    if patch.side is not None and counted:
        await count_reply(db, statement.root_id, statement.side, -1)
    _apply(statement, patch)
    if patch.tags is not None:
        statement.tags = await check_tags(db, statement.initiative_id, patch.tags)
    revised = _revise(db, actor, statement, head, patch)
    statement.version += 1
    await db.flush()
    if patch.side is not None and counted:
        await count_reply(db, statement.root_id, statement.side, 1)
    _record(db, actor, f"{statement.type}.{'revised' if revised else 'edited'}", statement, _as_said(statement))
    return statement


def _check_nature(statement: Statement, patch: StatementPatch) -> None:
    """A contribution has a kind and a title; a reply has a side."""
    if statement.type == StatementType.REPLY and (patch.kind or patch.title or patch.tags):
        raise invalid("/kind", "Une réponse n’a ni genre, ni titre, ni étiquettes.")
    if statement.type == StatementType.CONTRIBUTION and patch.side:
        raise invalid("/side", "Une contribution n’a pas de côté : seules les réponses en ont un.")


def _apply(statement: Statement, patch: StatementPatch) -> None:
    for name in ("kind", "side", "consent", "language"):
        value = getattr(patch, name)
        if value is not None:
            setattr(statement, name, value)


def _revise(db: AsyncSession, actor: Actor, statement: Statement, head: Revision, patch: StatementPatch) -> bool:
    """Write a new revision when words change, or when the consent is wider than the one they were written under."""
    title = head.title if patch.title is None else patch.title
    markdown = head.markdown if patch.markdown is None else patch.markdown
    consent = statement.consent
    wider = CONSENT_WIDTH[Consent(consent)] < CONSENT_WIDTH[Consent(head.consent)]
    if (title, markdown, statement.language) == (head.title, head.markdown, head.language) and not wider:
        return False
    revision = revision_of(
        statement.id,
        statement,
        head.n + 1,
        title=title,
        markdown=markdown,
        consent=consent,
        language=statement.language,
        author_id=actor.person_id,
    )
    db.add(Revision(**revision))
    statement.head_id = revision["id"]
    return True


async def withdraw(
    db: AsyncSession, actor: Actor, kind: StatementType, statement_id: UUID, withdrawal: Withdrawal, expected: Expected
) -> Statement:
    """Take words back: a tombstone with the class of its reason stays."""
    return await _move(
        db, actor, kind, statement_id, Action.STATEMENT_WITHDRAW, "withdraw", expected, reason=withdrawal.reason
    )


async def moderate(
    db: AsyncSession, actor: Actor, kind: StatementType, statement_id: UUID, moderation: Moderation, expected: Expected
) -> Statement:
    """Hide a statement, with a reason that everybody who could read it sees."""
    return await _move(
        db, actor, kind, statement_id, Action.STATEMENT_MODERATE, "moderate", expected, reason=moderation.reason
    )


async def restore(
    db: AsyncSession, actor: Actor, kind: StatementType, statement_id: UUID, expected: Expected
) -> Statement:
    """Show a moderated statement again."""
    return await _move(db, actor, kind, statement_id, Action.STATEMENT_RESTORE, "restore", expected, reason=None)


VERBS = {"withdraw": "withdrawn", "moderate": "moderated", "restore": "restored"}


async def _move(
    db: AsyncSession,
    actor: Actor,
    kind: StatementType,
    statement_id: UUID,
    action: Action,
    verb: str,
    expected: Expected,
    *,
    reason: str | None,
) -> Statement:
    """One change of state, with the counter of the contribution it answers."""
    statement = await get_to_change(db, actor, statement_id, action, kind)
    expected.check(statement.version)
    await lock_shared(db, statement.initiative_id)
    before = is_shown_reply(statement)
    statement.state = STATEMENT_STATES.next(StatementState(statement.state), verb)
    statement.state_reason = reason
    statement.version += 1
    await db.flush()
    after = is_shown_reply(statement)
    if before != after:
        await count_reply(db, statement.root_id, statement.side, 1 if after else -1)
    if action == Action.STATEMENT_WITHDRAW:
        said = find_taker_back(actor, statement)
    else:
        said = pilot_speaker(actor, statement.initiative_id, statement.space_id)
    told = f"{statement.type}.{VERBS[verb]}"
    _record(db, actor, told, statement, signature(said), reason=reason)
    return statement


def _as_said(statement: Statement) -> dict[str, Any]:
    """What the event of an author keeps: they edit by a mandate of the organisation of their words, in the same capacity."""
    return {"organisation_id": statement.organisation_id, "capacity": statement.capacity}


def _record(
    db: AsyncSession,
    actor: Actor,
    verb: str,
    statement: Statement,
    who: dict[str, Any],
    *,
    reason: str | None = None,
) -> None:
    details: dict[str, Any] = {"reason": reason} if reason else {}
    record(db, actor, verb, statement, audience=audience_of(statement), **who, **details)

"""Edit, withdraw, moderate and restore."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.changes import alter
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
    consent, side = statement.consent, statement.side
    changed = alter(statement, await _asked(db, statement, patch))
    words = [name for name in ("title", "markdown") if getattr(patch, name) not in (None, getattr(head, name))]
    if not changed and not words:
        return statement
    if not changed:
        statement.version += 1
    if is_shown_reply(statement) and "side" in changed:
        await count_reply(db, statement.root_id, side, -1)
        await count_reply(db, statement.root_id, statement.side, 1)
    wider = CONSENT_WIDTH[Consent(statement.consent)] < CONSENT_WIDTH[Consent(consent)]
    revised = bool(words) or wider or statement.language != head.language
    if revised:
        await _revise(db, actor, statement, head, patch, consent if wider else None)
    await db.flush()
    details: dict[str, Any] = {"fields": [*changed, *words]}
    if "consent" in changed:
        details |= {"consent_before": consent, "consent": statement.consent}
    _record(
        db, actor, f"{statement.type}.{'revised' if revised else 'edited'}", statement, _as_said(statement), **details
    )
    return statement


def _check_nature(statement: Statement, patch: StatementPatch) -> None:
    """A contribution has a kind and a title; a reply has a side."""
    if statement.type == StatementType.REPLY and (patch.kind or patch.title or patch.tags):
        raise invalid("/kind", "Une réponse n’a ni genre, ni titre, ni étiquettes.")
    if statement.type == StatementType.CONTRIBUTION and patch.side:
        raise invalid("/side", "Une contribution n’a pas de côté : seules les réponses en ont un.")


async def _asked(db: AsyncSession, statement: Statement, patch: StatementPatch) -> dict[str, Any]:
    """The columns of the statement that the patch names."""
    names = ("kind", "side", "consent", "language")
    asked = {name: value for name in names if (value := getattr(patch, name)) is not None}
    if patch.tags is not None:
        asked["tags"] = await check_tags(db, statement.initiative_id, patch.tags)
    return asked


async def _revise(
    db: AsyncSession, actor: Actor, statement: Statement, head: Revision, patch: StatementPatch, lifted: str | None
) -> None:
    """Write a new revision. `lifted` is the consent that held until now, when the new one is wider.

    Where it had been tightened since the head, that is written down first, as a revision of the same words:
    earlier ones are attributed by the strictest consent that came after them, also once it is lifted.
    """
    title = head.title if patch.title is None else patch.title
    markdown = head.markdown if patch.markdown is None else patch.markdown
    versions = [(head.title, head.markdown, head.language, lifted)] if lifted not in (None, head.consent) else []
    versions.append((title, markdown, statement.language, statement.consent))
    for n, (said, text, language, consent) in enumerate(versions, head.n + 1):
        revision = await revision_of(
            statement.id,
            statement,
            n,
            title=said,
            markdown=text,
            consent=consent or head.consent,
            language=language,
            author_id=actor.person_id,
        )
        db.add(Revision(**revision))
        statement.head_id = revision["id"]


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
    _record(db, actor, told, statement, signature(said), **({"reason": reason} if reason else {}))
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
    **details: Any,
) -> None:
    record(db, actor, verb, statement, audience=audience_of(statement.published_at), **who, **details)

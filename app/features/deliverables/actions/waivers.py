"""Let a contribution through the gate, with a name and a reason, and take that back."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.errors import Conflict, NotFound, WrongState, unknown
from app.core.model import new_id
from app.core.versions import Expected
from app.features.deliverables.actions.ground import hold, hold_named, pilot, say
from app.features.deliverables.models import Deliverable, Fate, Waiver, WaiverKind
from app.features.deliverables.queries.fates import fates
from app.features.deliverables.queries.queue import WAIVER_NOT_FOUND
from app.features.deliverables.queries.sources import (
    CITED_WORDS,
    ERASED,
    FORBIDDEN,
    KEPT,
    MOVED,
    STANDING,
    C,
    S,
    in_force,
)
from app.features.deliverables.schemas.fates import WaiverDraft
from app.features.statements.models import Statement, StatementState
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible


class NothingToWaive(Conflict):
    """The gate is not held by this: the contribution is treated, or the citation stands, or no waiver can help."""

    title = "Rien à dispenser"


async def waive(db: AsyncSession, actor: Actor, draft: WaiverDraft) -> Waiver:
    """Waive one refusal of the gate, for the contribution as it reads now; a new revision holds the gate again."""
    deliverable = await hold_named(db, actor, draft.deliverable_id)
    question = select(Statement.head_id).where(
        Statement.id == draft.statement_id,
        Statement.initiative_id == deliverable.initiative_id,
        visible(actor, Statement, Action.STATEMENT_READ),
    )
    head_id = (await db.execute(question)).scalar_one_or_none()
    if head_id is None:
        raise unknown("/statement_id", "Cette contribution n’existe pas, ou vous n’y avez pas accès.")
    if not await _holds_the_gate(db, deliverable, draft.statement_id, draft.kind):
        raise NothingToWaive(
            "Rien de tel n’arrête la publication pour cette contribution. Un consentement retiré, une source "
            "retirée ou modérée ne se dispensent pas : gardez la citation avec une note, ou retirez-la."
        )
    await _retire(db, deliverable.id, draft.statement_id, draft.kind, head_id)
    said = pilot(actor, deliverable)
    waiver = Waiver(
        id=new_id(),
        deliverable_id=deliverable.id,
        initiative_id=deliverable.initiative_id,
        statement_id=draft.statement_id,
        revision_id=head_id,
        kind=draft.kind,
        reason=draft.reason,
        **said.columns(),
    )
    db.add(waiver)
    await db.flush()
    say(db, actor, "contribution.waived", waiver, said, statement_id=str(draft.statement_id), kind=draft.kind)
    return waiver


async def revoke(db: AsyncSession, actor: Actor, waiver_id: UUID, expected: Expected) -> Waiver:
    """Take a waiver back: the gate holds again."""
    question = select(Waiver).where(Waiver.id == waiver_id, visible(actor, Waiver, Action.DELIVERABLE_READ))
    waiver = (await db.execute(question)).scalar_one_or_none()
    if waiver is None:
        raise NotFound(WAIVER_NOT_FOUND)
    deliverable = await hold(db, actor, waiver.deliverable_id)
    await db.refresh(waiver)
    expected.check(version_of(waiver.revoked_at is not None))
    if waiver.revoked_at is not None:
        raise WrongState("Cette dispense a déjà été retirée.", state="revoked")
    waiver.revoked_at = now()
    await db.flush()
    say(db, actor, "waiver.revoked", waiver, pilot(actor, deliverable))
    return waiver


def version_of(revoked: bool) -> int:
    """The version of a waiver, for `ETag` and `If-Match`."""
    return 2 if revoked else 1


async def _holds_the_gate(db: AsyncSession, deliverable: Deliverable, statement_id: UUID, kind: WaiverKind) -> bool:
    if kind == WaiverKind.OUTDATED_CITATION:
        named = in_force(deliverable.id)
        question = (
            select(C.c.id)
            .select_from(CITED_WORDS.join(named, named.c.citation_id == C.c.id))
            .where(S.c.id == statement_id, MOVED, ~KEPT, ~FORBIDDEN, ~ERASED, STANDING == StatementState.PUBLISHED)
        )
    else:
        each = fates(deliverable.id)
        fate = Fate.UNTREATED if kind == WaiverKind.UNTREATED else Fate.OUTDATED
        question = select(each.c.id).where(each.c.id == statement_id, each.c.fate == fate)
    return (await db.execute(question.limit(1))).first() is not None


async def _retire(db: AsyncSession, deliverable_id: UUID, statement_id: UUID, kind: WaiverKind, head_id: UUID) -> None:
    """A waiver of an earlier revision no longer holds anything: it gives its place to the new one."""
    await db.execute(
        update(Waiver)
        .where(
            Waiver.deliverable_id == deliverable_id,
            Waiver.statement_id == statement_id,
            Waiver.kind == kind,
            Waiver.revision_id != head_id,
            Waiver.revoked_at.is_(None),
        )
        .values(revoked_at=now())
        .execution_options(synchronize_session=False)
    )

"""Say what became of a contribution: merged, answered or set aside, one by one or by a recorded rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import ColumnElement

from app.core.clock import now
from app.core.errors import Invalid, PreconditionFailed, invalid, refused
from app.core.model import new_id
from app.features.deliverables.actions.ground import hold_named, pilot, say
from app.features.deliverables.models import Deliverable, Outcome, Treatment
from app.features.deliverables.queries.fates import answered_for, fates, scoped
from app.features.deliverables.queries.sources import R, S, cited_ids
from app.features.deliverables.schemas.fates import RuleFilter, TreatByRule, TreatmentDraft, Verdict
from app.features.harvest.models import Filing
from app.features.statements.models import Statement, StatementState, StatementType, Tally
from app.policy.actions import Action
from app.policy.actor import Actor, Capacity
from app.policy.decide import visible
from app.policy.speaker import Speaker

BATCH = 1_000


class OutOfScope(Invalid):
    """The deliverable does not answer for this contribution: it is of another space or kind, or was published later."""

    title = "Hors du périmètre"


class MergedInCircle(Invalid):
    """The contribution it would be merged into was itself merged, directly or not, into this one."""

    title = "Fusion en boucle"


class RevisedSince(PreconditionFailed):
    """The contribution has other words than those you judged: read the newest revision, then treat it."""

    title = "Contribution révisée"


async def treat(db: AsyncSession, actor: Actor, draft: TreatmentDraft) -> Treatment:
    """Say what became of one contribution; the treatment that held until now is kept, superseded."""
    deliverable = await hold_named(db, actor, draft.deliverable_id)
    head_id = await _head_in_scope(db, deliverable, draft.statement_id)
    if draft.revision_id is not None and draft.revision_id != head_id:
        raise RevisedSince(
            "Cette contribution a été révisée depuis que vous l’avez lue : relisez-la, puis traitez-la.",
            head_revision_id=str(head_id),
        )
    if draft.target_id is not None:
        await _check_target(db, actor, deliverable, draft.statement_id, draft.target_id)
    said = pilot(actor, deliverable)
    treatment = Treatment(**_columns(deliverable, said, draft, draft.statement_id, head_id, None))
    await _supersede(db, deliverable.id, [draft.statement_id])
    db.add(treatment)
    await db.flush()
    say(db, actor, "contribution.treated", treatment, said, statement_id=str(draft.statement_id), outcome=draft.outcome)
    return treatment


async def treat_by_rule(db: AsyncSession, actor: Actor, order: TreatByRule) -> int:
    """Treat alike everything that the filter finds in the scope; how many. The rule is recorded beside each."""
    deliverable = await hold_named(db, actor, order.deliverable_id)
    if order.target_id is not None:
        await _check_target(db, actor, deliverable, None, order.target_id)
    found = (await db.execute(_filtered(deliverable.id, order.filter))).all()
    rows = [row for row in found if row.id != order.target_id]
    if order.target_id is not None:
        rows = await _outside_circle(db, deliverable.id, rows, order.target_id)
    said = pilot(actor, deliverable)
    for batch in _batches(rows):
        await _supersede(db, deliverable.id, [row.id for row in batch])
        await db.execute(
            insert(Treatment),
            [_columns(deliverable, said, order, row.id, row.head_id, order.rule) for row in batch],
        )
    say(db, actor, "contributions.treated", deliverable, said, outcome=order.outcome, treated=len(rows), by_rule=True)
    return len(rows)


def _columns(
    deliverable: Deliverable, said: Speaker, verdict: Verdict, statement_id: UUID, head_id: UUID, rule: str | None
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "created_at": now(),
        "deliverable_id": deliverable.id,
        "initiative_id": deliverable.initiative_id,
        "statement_id": statement_id,
        "revision_id": head_id,
        "outcome": verdict.outcome,
        "target_id": verdict.target_id,
        "reason_code": verdict.reason_code,
        "sentence": verdict.sentence,
        "by_rule": rule,
        **said.columns(),
    }


def _batches(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (rows[at : at + BATCH] for at in range(0, len(rows), BATCH))


async def _head_in_scope(db: AsyncSession, deliverable: Deliverable, statement_id: UUID) -> UUID:
    """The revision in force; 422, alike for what is elsewhere, hidden or unknown, when it is not in the scope."""
    scope = answered_for(deliverable.id, S.c.id, S.c.head_id).subquery("scope")
    found = await db.execute(select(scope.c.head_id).where(scope.c.id == statement_id))
    head_id: UUID | None = found.scalar_one_or_none()
    if head_id is None:
        raise OutOfScope(
            "Cette contribution n’est pas dans le périmètre du livrable.",
            errors=[refused("/statement_id", "Hors du périmètre du livrable.")],
        )
    return head_id


async def _supersede(db: AsyncSession, deliverable_id: UUID, statement_ids: list[UUID]) -> None:
    await db.execute(
        update(Treatment)
        .where(
            Treatment.deliverable_id == deliverable_id,
            Treatment.statement_id.in_(statement_ids),
            Treatment.superseded_at.is_(None),
        )
        .values(superseded_at=now())
        .execution_options(synchronize_session=False)
    )


async def _check_target(
    db: AsyncSession, actor: Actor, deliverable: Deliverable, statement_id: UUID | None, target_id: UUID
) -> None:
    """The target is a published contribution that the deliverable speaks of: in its scope, or cited by it."""
    in_scope = S.c.id.in_(scoped(deliverable.id, S.c.id).correlate(None))
    question = select(S.c.id).where(
        S.c.id == target_id,
        S.c.initiative_id == deliverable.initiative_id,
        S.c.type == StatementType.CONTRIBUTION,
        S.c.state == StatementState.PUBLISHED,
        or_(in_scope, S.c.id.in_(cited_ids(deliverable.id))),
        visible(actor, Statement, Action.STATEMENT_READ),
    )
    if (await db.execute(question)).first() is None:
        raise invalid(
            "/target_id",
            "On fusionne avec une contribution publiée du périmètre, ou citée dans le livrable : celle-ci n’en est pas.",
        )
    if statement_id is not None and statement_id in await _chain(db, deliverable.id, target_id):
        raise MergedInCircle("La contribution choisie a elle-même été fusionnée avec celle-ci.")


async def _chain(db: AsyncSession, deliverable_id: UUID, start: UUID) -> set[UUID]:
    """`start`, and where it was merged into, and so on."""
    link = (Treatment.deliverable_id == deliverable_id, Treatment.superseded_at.is_(None))
    chain = select(S.c.id).where(S.c.id == start).cte("chain", recursive=True)
    following = (
        select(Treatment.target_id)
        .join(chain, chain.c.id == Treatment.statement_id)
        .where(*link, Treatment.outcome == Outcome.MERGED)
    )
    chain = chain.union(following)
    return set((await db.execute(select(chain.c.id))).scalars())


async def _outside_circle(db: AsyncSession, deliverable_id: UUID, rows: list[Any], target_id: UUID) -> list[Any]:
    """The rows that the target was not itself merged into."""
    chain = await _chain(db, deliverable_id, target_id)
    return [row for row in rows if row.id not in chain]


def _filtered(deliverable_id: UUID, wish: RuleFilter) -> Select[Any]:
    """The contributions of the scope that a rule treats, with their head."""
    each = fates(deliverable_id)
    tally = Tally.__table__
    replies = each.c.replies_for + each.c.replies_against + each.c.replies_other
    votes_for = func.coalesce(tally.c.votes_for, 0)
    conditions: dict[str, Callable[[Any], ColumnElement[bool]]] = {
        "status": each.c.fate.in_,
        "statement_ids": each.c.id.in_,
        "space_id": each.c.space_id.__eq__,
        "kinds": each.c.kind.in_,
        "consent": each.c.consent.in_,
        "imported": (each.c.origin == "import").__eq__,
        "personal": (each.c.capacity == Capacity.PERSONAL).__eq__,
        "theme_id": lambda theme: each.c.id.in_(select(Filing.statement_id).where(Filing.theme_id == theme)),
        "supports_below": each.c.positions_supports.__lt__,
        "votes_for_below": votes_for.__lt__,
        "replies_below": replies.__lt__,
        "shorter_than": R.c.plain_length.__lt__,
    }
    wanted = wish.model_dump(exclude_none=True)
    return (
        select(each.c.id, each.c.head_id)
        .select_from(each.join(R, R.c.id == each.c.head_id).outerjoin(tally, tally.c.statement_id == each.c.id))
        .where(*(conditions[name](value) for name, value in wanted.items()))
        .order_by(each.c.id)
    )

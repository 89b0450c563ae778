"""Say what becomes of every contribution that the accepted text does not cite, by the recorded rules."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.features.deliverables.actions.treatments import treat_by_rule
from app.features.deliverables.actions.waivers import waive
from app.features.deliverables.models import Fate, Outcome, WaiverKind
from app.features.deliverables.queries.fates import fates
from app.features.deliverables.schemas.fates import RuleFilter, TreatByRule, WaiverDraft
from app.features.demonstration.consultation.rules import (
    AMENDMENT,
    MERGE,
    MERGED,
    REST,
    RULES,
    WAIVED,
    Case,
    Rule,
    alike,
    amends,
    most_debated,
)
from app.features.harvest.models import Filing
from app.features.identity.models import Organisation
from app.features.statements.models import Revision, Side, Statement, StatementState, Tally
from app.policy.actor import Actor, Capacity


async def treat_everything(db: AsyncSession, actor: Actor, deliverable_id: UUID) -> None:
    """Merges, then the rules in their order, then the waivers, then what is left. Again, it finds nothing to do."""
    cases = await _cases(db, deliverable_id)
    cited = [case for case in cases if case.cited]
    left = [case for case in cases if not case.cited]
    left = await _merge(db, actor, deliverable_id, left, cited)
    amending = {case.id for case in left if amends(case, cited)}
    for rule in (replace(AMENDMENT, applies=lambda case: case.id in amending), *RULES):
        left = await _apply(db, actor, deliverable_id, rule, left)
    for case in most_debated(left) if left else []:
        draft = WaiverDraft(
            deliverable_id=deliverable_id, statement_id=case.id, kind=WaiverKind.UNTREATED, reason=WAIVED
        )
        await waive(db, actor, draft)
    await _apply(db, actor, deliverable_id, REST, left)  # not what was just waived: it is no longer untreated


async def _merge(
    db: AsyncSession, actor: Actor, deliverable_id: UUID, left: list[Case], cited: list[Case]
) -> list[Case]:
    targets: dict[UUID, list[UUID]] = defaultdict(list)
    for case in left:
        if target := alike(case, cited):
            targets[target.id].append(case.id)
    for target_id, ids in targets.items():
        order = TreatByRule(
            deliverable_id=deliverable_id,
            rule=MERGE,
            filter=RuleFilter(statement_ids=ids),
            outcome=Outcome.MERGED,
            target_id=target_id,
            sentence=MERGED,
        )
        await treat_by_rule(db, actor, order)
    merged = {each for ids in targets.values() for each in ids}
    return [case for case in left if case.id not in merged]


async def _apply(db: AsyncSession, actor: Actor, deliverable_id: UUID, rule: Rule, left: list[Case]) -> list[Case]:
    """Treat what the rule applies to; what is left after it."""
    found = [case.id for case in left if rule.applies(case)]
    if found:
        order = TreatByRule(
            deliverable_id=deliverable_id,
            rule=rule.words,
            filter=RuleFilter(statement_ids=found),
            outcome=rule.outcome,
            reason_code=rule.reason_code,
            sentence=rule.sentence,
        )
        await treat_by_rule(db, actor, order)
    return [case for case in left if case.id not in set(found)]


async def _cases(db: AsyncSession, deliverable_id: UUID) -> list[Case]:
    """What is cited, and what is untreated."""
    each = fates(deliverable_id)
    revision, organisation = Revision.__table__, Organisation.__table__
    tally, filing = Tally.__table__, Filing.__table__
    speaks = and_(organisation.c.id == each.c.organisation_id, each.c.capacity == Capacity.ORGANISATION)
    rows = await db.execute(
        select(
            each.c.id,
            each.c.fate,
            each.c.positions_supports.label("supports"),
            (each.c.replies_for + each.c.replies_against + each.c.replies_other).label("replies"),
            revision.c.title,
            revision.c.plain_length,
            organisation.c.name,
            func.coalesce(tally.c.votes_for, 0).label("votes_for"),
            func.array(select(filing.c.theme_id).where(filing.c.statement_id == each.c.id).scalar_subquery()).label(
                "themes"
            ),
            _answered(each.c.id, Side.FOR).label("organisations_for"),
            _answered(each.c.id, Side.AGAINST).label("organisations_against"),
        )
        .select_from(
            each.join(revision, revision.c.id == each.c.head_id)
            .outerjoin(organisation, speaks)
            .outerjoin(tally, tally.c.statement_id == each.c.id)
        )
        .where(each.c.fate.in_([Fate.CITED, Fate.UNTREATED]))
        .order_by(each.c.id)
    )
    return [_case(row) for row in rows]


def _answered(statement_id: Any, side: Side) -> Any:
    """Whether an organisation answered it on this side."""
    reply = Statement.__table__.alias()
    return exists(
        select(literal(1)).where(
            reply.c.root_id == statement_id,
            reply.c.side == side,
            reply.c.state == StatementState.PUBLISHED,
            reply.c.capacity == Capacity.ORGANISATION,
        )
    )


def _case(row: Any) -> Case:
    return Case(
        id=row.id,
        title=row.title,
        length=row.plain_length,
        themes=frozenset(row.themes),
        cited=row.fate == Fate.CITED,
        organisation=row.name,
        supports=row.supports,
        votes_for=row.votes_for,
        replies=row.replies,
        organisations_for=row.organisations_for,
        organisations_against=row.organisations_against,
    )

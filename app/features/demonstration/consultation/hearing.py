"""Cite once each organisation that the accepted draft does not cite, so that all who said something are heard.

The draft cites what has most support, and small organisations have few voters. Their words are
proposed after the rest, in the section of their space, and accepted by a rule that says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.features.deliverables.actions.citations import cite
from app.features.deliverables.actions.draft.openings import opening
from app.features.deliverables.actions.passages import add_passage
from app.features.deliverables.actions.suggestions import accept_many
from app.features.deliverables.models import PassageKind, Relation, Section
from app.features.deliverables.queries.fates import cited_statements
from app.features.deliverables.schemas.citing import CitationDraft
from app.features.deliverables.schemas.writing import AcceptMany, PassageDraft
from app.features.harvest.actions.extracts import harvest
from app.features.harvest.schemas import ExtractDraft
from app.features.statements.models import Consent, Revision, Statement, StatementState, Tally
from app.policy.actor import Actor, Capacity

RULE = "Une citation par organisation que le brouillon ne cite pas : sa contribution la plus soutenue, sinon sa réponse"
HEADING = "Organisations que le reste de cette partie ne cite pas"


async def hear_everybody(db: AsyncSession, actor: Actor, deliverable_id: UUID) -> int:
    """Propose and accept them; how many organisations are cited so. Again, there is nobody left."""
    sections = {
        row.about_space_id: row.id
        for row in await db.execute(
            select(Section.id, Section.about_space_id).where(
                Section.deliverable_id == deliverable_id, Section.about_space_id.is_not(None)
            )
        )
    }
    passages: list[UUID] = []
    headed: set[UUID] = set()
    for row in await _unheard(db, deliverable_id):
        span, section_id = opening(row.plain), sections.get(row.space_id)
        if span is None or section_id is None:
            continue
        if section_id not in headed:
            headed.add(section_id)
            passages.append(await _propose(db, actor, section_id, PassageKind.HEADING, HEADING))
        number = await _cite(db, actor, deliverable_id, row, span)
        passages.append(await _propose(db, actor, section_id, PassageKind.QUOTATION, f"[@c{number}]"))
    if passages:
        order = AcceptMany(deliverable_id=deliverable_id, rule=RULE, passage_ids=passages)
        await accept_many(db, actor, order)
    return len(passages) - len(headed)


async def _cite(db: AsyncSession, actor: Actor, deliverable_id: UUID, row: Any, span: tuple[int, int]) -> int:
    extract = await harvest(db, actor, ExtractDraft(revision_id=row.head_id, start=span[0], end=span[1]))
    draft = CitationDraft(deliverable_id=deliverable_id, extract_id=extract.id, relation=Relation.QUOTES)
    return (await cite(db, actor, draft)).number


async def _propose(db: AsyncSession, actor: Actor, section_id: UUID, kind: PassageKind, words: str) -> UUID:
    draft = PassageDraft(section_id=section_id, kind=kind, markdown=words, proposed=True)
    return (await add_passage(db, actor, draft)).id


async def _unheard(db: AsyncSession, deliverable_id: UUID) -> Sequence[Any]:
    """For each organisation without a cited word, the one to cite, in the order of the spaces' text."""
    cited = cited_statements(deliverable_id)
    said, revision, tally = Statement.__table__, Revision.__table__, Tally.__table__
    heard = select(said.c.organisation_id).select_from(said.join(cited, cited.c.statement_id == said.c.id))
    spaces = select(Section.about_space_id).where(Section.deliverable_id == deliverable_id)
    best = (said.c.type, func.coalesce(tally.c.votes_for, 0).desc(), said.c.id)  # a contribution comes before a reply
    rank = func.row_number().over(partition_by=said.c.organisation_id, order_by=best).label("rank")
    first = (
        select(said.c.id, said.c.space_id, said.c.head_id, revision.c.plain, rank)
        .select_from(
            said.join(revision, revision.c.id == said.c.head_id).outerjoin(tally, tally.c.statement_id == said.c.id)
        )
        .where(
            and_(said.c.state == StatementState.PUBLISHED, said.c.root_state == StatementState.PUBLISHED),
            said.c.capacity == Capacity.ORGANISATION,
            said.c.consent.in_([Consent.NAME, Consent.PROFILE]),
            said.c.space_id.in_(spaces),
            said.c.organisation_id.not_in(heard.where(said.c.organisation_id.is_not(None))),
        )
        .subquery()
    )
    rows = await db.execute(select(first).where(first.c.rank == 1).order_by(first.c.space_id, first.c.id))
    return rows.all()

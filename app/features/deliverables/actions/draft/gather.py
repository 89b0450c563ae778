"""What a draft reads: the sections, the themes, the contributions of the scope, their strongest replies. Six statements."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, and_, case, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import FromClause

from app.features.deliverables.models import (
    Citation,
    Deliverable,
    Fate,
    PassageCitation,
    PassageRevision,
    Section,
)
from app.features.deliverables.models import Passage as PassageModel
from app.features.deliverables.queries.fates import fates
from app.features.deliverables.queries.sources import R, S, consent_in_force, consent_of
from app.features.harvest.models import Filing, Theme
from app.features.harvest.queries import in_tree_order
from app.features.identity.models import Organisation
from app.features.statements.models import CONSENT_WIDTH, Consent, Side, StatementState, StatementType, Tally
from app.features.statements.queries.few import profile_sizes
from app.policy.actor import Capacity

O: FromClause = Organisation.__table__  # noqa: E741 - as in the statements' own queries
TA: FromClause = Tally.__table__
FI: FromClause = Filing.__table__


@dataclass(frozen=True, slots=True)
class Words:
    """A statement's words in force, and how far they may go."""

    id: UUID
    head_id: UUID
    space_id: UUID
    plain: str
    consent: Consent


@dataclass(frozen=True, slots=True)
class Candidate(Words):
    """A contribution of the scope, with what supports it."""

    kind: str
    fate: Fate
    profile: str | None
    """Of the organisation that it speaks for."""
    themes: frozenset[UUID]
    supports: int
    nuances: int
    objects: int
    replies_for: int
    replies_against: int
    votes_source: str
    votes: tuple[int, int, int]
    occurred_at: Any

    @property
    def strength(self) -> tuple[Any, ...]:
        """The order of support: positions of organisations first, then imported votes, then replies; the earliest last.

        Votes and positions are never added up: one only parts those that the other leaves equal.
        """
        return (-self.supports, -self.votes[0], -self.replies_for, self.occurred_at, self.id)


@dataclass(frozen=True, slots=True)
class Ground:
    """Everything that the plan is made from."""

    sections: list[Section]
    themes: list[Any]
    """Rows with `id`, `space_id` and `title`, in the order of their trees."""
    candidates: list[Candidate]
    proposed_by: frozenset[str]
    """The rules that proposed what there is already: the same is never proposed twice."""
    named: frozenset[UUID]
    """The statements that a passage of this deliverable cites or cited already."""
    profiles: dict[str, int] = field(default_factory=dict)
    """How many organisations take part, by profile."""


async def gather(db: AsyncSession, deliverable: Deliverable, rule: str) -> Ground:
    """Read the ground of a held deliverable."""
    return Ground(
        sections=await _sections(db, deliverable.id),
        themes=await _themes(db, deliverable.initiative_id),
        candidates=await _candidates(db, deliverable.id),
        proposed_by=await _rules(db, deliverable.id, rule),
        named=await _named(db, deliverable.id),
        profiles=await _profiles(db, deliverable.initiative_id),
    )


async def _sections(db: AsyncSession, deliverable_id: UUID) -> list[Section]:
    found = await db.execute(
        select(Section)
        .where(Section.deliverable_id == deliverable_id, Section.removed_at.is_(None))
        .order_by(Section.position, Section.id)
    )
    return [section for section, _depth in in_tree_order(found.scalars().all())]


async def _themes(db: AsyncSession, initiative_id: UUID) -> list[Any]:
    table = Theme.__table__
    found = await db.execute(
        select(table.c.id, table.c.parent_id, table.c.space_id, table.c.title)
        .where(table.c.initiative_id == initiative_id)
        .order_by(table.c.position, table.c.id)
    )
    return [theme for theme, _depth in in_tree_order(found.all())]


async def _candidates(db: AsyncSession, deliverable_id: UUID) -> list[Candidate]:
    each = fates(deliverable_id)
    filed = func.array(select(FI.c.theme_id).where(FI.c.statement_id == each.c.id).scalar_subquery())
    rows = await db.execute(
        select(
            each,
            R.c.plain,
            consent_in_force.label("width"),
            O.c.profile,
            TA.c.source,
            TA.c.votes_for,
            TA.c.votes_against,
            TA.c.votes_mixed,
            filed.label("themes"),
        )
        .select_from(
            each.join(S, S.c.id == each.c.id)
            .join(R, R.c.id == each.c.head_id)
            .outerjoin(O, and_(O.c.id == each.c.organisation_id, each.c.capacity == Capacity.ORGANISATION))
            .outerjoin(TA, TA.c.statement_id == each.c.id)
        )
        .where(R.c.erased_at.is_(None), each.c.state == StatementState.PUBLISHED)
    )
    return [_candidate(row) for row in rows]


def _candidate(row: Any) -> Candidate:
    return Candidate(
        id=row.id,
        head_id=row.head_id,
        space_id=row.space_id,
        plain=row.plain,
        consent=consent_of(row.width),
        kind=row.kind,
        fate=Fate(row.fate),
        profile=row.profile,
        themes=frozenset(row.themes),
        supports=row.positions_supports,
        nuances=row.positions_nuances,
        objects=row.positions_objects,
        replies_for=row.replies_for,
        replies_against=row.replies_against,
        votes_source=row.source or "",
        votes=(row.votes_for or 0, row.votes_against or 0, row.votes_mixed or 0),
        occurred_at=row.occurred_at,
    )


async def strongest_replies(db: AsyncSession, roots: Collection[UUID]) -> dict[tuple[UUID, str], Words]:
    """For each contribution and side (for, against), the reply to cite.

    Said in the name of an organisation first, then by imported votes, then the earliest; never one
    that its author keeps inside. (A position's reason has no revision, so it cannot be cited.)
    """
    place = func.row_number().over(
        partition_by=(S.c.root_id, S.c.side),
        order_by=(
            case((S.c.capacity == Capacity.ORGANISATION, 0), else_=1),
            func.coalesce(TA.c.votes_for, 0).desc(),
            S.c.occurred_at,
            S.c.id,
        ),
    )
    ranked = (
        select(S.c.root_id, S.c.side, S.c.id, S.c.head_id, S.c.space_id, R.c.plain)
        .add_columns(consent_in_force.label("width"), place.label("place"))
        .select_from(S.join(R, R.c.id == S.c.head_id).outerjoin(TA, TA.c.statement_id == S.c.id))
        .where(
            S.c.root_id == func.any(literal(sorted(roots), ARRAY(Uuid()))),
            S.c.type == StatementType.REPLY,
            S.c.side.in_([Side.FOR, Side.AGAINST]),
            S.c.state == StatementState.PUBLISHED,
            R.c.erased_at.is_(None),
            consent_in_force < literal(CONSENT_WIDTH[Consent.INTERNAL]),
        )
        .subquery("ranked")
    )
    rows = await db.execute(select(ranked).where(ranked.c.place == 1))
    return {
        (row.root_id, row.side): Words(row.id, row.head_id, row.space_id, row.plain, consent_of(row.width))
        for row in rows
    }


async def _rules(db: AsyncSession, deliverable_id: UUID, rule: str) -> frozenset[str]:
    found = await db.execute(
        select(PassageRevision.by_rule).where(
            PassageRevision.deliverable_id == deliverable_id, func.starts_with(PassageRevision.by_rule, rule)
        )
    )
    return frozenset(by_rule for by_rule in found.scalars() if by_rule is not None)


async def _named(db: AsyncSession, deliverable_id: UUID) -> frozenset[UUID]:
    found = await db.execute(
        select(Citation.statement_id)
        .join(PassageCitation, PassageCitation.citation_id == Citation.id)
        .join(PassageRevision, PassageRevision.id == PassageCitation.passage_revision_id)
        .join(PassageModel, PassageModel.id == PassageRevision.passage_id)
        .where(Citation.deliverable_id == deliverable_id)
        .distinct()
    )
    return frozenset(found.scalars())


async def _profiles(db: AsyncSession, initiative_id: UUID) -> dict[str, int]:
    return {row.profile: row.size for row in await db.execute(profile_sizes(initiative_id))}

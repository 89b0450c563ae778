"""Deliverables, their outline, and the order in which sections are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, select, tuple_
from sqlalchemy.sql.selectable import FromClause

from app.core.db import Handle
from app.core.errors import NotFound
from app.core.i18n import later
from app.core.paging import LIMIT, Mark, Page, mark_of, page_of
from app.features.deliverables.models import (
    Deliverable,
    DeliverableState,
    Passage,
    PassageRevision,
    PassageState,
    ScopeSpace,
    Section,
)
from app.features.deliverables.schemas.writing import DeliverableOut, OutlineOut, OutlineSection, ScopeOut, SectionOut
from app.features.harvest.queries import in_tree_order
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import abilities, visible

D: FromClause = Deliverable.__table__
SC: FromClause = ScopeSpace.__table__
SE: FromClause = Section.__table__
P: FromClause = Passage.__table__
PR: FromClause = PassageRevision.__table__

NOT_FOUND = later("Ce livrable n’existe pas, ou vous n’y avez pas accès.")
SECTION_NOT_FOUND = later("Cette partie n’existe pas, ou vous n’y avez pas accès.")

SECTION = ("id", "parent_id", "title", "angle", "about_space_id", "about_theme_id", "position", "version")


def deliverables(actor: Actor) -> Select[Any]:
    """The deliverables that the caller may read, each with the spaces of its scope."""
    spaces = func.array(
        select(SC.c.space_id).where(SC.c.deliverable_id == D.c.id).order_by(SC.c.space_id).scalar_subquery()
    )
    return select(D, spaces.label("space_ids")).where(visible(actor, Deliverable, Action.DELIVERABLE_READ))


async def list_deliverables(
    read: Handle,
    actor: Actor,
    *,
    initiative_id: UUID | None = None,
    state: DeliverableState | None = None,
    cursor: str | None = None,
    limit: int = LIMIT,
) -> Page[DeliverableOut]:
    """A page, newest first."""
    question = deliverables(actor)
    if initiative_id is not None:
        question = question.where(D.c.initiative_id == initiative_id)
    if state is not None:
        question = question.where(D.c.state == state)
    if after := mark_of(cursor):
        question = question.where(tuple_(D.c.created_at, D.c.id) < tuple_(after.key, after.id))
    rows = (await read.execute(question.order_by(D.c.created_at.desc(), D.c.id.desc()).limit(limit + 1))).all()
    items = [deliverable_of(actor, row) for row in rows]
    return page_of(items, limit, lambda item: Mark(item.created_at, item.id))


def deliverable_of(actor: Actor, row: Any) -> DeliverableOut:
    """A row of `deliverables` as it is answered."""
    return DeliverableOut.model_construct(
        **_own(row), scope=_scope(row), abilities=abilities(actor, row, "deliverable")
    )


def _own(row: Any) -> dict[str, Any]:
    names = ("id", "initiative_id", "title", "summary", "template", "language", "state", "created_at", "version")
    return {name: getattr(row, name) for name in names}


def _scope(row: Any) -> ScopeOut:
    return ScopeOut.model_construct(space_ids=row.space_ids, kinds=row.kinds, cutoff_at=row.cutoff_at)


def with_sections(actor: Actor, deliverable_id: Any, *columns: Any) -> Select[Any]:
    """The deliverable with a row for each standing section (one row of nulls when there is none), in the order of siblings."""
    base = deliverables(actor).where(D.c.id == deliverable_id)
    sections = [SE.c[name].label(f"section_{name}") for name in SECTION]
    return (
        base.add_columns(*sections, *columns)
        .select_from(D.outerjoin(SE, and_(SE.c.deliverable_id == D.c.id, SE.c.removed_at.is_(None))))
        .order_by(SE.c.position, SE.c.id)
    )


@dataclass(frozen=True, slots=True)
class Place:
    """A section where it stands in the outline."""

    id: UUID
    parent_id: UUID | None
    row: Any


def in_outline_order(rows: Sequence[Any]) -> Iterator[tuple[Any, int, str]]:
    """The rows of `with_sections`, each after its parent, with its depth and its number (`2.1`)."""
    places = [Place(row.section_id, row.section_parent_id, row) for row in rows if row.section_id is not None]
    counters: list[int] = []
    for place, depth in in_tree_order(places):
        counters = [*counters[:depth], (counters[depth] if depth < len(counters) else 0) + 1]
        yield place.row, depth, ".".join(str(counter) for counter in counters)


def section_columns(row: Any, depth: int, number: str) -> dict[str, Any]:
    """What every answer says of a section."""
    return {name: getattr(row, f"section_{name}") for name in SECTION} | {
        "deliverable_id": row.id,
        "depth": depth,
        "number": number,
    }


async def get_outline(read: Handle, actor: Actor, deliverable_id: UUID) -> OutlineOut:
    """The deliverable and its sections in order, with how many passages each holds; one statement."""
    accepted = (
        select(func.count())
        .where(P.c.section_id == SE.c.id, P.c.removed_at.is_(None), P.c.head_id.is_not(None))
        .scalar_subquery()
    )
    question = with_sections(actor, deliverable_id, accepted.label("passages"), proposed_in_section().label("proposed"))
    rows = (await read.execute(question)).all()
    if not rows:
        raise NotFound(NOT_FOUND)
    sections = [
        OutlineSection.model_construct(
            **section_columns(row, depth, number), passages=row.passages, proposed=row.proposed
        )
        for row, depth, number in in_outline_order(rows)
    ]
    first = rows[0]
    return OutlineOut.model_construct(
        **_own(first), scope=_scope(first), abilities=abilities(actor, first, "deliverable"), sections=sections
    )


def proposed_in_section() -> Any:
    """How many proposals of the section's passages wait for a person."""
    return (
        select(func.count())
        .select_from(PR.join(P, P.c.id == PR.c.passage_id))
        .where(P.c.section_id == SE.c.id, P.c.removed_at.is_(None), PR.c.state == PassageState.PROPOSED)
        .scalar_subquery()
    )


def standing_passages(deliverable_id: UUID) -> Select[Any]:
    """Base of the readings of the text: passages that stand, in sections that stand."""
    return (
        select(P.c.id)
        .select_from(P.join(SE, and_(SE.c.id == P.c.section_id, SE.c.removed_at.is_(None))))
        .where(P.c.deliverable_id == deliverable_id, P.c.removed_at.is_(None))
    )


async def get_section(read: Handle, actor: Actor, section_id: UUID) -> SectionOut:
    """One section that stands, with its depth and number, or NotFound; one statement."""
    other = Section.__table__.alias("other")
    of = select(other.c.deliverable_id).where(other.c.id == section_id).scalar_subquery()
    rows = (await read.execute(with_sections(actor, of))).all()
    for row, depth, number in in_outline_order(rows):
        if row.section_id == section_id:
            return SectionOut.model_construct(**section_columns(row, depth, number))
    raise NotFound(SECTION_NOT_FOUND)

"""Passages, their revisions, and the whole page of a deliverable."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, and_, bindparam, func, select, tuple_
from sqlalchemy.sql.selectable import FromClause

from app.core.db import Handle, Question, Reader, fetch
from app.core.errors import NotFound
from app.core.paging import LIMIT, Mark, Page, mark_of, page_of
from app.core.richtext.differences import Comparison, apart
from app.features.deliverables.models import (
    Citation,
    Deliverable,
    Passage,
    PassageCitation,
    PassageKind,
    PassageRevision,
    PassageState,
    Section,
)
from app.features.deliverables.queries.citations import citations, shaped
from app.features.deliverables.queries.outline import (
    NOT_FOUND,
    deliverable_of,
    in_outline_order,
    section_columns,
    with_sections,
)
from app.features.deliverables.schemas.writing import (
    ChangeOut,
    PassageDifferences,
    PassageOut,
    RevisionOut,
)
from app.features.statements.queries.shape import Fields
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible
from app.policy.symbolic import CALLER, facts

P: FromClause = Passage.__table__
PR: FromClause = PassageRevision.__table__
PC: FromClause = PassageCitation.__table__
C: FromClause = Citation.__table__
SE: FromClause = Section.__table__

TOLD = ("caption", "alt", "figure_id")
"""What a table or a figure has beside its words."""
PASSAGE_NOT_FOUND = "Ce passage n’existe pas, ou vous n’y avez pas accès."

NUMBERS = func.array(
    select(C.c.number)
    .select_from(PC.join(C, C.c.id == PC.c.citation_id))
    .where(PC.c.passage_revision_id == PR.c.id)
    .order_by(PC.c.ordinal)
    .scalar_subquery()
)
"""The citations that a passage revision names, in the order of its markers."""


def _revisions(actor: Actor) -> Select[Any]:
    return (
        select(PR, P.c.kind, P.c.section_id, P.c.position, NUMBERS.label("citations"))
        .select_from(PR.join(P, P.c.id == PR.c.passage_id))
        .where(visible(actor, Passage, Action.DELIVERABLE_READ))
    )


def revision_of(row: Any) -> RevisionOut:
    """A row of passage revisions as it is answered."""
    same = ("id", "passage_id", "n", "base_id", "kind", "markdown", "html", *TOLD, "state", "citations", "by_rule")
    more = ("organisation_id", "decided_by", "decided_at", "decided_by_rule", "refusal_reason", "created_at")
    return RevisionOut.model_construct(**{name: getattr(row, name) for name in (*same, *more)}, author_id=row.person_id)


async def get_passage(read: Handle, actor: Actor, passage_id: UUID) -> PassageOut:
    """One passage, the revision in force and the proposals that wait, or NotFound; one statement."""
    wanted = (
        select(P, PR.c.id.label("revision_id"))
        .select_from(
            P.outerjoin(
                PR,
                and_(PR.c.passage_id == P.c.id, (PR.c.id == P.c.head_id) | (PR.c.state == PassageState.PROPOSED)),
            )
        )
        .where(P.c.id == passage_id, visible(actor, Passage, Action.DELIVERABLE_READ))
    ).subquery("wanted")
    question = (
        select(
            wanted.c.deliverable_id,
            wanted.c.section_id,
            wanted.c.position,
            wanted.c.kind,
            wanted.c.head_id,
            wanted.c.removed_at,
            wanted.c.version,
            *(column.label(f"r_{column.name}") for column in PR.c),
            NUMBERS.label("numbers"),
        )
        .select_from(wanted.outerjoin(PR, PR.c.id == wanted.c.revision_id))
        .order_by(PR.c.n)
    )
    rows = (await read.execute(question)).all()
    if not rows:
        raise NotFound(PASSAGE_NOT_FOUND)
    first = rows[0]
    found = [_prefixed(row) for row in rows if row.r_id is not None]
    return PassageOut.model_construct(
        id=passage_id,
        **{name: getattr(first, name) for name in ("deliverable_id", "section_id", "position", "kind")},
        head=next((revision for revision in found if revision.id == first.head_id), None),
        suggestions=[revision for revision in found if revision.id != first.head_id],
        removed_at=first.removed_at,
        version=first.version,
    )


def _prefixed(row: Any) -> RevisionOut:
    names = ("id", "passage_id", "n", "base_id", "markdown", "html", *TOLD, "state", "by_rule", "organisation_id")
    more = ("decided_by", "decided_at", "decided_by_rule", "refusal_reason", "created_at")
    return RevisionOut.model_construct(
        **{name: getattr(row, f"r_{name}") for name in (*names, *more)},
        kind=row.kind,
        citations=row.numbers,
        author_id=row.r_person_id,
    )


async def list_revisions(
    read: Handle, actor: Actor, passage_id: UUID, cursor: str | None = None, limit: int = LIMIT
) -> Page[RevisionOut]:
    """A page of a passage's revisions, oldest first."""
    question = _revisions(actor).where(PR.c.passage_id == passage_id)
    if after := mark_of(cursor, int):
        question = question.where(tuple_(PR.c.n, PR.c.id) > tuple_(after.key, after.id))
    rows = (await read.execute(question.order_by(PR.c.n).limit(limit + 1))).all()
    if not rows and cursor is None:
        raise NotFound(PASSAGE_NOT_FOUND)
    return page_of([revision_of(row) for row in rows], limit, lambda revision: Mark(revision.n, revision.id))


async def list_proposals(
    read: Handle, actor: Actor, deliverable_id: UUID, cursor: str | None = None, limit: int = LIMIT
) -> Page[RevisionOut]:
    """A page of what is proposed in a deliverable and waits for a person, in the order it was proposed."""
    await _check_deliverable(read, actor, deliverable_id)
    question = _revisions(actor).where(
        PR.c.deliverable_id == deliverable_id, PR.c.state == PassageState.PROPOSED, P.c.removed_at.is_(None)
    )
    if after := mark_of(cursor):
        question = question.where(tuple_(PR.c.created_at, PR.c.id) > tuple_(after.key, after.id))
    rows = (await read.execute(question.order_by(PR.c.created_at, PR.c.id).limit(limit + 1))).all()
    items = [revision_of(row) for row in rows]
    return page_of(items, limit, lambda revision: Mark(revision.created_at, revision.id))


async def _check_deliverable(read: Handle, actor: Actor, deliverable_id: UUID) -> None:
    table = Deliverable.__table__
    question = select(table.c.id).where(
        table.c.id == deliverable_id, visible(actor, Deliverable, Action.DELIVERABLE_READ)
    )
    if (await read.execute(question)).first() is None:
        raise NotFound(NOT_FOUND)


async def compare(read: Reader, actor: Actor, passage_id: UUID, before: int, after: int) -> PassageDifferences:
    """What changed between two revisions of a passage, as they were typed."""
    question = _revisions(actor).where(PR.c.passage_id == passage_id, PR.c.n.in_([before, after]))
    texts = {row.n: row.markdown for row in (await read.execute(question)).all()}
    if before not in texts or after not in texts:
        raise NotFound("Cette version du passage n’existe pas, ou vous n’y avez pas accès.")
    await read.release()
    found = await apart(lambda: Comparison().differences(texts[before], texts[after]))
    changes = [ChangeOut(op=change.op, text=change.text) for change in found]
    return PassageDifferences(before=before, after=after, changes=changes)


def _heads(deliverable_id: UUID, actor: Actor) -> Select[Any]:
    waiting = PassageRevision.__table__.alias("waiting")
    suggestions = (
        select(func.count())
        .where(waiting.c.passage_id == P.c.id, waiting.c.state == PassageState.PROPOSED)
        .scalar_subquery()
    )
    return (
        select(
            P.c.id,
            P.c.section_id,
            P.c.kind,
            P.c.position,
            P.c.version,
            PR.c.id.label("revision_id"),
            PR.c.n,
            PR.c.markdown,
            PR.c.html,
            *(PR.c[name] for name in TOLD),
            PR.c.decided_by_rule,
            NUMBERS.label("citations"),
            suggestions.label("suggestions"),
        )
        .select_from(P.outerjoin(PR, PR.c.id == P.c.head_id))
        .where(
            P.c.deliverable_id == deliverable_id,
            P.c.removed_at.is_(None),
            visible(actor, Passage, Action.DELIVERABLE_READ),
        )
        .order_by(P.c.section_id, P.c.position, P.c.id)
    )


@cache
def _page() -> tuple[Question, Question, Question]:
    """The three statements of the whole page, built once: sections, heads of passages, citations."""
    of: Any = bindparam("deliverable", type_=Uuid())
    return (
        Question(with_sections(CALLER, of)),
        Question(_heads(of, CALLER)),
        Question(citations(CALLER, of).order_by(C.c.number)),
    )


async def get_document(read: Handle, actor: Actor, deliverable_id: UUID, *, with_proposed: bool = False) -> Fields:
    """The whole page of a deliverable as the fields of `DocumentOut`, or NotFound: three statements, whatever its length.

    `with_proposed`: also the citations that the accepted text does not name, for those who decide on proposals.
    """
    asked = {**facts(actor), "deliverable": deliverable_id}
    of_sections, heads, sources = _page()
    rows = await fetch(read, of_sections, asked)
    if not rows:
        raise NotFound(NOT_FOUND)
    passages = await fetch(read, heads, asked)
    known = await shaped(read, [row for row in await fetch(read, sources, asked) if row.in_force or with_proposed])
    outdated = {citation["number"] for citation in known if citation["outdated"]}
    of_section: dict[UUID, list[Any]] = {}
    for passage in passages:
        of_section.setdefault(passage.section_id, []).append(passage)
    sections = [
        {
            **section_columns(row, depth, number),
            "passages": [_shown(p, outdated) for p in of_section.get(row.section_id, []) if p.revision_id],
            "proposed": sum(p.suggestions for p in of_section.get(row.section_id, [])),
        }
        for row, depth, number in in_outline_order(rows)
    ]
    return {
        "deliverable": deliverable_of(actor, rows[0]),
        "sections": sections,
        "citations": known,
        "counts": _count(sections),
    }


def _shown(row: Any, outdated: set[int]) -> Fields:
    names = (
        "id",
        "kind",
        "position",
        "revision_id",
        "n",
        "markdown",
        "html",
        *TOLD,
        "citations",
        "suggestions",
        "version",
    )
    return {name: getattr(row, name) for name in names} | {
        "sourced": bool(row.citations),
        "outdated": not outdated.isdisjoint(row.citations),
        "decided_by_rule": row.decided_by_rule,
    }


def _count(sections: list[Fields]) -> Fields:
    """Sourced and editorial passages, as the publication report counts them."""
    passages = [passage for section in sections for passage in section["passages"]]
    kinds = Counter(
        "sourced" if p["sourced"] else "headings" if p["kind"] == PassageKind.HEADING else "editorial" for p in passages
    )
    return {
        "sourced": kinds["sourced"],
        "editorial": kinds["editorial"],
        "headings": kinds["headings"],
        "proposed": sum(section["proposed"] for section in sections),
        "outdated": sum(p["outdated"] for p in passages),
        "accepted_by_rule": sum(p["decided_by_rule"] is not None for p in passages),
    }

"""The editions on the shelf, their files to the byte, and where a contribution is cited.

Everybody reads editions. One that was withdrawn keeps its card, with the class of the reason, for
everybody; its bytes are for the co-pilots alone.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select, tuple_
from sqlalchemy.sql.selectable import FromClause

from app.core.db import Handle
from app.core.errors import NotFound, Problem
from app.core.paging import LIMIT, Mark, Page, mark_of, page_of
from app.features.deliverables.models import Citation
from app.features.editions.models import Edition, EditionCitation, EditionFile, EditionWithdrawal
from app.features.editions.schemas import CitedIn, EditionFileOut, EditionFull, EditionOut, Withdrawn
from app.features.statements.models import Statement, StatementType
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import abilities, allowed, visible
from app.policy.predicates import among

ED: FromClause = Edition.__table__
EF: FromClause = EditionFile.__table__
EC: FromClause = EditionCitation.__table__
EW: FromClause = EditionWithdrawal.__table__
C: FromClause = Citation.__table__
S: FromClause = Statement.__table__

NOT_FOUND = "Cette édition n’existe pas, ou vous n’y avez pas accès."
CARD = ("id", "initiative_id", "deliverable_id", "n", "label", "title", "published_at", "sha256", "manifest_sha256")


class EditionWithdrawn(Problem):
    """The co-pilots took this edition off the shelf. `reason` is the class of their reason; its card stays readable."""

    status = 410
    title = "Édition retirée"


def editions(actor: Actor, *columns: Any) -> Select[Any]:
    """The cards of the editions that the caller may read."""
    return (
        select(*(ED.c[name] for name in CARD), EW.c.at, EW.c.reason, *columns)
        .select_from(ED.outerjoin(EW, EW.c.edition_id == ED.c.id))
        .where(visible(actor, Edition, Action.EDITION_READ))
    )


def refuse_withdrawn(actor: Actor, row: Any) -> None:
    """410 for whoever does not co-pilot, once the edition is withdrawn."""
    if row.at is not None and not allowed(actor, Action.EDITION_WITHDRAW, row):
        raise EditionWithdrawn(
            "Les co-pilotes ont retiré cette édition : ses fichiers ne sont plus servis.",
            reason=row.reason,
            withdrawn_at=row.at.isoformat(),
        )


def _card(actor: Actor, row: Any) -> dict[str, Any]:
    withdrawn = None if row.at is None else Withdrawn(at=row.at, reason=row.reason)
    return {name: getattr(row, name) for name in CARD[:-2]} | {
        "sha256": row.sha256.hex(),
        "fingerprint": row.manifest_sha256.hex(),
        "withdrawn": withdrawn,
        "version": 1 if withdrawn is None else 2,
        "abilities": abilities(actor, row, "edition") if withdrawn is None else [],
    }


async def list_editions(
    read: Handle,
    actor: Actor,
    *,
    initiative_id: UUID | None = None,
    deliverable_id: UUID | None = None,
    cursor: str | None = None,
    limit: int = LIMIT,
) -> Page[EditionOut]:
    """A page of cards, newest first."""
    equal = {ED.c.initiative_id: initiative_id, ED.c.deliverable_id: deliverable_id}
    question = editions(actor).where(*(column == value for column, value in equal.items() if value is not None))
    if after := mark_of(cursor):
        question = question.where(tuple_(ED.c.published_at, ED.c.id) < tuple_(after.key, after.id))
    rows = (await read.execute(question.order_by(ED.c.published_at.desc(), ED.c.id.desc()).limit(limit + 1))).all()
    items = [EditionOut.model_construct(**_card(actor, row)) for row in rows]
    return page_of(items, limit, lambda item: Mark(item.published_at, item.id))


async def get_edition(read: Handle, actor: Actor, edition_id: UUID) -> EditionFull:
    """One edition with its files, or NotFound; one statement."""
    names = ("name", "media_type", "size", "sha256", "renderer", "renderer_version")
    question = editions(actor, *(EF.c[name].label(f"file_{name}") for name in names))
    rows = (
        await read.execute(
            question.join(EF, EF.c.edition_id == ED.c.id).where(ED.c.id == edition_id).order_by(EF.c.name)
        )
    ).all()
    if not rows:
        raise NotFound(NOT_FOUND)
    shown = rows[0].at is None or allowed(actor, Action.EDITION_WITHDRAW, rows[0])
    return EditionFull.model_construct(
        **_card(actor, rows[0]), files=[_file(edition_id, row) for row in rows] if shown else []
    )


def _file(edition_id: UUID, row: Any) -> EditionFileOut:
    return EditionFileOut.model_construct(
        name=row.file_name,
        media_type=row.file_media_type,
        size=row.file_size,
        sha256=row.file_sha256.hex(),
        renderer=row.file_renderer,
        renderer_version=row.file_renderer_version,
        url=f"/api/v1/editions/{edition_id}/files/{row.file_name}",
    )


async def get_file(read: Handle, actor: Actor, edition_id: UUID, name: str) -> Any:
    """The stored bytes of a file, with its media type, hash and whether its edition is withdrawn; NotFound, or 410."""
    columns = (EF.c.content, EF.c.media_type, EF.c.sha256.label("file_sha256"))
    question = (
        editions(actor, *columns).join(EF, EF.c.edition_id == ED.c.id).where(ED.c.id == edition_id, EF.c.name == name)
    )
    row = (await read.execute(question)).first()
    if row is None:
        raise NotFound("Ce fichier n’existe pas, ou vous n’y avez pas accès.")
    refuse_withdrawn(actor, row)
    return row


async def list_citing(
    read: Handle, actor: Actor, contribution_id: UUID, cursor: str | None = None, limit: int = LIMIT
) -> Page[CitedIn]:
    """The editions that cite a contribution, newest first; NotFound when the contribution is hidden."""
    known = select(S.c.id).where(
        S.c.id == contribution_id,
        S.c.type == StatementType.CONTRIBUTION,
        visible(actor, Statement, Action.STATEMENT_READ),
    )
    if (await read.execute(known)).first() is None:
        raise NotFound("Cette contribution n’existe pas, ou vous n’y avez pas accès.")
    notes = (
        select(
            EC.c.edition_id,
            func.array_agg(EC.c.number, type_=None).label("notes"),
            func.array_agg(C.c.relation).label("relations"),
        )
        .select_from(EC.join(C, C.c.id == EC.c.citation_id))
        .where(EC.c.statement_id == contribution_id)
        .group_by(EC.c.edition_id)
        .subquery("notes")
    )
    question = (
        editions(actor, notes.c.notes, notes.c.relations)
        .join(notes, notes.c.edition_id == ED.c.id)
        .where(or_(EW.c.edition_id.is_(None), among(ED.c.initiative_id, actor.piloted)))
    )
    if after := mark_of(cursor):
        question = question.where(tuple_(ED.c.published_at, ED.c.id) < tuple_(after.key, after.id))
    rows = (await read.execute(question.order_by(ED.c.published_at.desc(), ED.c.id.desc()).limit(limit + 1))).all()
    return page_of([_citing(row) for row in rows], limit, lambda item: Mark(item.published_at, item.edition_id))


def _citing(row: Any) -> CitedIn:
    said = sorted(zip(row.notes, row.relations, strict=True))
    same = ("deliverable_id", "n", "label", "title", "published_at")
    return CitedIn.model_construct(
        **{name: getattr(row, name) for name in same},
        edition_id=row.id,
        withdrawn=row.at is not None,
        notes=[note for note, _ in said],
        relations=[relation for _, relation in said],
    )

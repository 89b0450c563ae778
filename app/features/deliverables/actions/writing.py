"""Write words into a passage: one revision, and exactly the rows that its markers name, or nothing (promise 3)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.errors import Conflict, Invalid, invalid, refused
from app.core.model import new_id
from app.core.richtext.reading import aside
from app.core.richtext.render import to_html
from app.features.deliverables.actions.shapes import captioned, check_shape
from app.features.deliverables.models import (
    Passage,
    PassageCitation,
    PassageKind,
    PassageRevision,
    PassageState,
    Relation,
)
from app.features.deliverables.models.markers import MARKER, malformed_in, marker, numbers_in
from app.features.deliverables.queries.sources import CITED_WORDS, FORBIDDEN, C
from app.features.deliverables.schemas.writing import PassageText
from app.policy.speaker import Speaker


class UnknownMarkers(Invalid):
    """The text holds markers that name no citation of this deliverable, or that are no markers. `markers` lists them."""

    title = "Repères inconnus"


class NotAQuotation(Invalid):
    """A quotation passage is exactly one marker, of a citation that quotes: its words are never typed."""

    title = "Citation mal formée"


class ConsentForbids(Conflict):
    """The author's consent does not allow what this citation does. The detail says which citation and what remains possible."""

    title = "Consentement insuffisant"


def forbidden(numbers: list[int]) -> ConsentForbids:
    """The refusal that names the citations."""
    named = ", ".join(marker(number) for number in numbers)
    return ConsentForbids(
        f"Le consentement de l’auteur ne permet pas, ou plus, ces citations : {named}. "
        "Des mots « à reformuler » s’appuient sans être cités ; des mots « internes » ne sortent pas de leur espace.",
        markers=[marker(number) for number in numbers],
    )


async def write_revision(
    db: AsyncSession,
    said: Speaker,
    passage: Passage,
    text: PassageText,
    *,
    state: PassageState,
    base_id: UUID | None,
    names_nothing_new: bool = False,
) -> PassageRevision:
    """A new revision of a held passage; accepted ones become its head.

    Raises what `check_shape` does, `UnknownMarkers`, `NotAQuotation` or `ConsentForbids`, and then nothing is written. With
    `names_nothing_new`, consent is not asked again: a text with two citations that lost it must be
    mended one citation after the other (the gate stops the one that is left).
    """
    markdown = text.markdown
    await check_shape(db, passage, text)
    named = await _named(db, passage.deliverable_id, markdown)
    html = await aside(markdown, lambda: _checked_html(markdown, text.caption))
    if passage.kind == PassageKind.QUOTATION:
        _check_quotation(markdown, named)
    broken = [row.number for row in named if row.forbidden]
    if broken and not names_nothing_new:
        raise forbidden(broken)
    accepted = state == PassageState.ACCEPTED
    revision = PassageRevision(
        id=new_id(),
        passage_id=passage.id,
        deliverable_id=passage.deliverable_id,
        n=await _next_n(db, passage.id),
        base_id=base_id,
        markdown=markdown,
        html=html,
        caption=text.caption,
        alt=text.alt,
        figure_id=text.figure_id,
        state=state,
        decided_by=said.person_id if accepted else None,
        decided_at=now() if accepted else None,
        **said.columns(),
    )
    db.add(revision)
    await db.flush()
    await _write_names(db, revision, [row.id for row in named])
    if accepted:
        passage.head_id = revision.id
        await db.flush()
    return revision


async def _named(db: AsyncSession, deliverable_id: UUID, markdown: str) -> list[Any]:
    """The citations that the markers name, in their order; `UnknownMarkers` with all that name none."""
    numbers = numbers_in(markdown)
    strange = malformed_in(markdown)
    rows: dict[int, Any] = {}
    if numbers:
        found = await db.execute(
            select(C.c.id, C.c.number, C.c.relation, FORBIDDEN.label("forbidden"))
            .select_from(CITED_WORDS)
            .where(C.c.deliverable_id == deliverable_id, C.c.number.in_(numbers))
        )
        rows = {row.number: row for row in found}
    strange += [marker(number) for number in numbers if number not in rows]
    if strange:
        raise UnknownMarkers(
            f"Ces repères ne désignent aucune citation de ce livrable : {', '.join(strange)}.",
            markers=strange,
            errors=[refused("/markdown", "Repère inconnu : {mark}", mark=one) for one in strange],
        )
    return [rows[number] for number in numbers]


def _checked_html(markdown: str, caption: str | None) -> str:
    """The safe HTML, with the caption of a table, in which every marker is still there to be read: a link or an attribute can swallow one."""
    html = to_html(markdown)
    if MARKER.findall(html) != MARKER.findall(markdown):
        raise invalid(
            "/markdown", "Un repère est pris dans un lien ou dans une mise en forme qui le cache : laissez-le à part."
        )
    return html if caption is None else captioned(html, caption)


def _check_quotation(markdown: str, named: list[Any]) -> None:
    if not MARKER.fullmatch(markdown.strip()) or named[0].relation != Relation.QUOTES:
        raise NotAQuotation("Un passage « citation » est un seul repère, d’une citation dont la relation est « cite ».")


async def _next_n(db: AsyncSession, passage_id: UUID) -> int:
    question = select(func.coalesce(func.max(PassageRevision.n), 0)).where(PassageRevision.passage_id == passage_id)
    return int((await db.execute(question)).scalar_one()) + 1


async def _write_names(db: AsyncSession, revision: PassageRevision, citation_ids: list[UUID]) -> None:
    rows = [
        {
            "passage_revision_id": revision.id,
            "citation_id": citation_id,
            "deliverable_id": revision.deliverable_id,
            "ordinal": ordinal,
        }
        for ordinal, citation_id in enumerate(citation_ids)
    ]
    if rows:
        await db.execute(insert(PassageCitation), rows)

"""The text of an edition: sections in order, the accepted passages that stand, and the numbers of their notes."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.sql.selectable import FromClause

from app.core.db import Handle
from app.features.deliverables.models import (
    Angle,
    Citation,
    Figure,
    Passage,
    PassageCitation,
    PassageKind,
    PassageRevision,
)
from app.features.deliverables.models import Section as SectionRow
from app.features.editions.queries.blocks import blocks_of, notes_in

SE: FromClause = SectionRow.__table__
P: FromClause = Passage.__table__
PR: FromClause = PassageRevision.__table__
PC: FromClause = PassageCitation.__table__
C: FromClause = Citation.__table__
F: FromClause = Figure.__table__

NO_DATABASE_YET = "La base partagée n’existe pas encore : cette partie reste vide dans cette édition."
NOTHING_HERE = "Cette partie ne contient aucun passage dans cette édition."


@dataclass(frozen=True, slots=True)
class Frozen:
    """A passage as it is published."""

    section_id: UUID
    revision_id: UUID
    by_rule: bool
    """Accepted with many others, by a rule."""
    citation_ids: tuple[UUID, ...]
    content: dict[str, Any]

    @property
    def counted_as(self) -> str:
        """How the report counts it."""
        if self.citation_ids:
            return "sourced"
        return "headings" if self.content["kind"] == PassageKind.HEADING else "editorial"


@dataclass(slots=True)
class Text:
    """The whole text, in reading order, and which citation each note stands for."""

    sections: list[dict[str, Any]]
    passages: list[Frozen] = field(default_factory=list)
    notes: dict[UUID, int] = field(default_factory=dict)
    """Citation -> number, in the order of their first appearance."""


async def get_text(read: Handle, deliverable_id: UUID) -> Text:
    """The accepted text as it stands; two statements."""
    sections = (await read.execute(_sections(deliverable_id))).all()
    rows = (await read.execute(_passages(deliverable_id))).all()
    text = Text(sections=[])
    of: dict[UUID, list[Any]] = {}
    for row in rows:
        of.setdefault(row.section_id, []).append(row)
    known = {row.id for row in sections}
    text.sections = _tree(text, [row for row in sections if row.parent_id not in known], sections, of)
    return text


def _sections(deliverable_id: UUID) -> Any:
    return (
        select(SE.c.id, SE.c.parent_id, SE.c.title, SE.c.angle)
        .where(SE.c.deliverable_id == deliverable_id, SE.c.removed_at.is_(None))
        .order_by(SE.c.position, SE.c.id)
    )


def _passages(deliverable_id: UUID) -> Any:
    cited = (
        select(func.json_agg(func.json_build_array(C.c.number, C.c.id)))
        .select_from(PC.join(C, C.c.id == PC.c.citation_id))
        .where(PC.c.passage_revision_id == PR.c.id)
        .scalar_subquery()
    )
    return (
        select(
            *(P.c.section_id, P.c.kind, PR.c.id, PR.c.markdown, PR.c.decided_by_rule, cited.label("cited")),
            *(PR.c.caption, PR.c.alt, F.c.media_type, F.c.width, F.c.height, F.c.content),
        )
        .select_from(
            P.join(PR, PR.c.id == P.c.head_id)
            .join(SE, and_(SE.c.id == P.c.section_id, SE.c.removed_at.is_(None)))
            .outerjoin(F, F.c.id == PR.c.figure_id)
        )
        .where(P.c.deliverable_id == deliverable_id, P.c.removed_at.is_(None))
        .order_by(P.c.section_id, P.c.position, P.c.id)
    )


def _tree(text: Text, level: Iterable[Any], sections: Sequence[Any], of: dict[UUID, list[Any]]) -> list[dict[str, Any]]:
    """The sections of one level with what they hold, numbering notes as the reader meets them."""
    found = []
    for row in level:
        passages = [_freeze(text, passage) for passage in of.get(row.id, [])]
        inner = _tree(text, [child for child in sections if child.parent_id == row.id], sections, of)
        section: dict[str, Any] = {
            "title": row.title,
            "angle": row.angle,
            "passages": [passage.content for passage in passages],
            "sections": inner,
        }
        if not passages and not inner:
            section["empty"] = NO_DATABASE_YET if row.angle == Angle.DATABASE else NOTHING_HERE
        found.append(section)
    return found


def _freeze(text: Text, row: Any) -> Frozen:
    cited = {number: UUID(id_) for number, id_ in sorted(row.cited or [], key=lambda pair: _place(row.markdown, pair))}
    for citation_id in cited.values():
        text.notes.setdefault(citation_id, len(text.notes) + 1)
    notes = {number: text.notes[citation_id] for number, citation_id in cited.items()}
    content: dict[str, Any] = {
        "kind": row.kind,
        "origin": "sourced" if cited else "editorial",
        "notes": list(notes.values()),
        "blocks": [] if row.kind == PassageKind.QUOTATION else _with_every_note(_blocks(row, notes), notes),
    }
    passage = Frozen(row.section_id, row.id, row.decided_by_rule is not None, tuple(cited.values()), content)
    text.passages.append(passage)
    return passage


def _blocks(row: Any, notes: dict[int, int]) -> list[dict[str, Any]]:
    """The words; a table with its caption and what it shows, an image with the same and its bytes."""
    blocks = blocks_of(row.markdown, notes)
    told = {"caption": row.caption, "alt": row.alt}
    if row.kind == PassageKind.TABLE:
        return [blocks[0] | told, *blocks[1:]]
    if row.kind == PassageKind.FIGURE:
        size = {"width": row.width, "height": row.height, "media_type": row.media_type}
        return [{"type": "figure", "data": b64encode(row.content).decode(), **size, **told}, *blocks]
    return blocks


def _place(markdown: str, pair: tuple[int, str]) -> tuple[int, int]:
    """Where the marker of a citation stands: the order in which its reader meets it."""
    at = markdown.find(f"[@c{pair[0]}]")
    return (at if at >= 0 else len(markdown), pair[0])


def _with_every_note(blocks: list[dict[str, Any]], notes: dict[int, int]) -> list[dict[str, Any]]:
    """The blocks, and at their end the notes whose marker stood where no note can (in an address, in code)."""
    standing = set(notes_in(blocks))
    missing = [{"note": number} for number in notes.values() if number not in standing]
    if not missing:
        return blocks
    if blocks and blocks[-1]["type"] in ("paragraph", "heading"):
        return [*blocks[:-1], blocks[-1] | {"runs": [*blocks[-1]["runs"], *missing]}]
    return [*blocks, {"type": "paragraph", "runs": missing}]

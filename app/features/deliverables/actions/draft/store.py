"""Write what a draft proposes: extracts, citations, passages and their rows, in bulk; nothing is accepted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.model import new_id
from app.core.richtext.render import to_html
from app.features.deliverables.actions.draft.plan import RULE, Proposal, Source
from app.features.deliverables.models import (
    Citation,
    Deliverable,
    Passage,
    PassageCitation,
    PassageRevision,
    PassageState,
)
from app.features.deliverables.models.markers import marker
from app.features.harvest.actions.extracts import span_columns
from app.features.harvest.models import Extract
from app.policy.speaker import Speaker

BATCH = 500


@dataclass(slots=True)
class Rows:
    """The rows to write, in the order in which they lean on each other."""

    extracts: list[dict[str, Any]] = field(default_factory=list)
    citations: list[dict[str, Any]] = field(default_factory=list)
    passages: list[dict[str, Any]] = field(default_factory=list)
    revisions: list[dict[str, Any]] = field(default_factory=list)
    names: list[dict[str, Any]] = field(default_factory=list)


async def store(db: AsyncSession, deliverable: Deliverable, said: Speaker, proposals: Sequence[Proposal]) -> Rows:
    """Write the proposals into a held deliverable, each section's after what stands there already."""
    rows = Rows()
    last = await _last_positions(db, deliverable.id)
    cited: dict[tuple[UUID, int, int, str], tuple[UUID, int]] = {}
    for proposal in proposals:
        names = [_cite(rows, deliverable, said, source, cited) for source in proposal.sources]
        last[proposal.section_id] = last.get(proposal.section_id, -1) + 1
        _write(rows, deliverable, said, proposal, names, last[proposal.section_id])
    for model, values in (
        (Extract, rows.extracts),
        (Citation, rows.citations),
        (Passage, rows.passages),
        (PassageRevision, rows.revisions),
        (PassageCitation, rows.names),
    ):
        for at in range(0, len(values), BATCH):
            await db.execute(insert(model), values[at : at + BATCH])
    await db.flush()
    return rows


async def _last_positions(db: AsyncSession, deliverable_id: UUID) -> dict[UUID, int]:
    found = await db.execute(
        select(Passage.section_id, func.max(Passage.position).label("last"))
        .where(Passage.deliverable_id == deliverable_id, Passage.removed_at.is_(None))
        .group_by(Passage.section_id)
    )
    return {row.section_id: row.last for row in found}


def _cite(
    rows: Rows,
    deliverable: Deliverable,
    said: Speaker,
    source: Source,
    cited: dict[tuple[UUID, int, int, str], tuple[UUID, int]],
) -> tuple[UUID, int]:
    """The citation of a source and its number; the same words with the same relation are cited once."""
    key = (source.words.head_id, source.start, source.end, source.relation)
    if key in cited:
        return cited[key]
    same = {
        "statement_id": source.words.id,
        "initiative_id": deliverable.initiative_id,
        "created_at": now(),
        **said.columns(),
    }
    extract_id, citation_id, number = new_id(), new_id(), deliverable.next_citation
    deliverable.next_citation += 1
    rows.extracts.append(
        {
            "id": extract_id,
            "revision_id": source.words.head_id,
            "space_id": source.words.space_id,
            "by_rule": RULE,
            **span_columns(source.words.plain, source.start, source.end),
            **same,
        }
    )
    rows.citations.append(
        {
            "id": citation_id,
            "deliverable_id": deliverable.id,
            "number": number,
            "extract_id": extract_id,
            "relation": source.relation,
            **same,
        }
    )
    cited[key] = citation_id, number
    return citation_id, number


def _write(
    rows: Rows,
    deliverable: Deliverable,
    said: Speaker,
    proposal: Proposal,
    names: list[tuple[UUID, int]],
    position: int,
) -> None:
    passage_id, revision_id = new_id(), new_id()
    markdown = proposal.template.format(*(marker(number) for _, number in names))
    rows.passages.append(
        {
            "id": passage_id,
            "created_at": now(),
            "deliverable_id": deliverable.id,
            "initiative_id": deliverable.initiative_id,
            "section_id": proposal.section_id,
            "position": position,
            "kind": proposal.kind,
            "version": 1,
        }
    )
    rows.revisions.append(
        {
            "id": revision_id,
            "created_at": now(),
            "passage_id": passage_id,
            "deliverable_id": deliverable.id,
            "n": 1,
            "markdown": markdown,
            "html": to_html(markdown),
            "state": PassageState.PROPOSED,
            "by_rule": proposal.by_rule,
            **said.columns(),
        }
    )
    for ordinal, (citation_id, _number) in enumerate(names):
        rows.names.append(
            {
                "passage_revision_id": revision_id,
                "citation_id": citation_id,
                "deliverable_id": deliverable.id,
                "ordinal": ordinal,
            }
        )

"""The three ways out of an outdated citation: renew it on the words of today, keep it with a note, or take it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.errors import Conflict, NotFound, PreconditionFailed, invalid
from app.core.model import new_id
from app.features.deliverables.actions.citations import add_citation, check_consent, find_citation
from app.features.deliverables.actions.ground import hold, pilot, say
from app.features.deliverables.actions.passages import rewrite_held
from app.features.deliverables.actions.writing import ConsentForbids
from app.features.deliverables.models import (
    AckChoice,
    Citation,
    CitationAck,
    Deliverable,
    Passage,
    PassageCitation,
    PassageKind,
    PassageRevision,
)
from app.features.deliverables.models.markers import replaced
from app.features.deliverables.queries.around import nearest
from app.features.deliverables.queries.citations import NOT_FOUND, get_row, is_outdated, ways_out
from app.features.deliverables.schemas.citing import Acknowledgement
from app.features.deliverables.schemas.writing import PassageText
from app.features.harvest.actions.extracts import take_span
from app.features.harvest.models import Extract
from app.features.statements.models import Revision, strictest
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import require, visible
from app.policy.speaker import Speaker


class SourceMovedAgain(PreconditionFailed):
    """The source changed once more since you read it: look at the newest revision, then decide."""

    title = "La source a encore changé"


class NotOutdated(Conflict):
    """The source has not moved, or somebody settled it already: there is nothing to decide."""

    title = "Citation à jour"


class WordsGone(Conflict):
    """The words no longer stand in the revision in force: choose others (`start`, `end`), keep them with a note, or remove."""

    title = "Mots disparus de la source"


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What was decided, and the passages that have a new revision for it."""

    ack: CitationAck
    passages: list[UUID]


async def acknowledge(db: AsyncSession, actor: Actor, citation_id: UUID, wish: Acknowledgement) -> Acknowledged:
    """Settle an outdated citation, for the head and the state of its source as they are now.

    `renewed` makes a citation of the same words in the head (or of the span given) and rewrites the
    markers; `kept` leaves the text and says why; `removed` takes the markers out, and with them
    a quotation that was nothing else.
    """
    citation, deliverable = await _held(db, actor, citation_id)
    row = await get_row(db, actor, citation.id)
    _check_choice(row, wish)
    said = pilot(actor, deliverable)
    replacement: Citation | None = None
    passages: list[UUID] = []
    if wish.choice == AckChoice.RENEWED:
        replacement = await _renew(db, deliverable, said, row, wish)
    if wish.choice != AckChoice.KEPT:
        passages = await _rewrite_markers(db, said, citation, replacement)
    ack = CitationAck(
        id=new_id(),
        citation_id=citation.id,
        deliverable_id=deliverable.id,
        seen_revision_id=row.head_id,
        seen_state=row.standing,
        choice=wish.choice,
        note=wish.note,
        replaced_by=replacement.id if replacement else None,
        by_person=said.person_id,
    )
    db.add(ack)
    await db.flush()
    say(db, actor, "citation.acknowledged", citation, said, choice=wish.choice, passages=len(passages))
    return Acknowledged(ack, passages)


async def _held(db: AsyncSession, actor: Actor, citation_id: UUID) -> tuple[Citation, Deliverable]:
    question = select(Citation).where(Citation.id == citation_id, visible(actor, Citation, Action.DELIVERABLE_READ))
    citation = (await db.execute(question)).scalar_one_or_none()
    if citation is None:
        raise NotFound(NOT_FOUND)
    deliverable = await hold(db, actor, citation.deliverable_id, Action.DELIVERABLE_READ)
    require(actor, Action.CITATION_ACKNOWLEDGE, deliverable)
    return citation, deliverable


def _check_choice(row: Any, wish: Acknowledgement) -> None:
    """The source is still what the co-pilot saw, something is to be decided, and this way out is open."""
    if wish.seen_revision_id is not None and wish.seen_revision_id != row.head_id:
        raise SourceMovedAgain(
            "La source a encore changé depuis que vous l’avez lue : relisez-la, puis décidez.",
            head_revision_id=str(row.head_id),
        )
    if not is_outdated(row):
        raise NotOutdated("La source de cette citation n’a pas changé, ou quelqu’un a déjà tranché.")
    open_ways = ways_out(row)
    if wish.choice not in open_ways:
        if row.forbidden or row.erased:
            raise ConsentForbids(
                "Ces mots ne peuvent plus être cités ainsi : la seule issue est de retirer la citation.",
                ways_out=open_ways,
            )
        raise WordsGone(
            "La source a été retirée : gardez la citation avec une note, ou retirez-la.", ways_out=open_ways
        )
    if wish.choice == AckChoice.KEPT and not wish.note:
        raise invalid("/note", "Dites en une phrase pourquoi ces mots sont gardés : la note est imprimée.")


async def _renew(
    db: AsyncSession, deliverable: Deliverable, said: Speaker, row: Any, wish: Acknowledgement
) -> Citation:
    """The citation of the same words, or of the span given, in the revision in force."""
    found = await db.execute(select(Revision).where(Revision.id == row.head_id))
    head = found.scalar_one()
    if wish.start is not None and wish.end is not None:
        start, end = wish.start, wish.end
        if not start < end <= len(head.plain):
            raise invalid(
                "/end", "Ces positions sortent du texte, qui compte {length} caractères.", length=len(head.plain)
            )
    else:
        at = nearest(head.plain, row.quote, row.start)
        if at is None:
            raise WordsGone(
                "Ces mots ne se trouvent plus, à la lettre, dans la version en vigueur : choisissez-en d’autres "
                "(« start » et « end »), gardez la citation avec une note, ou retirez-la."
            )
        start, end = at, at + len(row.quote)
    check_consent(strictest(head.consent, row.statement_consent), row.relation)
    extract = await _same_span(db, head.id, start, end) or await take_span(db, said, head, start, end)
    extract = extract or await _same_span(db, head.id, start, end)  # somebody took the same meanwhile
    assert extract is not None
    if known := await find_citation(db, deliverable.id, extract.id, row.relation):
        return known
    citation = add_citation(db, deliverable, said, extract.id, extract.statement_id, row.relation)
    await db.flush()
    return citation


async def _same_span(db: AsyncSession, revision_id: UUID, start: int, end: int) -> Extract | None:
    question = select(Extract).where(Extract.revision_id == revision_id, Extract.start == start, Extract.end == end)
    return (await db.execute(question.order_by(Extract.id).limit(1))).scalar_one_or_none()


async def _rewrite_markers(
    db: AsyncSession, said: Speaker, citation: Citation, replacement: Citation | None
) -> list[UUID]:
    """New accepted revisions of the passages whose text in force names the citation."""
    new = replacement.number if replacement else None
    changed = []
    for passage, revision in await _naming(db, citation.id):
        words = replaced(revision.markdown, citation.number, new)
        text = PassageText.model_construct(
            markdown=words, caption=revision.caption, alt=revision.alt, figure_id=revision.figure_id
        )
        emptied = passage.kind == PassageKind.QUOTATION or not (words.strip() or revision.figure_id)
        if new is None and emptied:
            passage.removed_at = now()
            passage.version += 1
            await db.flush()
        else:
            await rewrite_held(db, said, passage, text, names_nothing_new=True)
        changed.append(passage.id)
    return changed


async def _naming(db: AsyncSession, citation_id: UUID) -> Sequence[tuple[Passage, PassageRevision]]:
    rows = await db.execute(
        select(Passage, PassageRevision)
        .join(PassageRevision, PassageRevision.id == Passage.head_id)
        .join(PassageCitation, PassageCitation.passage_revision_id == PassageRevision.id)
        .where(PassageCitation.citation_id == citation_id, Passage.removed_at.is_(None))
        .order_by(Passage.id)
    )
    return [(passage, revision) for passage, revision in rows]

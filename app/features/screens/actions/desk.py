"""What the desk does in one gesture: cite words where one writes, save a passage and drop its draft, add an image with its passage."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import NotFound, invalid, unknown
from app.core.versions import Expected
from app.features.deliverables.actions.citations import CitedAlready, cite
from app.features.deliverables.actions.figures import add_figure
from app.features.deliverables.actions.passages import add_passage, rewrite
from app.features.deliverables.models import Passage, PassageKind, Section
from app.features.deliverables.models.markers import marker
from app.features.deliverables.queries.parts import check_part
from app.features.deliverables.queries.passages import get_passage
from app.features.deliverables.schemas.citing import CitationDraft
from app.features.deliverables.schemas.writing import PassageDraft, PassageText
from app.features.drafts.actions import forget
from app.features.drafts.keys import DraftForm
from app.features.harvest.actions.extracts import harvest
from app.features.harvest.schemas import ExtractDraft
from app.features.screens.schemas import CiteHere
from app.policy.actor import Actor

ENDING = " \n\u00a0\u202f.;:!?…»"
"""The call of a note stands before the mark that ends the sentence."""


async def save_passage(
    db: AsyncSession, actor: Actor, passage_id: UUID, text: PassageText, expected: Expected
) -> Passage:
    """Give a passage its new words; the draft of them has served."""
    passage = await rewrite(db, actor, passage_id, text, expected)
    await forget(db, actor, DraftForm.PASSAGE_EDIT.key(passage.deliverable_id, passage_id))
    return passage


async def add_figure_passage(
    db: AsyncSession, actor: Actor, deliverable_id: UUID, draft: PassageDraft, image: bytes
) -> Passage:
    """Keep an image, and the passage that shows it."""
    if not image:
        raise invalid("/image", "Choisissez une image, PNG ou JPEG, de 1 Mo au plus.")
    figure = await add_figure(db, actor, deliverable_id, image)
    return await add_passage(db, actor, draft.model_copy(update={"figure_id": figure.id}))


async def cite_here(
    db: AsyncSession, actor: Actor, deliverable_id: UUID, contribution_id: UUID, order: CiteHere, expected: Expected
) -> UUID:
    """Take the words of the contribution, number them, and name them in a passage; the id of that passage.

    Words that are cited already with this relation keep their number. In a passage the marker goes where `at` says in the
    text that was being written, else before the mark that ends the text.
    """
    span = ExtractDraft(revision_id=order.revision_id, start=order.start, end=order.end, quote=order.quote)
    extract = await harvest(db, actor, span)
    if extract.statement_id != contribution_id:
        raise unknown("/revision_id", "Ces mots sont d’une autre contribution.")
    wish = CitationDraft(deliverable_id=deliverable_id, extract_id=extract.id, relation=order.relation)
    try:
        number = (await cite(db, actor, wish)).number
    except CitedAlready as known:
        number = int(str(known.extensions["key"])[1:])
    await _check_place(db, actor, deliverable_id, order)
    if order.passage_id is None:
        made = PassageDraft(section_id=order.section_id, kind=PassageKind.QUOTATION, markdown=marker(number))
        return (await add_passage(db, actor, made)).id
    now = await get_passage(db, actor, order.passage_id)
    if now.head is None:
        raise invalid("/passage_id", "Ce passage n’est que proposé : acceptez-le avant d’y citer.")
    written = now.head.markdown if order.markdown is None else order.markdown
    text = PassageText(
        markdown=_with(written, marker(number), order.at if order.markdown is not None else None),
        caption=now.head.caption,
        alt=now.head.alt,
        figure_id=now.head.figure_id,
    )
    await save_passage(db, actor, order.passage_id, text, expected)
    return order.passage_id


async def _check_place(db: AsyncSession, actor: Actor, deliverable_id: UUID, order: CiteHere) -> None:
    """422 where the form names a place of another deliverable: the number would call another note there."""
    place, pointer = (Section, "/section_id") if order.passage_id is None else (Passage, "/target")
    try:
        await check_part(db, actor, deliverable_id, place, order.passage_id or order.section_id)
    except NotFound as elsewhere:
        raise unknown(pointer, elsewhere.detail) from None


def _with(text: str, named: str, at: int | None) -> str:
    """The text that names it, at a place counted in code points."""
    if at is None or at > len(text):
        at = len(text.rstrip(ENDING))
    before, after = text[:at].rstrip(" "), text[at:]
    glued = before if not before or before.endswith(("\n", "]")) else f"{before} "
    return f"{glued}{named}{after}"

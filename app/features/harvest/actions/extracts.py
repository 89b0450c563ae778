"""Harvest: take a literal span of words from one revision."""

from __future__ import annotations

import unicodedata
from uuid import UUID

from sqlalchemy import or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import lock_shared
from app.core.errors import Conflict, NotFound, invalid, unknown
from app.core.events import Audience, record
from app.core.model import new_id
from app.features.harvest.actions.themes import get_theme_to_edit, put_extract
from app.features.harvest.models import TAKEN_BY_HAND, Extract
from app.features.harvest.queries import THEME_NOT_FOUND
from app.features.harvest.schemas import ExtractDraft
from app.features.initiatives.queries import require_not_archived
from app.features.statements.models import Revision, Statement
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import require, visible
from app.policy.predicates import among
from app.policy.speaker import Speaker, pilot_speaker, signature

AROUND = 60
"""Code points kept before and after a quote, to find it again by eye."""


class WordsErased(Conflict):
    """The text was erased by an administrator: there are no words left to quote."""

    title = "Texte effacé"


async def harvest(db: AsyncSession, actor: Actor, draft: ExtractDraft) -> Extract:
    """Keep a span of a revision that the caller may read; the same span again is the same extract.

    Any revision that was ever readable will do, an old one too: the extract says which.
    """
    revision, statement = await _readable(db, actor, draft.revision_id)
    require(actor, Action.EXTRACT_HARVEST, statement)
    await require_not_archived(db, statement.initiative_id)
    # Shared, as by those who write: an erasure waits for this answer to be stored, or is done and read here.
    await lock_shared(db, revision.initiative_id)
    await db.refresh(revision)
    if revision.erased_at is not None:
        raise WordsErased("Ce texte a été effacé : il n’y a plus rien à citer.")
    start, end = _span(revision.plain, draft)
    extract = await _known(db, revision.id, start, end)
    if extract is None:
        extract = await _take(db, actor, revision, start, end)
        assert extract is not None
    if draft.theme_id is not None:
        try:
            theme = await get_theme_to_edit(db, actor, draft.theme_id)
        except NotFound:
            raise unknown("/theme_id", THEME_NOT_FOUND) from None
        await put_extract(db, actor, theme, extract)
    return extract


async def _take(db: AsyncSession, actor: Actor, revision: Revision, start: int, end: int) -> Extract | None:
    said = pilot_speaker(actor, revision.initiative_id, revision.space_id)
    extract = await take_span(db, said, revision, start, end)
    if extract is None:
        return await _known(db, revision.id, start, end)  # somebody took the same meanwhile
    record(db, actor, "extract.harvested", extract, audience=Audience.PILOTS, **signature(said))
    return extract


async def take_span(db: AsyncSession, said: Speaker, revision: Revision, start: int, end: int) -> Extract | None:
    """A new extract of the span; None where there is one, which the next statement sees.

    The database compares the quote with the revision (extract_literal, extract_long_enough).
    """
    taken = (
        insert(Extract)
        .values(
            id=new_id(),
            revision_id=revision.id,
            statement_id=revision.statement_id,
            initiative_id=revision.initiative_id,
            space_id=revision.space_id,
            **span_columns(revision.plain, start, end),
            **said.columns(),
        )
        .on_conflict_do_nothing(index_elements=["revision_id", "start", "end"], index_where=text(TAKEN_BY_HAND))
        .returning(Extract)
    )
    return (await db.execute(taken)).scalar_one_or_none()


def span_columns(plain: str, start: int, end: int) -> dict[str, int | str]:
    """The columns of an extract that say where it stands and what surrounds it."""
    return {
        "start": start,
        "end": end,
        "quote": plain[start:end],
        "before": plain[max(0, start - AROUND) : start],
        "after": plain[end : end + AROUND],
    }


async def _readable(db: AsyncSession, actor: Actor, revision_id: UUID) -> tuple[Revision, Statement]:
    """The revision and its statement; the same refusal for what is hidden, a draft, or unknown."""
    question = (
        select(Revision, Statement)
        .join(Statement, Statement.id == Revision.statement_id)
        .where(
            Revision.id == revision_id,
            visible(actor, Statement, Action.STATEMENT_READ),
            Revision.n >= Statement.first_n,  # earlier revisions were their author's draft
            or_(among(Statement.space_id, actor.inner_spaces), Revision.id == Statement.head_id),
        )
    )
    found = (await db.execute(question)).first()
    if found is None:
        raise unknown("/revision_id", "Cette version n’existe pas, ou vous n’y avez pas accès.")
    return found[0], found[1]


async def _known(db: AsyncSession, revision_id: UUID, start: int, end: int) -> Extract | None:
    question = select(Extract).where(
        Extract.revision_id == revision_id, Extract.start == start, Extract.end == end, Extract.by_rule.is_(None)
    )
    return (await db.execute(question.order_by(Extract.id).limit(1))).scalar_one_or_none()


def _span(plain: str, draft: ExtractDraft) -> tuple[int, int]:
    """Where the words stand in `plain`, in code points."""
    if draft.quote is not None:
        return _occurrence(plain, unicodedata.normalize("NFC", draft.quote.replace("\r\n", "\n")), draft.occurrence)
    assert draft.start is not None
    assert draft.end is not None
    if not draft.start < draft.end <= len(plain):
        raise invalid("/end", "Ces positions sortent du texte, qui compte {length} caractères.", length=len(plain))
    return draft.start, draft.end


def _occurrence(plain: str, quote: str, occurrence: int) -> tuple[int, int]:
    at = -1
    for _ in range(occurrence):
        at = plain.find(quote, at + 1)
        if at < 0:
            seen = plain.count(quote)
            if seen == 0:
                raise invalid("/quote", "Ces mots ne se trouvent pas, à la lettre, dans cette version du texte.")
            raise invalid(
                "/occurrence", "Ces mots ne se trouvent que {seen} fois dans cette version du texte.", seen=seen
            )
    return at, at + len(quote)

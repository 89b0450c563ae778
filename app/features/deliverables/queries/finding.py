"""Words looked for in a deliverable: among its passages, and among the contributions that it answers for."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import TSQUERY

from app.core.db import Handle
from app.core.errors import NotFound, invalid
from app.features.deliverables.models import Deliverable, Passage, PassageKind, PassageRevision, Section
from app.features.deliverables.queries.outline import NOT_FOUND, deliverables
from app.features.deliverables.queries.passages import PC
from app.features.deliverables.queries.sources import C, E
from app.features.deliverables.schemas.writing import FoundPassage
from app.features.search.queries.asked import ask
from app.features.search.queries.candidates import LESS, PARTS
from app.features.search.queries.find import segments
from app.features.search.schemas import Segment
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible

P, PR, SE, D = Passage.__table__, PassageRevision.__table__, Section.__table__, Deliverable.__table__
MOST_FOUND = 50


def sought(typed: str) -> ColumnElement[Any]:
    """The query of a line, in French or in English; 422 when nothing in it can be looked for."""
    asked = ask(typed)
    if asked.explanation is not None:
        raise invalid("query:q", asked.explanation)
    query = _either("to_tsquery", asked.words)
    for phrase in asked.phrases:
        query = query.op("&&", return_type=TSQUERY())(_either("phraseto_tsquery", phrase))
    unwanted = [_either("phraseto_tsquery", phrase) for phrase in asked.without_phrases]
    unwanted += [_either("to_tsquery", asked.without)] if asked.without else []
    for query_not in unwanted:
        query = query.op("&&", return_type=TSQUERY())(func.tsquery_not(query_not, type_=TSQUERY()))
    return query


def _either(function: str, text: str) -> ColumnElement[Any]:
    typed = literal(text, String())
    french, english = (
        getattr(func, function)(literal_column(f"'public.alliage_{language}'::regconfig"), typed, type_=TSQUERY())
        for language in ("fr", "en")
    )
    either: ColumnElement[Any] = french.op("||", return_type=TSQUERY())(english)
    return func.coalesce(either, type_=TSQUERY())  # a call stands between brackets of its own


async def find_passages(read: Handle, actor: Actor, deliverable_id: UUID, typed: str) -> list[FoundPassage]:
    """The passages in force that hold the words, the best first, at most `MOST_FOUND`; a quotation by what it quotes."""
    if (await read.execute(deliverables(actor).where(D.c.id == deliverable_id))).first() is None:
        raise NotFound(NOT_FOUND)
    query = sought(typed)
    quoted = (
        select(func.string_agg(E.c.quote, " "))
        .select_from(PC.join(C, C.c.id == PC.c.citation_id).join(E, E.c.id == C.c.extract_id))
        .where(PC.c.passage_revision_id == PR.c.id, P.c.kind == PassageKind.QUOTATION)
        .scalar_subquery()
    )
    text = func.concat_ws(
        " ", PR.c.caption, PR.c.alt, func.regexp_replace(PR.c.markdown, r"\[@c\d+\]", "", "g"), quoted
    )
    words = func.words_of(D.c.language, "", text)
    shown = func.ts_headline(
        literal_column("'public.alliage_fr'::regconfig"), func.translate(text, "<", LESS), query, PARTS
    )
    question = (
        select(P.c.id, P.c.section_id, P.c.kind, P.c.version, SE.c.title, shown.label("shown"))
        .select_from(
            P.join(PR, PR.c.id == P.c.head_id).join(SE, SE.c.id == P.c.section_id).join(D, D.c.id == P.c.deliverable_id)
        )
        .where(
            P.c.deliverable_id == deliverable_id,
            P.c.removed_at.is_(None),
            SE.c.removed_at.is_(None),
            visible(actor, Passage, Action.DELIVERABLE_READ),
            words.op("@@")(query),
        )
        .order_by(func.ts_rank(words, query).desc(), P.c.id)
        .limit(MOST_FOUND)
    )
    return [
        FoundPassage.model_construct(
            passage_id=row.id,
            section_id=row.section_id,
            section=row.title,
            kind=row.kind,
            version=row.version,
            text=[Segment(**piece) for piece in segments(row.shown)],
        )
        for row in (await read.execute(question)).all()
    ]

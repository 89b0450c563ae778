"""Where the words of a statement stand again, to the letter: asked before they are erased, while they can be compared."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, LargeBinary, Text, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.selectable import FromClause

from app.core.db import Handle
from app.features.deliverables.models import Deliverable, PassageRevision, Treatment
from app.features.editions.models import Edition, EditionCitation
from app.features.editions.schemas import FrozenCopy, RetypedIn
from app.features.sessions.models import MinutesRevision
from app.features.statements.models import Revision, Statement

ED: FromClause = Edition.__table__
EC: FromClause = EditionCitation.__table__
PR: FromClause = PassageRevision.__table__
D: FromClause = Deliverable.__table__
T: FromClause = Treatment.__table__
M: FromClause = MinutesRevision.__table__
R: FromClause = Revision.__table__
S: FromClause = Statement.__table__

SHORTEST = 20
"""Shorter sentences (« Merci beaucoup. ») are said by everybody."""
MOST = 200
_ENDS = re.compile(r"(?<=[.!?…])\s+|\n+")


def pieces_of(revisions: Iterable[Any], quotes: Iterable[str]) -> list[str]:
    """Titles, sentences and harvested quotes, long enough to be somebody's own."""
    found: dict[str, None] = {}
    for revision in revisions:
        for piece in (revision.title, *_ENDS.split(revision.plain)):
            found[piece.strip()] = None
    found |= dict.fromkeys(quote.strip() for quote in quotes)
    return [piece for piece in found if len(piece) >= SHORTEST][:MOST]


def _holds(column: Any, pieces: Sequence[str]) -> ColumnElement[bool]:
    piece = func.unnest(literal(list(pieces), ARRAY(Text()))).column_valued("piece")
    return exists(select(literal(1)).where(func.strpos(column, piece) > 0))


async def find_editions(read: Handle, statement: Statement, pieces: Sequence[str]) -> list[FrozenCopy]:
    """The editions that cite the statement or print a piece of it, oldest first; one statement."""
    cites = exists(select(EC.c.number).where(EC.c.edition_id == ED.c.id, EC.c.statement_id == statement.id))
    # As the canonical JSON of a payload writes them.
    written = [json.dumps(piece, ensure_ascii=False)[1:-1].encode() for piece in pieces]
    piece = func.unnest(literal(written, ARRAY(LargeBinary))).column_valued("piece")
    prints = exists(select(literal(1)).where(func.position(piece.op("IN")(ED.c.payload)) > 0))
    rows = await read.execute(
        select(ED.c.id, ED.c.n, ED.c.title)
        .where(ED.c.initiative_id == statement.initiative_id, or_(cites, prints))
        .order_by(ED.c.published_at, ED.c.id)
    )
    return [FrozenCopy(id=row.id, n=row.n, title=row.title) for row in rows]


async def find_retyped(read: Handle, statement: Statement, pieces: Sequence[str]) -> list[RetypedIn]:
    """What others typed that holds a piece: passages, treatments, minutes, other words of the same thread."""
    initiative = statement.initiative_id
    places = (
        select(literal("passage").label("type"), PR.c.passage_id.label("id"))
        .select_from(PR.join(D, D.c.id == PR.c.deliverable_id))
        .where(D.c.initiative_id == initiative, _holds(PR.c.markdown, pieces)),
        select(literal("treatment"), T.c.id).where(T.c.initiative_id == initiative, _holds(T.c.sentence, pieces)),
        select(literal("session"), M.c.session_id).where(M.c.initiative_id == initiative, _holds(M.c.markdown, pieces)),
        select(S.c.type, S.c.id)
        .select_from(R.join(S, S.c.id == R.c.statement_id))
        .where(
            S.c.root_id == statement.root_id,
            S.c.id != statement.id,
            _holds(R.c.title + "\n" + R.c.plain, pieces),
        ),
    )
    rows: set[tuple[str, UUID]] = set()
    for place in places:
        rows |= {(row[0], row[1]) for row in await read.execute(place.distinct())}
    return [RetypedIn(type=kind, id=each) for kind, each in sorted(rows)]

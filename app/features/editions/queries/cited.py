"""The citations of an edition, as their authors let them out: consent is resolved here, before anything is frozen.

Words leave with their consent to be quoted, and with the attribution that it allows; a paraphrase
leaves with neither. What surrounds a quote leaves only where a visitor could have read the whole
text: the one release of any other space is the quote and its attribution (promise 8).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, func, select
from sqlalchemy.sql.selectable import FromClause

from app.core.db import Handle
from app.core.zones import local_day
from app.features.deliverables.queries.citations import attribution_of, citations, shows_words
from app.features.deliverables.queries.sources import C, E, R, S, consent_of
from app.features.editions.queries.text import Text
from app.features.spaces.models import Space, SpaceMember, Visibility
from app.features.statements.models import Position, StatementType, Tally
from app.features.statements.queries.few import told_positions, told_silence
from app.features.statements.schemas import Speaker
from app.policy.actor import Actor, Capacity

SP: FromClause = Space.__table__
SM: FromClause = SpaceMember.__table__
PO: FromClause = Position.__table__
T: FromClause = Tally.__table__


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation as it is published, and what the report has to know beside."""

    citation_id: UUID
    statement_id: UUID
    organisation_id: UUID | None
    """Whom it speaks for; never printed from here."""
    space_id: UUID
    content: dict[str, Any]


def let_out(row: Any) -> bool:
    """Whether anybody may read the whole contribution: its authors let it out, and its space is public."""
    return bool(row.released) and row.visibility == Visibility.PUBLIC


async def get_cited(read: Handle, actor: Actor, deliverable_id: UUID, text: Text, zone: str) -> list[Cited]:
    """The citations that the text names, by the number of their note; days are those of `zone`. One statement."""
    silent = (
        select(func.count(func.distinct(SM.c.organisation_id)))
        .where(
            SM.c.space_id == S.c.space_id,
            SM.c.during.contains(func.now()),
            SM.c.organisation_id.is_distinct_from(S.c.organisation_id),
            ~exists(
                # Two levels deep: without `correlate`, it would look at the positions on every statement.
                select(PO.c.id)
                .where(
                    PO.c.statement_id == S.c.id,
                    PO.c.organisation_id == SM.c.organisation_id,
                    PO.c.superseded_at.is_(None),
                )
                .correlate(S, SM)
            ),
        )
        .correlate(S)
        .scalar_subquery()
    )
    columns = [E.c.before, E.c.after, R.c.plain_sha256, S.c.occurred_at, S.c.kind, S.c.side, S.c.origin, S.c.released]
    counters = [S.c.positions_supports, S.c.positions_nuances, S.c.positions_objects]
    tally = [T.c.source.label("tally_source"), T.c.votes_for, T.c.votes_against, T.c.votes_mixed]
    question = (
        citations(actor, deliverable_id)
        .add_columns(*columns, *counters, *tally, SP.c.visibility, silent.label("silent"))
        .join(SP, and_(SP.c.id == S.c.space_id))
        .outerjoin(T, T.c.statement_id == S.c.id)
        .where(C.c.id.in_(list(text.notes)))
    )
    rows = (await read.execute(question)).all()
    found = [_cited(row, text.notes[row.id], zone) for row in rows]
    return sorted(found, key=lambda cited: cited.content["number"])


def _cited(row: Any, number: int, zone: str) -> Cited:
    consent = consent_of(row.width)
    released = shows_words(consent) and not row.erased
    content: dict[str, Any] = {
        "number": number,
        "relation": row.relation,
        "type": row.statement_type,
        "kind": row.kind,
        "side": row.side,
        "imported": row.origin == "import",
        "said_on": local_day(row.occurred_at, zone),
        "attribution": attribution(attribution_of(row, consent)),
        "words": _words(row) if released else None,
        "source": _source(row),
    }
    if row.statement_type == StatementType.CONTRIBUTION:
        stand = told_positions(row.positions_supports, row.positions_nuances, row.positions_objects)
        content["positions"] = stand | {"no_answer": told_silence(row.silent, stand)}
    if let_out(row) and row.tally_source is not None:
        content["tally"] = {
            "source": row.tally_source,
            "for": row.votes_for,
            "against": row.votes_against,
            "mixed": row.votes_mixed,
        }
    spoke_for = row.said_for if row.said_as == Capacity.ORGANISATION else None
    return Cited(row.id, row.statement_id, spoke_for, row.space_id, content)


def _words(row: Any) -> dict[str, Any]:
    """The exact words, and how whoever holds the revision finds them there."""
    words: dict[str, Any] = {
        "quote": row.quote,
        "quote_sha256": hashlib.sha256(row.quote.encode()).hexdigest(),
        "start": row.start,
        "end": row.end,
        "length": row.end - row.start,
        "revision_sha256": row.plain_sha256.hex(),
    }
    if let_out(row):
        words |= {"before": row.before, "after": row.after}
    return words


def _source(row: Any) -> dict[str, Any]:
    """Whether the source has moved since, and why the co-pilots kept the words: both are said to the reader."""
    state = row.standing if row.standing != "published" else "revised" if row.revised else "same"
    return {"state": state} | ({"kept_because": row.ack_note} if state != "same" and row.ack_note else {})


def attribution(speaker: Speaker) -> dict[str, Any]:
    """Who speaks, as it is printed: a name, a profile, or neither. No identifier."""
    if speaker.capacity == Capacity.ORGANISATION:
        if speaker.organisation is not None:
            return {"by": "organisation", "name": speaker.organisation}
        if speaker.profile is not None:
            return {"by": "profile", "profile": speaker.profile}
        return {"by": "participating_organisation"}
    return {"by": "person", "capacity": speaker.capacity, "name": speaker.person}

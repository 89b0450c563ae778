"""Citations with their words, whom they are attributed to, and whether their source has moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, lateral, null, select, true, tuple_
from sqlalchemy.sql.selectable import CTE, FromClause

from app.core.db import Handle, Reader
from app.core.errors import NotFound
from app.core.paging import LIMIT, Mark, Page, mark_of, page_of
from app.core.richtext.differences import apart
from app.features.deliverables.models import AckChoice, Citation
from app.features.deliverables.queries.around import differences_around, nearest
from app.features.deliverables.queries.sources import (
    CITED_WORDS,
    ERASED,
    FORBIDDEN,
    KEPT,
    MOVED,
    STANDING,
    A,
    C,
    E,
    R,
    S,
    consent_in_force,
    consent_of,
    in_force,
)
from app.features.deliverables.schemas.citing import CitationOut, OutdatedWhy
from app.features.identity.models import Organisation, Person
from app.features.statements.models import CONSENT_WIDTH, Consent, Revision, StatementState
from app.features.statements.queries.few import profile_told, spaces_of, told_profiles
from app.features.statements.queries.shape import Fields, outside_speaker
from app.features.statements.schemas import Speaker
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible

O: FromClause = Organisation.__table__  # noqa: E741 - as in the statements' own queries
PE: FromClause = Person.__table__
H: FromClause = Revision.__table__.alias("heads")

NOT_FOUND = "Cette citation n’existe pas, ou vous n’y avez pas accès."


def _told(deliverable_id: Any) -> CTE:
    """The profiles that may stand beside words of each space of the initiative; worked out once for all citations."""
    of = select(C.c.initiative_id).where(C.c.deliverable_id == deliverable_id).limit(1).scalar_subquery()
    return select(told_profiles(spaces_of(of))).cte("told")


def _last_ack() -> Any:
    """The acknowledgement that keeps the citation as it is, in the source's present state."""
    return lateral(
        select(A.c.choice, A.c.note, A.c.by_person, A.c.created_at, A.c.seen_revision_id, A.c.seen_state)
        .where(
            A.c.citation_id == C.c.id,
            A.c.choice == AckChoice.KEPT,
            A.c.seen_revision_id == S.c.head_id,
            A.c.seen_state == STANDING,
        )
        .order_by(A.c.id.desc())
        .limit(1)
    ).alias("ack")


REVISED = E.c.revision_id != S.c.head_id
SOURCE: tuple[Any, ...] = (
    C,
    *(E.c[name] for name in ("start", "end", "quote", "revision_id", "by_rule")),
    R.c.n.label("revision"),
    *(S.c[name] for name in ("space_id", "head_id")),
    S.c.type.label("statement_type"),
    S.c.consent.label("statement_consent"),
    S.c.capacity.label("said_as"),
    S.c.organisation_id.label("said_for"),
    S.c.person_id.label("said_by"),
    H.c.n.label("head_n"),
    H.c.title.label("statement_title"),
    case((REVISED, R.c.plain), else_=null()).label("cited_plain"),
    case((REVISED, H.c.plain), else_=null()).label("head_plain"),
    O.c.name.label("organisation"),
    O.c.profile,
    O.c.family,
    PE.c.name.label("person"),
    consent_in_force.label("width"),
    STANDING.label("standing"),
    FORBIDDEN.label("forbidden"),
    ERASED.label("erased"),
    MOVED.label("moved"),
    KEPT.label("kept"),
    REVISED.label("revised"),
)
"""A citation, the words it rests on, and where they stand now."""


def citations(actor: Actor, deliverable_id: Any) -> Select[Any]:
    """The citations of a deliverable (an id, or SQL for one) that the caller may read, in one statement."""
    named, told, ack = in_force(deliverable_id), _told(deliverable_id), _last_ack()
    return (
        select(
            *SOURCE,
            told.c.profile.label("told_profile"),
            C.c.id.in_(select(named.c.citation_id)).label("in_force"),
            ack.c.choice.label("ack_choice"),
            ack.c.note.label("ack_note"),
            ack.c.by_person.label("ack_by"),
            ack.c.created_at.label("ack_at"),
        )
        .select_from(
            CITED_WORDS.join(H, H.c.id == S.c.head_id)
            .outerjoin(O, O.c.id == S.c.organisation_id)
            .outerjoin(PE, PE.c.id == S.c.person_id)
            .outerjoin(told, profile_told(told, S.c.space_id, O.c.profile))
            .outerjoin(ack, true())
        )
        .where(C.c.deliverable_id == deliverable_id, visible(actor, Citation, Action.DELIVERABLE_READ))
    )


async def list_citations(
    read: Handle, actor: Actor, deliverable_id: UUID, cursor: str | None = None, limit: int = LIMIT
) -> Page[CitationOut]:
    """A page of a deliverable's citations, by number."""
    question = citations(actor, deliverable_id)
    if after := mark_of(cursor, int):
        question = question.where(tuple_(C.c.number, C.c.id) > tuple_(after.key, after.id))
    rows = (await read.execute(question.order_by(C.c.number).limit(limit + 1))).all()
    items = [CitationOut.model_validate(fields) for fields in await shaped(read, rows)]
    return page_of(items, limit, lambda citation: Mark(citation.number, citation.id))


async def get_citation(read: Handle, actor: Actor, citation_id: UUID) -> CitationOut:
    """One citation, or NotFound."""
    [fields] = await shaped(read, [await get_row(read, actor, citation_id)])
    return CitationOut.model_validate(fields)


async def get_row(read: Handle, actor: Actor, citation_id: UUID) -> Any:
    """The row of `citations` of one citation, or NotFound."""
    other = Citation.__table__.alias("other")
    of = select(other.c.deliverable_id).where(other.c.id == citation_id).scalar_subquery()
    row = (await read.execute(citations(actor, of).where(C.c.id == citation_id))).first()
    if row is None:
        raise NotFound(NOT_FOUND)
    return row


async def shaped(read: Handle, rows: Sequence[Any]) -> list[Fields]:
    """The rows of `citations` as fields of `CitationOut`; a model of each would cost more than its row.

    Where sources were revised, their texts are compared in a thread, and a reading connection is given back before.
    """
    if not any(row.revised and is_outdated(row) for row in rows):
        return [_fields(row) for row in rows]
    if isinstance(read, Reader):
        await read.release()
    return await apart(lambda: [_fields(row) for row in rows])


def _fields(row: Any) -> Fields:
    consent = consent_of(row.width)
    return {
        "id": row.id,
        "deliverable_id": row.deliverable_id,
        "number": row.number,
        "key": f"c{row.number}",
        "relation": row.relation,
        "extract_id": row.extract_id,
        "statement_id": row.statement_id,
        "statement_type": row.statement_type,
        "statement_title": row.statement_title,
        "space_id": row.space_id,
        "revision_id": row.revision_id,
        "revision": row.revision,
        "start": row.start,
        "end": row.end,
        "quote": row.quote,
        "consent": consent,
        "shows_words": shows_words(consent) and not row.erased,
        "attribution": _attribution(row, consent),
        "outdated": _outdated(row),
        "acknowledged": _acknowledged(row),
        "in_force": row.in_force,
        "by_rule": row.by_rule,
        "created_at": row.created_at,
    }


def shows_words(consent: Consent) -> bool:
    """Whether words said under this consent may leave their space as they are."""
    return CONSENT_WIDTH[consent] < CONSENT_WIDTH[Consent.PARAPHRASE]


def attribution_of(row: Any, consent: Consent) -> Speaker:
    """Who speaks, as it may be printed: nobody is named beside a paraphrase, not even by profile."""
    return Speaker.model_validate(_attribution(row, consent))


def _attribution(row: Any, consent: Consent) -> Fields:
    said = outside_speaker(_Said(row), consent)
    if shows_words(consent):
        return said
    return dict.fromkeys(said) | {"capacity": row.said_as, "anonymous": True}


class _Said:
    """The row of a citation with the names that a statement's row has: its own `capacity` is the citing co-pilot's."""

    __slots__ = (
        "capacity",
        "family",
        "organisation",
        "organisation_id",
        "person",
        "person_id",
        "profile",
        "told_profile",
    )

    def __init__(self, row: Any) -> None:
        self.capacity, self.organisation_id, self.person_id = row.said_as, row.said_for, row.said_by
        self.organisation, self.profile, self.told_profile = row.organisation, row.profile, row.told_profile
        self.person, self.family = row.person, row.family


def reasons(row: Any) -> list[OutdatedWhy]:
    """Why the citation has to be looked at again, whatever was acknowledged."""
    why = {
        OutdatedWhy.REVISED: row.revised,
        OutdatedWhy.WITHDRAWN: row.standing == StatementState.WITHDRAWN,
        OutdatedWhy.MODERATED: row.standing == StatementState.MODERATED,
        OutdatedWhy.CONSENT: row.forbidden,
        OutdatedWhy.ERASED: row.erased,
    }
    return [reason for reason, holds in why.items() if holds]


def is_outdated(row: Any) -> bool:
    """Whether nobody has settled it: the same as the expression OUTDATED."""
    return bool(row.forbidden or row.erased or (row.moved and not row.kept))


def ways_out(row: Any) -> list[AckChoice]:
    """What a co-pilot may choose: nothing but removing when consent is missing or the words are gone."""
    if row.forbidden or row.erased:
        return [AckChoice.REMOVED]
    if row.standing != StatementState.PUBLISHED:
        return [AckChoice.KEPT, AckChoice.REMOVED]
    return [AckChoice.RENEWED, AckChoice.KEPT, AckChoice.REMOVED]


def _outdated(row: Any) -> Fields | None:
    if not is_outdated(row):
        return None
    changes = differences_around(row.cited_plain, row.head_plain, row.start, row.end) if row.revised else []
    literal = not row.erased and (not row.revised or nearest(row.head_plain, row.quote, row.start) is not None)
    return {
        "why": reasons(row),
        "head_revision_id": row.head_id,
        "head_revision": row.head_n,
        "still_literal": literal,
        "differences": [{"op": change.op, "text": change.text} for change in changes],
        "ways_out": ways_out(row),
    }


def _acknowledged(row: Any) -> Fields | None:
    if row.ack_choice is None:
        return None
    return {
        "choice": row.ack_choice,
        "note": row.ack_note,
        "by_person": row.ack_by,
        "at": row.ack_at,
        "seen_revision_id": row.head_id,
        "seen_state": row.standing,
    }

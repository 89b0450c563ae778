"""The one joined `select` that every reading of statements starts from, and how its rows become answers.

Who is named is decided here, by the place from which the caller reads (promise 7): inside the
space everybody is named; outside, the strictest of the consents that the author gave governs,
and a profile with fewer than three organisations in the initiative is not a name in disguise.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import FromClause

from app.features.identity.models import Organisation, Person
from app.features.statements.models import Consent, Revision, Statement, StatementState, strictest
from app.features.statements.queries.few import profile_told, told_profiles
from app.features.statements.schemas import StatementFull
from app.policy.actions import Action
from app.policy.actor import Actor, Capacity
from app.policy.decide import abilities, allowed

S: FromClause = Statement.__table__
R: FromClause = Revision.__table__
O: FromClause = Organisation.__table__  # noqa: E741 - S, R, O, P: the four tables of the join
P: FromClause = Person.__table__

Fields = dict[str, Any]
"""The fields of an answer, by name, as its schema documents them (a test holds the two together)."""

PLACE = (
    "id",
    "type",
    "initiative_id",
    "space_id",
    "root_id",
    "parent_id",
    "session_id",
    "kind",
    "side",
    "tags",
    "state",
    "state_reason",
    "consent",
    "root_consent",
    "capacity",
    "person_id",
    "organisation_id",
    "origin",
    "occurred_at",
    "published_at",
    "head_id",
    "version",
    "first_n",
    "replies_for",
    "replies_against",
    "replies_other",
    "positions_supports",
    "positions_nuances",
    "positions_objects",
    "sources_count",
)
"""The statement's own columns that an answer or a rule needs."""


def words_in(revision: Any, *, whole: bool) -> tuple[ColumnElement[Any], ...]:
    """What an answer needs of a revision, in a list or whole."""
    c = revision.c
    short = (c.n, c.title, c.excerpt, c.plain_length, c.language, c.consent.label("revision_consent"))
    return (*short, c.markdown, c.plain, c.html, c.plain_sha256) if whole else short


def joined(actor: Actor, statement: Any, *, whole: bool, revision: Any = R) -> Select[Any]:
    """Statement, its head revision, organisation and person, in one statement."""
    told = told_profiles(actor.outer_spaces)
    return select(
        *(statement.c[name] for name in PLACE),
        *words_in(revision, whole=whole),
        O.c.name.label("organisation"),
        O.c.profile,
        O.c.family,
        P.c.name.label("person"),
        told.c.profile.label("told_profile"),
    ).select_from(
        statement.join(revision, revision.c.id == statement.c.head_id)
        .outerjoin(O, O.c.id == statement.c.organisation_id)
        .outerjoin(P, P.c.id == statement.c.person_id)
        .outerjoin(told, profile_told(told, statement.c.space_id, O.c.profile))
    )


def reads_words(actor: Actor, row: Any) -> bool:
    """Whether the caller may read the text of a row that they may see: withdrawn and moderated ones are tombstones."""
    if row.state in (StatementState.PUBLISHED, StatementState.DRAFT):
        return True
    if actor.person_id is not None and row.person_id == actor.person_id:
        return True
    return row.state == StatementState.MODERATED and allowed(actor, Action.STATEMENT_RESTORE, row)


def speaker_of(row: Any, *, inside: bool) -> Fields:
    """Who speaks, as the caller may know it."""
    if inside:
        return {
            "capacity": row.capacity,
            "organisation_id": row.organisation_id,
            "organisation": row.organisation,
            "profile": row.profile,
            "family": row.family,
            "person_id": row.person_id,
            "person": row.person,
            "anonymous": False,
        }
    return outside_speaker(row, strictest(row.consent, row.revision_consent))


def outside_speaker(row: Any, consent: Consent) -> Fields:
    """The attribution that leaves the space."""
    organisational = row.capacity == Capacity.ORGANISATION
    named = consent == Consent.NAME
    profiled = organisational and (named or row.told_profile is not None)
    return {
        "capacity": row.capacity,
        "organisation_id": row.organisation_id if named and organisational else None,
        "organisation": row.organisation if named and organisational else None,
        "profile": row.profile if profiled else None,
        "family": row.family if named and organisational else None,  # beside a profile, it would tell which one
        "person_id": row.person_id if named and not organisational and row.person else None,
        "person": row.person if named and not organisational else None,
        "anonymous": not named,
    }


def _counts(row: Any) -> Fields:
    return {
        "replies_for": row.replies_for,
        "replies_against": row.replies_against,
        "replies_other": row.replies_other,
        "supports": row.positions_supports,
        "nuances": row.positions_nuances,
        "objects": row.positions_objects,
        "sources": row.sources_count,
    }


def summary(actor: Actor, row: Any) -> Fields:
    """A row of a list: the fields of `StatementSummary`, written to JSON as they are."""
    words = reads_words(actor, row)
    inside = row.space_id in actor.inner_spaces
    return {
        "id": row.id,
        "type": row.type,
        "initiative_id": row.initiative_id,
        "space_id": row.space_id,
        "root_id": row.root_id,
        "parent_id": row.parent_id if inside or row.parent_id == row.root_id else None,
        "session_id": row.session_id if inside else None,
        "kind": row.kind,
        "side": row.side,
        "title": row.title if words else None,
        "excerpt": row.excerpt if words else None,
        "truncated": words and row.plain_length > 600,
        "language": row.language,
        "tags": row.tags,
        "state": row.state,
        "state_reason": row.state_reason,
        "speaker": speaker_of(row, inside=inside),
        "consent": row.consent if inside else None,
        "origin": row.origin,
        "occurred_at": row.occurred_at,
        "published_at": row.published_at,
        "revision": row.n,
        "counts": _counts(row) if inside else None,
        "version": row.version,
        "abilities": abilities(actor, row, "statement"),
    }


def full(actor: Actor, row: Any) -> StatementFull:
    """One statement, whole."""
    words = reads_words(actor, row)
    tally = row.votes_for is not None
    return StatementFull(
        **summary(actor, row),
        revision_id=row.head_id,
        markdown=row.markdown if words else None,
        plain=row.plain if words else None,
        html=row.html if words else None,
        plain_sha256=row.plain_sha256.hex() if words else None,
        tally={"source": row.tally_source, "for": row.votes_for, "against": row.votes_against, "mixed": row.votes_mixed}
        if tally
        else None,
    )

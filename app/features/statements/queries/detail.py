"""One statement and what hangs on it: revisions, positions, sources, tallies."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, bindparam, select, true, tuple_
from sqlalchemy.sql.elements import ColumnElement

from app.core.db import Handle, Question, Reader, fetch
from app.core.errors import NotFound
from app.core.paging import LIMIT, Mark, Page, mark_of, page_of
from app.core.richtext.differences import Comparison, apart
from app.features.identity.models import Organisation
from app.features.statements.models import Position, Source, Statement, StatementType, Tally
from app.features.statements.queries.feed import NOT_FOUND
from app.features.statements.queries.shape import (
    R,
    S,
    full,
    joined,
    reads_words,
)
from app.features.statements.schemas import (
    ChangeOut,
    DifferencesOut,
    PositionOut,
    RevisionOut,
    SourceOut,
    StatementFull,
)
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible
from app.policy.symbolic import CALLER, facts

T = Tally.__table__


@lru_cache(maxsize=1)
def _one() -> Question:
    """A statement by its id, whole, with its imported tally."""
    return Question(
        joined(CALLER, S, whole=True)
        .add_columns(T.c.source.label("tally_source"), T.c.votes_for, T.c.votes_against, T.c.votes_mixed)
        .outerjoin(T, T.c.statement_id == S.c.id)
        .where(S.c.id == bindparam("statement_id", type_=Uuid()), visible(CALLER, Statement, Action.STATEMENT_READ))
    )


async def _row(read: Handle, actor: Actor, statement_id: UUID, kind: StatementType | None = None) -> Any:
    rows = await fetch(read, _one(), {**facts(actor), "statement_id": statement_id})
    if not rows or (kind is not None and rows[0].type != kind):
        raise NotFound(NOT_FOUND)
    return rows[0]


async def get_statement(
    read: Handle, actor: Actor, statement_id: UUID, kind: StatementType | None = None
) -> StatementFull:
    """The statement, or NotFound when it is hidden, absent or of another type than `kind`."""
    return full(actor, await _row(read, actor, statement_id, kind))


async def list_revisions(
    read: Handle,
    actor: Actor,
    statement_id: UUID,
    cursor: str | None = None,
    limit: int = LIMIT,
    kind: StatementType | None = None,
) -> Page[RevisionOut]:
    """A page of the revisions that the caller may read, oldest first: drafts are their author's alone."""
    row = await _row(read, actor, statement_id, kind)
    after = mark_of(cursor, int)
    onwards = R.c.n > after.key if after else true()
    found = await _revisions(read, actor, row, onwards, limit + 1)
    return page_of(found, limit, lambda revision: Mark(revision.n, revision.id))


async def _revisions(read: Handle, actor: Actor, row: Any, wanted: ColumnElement[bool], most: int) -> list[RevisionOut]:
    """Those of a statement's revisions that are wanted and that the caller may read: outside, the head alone."""
    words = reads_words(actor, row)
    mine = actor.person_id is not None and row.person_id == actor.person_id
    inside = row.space_id in actor.inner_spaces
    readable = R.c.n == row.n if not inside else true() if mine else R.c.n >= (row.first_n or 0)
    question = select(R).where(R.c.statement_id == row.id, readable, wanted).order_by(R.c.n).limit(most)
    return [_revision(revision, words=words, inside=inside) for revision in await read.execute(question)]


def _revision(row: Any, *, words: bool, inside: bool) -> RevisionOut:
    return RevisionOut(
        id=row.id,
        n=row.n,
        title=row.title if words else None,
        markdown=row.markdown if words else None,
        plain=row.plain if words else None,
        html=row.html if words else None,
        plain_sha256=row.plain_sha256.hex() if words else "",
        plain_length=row.plain_length if words else 0,
        consent=row.consent if inside else None,
        created_at=row.created_at,
        erased_at=row.erased_at,
    )


async def compare(
    read: Reader, actor: Actor, statement_id: UUID, before: int, after: int, kind: StatementType | None = None
) -> DifferencesOut:
    """What changed between two revisions; NotFound when either cannot be read."""
    row = await _row(read, actor, statement_id, kind)
    found = {revision.n: revision for revision in await _revisions(read, actor, row, R.c.n.in_({before, after}), 2)}
    one, other = found.get(before), found.get(after)
    if one is None or other is None or one.plain is None or other.plain is None:
        raise NotFound("Cette version n’existe pas, ou vous n’y avez pas accès.")
    await read.release()
    titles, texts = (one.title or "", other.title or ""), (one.plain, other.plain)
    comparison = Comparison()
    changes = await apart(lambda: [comparison.differences(*pair) for pair in (titles, texts)])
    title, text = ([ChangeOut(op=c.op, text=c.text) for c in each] for each in changes)
    return DifferencesOut(before=before, after=after, title=title, text=text)


async def list_positions(
    read: Handle, actor: Actor, statement_id: UUID, cursor: str | None = None, limit: int = LIMIT
) -> Page[PositionOut]:
    """Positions of organisations on a contribution, the newest first, earlier ones included; none outside its space.

    Nobody is asked whether a position may leave the space, so none does: not its stance, not when it changed.
    """
    row = await _row(read, actor, statement_id, StatementType.CONTRIBUTION)
    after = mark_of(cursor)
    if row.space_id not in actor.inner_spaces:
        return Page([], None)
    table = Position.__table__
    found = await read.execute(
        _positions(statement_id)
        .where(tuple_(table.c.created_at, table.c.id) < tuple_(after.key, after.id) if after else true())
        .order_by(table.c.created_at.desc(), table.c.id.desc())
        .limit(limit + 1)
    )
    page = page_of(found.all(), limit, lambda each: Mark(each.created_at, each.id))
    return Page([_position(each) for each in page.items], page.next_cursor)


def _positions(statement_id: UUID) -> Select[Any]:
    table, organisation = Position.__table__, Organisation.__table__
    return (
        select(table, organisation.c.name, organisation.c.profile, organisation.c.family)
        .join(organisation, organisation.c.id == table.c.organisation_id)
        .where(table.c.statement_id == statement_id)
    )


async def get_position(read: Handle, statement_id: UUID, position_id: UUID) -> PositionOut:
    """One position that the caller has just taken."""
    return _position((await read.execute(_positions(statement_id).where(Position.id == position_id))).one())


def _position(row: Any) -> PositionOut:
    return PositionOut(
        id=row.id,
        stance=row.stance,
        reason=row.reason,
        organisation_id=row.organisation_id,
        organisation=row.name,
        profile=row.profile,
        family=row.family,
        created_at=row.created_at,
        superseded_at=row.superseded_at,
        origin=row.origin,
    )


async def list_sources(
    read: Handle,
    actor: Actor,
    statement_id: UUID,
    cursor: str | None = None,
    limit: int = LIMIT,
    kind: StatementType | None = None,
) -> Page[SourceOut]:
    """The documents that a statement leans on, oldest first."""
    row = await _row(read, actor, statement_id, kind)
    after = mark_of(cursor)
    table = Source.__table__
    if not reads_words(actor, row):
        return Page([], None)
    found = await read.execute(
        select(table)
        .where(
            table.c.statement_id == statement_id,
            table.c.removed_at.is_(None),
            tuple_(table.c.occurred_at, table.c.id) > tuple_(after.key, after.id) if after else true(),
        )
        .order_by(table.c.occurred_at, table.c.id)
        .limit(limit + 1)
    )
    page = page_of(found.all(), limit, lambda each: Mark(each.occurred_at, each.id))
    inside = row.space_id in actor.inner_spaces
    return Page(
        [
            SourceOut(
                id=each.id,
                category=each.category,
                title=each.title,
                url=each.url,
                note=each.note,
                organisation_id=each.organisation_id if inside else None,
                occurred_at=each.occurred_at,
                origin=each.origin,
            )
            for each in page.items
        ],
        page.next_cursor,
    )

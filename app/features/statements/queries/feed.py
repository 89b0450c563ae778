"""Lists of contributions and of replies: keyset pages that cost the same at any depth and for every caller."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Uuid, any_, bindparam, func, select, true, tuple_
from sqlalchemy.sql.elements import ColumnElement

from app.core.db import Handle
from app.core.errors import NotFound
from app.core.paging import LIMIT, Mark, Page, mark_of, page_of
from app.features.statements.models import Statement, StatementState, StatementType
from app.features.statements.queries.shape import PLACE, S, joined, summary
from app.features.statements.schemas import StatementSummary
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible

NOT_FOUND = "Cette contribution n’existe pas, ou vous n’y avez pas accès."


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; empty fields narrow nothing."""

    initiative_id: UUID | None = None
    space_id: UUID | None = None
    organisation_id: UUID | None = None
    session_id: UUID | None = None
    kind: str | None = None
    tag: str | None = None
    state: str = StatementState.PUBLISHED
    mine: bool = False
    since: datetime | None = None
    until: datetime | None = None
    extra: tuple[ColumnElement[bool], ...] = field(default=())


def _narrowed(actor: Actor, filters: Filters) -> list[ColumnElement[bool]]:
    conditions = [S.c.type == StatementType.CONTRIBUTION, S.c.state == filters.state, *filters.extra]
    equal = {
        S.c.initiative_id: filters.initiative_id,
        S.c.session_id: filters.session_id,
        S.c.kind: filters.kind,
    }
    conditions += [column == value for column, value in equal.items() if value is not None]
    if filters.organisation_id is not None:
        conditions += [S.c.organisation_id == filters.organisation_id, _named_by_its_organisation(actor)]
    if filters.tag is not None:
        conditions.append(S.c.tags.contains([filters.tag]))
    if filters.mine:
        conditions.append(S.c.person_id == actor.person_id)
    if filters.since is not None:
        conditions.append(S.c.occurred_at >= filters.since)
    if filters.until is not None:
        conditions.append(S.c.occurred_at < filters.until)
    return conditions


def _named_by_its_organisation(actor: Actor) -> ColumnElement[bool]:
    """Filtering by organisation must not tell who spoke where the list itself would not (promise 7)."""
    named = (S.c.capacity == "organisation") & (S.c.consent == "name") & (S.c.root_consent == "name")
    if not actor.inner_spaces:
        return named
    return named | (S.c.space_id == any_(bindparam(None, sorted(actor.inner_spaces), ARRAY(Uuid()), unique=True)))


def feed_statement(actor: Actor, filters: Filters, after: Mark | None, limit: int) -> Select[Any]:
    """The page after `after`: each readable space gives its newest rows, and the newest of those are kept.

    Going space by space, the index on (space, date) is read `limit` rows deep in each. One index scan
    over all of them would, for a caller who sees one row in a thousand, walk the thousand (121 ms
    at a million rows; docs/adr/0003).
    """
    places: Collection[UUID] = actor.inner_spaces | actor.outer_spaces
    if filters.space_id is not None:
        places = [filters.space_id] if filters.space_id in places else []
    place = (
        func.unnest(bindparam("places", sorted(places), ARRAY(Uuid())))
        .table_valued("id", name="place")
        .render_derived()
    )
    newest = (
        select(*(S.c[name] for name in PLACE))
        .where(
            S.c.space_id == place.c.id,
            *_narrowed(actor, filters),
            visible(actor, Statement, Action.STATEMENT_READ),
            tuple_(S.c.occurred_at, S.c.id) < tuple_(after.key, after.id) if after else true(),
        )
        .order_by(S.c.occurred_at.desc(), S.c.id.desc())
        .limit(limit + 1)
        .lateral("newest")
    )
    statement = select(*newest.c).select_from(place.join(newest, true()))
    ranked = statement.order_by(newest.c.occurred_at.desc(), newest.c.id.desc()).limit(limit + 1).subquery("s")
    return joined(actor, ranked, whole=False).order_by(ranked.c.occurred_at.desc(), ranked.c.id.desc())


async def list_contributions(
    read: Handle, actor: Actor, filters: Filters, cursor: str | None = None, limit: int = LIMIT
) -> Page[StatementSummary]:
    """Contributions that the caller may read, newest first."""
    rows = (await read.execute(feed_statement(actor, filters, mark_of(cursor), limit))).all()
    page = page_of(rows, limit, lambda row: Mark(row.occurred_at, row.id))
    return Page([summary(actor, row) for row in page.items], page.next_cursor)


async def list_replies(
    read: Handle, actor: Actor, root_id: UUID, cursor: str | None = None, limit: int = LIMIT
) -> Page[StatementSummary]:
    """Replies to a contribution, oldest first, with `parent_id` for those who draw a tree; NotFound when it is hidden."""
    after = mark_of(cursor)
    root = select(S.c.id).where(S.c.id == root_id, visible(actor, Statement, Action.STATEMENT_READ))
    if (await read.execute(root)).first() is None:
        raise NotFound(NOT_FOUND)
    statement = (
        joined(actor, S, whole=False)
        .where(
            S.c.root_id == root_id,
            S.c.type == StatementType.REPLY,
            S.c.state != StatementState.DRAFT,
            visible(actor, Statement, Action.STATEMENT_READ),
            tuple_(S.c.occurred_at, S.c.id) > tuple_(after.key, after.id) if after else true(),
        )
        .order_by(S.c.occurred_at, S.c.id)
        .limit(limit + 1)
    )
    page = page_of((await read.execute(statement)).all(), limit, lambda row: Mark(row.occurred_at, row.id))
    return Page([summary(actor, row) for row in page.items], page.next_cursor)

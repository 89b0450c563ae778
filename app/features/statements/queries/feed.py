"""Lists of contributions and of replies: keyset pages that cost the same at any depth and for every caller."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    DateTime,
    Integer,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.sql.elements import BindParameter, ColumnElement

from app.core.db import Handle, Question, fetch
from app.core.errors import NotFound
from app.core.paging import LIMIT, Mark, Page, mark_of, page_of
from app.features.identity.models import Organisation
from app.features.statements.models import Statement, StatementState, StatementType
from app.features.statements.queries.few import told_profiles
from app.features.statements.queries.shape import PLACE, Fields, S, joined, summary
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible
from app.policy.predicates import among
from app.policy.symbolic import CALLER, facts

NOT_FOUND = "Cette contribution n’existe pas, ou vous n’y avez pas accès."


ANSWERS = (
    *("replies_for", "replies_against", "replies_other"),
    *("positions_supports", "positions_nuances", "positions_objects"),
)


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
    profile: str | None = None
    unanswered: bool = False
    ids: tuple[UUID, ...] | None = None
    """Only these: what is new to somebody, for instance."""
    oldest_first: bool = False


def _named_by_its_organisation() -> ColumnElement[bool]:
    """Filtering by organisation must not tell who spoke where the list itself would not (promise 7)."""
    named = (S.c.capacity == "organisation") & (S.c.consent == "name") & (S.c.root_consent == "name")
    return or_(named, among(S.c.space_id, CALLER.inner_spaces))


def _by_profile() -> ColumnElement[bool]:
    """The same: from outside, a profile is asked for where the list itself tells it."""
    profile = _parameter("profile", Text())
    told = told_profiles(CALLER.outer_spaces)
    shared = select(told.c.space_id).where(told.c.profile == profile)
    named = S.c.capacity == "organisation"
    same = select(Organisation.id).where(Organisation.id == S.c.organisation_id, Organisation.profile == profile)
    outside = and_(named, or_(_named_by_its_organisation(), S.c.space_id.in_(shared)))
    return and_(same.exists(), or_(among(S.c.space_id, CALLER.inner_spaces), outside))


def _is_question() -> ColumnElement[bool]:
    return S.c.kind == literal_column("'question'", Text())  # written so that the index of questions serves


def nobody_answered(columns: Any = S.c) -> ColumnElement[bool]:
    """Whether nobody replied to a contribution, or took a position on it."""
    return and_(*(columns[name] == 0 for name in ANSWERS))


def _parameter(name: str, type_: Any) -> BindParameter[Any]:
    return bindparam(f"only_{name}", type_=type_)


NARROWING: dict[str, Callable[[], ColumnElement[bool]]] = {
    "initiative_id": lambda: S.c.initiative_id == _parameter("initiative_id", Uuid()),
    # Outside its space a statement does not tell its session: asking by it must not tell either (promise 8)
    "session_id": lambda: (
        (S.c.session_id == _parameter("session_id", Uuid())) & among(S.c.space_id, CALLER.inner_spaces)
    ),
    "organisation_id": lambda: (
        (S.c.organisation_id == _parameter("organisation_id", Uuid())) & _named_by_its_organisation()
    ),
    "kind": lambda: S.c.kind == _parameter("kind", Text()),
    "tag": lambda: S.c.tags.contains(cast(array([_parameter("tag", Text())]), ARRAY(Text()))),
    "profile": _by_profile,
    # Outside, a count is not told: that nobody answered must not be either
    "unanswered": lambda: and_(_is_question(), nobody_answered(), among(S.c.space_id, CALLER.inner_spaces)),
    "ids": lambda: S.c.id == func.any(_parameter("ids", ARRAY(Uuid()))),
    "mine": lambda: S.c.person_id == CALLER.person_id,
    "since": lambda: S.c.occurred_at >= _parameter("since", DateTime(timezone=True)),
    "until": lambda: S.c.occurred_at < _parameter("until", DateTime(timezone=True)),
}
"""What each filter means."""

LAST = tuple_(
    bindparam("after_at", type_=DateTime(timezone=True)),
    bindparam("after_id", type_=Uuid()),
    types=[DateTime(), Uuid()],
)
ROWS = bindparam("rows", type_=Integer())


@lru_cache(maxsize=512)
def feed_question(
    narrowed: frozenset[str],
    state: str = StatementState.PUBLISHED,
    *,
    onwards: bool = False,
    oldest_first: bool = False,
) -> Question:
    """The page's statement: each readable space gives its newest rows, and the newest of those are kept.

    Going space by space, the index on (space, date) is read a page deep in each. One index scan over
    all of them would, for a caller who sees one row in a thousand, walk the thousand (121 ms at a
    million rows; docs/adr/0003).
    """
    place = func.unnest(bindparam("places", type_=ARRAY(Uuid()))).table_valued("id", name="place").render_derived()

    def order(of: Any) -> tuple[Any, Any]:
        return (of.c.occurred_at, of.c.id) if oldest_first else (of.c.occurred_at.desc(), of.c.id.desc())

    further = tuple_(S.c.occurred_at, S.c.id) > LAST if oldest_first else tuple_(S.c.occurred_at, S.c.id) < LAST
    # A fence (OFFSET 0): rows are judged as they come off the index of the space. Judged below it, the planner takes the
    # rights for a way of finding few rows, and sorts the whole space (twice the time at a million rows).
    there = (
        select(S)
        .where(
            S.c.space_id == place.c.id,
            S.c.type == _text(StatementType.CONTRIBUTION),
            S.c.state == _text(StatementState(state)),
            *(NARROWING[name]() for name in sorted(narrowed)),
            further if onwards else true(),
        )
        .order_by(*order(S))
        .offset(literal_column("0"))
        .correlate(place)
        .subquery("there")
    )
    newest = (
        select(*(there.c[name] for name in PLACE))
        .where(visible(CALLER, there.c, Action.STATEMENT_READ))
        .limit(ROWS)
        .lateral("newest")
    )
    ranked = (
        select(*newest.c).select_from(place.join(newest, true())).order_by(*order(newest)).limit(ROWS).subquery("s")
    )
    return Question(joined(CALLER, ranked, whole=False).order_by(*order(ranked)))


def _text(value: StatementType | StatementState) -> ColumnElement[str]:
    """A constant written into the statement itself, so that the planner can match it with the partial index."""
    return literal_column(f"'{value.value}'", Text())


async def list_contributions(
    read: Handle, actor: Actor, filters: Filters, cursor: str | None = None, limit: int = LIMIT
) -> Page[Fields]:
    """Contributions that the caller may read, newest first: the fields of `StatementSummary`."""
    after = mark_of(cursor)
    given = {name: value for name in NARROWING if (value := getattr(filters, name)) not in (None, False, "")}
    places = actor.inner_spaces | actor.outer_spaces
    if filters.space_id is not None:
        places &= {filters.space_id}
    question = feed_question(
        frozenset(given), filters.state, onwards=after is not None, oldest_first=filters.oldest_first
    )
    rows = await fetch(
        read,
        question,
        {
            **facts(actor),
            **{f"only_{name}": list(value) if name == "ids" else value for name, value in given.items()},
            "places": sorted(places),
            "rows": limit + 1,
            **({"after_at": after.key, "after_id": after.id} if after else {}),
        },
    )
    page = page_of(rows, limit, _mark)
    return Page([summary(actor, row) for row in page.items], page.next_cursor)


def _mark(row: Any) -> Mark:
    return Mark(row.occurred_at, row.id)


@lru_cache(maxsize=2)
def _replies(*, onwards: bool) -> Question:
    """The replies of one thread, oldest first."""
    return Question(
        joined(CALLER, S, whole=False)
        .where(
            S.c.root_id == bindparam("root_id", type_=Uuid()),
            S.c.type == _text(StatementType.REPLY),
            S.c.state != StatementState.DRAFT,
            visible(CALLER, Statement, Action.STATEMENT_READ),
            tuple_(S.c.occurred_at, S.c.id) > LAST if onwards else true(),
        )
        .order_by(S.c.occurred_at, S.c.id)
        .limit(ROWS)
    )


@lru_cache(maxsize=1)
def _root() -> Question:
    return Question(
        select(S.c.id).where(
            S.c.id == bindparam("root_id", type_=Uuid()), visible(CALLER, Statement, Action.STATEMENT_READ)
        )
    )


async def list_replies(
    read: Handle, actor: Actor, root_id: UUID, cursor: str | None = None, limit: int = LIMIT
) -> Page[Fields]:
    """Replies to a contribution, oldest first, with `parent_id` for those who draw a tree; NotFound when hidden."""
    after = mark_of(cursor)
    parameters = {**facts(actor), "root_id": root_id, "rows": limit + 1}
    if not await fetch(read, _root(), parameters):
        raise NotFound(NOT_FOUND)
    last = {"after_at": after.key, "after_id": after.id} if after else {}
    rows = await fetch(read, _replies(onwards=after is not None), {**parameters, **last})
    page = page_of(rows, limit, _mark)
    return Page([summary(actor, row) for row in page.items], page.next_cursor)

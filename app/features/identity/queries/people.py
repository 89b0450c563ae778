"""Accounts: one's own, and those that administrators see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, bindparam, func, select, tuple_
from sqlalchemy.sql.elements import ColumnElement

from app.core.clock import now
from app.core.db import Handle
from app.core.errors import NotFound, Unauthenticated
from app.core.paging import LIMIT_MOST, Mark, Page, mark_of, page_of
from app.features.identity.models import ApiToken, Login, Mandate, Organisation, Person
from app.features.identity.queries.above import INITIATIVES, PARTICIPATIONS, SPACES
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import allowed, visible

UNKNOWN = "Ce compte n’existe pas, ou vous n’y avez pas accès."
_P, _M, _O = Person.__table__.c, Mandate.__table__.c, Organisation.__table__.c
_L, _A = Login.__table__.c, ApiToken.__table__.c
_KEY = func.lower(func.f_unaccent(func.coalesce(_P.name, "")))


@dataclass(frozen=True, slots=True)
class Me:
    """The caller's account and what hangs on it, as JSON values."""

    id: UUID
    name: str
    email: str
    locale: str
    is_admin: bool
    version: int
    mandates: list[dict[str, Any]]
    participations: list[dict[str, Any]]
    spaces: list[dict[str, Any]]
    logins: list[dict[str, Any]]


async def get_me(read: Handle, actor: Actor) -> Me:
    """Everything about the caller in one statement, with one space and one login more than are shown; 401 for a visitor."""
    if actor.person_id is None:
        raise Unauthenticated("Connectez-vous pour continuer.")
    question = select(
        _P.id,
        _P.name,
        _P.email,
        _P.locale,
        _P.is_admin,
        _P.version,
        _all(_mandates(actor)),
        _all(_participations(actor)),
        _all(_spaces(actor)),
        _all(_logins(actor)),
    ).where(_P.id == actor.person_id)
    return Me(*(await read.execute(question)).one())


def _all(question: Any) -> ColumnElement[Any]:
    """The rows of a question as one JSON array."""
    rows = question.subquery()
    return select(
        func.coalesce(func.json_agg(func.row_to_json(rows.table_valued())), func.json_build_array())
    ).scalar_subquery()


def _named(**values: Any) -> ColumnElement[Any]:
    pairs = [part for name, value in values.items() for part in (name, value)]
    return func.json_build_object(*pairs)


def _mandates(actor: Actor) -> Any:
    return (
        select(
            _M.id,
            _named(id=_O.id, name=_O.name).label("organisation"),
            _M.initiative_id,
            _M.powers,
            func.lower(_M.during).label("starts_at"),
            func.upper(_M.during).label("ends_at"),
        )
        .join(Organisation, _O.id == _M.organisation_id)
        .where(_M.person_id == actor.person_id, _M.during.contains(func.now()))
        .order_by(_O.name, _M.id)
    )


def _participations(actor: Actor) -> Any:
    """A row for each mandate worth something in an initiative: two mandates there are two rows."""
    return (
        select(
            _named(id=INITIATIVES.c.id, title=INITIATIVES.c.title).label("initiative"),
            _named(id=_O.id, name=_O.name).label("organisation"),
            PARTICIPATIONS.c.role,
            _M.powers,
        )
        .select_from(Mandate)
        .join(Organisation, _O.id == _M.organisation_id)
        .join(PARTICIPATIONS, PARTICIPATIONS.c.organisation_id == _M.organisation_id)
        .join(INITIATIVES, INITIATIVES.c.id == PARTICIPATIONS.c.initiative_id)
        .where(
            _M.person_id == actor.person_id,
            _M.during.contains(func.now()),
            PARTICIPATIONS.c.during.contains(func.now()),
            _M.initiative_id.is_(None) | (_M.initiative_id == INITIATIVES.c.id),
        )
        .order_by(INITIATIVES.c.title, _O.name, _M.id)
    )


def _spaces(actor: Actor) -> Any:
    columns = SPACES.c
    inside = columns.id == func.any(bindparam("inner", sorted(actor.inner_spaces)))
    return (
        select(
            columns.id, columns.initiative_id, columns.number, columns.title, columns.visibility, inside.label("inside")
        )
        .where(visible(actor, columns, Action.SPACE_READ))
        .order_by(columns.initiative_id, columns.number)
        .limit(LIMIT_MOST + 1)
    )


def _logins(actor: Actor) -> Any:
    return (
        select(_L.id, _L.created_at, _L.expires_at, _L.agent, (_L.id == actor.login_id).label("current"))
        .where(_L.person_id == actor.person_id, _L.ended_at.is_(None), _L.expires_at > now())
        .order_by(_L.created_at.desc(), _L.id.desc())
        .limit(LIMIT_MOST + 1)
    )


@dataclass(frozen=True, slots=True)
class LoginRow:
    """A signed-in device of the caller."""

    id: UUID
    created_at: datetime
    expires_at: datetime
    agent: str
    current: bool


async def list_logins(read: Handle, actor: Actor, *, limit: int, cursor: str | None) -> Page[LoginRow]:
    """The caller's open logins, the newest first."""
    if actor.person_id is None:
        raise Unauthenticated("Connectez-vous pour continuer.")
    mark = mark_of(cursor)
    question = _logins(actor).limit(limit + 1)
    if mark is not None:
        question = question.where(tuple_(_L.created_at, _L.id) < tuple_(mark.key, mark.id))
    rows = await read.execute(question)
    return page_of([LoginRow(*row) for row in rows], limit, lambda row: Mark(row.created_at, row.id))


@dataclass(frozen=True, slots=True)
class ApiTokenRow:
    """A personal token that still works."""

    id: UUID
    name: str
    scope: str
    created_at: datetime
    expires_at: datetime


async def list_api_tokens(read: Handle, actor: Actor, *, limit: int, cursor: str | None) -> Page[ApiTokenRow]:
    """The caller's personal tokens that still work, the newest first; never their secrets."""
    if actor.person_id is None:
        raise Unauthenticated("Connectez-vous pour continuer.")
    mark = mark_of(cursor)
    question = select(_A.id, _A.name, _A.scope, _A.created_at, _A.expires_at).where(
        _A.person_id == actor.person_id, _A.revoked_at.is_(None), _A.expires_at > now()
    )
    if mark is not None:
        question = question.where(tuple_(_A.created_at, _A.id) < tuple_(mark.key, mark.id))
    rows = await read.execute(question.order_by(_A.created_at.desc(), _A.id.desc()).limit(limit + 1))
    return page_of([ApiTokenRow(*row) for row in rows], limit, lambda row: Mark(row.created_at, row.id))


@dataclass(frozen=True, slots=True)
class PersonRow:
    """An account, as administrators see it."""

    id: UUID
    name: str | None
    email: str | None
    state: str
    is_admin: bool
    locale: str
    demonstration: bool
    created_at: datetime
    version: int
    key: str


_PERSON = (
    _P.id,
    _P.name,
    _P.email,
    _P.state,
    _P.is_admin,
    _P.locale,
    _P.demonstration,
    _P.created_at,
    _P.version,
    _KEY.label("key"),
)


async def list_persons(read: Handle, actor: Actor, *, q: str | None, limit: int, cursor: str | None) -> Page[PersonRow]:
    """Accounts by name, for administrators; for anybody else there are none. `q`: how the name or the address begins."""
    mark = mark_of(cursor, str)
    question = select(*_PERSON).where(visible(actor, Person, Action.ACCOUNT_MANAGE), _P.state != "imported")
    if q is not None:
        begin = func.lower(func.f_unaccent(bindparam("begin", q, Text())))
        question = question.where(
            func.starts_with(_KEY, begin) | func.starts_with(func.lower(_P.email), func.lower(bindparam("mailbox", q)))
        )
    if mark is not None:
        question = question.where(tuple_(_KEY, _P.id) > tuple_(bindparam("after", mark.key, Text()), mark.id))
    rows = await read.execute(question.order_by(_KEY, _P.id).limit(limit + 1))
    return page_of([PersonRow(*row) for row in rows], limit, lambda row: Mark(row.key, row.id))


async def get_person(read: Handle, actor: Actor, person_id: UUID) -> PersonRow:
    """One account, for administrators; `NotFound` for anybody else, whether it exists or not."""
    row = (await read.execute(select(*_PERSON).where(_P.id == person_id))).first()
    if row is None or not allowed(actor, Action.ACCOUNT_MANAGE, row):
        raise NotFound(UNKNOWN)
    return PersonRow(*row)

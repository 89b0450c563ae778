"""Who of a space was heard, and which of its questions nobody answered: for readers inside, in one statement.

An organisation is heard when something published in the space was said in its name. Those that observe cannot be, and
are not counted. From outside nothing of this is told: it would say who spoke (promise 7).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Uuid, bindparam, exists, false, func, literal_column, select

from app.core.db import Handle, Question, fetch
from app.features.identity.models import Organisation, Person, PersonState
from app.features.initiatives.models import Participation
from app.features.spaces.models import SpaceMember
from app.features.statements.models import Statement
from app.features.statements.queries.feed import nobody_answered
from app.features.statements.queries.shape import R, S
from app.policy.actions import Action
from app.policy.actor import Actor, ParticipationRole
from app.policy.decide import visible
from app.policy.symbolic import CALLER, facts

MOST_MEMBERS = 500
LOOKED_AT = 1_000
"""The newest questions of the space, among which those without an answer are looked for."""
UNANSWERED = 100
"""Counted at most: show 100 as « 99+ »."""
NAMED = 3
SPOKE = 500


@dataclass(frozen=True, slots=True)
class HeardRow:
    """An organisation of the space; `heard` is false for every one of them from outside."""

    organisation_id: UUID
    name: str
    profile: str
    family: str | None
    since: datetime | None
    observes: bool
    heard: bool


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question without an answer."""

    id: UUID
    title: str | None


@dataclass(frozen=True, slots=True)
class Heard:
    """The organisations of today by name; the questions that nobody answered or took a position on, the newest first."""

    members: list[HeardRow]
    unanswered: list[Unanswered]
    """The first three."""
    unanswered_count: int


def _told(space: Any) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """The first questions that wait for an answer, and how many do."""
    newest = (
        select(S)
        .where(S.c.space_id == space, *(S.c[name] == literal_column(f"'{code}'") for name, code in _QUESTIONS))
        .order_by(S.c.occurred_at.desc(), S.c.id.desc())
        .limit(bindparam("looked_at", LOOKED_AT, type_=Integer()))
        .subquery("newest")
    )
    open_ = (
        select(newest.c.id, R.c.title, newest.c.occurred_at)
        .join(R, R.c.id == newest.c.head_id)
        .where(nobody_answered(newest.c), visible(CALLER, newest.c, Action.STATEMENT_READ))
        .order_by(newest.c.occurred_at.desc(), newest.c.id.desc())
        .limit(bindparam("most", UNANSWERED, type_=Integer()))
        .cte("open")
    )
    first = select(open_.c.id, open_.c.title).order_by(open_.c.occurred_at.desc(), open_.c.id.desc()).limit(NAMED)
    named = first.subquery("named")
    return (
        select(func.json_agg(func.json_build_array(named.c.id, named.c.title))).scalar_subquery().label("named"),
        select(func.count()).select_from(open_).scalar_subquery().label("unanswered_count"),
    )


@lru_cache(maxsize=2)
def _question(*, inside: bool) -> Question:
    space = bindparam("space_id", type_=Uuid())
    o, m, pa = Organisation.__table__, SpaceMember.__table__, Participation.__table__
    said = exists().where(
        S.c.space_id == space,
        S.c.organisation_id == o.c.id,
        S.c.capacity == literal_column("'organisation'"),
        S.c.state == literal_column("'published'"),
    )
    observes = exists().where(
        pa.c.initiative_id == m.c.initiative_id,
        pa.c.organisation_id == o.c.id,
        pa.c.during.contains(func.now()),
        pa.c.role == ParticipationRole.OBSERVER.value,
    )
    return Question(
        select(
            *(
                o.c.id.label("organisation_id"),
                o.c.name,
                o.c.profile,
                o.c.family,
                func.lower(m.c.during).label("since"),
            ),
            observes.label("observes"),
            (said if inside else false()).label("heard"),
            *(_told(space) if inside else ()),
        )
        .select_from(m.join(o, o.c.id == m.c.organisation_id))
        .where(m.c.space_id == space, m.c.during.contains(func.now()))
        .order_by(func.lower(func.f_unaccent(o.c.name)), o.c.id)
        .limit(bindparam("members", MOST_MEMBERS, type_=Integer()))
    )


_QUESTIONS = (("type", "contribution"), ("state", "published"), ("kind", "question"))


async def list_heard(read: Handle, actor: Actor, space_id: UUID) -> Heard:
    """Of a space that the caller was allowed to read (`get_space`)."""
    inside = space_id in actor.inner_spaces
    rows = await fetch(read, _question(inside=inside), {**facts(actor), "space_id": space_id})
    first = rows[0] if rows and inside else None
    return Heard(
        members=[HeardRow(*row[:7]) for row in rows],
        unanswered=[Unanswered(UUID(id_), title) for id_, title in (first.named if first else None) or ()],
        unanswered_count=first.unanswered_count if first else 0,
    )


@dataclass(frozen=True, slots=True)
class SpeakerRow:
    """Somebody who wrote in the space, and for which organisation last."""

    person_id: UUID
    name: str
    organisation: str | None


async def list_speakers(read: Handle, actor: Actor, space_id: UUID) -> list[SpeakerRow]:
    """Who wrote the newest 500 contributions of a space, by name; nobody from outside, where people are not named."""
    if space_id not in actor.inner_spaces:
        return []
    newest = (
        select(S.c.person_id, S.c.organisation_id, S.c.occurred_at)
        .where(
            S.c.space_id == space_id,
            *(S.c[name] == literal_column(f"'{code}'") for name, code in _QUESTIONS[:2]),
            visible(actor, Statement, Action.STATEMENT_READ),
        )
        .order_by(S.c.occurred_at.desc(), S.c.id.desc())
        .limit(SPOKE)
        .subquery("newest")
    )
    p, o = Person.__table__, Organisation.__table__
    question = (
        select(newest.c.person_id, p.c.name, o.c.name.label("organisation"))
        .join(p, p.c.id == newest.c.person_id)
        .outerjoin(o, o.c.id == newest.c.organisation_id)
        .where(p.c.name.is_not(None), p.c.state == PersonState.ACTIVE.value)
        .order_by(newest.c.occurred_at.desc())
    )
    latest: dict[UUID, SpeakerRow] = {}
    for row in await read.execute(question):
        latest.setdefault(row.person_id, SpeakerRow(*row))
    return sorted(latest.values(), key=lambda row: row.name.casefold())

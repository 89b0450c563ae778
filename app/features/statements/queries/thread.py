"""What the page of a contribution shows around its words: in one statement each, the replies whole, the positions, the sources."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, and_, bindparam, func, literal_column, null, or_, select, true, tuple_
from sqlalchemy.sql.selectable import FromClause

from app.core.db import Handle, Question, fetch
from app.core.paging import Mark, Page, mark_of, page_of
from app.features.identity.models import Organisation
from app.features.spaces.models import SpaceMember
from app.features.statements.models import Position, Source, Stance, Statement, StatementState, StatementType
from app.features.statements.queries.feed import LAST, ROWS
from app.features.statements.queries.shape import S, full, joined
from app.features.statements.schemas import StatementFull
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible
from app.policy.symbolic import CALLER, facts

O: FromClause = Organisation.__table__  # noqa: E741 - as in `shape`
M: FromClause = SpaceMember.__table__
PO: FromClause = Position.__table__
SO: FromClause = Source.__table__
REPLIES = 25
"""Of a page."""
SOURCES_MOST = 100
STANDINGS_MOST = 500


@dataclass(frozen=True, slots=True)
class Voice:
    """An organisation in whose name the reader may speak in a space."""

    organisation_id: UUID
    name: str
    family: str | None
    profile: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an organisation of the space stands on a contribution; `stance` is None while it has not answered."""

    organisation_id: UUID
    name: str
    family: str | None
    profile: str
    mine: bool
    member: bool
    position_id: UUID | None
    stance: str | None
    reason: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Standings:
    """Who supports, nuances, objects, and who has not answered: silence is nobody's agreement (promise 5)."""

    taken: tuple[Standing, ...]
    silent: tuple[Standing, ...]
    voices: tuple[Voice, ...]
    """In whose name the reader may answer."""

    def of(self, stance: str) -> list[Standing]:
        """Those that stand so."""
        return [one for one in self.taken if one.stance == stance]

    @property
    def mine(self) -> list[Standing]:
        """The positions of organisations that the reader speaks for."""
        return [one for one in self.taken if one.mine]

    @property
    def mine_silent(self) -> int:
        """How many of them have not answered."""
        return sum(one.mine for one in self.silent)


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A document that the words lean on."""

    id: UUID
    category: str
    title: str
    url: str
    note: str


async def list_voices(read: Handle, actor: Actor, space_id: UUID) -> list[Voice]:
    """Those of the reader in a space, by name; none for whoever may not write there."""
    wanted = voiced(actor, space_id)
    if not wanted:
        return []
    rows = await read.execute(
        select(O.c.id, O.c.name, O.c.family, O.c.profile).where(O.c.id.in_(wanted)).order_by(O.c.name, O.c.id)
    )
    return [Voice(*row) for row in rows]


def voiced(actor: Actor, space_id: UUID) -> list[UUID]:
    """The organisations that the reader may speak for in a space."""
    return sorted(organisation for space, organisation in actor.voices if space == space_id)


@lru_cache(maxsize=2)
def _whole_replies(*, onwards: bool) -> Question:
    """The replies of one thread, whole, oldest first. None has a tally: those are of contributions."""
    return Question(
        joined(CALLER, S, whole=True)
        .add_columns(null().label("votes_for"))
        .where(
            S.c.root_id == bindparam("root_id", type_=Uuid()),
            S.c.type == literal_column("'reply'", Text()),
            S.c.state != StatementState.DRAFT,
            visible(CALLER, Statement, Action.STATEMENT_READ),
            tuple_(S.c.occurred_at, S.c.id) > LAST if onwards else true(),
        )
        .order_by(S.c.occurred_at, S.c.id)
        .limit(ROWS)
    )


async def list_whole_replies(
    read: Handle, actor: Actor, root_id: UUID, cursor: str | None = None, limit: int = REPLIES
) -> Page[StatementFull]:
    """The replies to a contribution that the caller has just read, whole, oldest first."""
    after = mark_of(cursor)
    last = {"after_at": after.key, "after_id": after.id} if after else {}
    asked = {**facts(actor), "root_id": root_id, "rows": limit + 1, **last}
    rows = await fetch(read, _whole_replies(onwards=after is not None), asked)
    page = page_of(rows, limit, lambda row: Mark(row.occurred_at, row.id))
    return Page([full(actor, row) for row in page.items], page.next_cursor)


async def get_reply_address(read: Handle, actor: Actor, reply: StatementFull) -> str:
    """Where a reply is read: under its contribution, on the page that begins with it unless the first one holds it."""
    before = (
        select(S.c.id)
        .where(
            S.c.root_id == reply.root_id,
            S.c.type == StatementType.REPLY,
            S.c.state != StatementState.DRAFT,
            visible(actor, Statement, Action.STATEMENT_READ),
            tuple_(S.c.occurred_at, S.c.id) < tuple_(reply.occurred_at, reply.id),
        )
        .limit(REPLIES)
    )
    count = (await read.execute(select(func.count()).select_from(before.subquery()))).scalar_one()
    just_before = Mark(reply.occurred_at, UUID(int=reply.id.int - 1))
    page = f"?suite={just_before.cursor()}" if count == REPLIES else ""
    return f"/contributions/{reply.root_id}{page}#r-{reply.id}"


async def get_standings(read: Handle, actor: Actor, statement: StatementFull) -> Standings:
    """Where each organisation of the space stands, inside it; nothing outside, which positions never leave.

    Expected to answer are the members of today, but for the one whose words they are.
    """
    if statement.space_id not in actor.inner_spaces:
        return Standings((), (), ())
    mine = voiced(actor, statement.space_id)
    position = and_(PO.c.statement_id == statement.id, PO.c.organisation_id == O.c.id, PO.c.superseded_at.is_(None))
    member = and_(M.c.space_id == statement.space_id, M.c.organisation_id == O.c.id, M.c.during.contains(func.now()))
    question = (
        select(
            *(O.c.id, O.c.name, O.c.family, O.c.profile, PO.c.id.label("position_id")),
            *(PO.c.stance, PO.c.reason, PO.c.created_at, M.c.id.label("member_id")),
        )
        .select_from(O.outerjoin(PO, position).outerjoin(M, member))
        .where(or_(PO.c.id.is_not(None), M.c.id.is_not(None), O.c.id.in_(mine)))
        .order_by(func.lower(func.f_unaccent(O.c.name)), O.c.id)
        .limit(STANDINGS_MOST)
    )
    found = [_standing(row, mine) for row in await read.execute(question)]
    own = statement.speaker.organisation_id
    return Standings(
        taken=tuple(one for one in found if one.position_id is not None),
        silent=tuple(one for one in found if one.position_id is None and one.member and one.organisation_id != own),
        voices=tuple(Voice(one.organisation_id, one.name, one.family, one.profile) for one in found if one.mine),
    )


def _standing(row: Any, mine: Collection[UUID]) -> Standing:
    return Standing(
        organisation_id=row.id,
        name=row.name,
        family=row.family,
        profile=row.profile,
        mine=row.id in mine,
        member=row.member_id is not None,
        position_id=row.position_id,
        stance=Stance(row.stance) if row.stance else None,
        reason=row.reason or "",
        at=row.created_at,
    )


async def list_sources_of(read: Handle, statement: StatementFull) -> list[SourceRow]:
    """The documents of words that the caller has just read, oldest first; none where the words are hidden."""
    if statement.plain is None:
        return []
    question = (
        select(SO.c.id, SO.c.category, SO.c.title, SO.c.url, SO.c.note)
        .where(SO.c.statement_id == statement.id, SO.c.removed_at.is_(None))
        .order_by(SO.c.occurred_at, SO.c.id)
        .limit(SOURCES_MOST)
    )
    return [SourceRow(*row) for row in await read.execute(question)]

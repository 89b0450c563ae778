"""Where one organisation stands, on contributions that the caller reads from inside: positions never leave their space."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy import DateTime, Integer, Uuid, bindparam, select, true, tuple_

from app.core.db import Handle, Question, fetch
from app.core.paging import LIMIT, Mark, Page, mark_of, page_of
from app.features.statements.models import Position, Statement, StatementState
from app.features.statements.queries.shape import R, S
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible
from app.policy.predicates import among
from app.policy.symbolic import CALLER, facts

P = Position.__table__


@dataclass(frozen=True, slots=True)
class Standing:
    """A position that holds today, and what it is about."""

    id: UUID
    stance: str
    reason: str
    created_at: datetime
    statement_id: UUID
    kind: str
    title: str


@lru_cache(maxsize=2)
def _question(*, onwards: bool) -> Question:
    last = tuple_(
        bindparam("after_at", type_=DateTime(timezone=True)),
        bindparam("after_id", type_=Uuid()),
        types=[DateTime(), Uuid()],
    )
    return Question(
        select(P.c.id, P.c.stance, P.c.reason, P.c.created_at, P.c.statement_id, S.c.kind, R.c.title)
        .select_from(P.join(S, S.c.id == P.c.statement_id).join(R, R.c.id == S.c.head_id))
        .where(
            P.c.organisation_id == bindparam("organisation_id", type_=Uuid()),
            P.c.superseded_at.is_(None),
            among(P.c.space_id, CALLER.inner_spaces),
            visible(CALLER, Statement, Action.STATEMENT_READ),
            S.c.state == StatementState.PUBLISHED,
            tuple_(P.c.created_at, P.c.id) < last if onwards else true(),
        )
        .order_by(P.c.created_at.desc(), P.c.id.desc())
        .limit(bindparam("rows", type_=Integer()))
    )


async def list_standings(
    read: Handle, actor: Actor, organisation_id: UUID, cursor: str | None = None, limit: int = LIMIT
) -> Page[Standing]:
    """The positions of an organisation that hold today, the newest first."""
    after = mark_of(cursor)
    rows = await fetch(
        read,
        _question(onwards=after is not None),
        {
            **facts(actor),
            "organisation_id": organisation_id,
            "rows": limit + 1,
            **({"after_at": after.key, "after_id": after.id} if after else {}),
        },
    )
    found = [
        Standing(row.id, row.stance, row.reason, row.created_at, row.statement_id, row.kind, row.title) for row in rows
    ]
    return page_of(found, limit, lambda row: Mark(row.created_at, row.id))

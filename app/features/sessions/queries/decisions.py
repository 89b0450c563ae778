"""What was decided, and what is to be done by whom until when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, literal
from sqlalchemy.orm import aliased

from app.core.db import Handle
from app.core.errors import NotFound
from app.core.paging import Mark, Page, mark_of, page_of
from app.features.identity.models import Organisation
from app.features.sessions.models import Decision, DecisionRevision, Session
from app.features.sessions.queries.cards import CARD, SessionRow
from app.features.sessions.queries.signatures import signed
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible

NO_DECISION = "Cette décision n’existe pas, ou vous n’y avez pas accès."
_D, _OWNER = Decision.__table__.c, aliased(Organisation)


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """What was decided."""

    id: UUID
    session_id: UUID
    initiative_id: UUID
    space_id: UUID | None
    n: int
    kind: str
    text: str
    owner_organisation_id: UUID | None
    owner_name: str | None
    due_on: date | None
    state: str | None
    done_at: datetime | None
    removed_at: datetime | None
    created_at: datetime
    version: int
    person_id: UUID | None
    person_name: str | None
    organisation_id: UUID | None
    organisation_name: str | None
    capacity: str


@dataclass(frozen=True, slots=True)
class DecisionRevisionRow:
    """A wording that a decision has, or had."""

    id: UUID
    decision_id: UUID
    n: int
    text: str
    saved_at: datetime
    person_id: UUID | None
    person_name: str | None
    organisation_id: UUID | None
    organisation_name: str | None
    capacity: str


def decisions() -> Select[Any]:
    """The columns of `DecisionRow`."""
    return signed(
        Decision,
        *(_D.id, _D.session_id, _D.initiative_id, _D.space_id, _D.n, _D.kind, _D.text),
        *(_D.owner_organisation_id, _OWNER.name.label("owner_name"), _D.due_on, _D.state, _D.done_at),
        *(_D.removed_at, _D.created_at, _D.version),
    ).outerjoin(_OWNER, _OWNER.id == _D.owner_organisation_id)


async def list_decisions(read: Handle, session_id: UUID, *, cursor: str | None, limit: int) -> Page[DecisionRow]:
    """In the order in which they were taken. The caller was allowed to read the session (`get_card`)."""
    mark = mark_of(cursor, int)
    question = decisions().where(_D.session_id == session_id)
    if mark is not None:
        question = question.where(_D.n > mark.key)
    rows = await read.execute(question.order_by(_D.n).limit(limit + 1))
    return page_of([_decision(row) for row in rows], limit, lambda row: Mark(row.n, row.id))


async def get_decision(read: Handle, actor: Actor, decision_id: UUID) -> tuple[DecisionRow, SessionRow]:
    """One decision with its session; `NotFound` when hidden or unknown."""
    question = (
        decisions()
        .join(Session, Session.id == _D.session_id)
        .add_columns(*CARD)
        .where(_D.id == decision_id, visible(actor, Session, Action.SESSION_READ))
    )
    row = (await read.execute(question)).first()
    if row is None:
        raise NotFound(NO_DECISION)
    split = len(row) - len(CARD)
    return _decision(row[:split]), SessionRow(*row[split:])


async def list_decision_revisions(
    read: Handle, decision: DecisionRow, *, cursor: str | None, limit: int
) -> Page[DecisionRevisionRow]:
    """The latest first; without its words once the decision is removed. The caller was allowed to read it."""
    mark, table = mark_of(cursor, int), DecisionRevision.__table__.c
    words = table.text if decision.removed_at is None else literal("")
    question = signed(DecisionRevision, table.id, table.decision_id, table.n, words, table.created_at).where(
        table.decision_id == decision.id
    )
    if mark is not None:
        question = question.where(table.n < mark.key)
    rows = await read.execute(question.order_by(table.n.desc()).limit(limit + 1))
    return page_of([DecisionRevisionRow(*row) for row in rows], limit, lambda row: Mark(row.n, row.id))


def _decision(row: Any) -> DecisionRow:
    found = DecisionRow(*row)
    return found if found.removed_at is None else replace(found, text="")

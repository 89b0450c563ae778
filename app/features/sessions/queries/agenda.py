"""The agenda, with the hours that follow from the session's beginning and from how long each point takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from app.core.db import Handle
from app.core.errors import NotFound
from app.features.identity.models import Organisation
from app.features.sessions.models import AgendaItem, Session
from app.features.sessions.queries.cards import CARD, SessionRow
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible

NO_ITEM = "Ce point de l’ordre du jour n’existe pas, ou vous n’y avez pas accès."
_A = AgendaItem.__table__.c


@dataclass(frozen=True, slots=True)
class AgendaRow:
    """A point of the agenda as it is stored."""

    id: UUID
    session_id: UUID
    position: int
    title: str
    minutes: int
    presenter_organisation_id: UUID | None
    presenter_name: str | None
    contribution_id: UUID | None
    version: int


@dataclass(frozen=True, slots=True)
class TimedItem:
    """A point of the agenda with its hours, UTC."""

    item: AgendaRow
    starts_at: datetime
    ends_at: datetime


def agenda() -> Select[Any]:
    """The columns of `AgendaRow`, of the points that stand."""
    return (
        select(
            *(_A.id, _A.session_id, _A.position, _A.title, _A.minutes, _A.presenter_organisation_id),
            *(Organisation.name.label("presenter_name"), _A.contribution_id, _A.version),
        )
        .select_from(AgendaItem)
        .outerjoin(Organisation, Organisation.id == _A.presenter_organisation_id)
        .where(_A.removed_at.is_(None))
        .order_by(_A.position, _A.id)
    )


def timed(starts_at: datetime, items: Iterable[AgendaRow]) -> list[TimedItem]:
    """The points one after the other, from the session's beginning."""
    hours, at = [], starts_at
    for item in items:
        ends_at = at + timedelta(minutes=item.minutes)
        hours.append(TimedItem(item, at, ends_at))
        at = ends_at
    return hours


async def list_agenda(read: Handle, session: SessionRow) -> list[TimedItem]:
    """The whole agenda, in order (the writes bound it). The caller was allowed to read the session."""
    rows = await read.execute(agenda().where(_A.session_id == session.id))
    return timed(session.starts_at, (AgendaRow(*row) for row in rows))


async def get_agenda_item(read: Handle, actor: Actor, item_id: UUID) -> tuple[TimedItem, SessionRow]:
    """One point with its hours, and its session; `NotFound` when hidden, removed or unknown."""
    question = (
        select(*CARD)
        .join(AgendaItem, AgendaItem.session_id == Session.id)
        .where(_A.id == item_id, _A.removed_at.is_(None), visible(actor, Session, Action.SESSION_READ))
    )
    row = (await read.execute(question)).first()
    if row is None:
        raise NotFound(NO_ITEM)
    session = SessionRow(*row)
    return next(timed for timed in await list_agenda(read, session) if timed.item.id == item_id), session

"""Invitations: read by those who manage the organisation's people; and by the worker, which writes the mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import aliased

from app.core.clock import now
from app.core.db import Handle
from app.core.errors import NotFound
from app.core.paging import Mark, Page, mark_of, page_of
from app.features.identity.models import Invitation, Organisation, Person
from app.features.identity.queries.above import INITIATIVES
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import visible

UNKNOWN = "Cette invitation n’existe pas, ou vous n’y avez pas accès."
_I, _O = Invitation.__table__.c, Organisation.__table__.c


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """An invitation, as those who manage the organisation read it."""

    id: UUID
    email: str
    organisation_id: UUID
    organisation: str
    initiative_id: UUID | None
    powers: list[str]
    invited_by: UUID
    created_at: datetime
    expires_at: datetime
    sent_at: datetime | None
    accepted_at: datetime | None
    revoked_at: datetime | None

    @property
    def state(self) -> str:
        """Where it is now."""
        return state_of(self)

    @property
    def version(self) -> int:
        """Derived: an invitation only moves forward, and each renewal gives it a later end."""
        return version_of(self)


def state_of(invitation: Any) -> str:
    """`waiting`, `accepted`, `revoked` or `expired`."""
    if invitation.accepted_at is not None:
        return "accepted"
    if invitation.revoked_at is not None:
        return "revoked"
    return "expired" if invitation.expires_at <= now() else "waiting"


def version_of(invitation: Any) -> int:
    """A number that another revocation, renewal or acceptance changes (seconds since it was written, under 10^9)."""
    age = int((invitation.expires_at - invitation.created_at).total_seconds()) % 300_000_000
    return 3 * age + (1 if invitation.revoked_at else 0) + (2 if invitation.accepted_at else 0)


def _question(actor: Actor) -> Any:
    return (
        select(
            _I.id,
            _I.email,
            _I.organisation_id,
            _O.name,
            _I.initiative_id,
            _I.powers,
            _I.invited_by,
            _I.created_at,
            _I.expires_at,
            _I.sent_at,
            _I.accepted_at,
            _I.revoked_at,
        )
        .join(Organisation, _O.id == _I.organisation_id)
        .where(visible(actor, Invitation, Action.INVITATION_READ))
    )


async def list_invitations(
    read: Handle, actor: Actor, *, organisation: UUID | None, waiting: bool | None, limit: int, cursor: str | None
) -> Page[InvitationRow]:
    """Invitations, the newest first; `waiting` keeps those that can still be accepted, or the others."""
    mark = mark_of(cursor)
    question = _question(actor)
    if organisation is not None:
        question = question.where(_I.organisation_id == organisation)
    if waiting is not None:
        open_now = _I.accepted_at.is_(None) & _I.revoked_at.is_(None) & (_I.expires_at > now())
        question = question.where(open_now == waiting)
    if mark is not None:
        question = question.where(tuple_(_I.created_at, _I.id) < tuple_(mark.key, mark.id))
    rows = await read.execute(question.order_by(_I.created_at.desc(), _I.id.desc()).limit(limit + 1))
    return page_of([InvitationRow(*row) for row in rows], limit, lambda row: Mark(row.created_at, row.id))


async def get_invitation(
    read: Handle, actor: Actor, invitation_id: UUID, *, organisation_id: UUID | None = None
) -> InvitationRow:
    """One invitation, of this organisation where an address names one, or `NotFound`."""
    question = _question(actor).where(_I.id == invitation_id)
    if organisation_id is not None:
        question = question.where(_I.organisation_id == organisation_id)
    row = (await read.execute(question)).first()
    if row is None:
        raise NotFound(UNKNOWN)
    return InvitationRow(*row)


@dataclass(frozen=True, slots=True)
class InvitationLetter:
    """What the mail says and what its reader sees, whoever asks: for the worker, and for who holds the code."""

    id: UUID
    email: str
    expires_at: datetime
    accepted_at: datetime | None
    revoked_at: datetime | None
    powers: list[str]
    organisation_id: UUID
    organisation: str
    initiative_id: UUID | None
    initiative: str | None
    invited_by: str | None
    account_exists: bool
    family: str | None
    invited_person_id: UUID | None
    """The account of the mailbox, where there is one."""

    @property
    def state(self) -> str:
        """Where it is now."""
        return state_of(self)

    @property
    def ends_in_paris(self) -> datetime:
        """The end, as a reader in France says it."""
        return self.expires_at.astimezone(ZoneInfo("Europe/Paris"))


async def find_letter(read: Handle, invitation_id: UUID) -> InvitationLetter | None:
    """The facts of an invitation, used, revoked or not; None when there is no such invitation."""
    inviter = aliased(Person, name="inviter")
    invited = aliased(Person, name="invited")
    question = (
        select(
            _I.id,
            _I.email,
            _I.expires_at,
            _I.accepted_at,
            _I.revoked_at,
            _I.powers,
            _I.organisation_id,
            _O.name.label("organisation"),
            _I.initiative_id,
            INITIATIVES.c.title,
            inviter.name,
            invited.id.is_not(None),
            _O.family,
            invited.id.label("invited_person_id"),
        )
        .select_from(Invitation)
        .join(Organisation, _O.id == _I.organisation_id)
        .join(inviter, inviter.id == _I.invited_by)
        .outerjoin(invited, func.lower(invited.email) == func.lower(_I.email))
        .outerjoin(INITIATIVES, INITIATIVES.c.id == _I.initiative_id)
        .where(_I.id == invitation_id)
    )
    row = (await read.execute(question)).first()
    return None if row is None else InvitationLetter(*row)

"""What is known of a change of address: for the worker, which writes to both mailboxes, and for who holds the code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from app.core.db import Handle
from app.features.identity.models import AddressChange, Person, PersonState

_C, _P = AddressChange.__table__.c, Person.__table__.c


@dataclass(frozen=True, slots=True)
class AddressLetter:
    """A change of address, done or waiting, of an account that is open."""

    id: UUID
    person_id: UUID
    before: str
    after: str
    present: str
    """The address of the account now."""
    expires_at: datetime
    sent_at: datetime | None
    used_at: datetime | None
    told_at: datetime | None
    taken: bool
    """The new address has another account already: its owner is told, and who asked is not."""


async def find_change(read: Handle, change_id: UUID) -> AddressLetter | None:
    """The facts of a change; None when there is none, or its account is closed."""
    other = aliased(Person, name="other")
    taken = exists(select(other.id).where(func.lower(other.email) == func.lower(_C.after), other.id != _C.person_id))
    question = (
        select(
            _C.id,
            _C.person_id,
            _C.before,
            _C.after,
            _P.email,
            _C.expires_at,
            _C.sent_at,
            _C.used_at,
            _C.told_at,
            taken.label("taken"),
        )
        .select_from(AddressChange)
        .join(Person, _P.id == _C.person_id)
        .where(_C.id == change_id, _P.state == PersonState.ACTIVE)
    )
    row = (await read.execute(question)).first()
    return None if row is None else AddressLetter(*row)

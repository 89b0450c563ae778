"""What is known of a forgotten password that somebody asked to replace: for the worker, and for who holds the code."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.core.db import Handle
from app.features.identity.models import PasswordReset, Person, PersonState

_R, _P = PasswordReset.__table__.c, Person.__table__.c


@dataclass(frozen=True, slots=True)
class ResetLetter:
    """A request for another password, and the account that it is about."""

    id: UUID
    expires_at: datetime
    sent_at: datetime | None
    person_id: UUID
    name: str
    email: str
    password: str | None = field(repr=False)


async def find_reset(read: Handle, reset_id: UUID) -> ResetLetter | None:
    """The facts of a request that was not used, for an account that is open; None for anything else."""
    question = (
        select(_R.id, _R.expires_at, _R.sent_at, _P.id.label("person_id"), _P.name, _P.email, _P.password)
        .select_from(PasswordReset)
        .join(Person, _P.id == _R.person_id)
        .where(_R.id == reset_id, _R.used_at.is_(None), _P.state == PersonState.ACTIVE)
    )
    row = (await read.execute(question)).first()
    return None if row is None else ResetLetter(*row)

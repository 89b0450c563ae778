"""What is known of somebody who asked to sign in by mail: for the worker, and for who types the digits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.core.db import Handle
from app.features.identity.models import Person, PersonState, SignInCode

_C, _P = SignInCode.__table__.c, Person.__table__.c


@dataclass(frozen=True, slots=True)
class SignInLetter:
    """A request to sign in by mail, and the account that it is about."""

    id: UUID
    expires_at: datetime
    sent_at: datetime | None
    person_id: UUID
    email: str


async def find_code(read: Handle, code_id: UUID) -> SignInLetter | None:
    """The facts of a request that was not used, for an account that is open; None for anything else."""
    question = (
        select(_C.id, _C.expires_at, _C.sent_at, _P.id.label("person_id"), _P.email)
        .select_from(SignInCode)
        .join(Person, _P.id == _C.person_id)
        .where(_C.id == code_id, _C.used_at.is_(None), _P.state == PersonState.ACTIVE)
    )
    row = (await read.execute(question)).first()
    return None if row is None else SignInLetter(*row)

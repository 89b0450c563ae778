"""A forgotten password: a mail that lets whoever reads the account's mailbox choose another one, once, before a date.

Nothing tells whether there is an account. The same rows are written for an address that has none, but for the
person, so the answer takes the same time; the worker then has nobody to write to.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Reader
from app.core.errors import Invalid, invalid, refused
from app.core.events import Audience, record
from app.core.i18n import later
from app.core.model import new_id
from app.core.security.passwords import hash_password, password_problem
from app.features.identity.actions import attempts
from app.features.identity.actions.signing_in import Device, end_logins
from app.features.identity.links import is_reset_token, reset_named
from app.features.identity.models import PasswordReset, Person, PersonState
from app.features.identity.queries.resets import ResetLetter, find_reset
from app.features.identity.schemas.signing_in import ForgottenPassword, PasswordReplacement
from app.policy.actor import VISITOR, Actor
from app.settings import Settings


class CodeOver(Invalid):
    """The code is unknown, has served already, has expired, or the account has changed since. Ask for another one."""

    title = "Code sans effet"


def code_over() -> CodeOver:
    """One refusal for whatever is wrong with a code."""
    said = later("Ce code ne sert plus, ou n’a jamais servi : demandez-en un autre.")
    return CodeOver(said, errors=[refused("/token", said)])


async def ask(read: Reader, db: AsyncSession, settings: Settings, said: ForgottenPassword, device: Device) -> None:
    """Record that somebody forgot the password of this address; the worker sends the mail, where there is an account."""
    await attempts.count(
        read,
        (attempts.FORGOTTEN_BY_ACCOUNT, said.email),
        (attempts.FORGOTTEN_BY_ADDRESS, device.address),
    )
    await read.release()
    question = select(Person.id).where(func.lower(Person.email) == said.email, Person.state == PersonState.ACTIVE)
    person_id = (await db.execute(question)).scalar_one_or_none()
    end = now() + timedelta(minutes=settings.password_reset_minutes)
    reset = PasswordReset(id=new_id(), person_id=person_id, expires_at=end.replace(microsecond=0))
    db.add(reset)
    await db.flush()
    about = str(person_id) if person_id else None
    record(db, VISITOR, "password.forgotten", reset, audience=Audience.ADMINISTRATOR, person=about)


async def replace(read: Reader, db: AsyncSession, settings: Settings, said: PasswordReplacement) -> int:
    """Store the password that the holder of a code chose, and end all of the account's logins; how many.

    The code is made from the password that it replaces: whichever way that one changes, every code of before is dead.
    """
    letter = await _checked(read, settings, said.token)
    await read.release()
    if problem := password_problem(said.password, email=letter.email, name=letter.name):
        raise invalid("/password", problem)
    hashed = await hash_password(said.password)
    # After Argon2, under a lock: of two who use one code at once, the second finds that it has served.
    person = await db.get(Person, letter.person_id, with_for_update=True)
    await _checked(db, settings, said.token)
    reset = await db.get(PasswordReset, letter.id, with_for_update=True)
    if person is None or reset is None:
        raise code_over()
    person.password = hashed
    person.version += 1
    reset.used_at = now()
    await db.flush()
    actor = Actor(person_id=person.id)
    record(db, actor, "password.changed", person, audience=Audience.ADMINISTRATOR, because="forgotten")
    return await end_logins(db, actor, person.id, "password_forgotten")


async def _checked(handle: Reader | AsyncSession, settings: Settings, token: str) -> ResetLetter:
    """The request that a code belongs to, while it may be used."""
    named = reset_named(token)
    letter = await find_reset(handle, named) if named is not None else None
    if letter is None or not is_reset_token(settings, letter, token) or letter.expires_at <= now():
        raise code_over()
    return letter


async def forget_resets_before(db: AsyncSession, instant: datetime) -> int:
    """Delete the requests that ended before `instant` (the worker calls it); how many."""
    done = await db.execute(delete(PasswordReset).where(PasswordReset.expires_at < instant))
    return int(getattr(done, "rowcount", 0))

"""Signing in on a browser: a login whose secret is the cookie. Two hours without a request end it, twelve in all.

By password, or by the six digits (or the link) that the account's mailbox receives. Like a forgotten password, a code
is asked for in the same words and the same time whether or not there is an account, and is made again from the key
when it is needed: a copy of the database opens nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Reader
from app.core.errors import Invalid, refused
from app.core.events import Audience, record
from app.core.i18n import later
from app.core.model import new_id
from app.core.security.secrets import fingerprint, is_well_formed, new_secret, same
from app.features.identity.actions import attempts
from app.features.identity.actions.signing_in import Device, end, prove
from app.features.identity.links import is_sign_in_link, sign_in_digits, sign_in_named
from app.features.identity.models import Login, Person, PersonState, SignInCode
from app.features.identity.queries.codes import SignInLetter, find_code
from app.features.identity.schemas.signing_in import ForgottenPassword, SignIn
from app.policy.actor import VISITOR, Actor
from app.settings import Settings

COOKIE_PREFIX = "alg_web_"
LONGEST = timedelta(hours=12)
CODE_LASTS = timedelta(minutes=10)
CODE_TRIES = 5


@dataclass(frozen=True, slots=True)
class Opened:
    """A login, and the secret that its browser keeps."""

    secret: str
    login_id: UUID


class WrongCode(Invalid):
    """These are not the six digits of the last mail, or they were used, tried too often, or are over. Ask for another mail."""

    title = "Code refusé"
    durable = True


def wrong_code() -> WrongCode:
    """One refusal for whatever is wrong with a code."""
    said = later("Ce n’est pas le code du dernier message, ou il ne sert plus : vérifiez-le, ou demandez-en un autre.")
    return WrongCode(said, errors=[refused("/code", said)])


async def sign_in_here(read: Reader, db: AsyncSession, said: SignIn, device: Device, before: str | None) -> Opened:
    """A new login, by password; the login that the browser had `before` ends."""
    person_id = await prove(read, db, said, device)
    return await open_here(db, person_id, device, before)


async def open_here(db: AsyncSession, person_id: UUID, device: Device, before: str | None) -> Opened:
    """A new login: nothing of what the browser carried before is used again."""
    await end_here(db, before, "signed_in_again")
    secret = new_secret(COOKIE_PREFIX)
    login = Login(
        id=new_id(),
        person_id=person_id,
        browser_fingerprint=fingerprint(secret),
        created_at=now(),
        seen_at=now(),
        expires_at=now() + LONGEST,
        agent=device.shown,
    )
    db.add(login)
    await db.flush()
    record(db, Actor(person_id=person_id, login_id=login.id), "login.opened", login, audience=Audience.ADMINISTRATOR)
    return Opened(secret, login.id)


async def end_here(db: AsyncSession, secret: str | None, because: str) -> None:
    """End the login that a cookie carries, if it still runs."""
    if secret is None or not is_well_formed(secret):
        return
    question = select(Login).where(Login.browser_fingerprint == fingerprint(secret), Login.ended_at.is_(None))
    login = (await db.execute(question.with_for_update())).scalar_one_or_none()
    if login is not None:
        end(db, Actor(person_id=login.person_id, login_id=login.id), login, because)


async def ask_code(read: Reader, db: AsyncSession, said: ForgottenPassword, device: Device) -> UUID:
    """Record that somebody wants to sign in by mail; the worker writes, where there is an account. The request's id."""
    await attempts.count(
        read,
        (attempts.FORGOTTEN_BY_ACCOUNT, f"code {said.email}"),
        (attempts.FORGOTTEN_BY_ADDRESS, f"code {device.address}"),
    )
    await read.release()
    question = select(Person.id).where(func.lower(Person.email) == said.email, Person.state == PersonState.ACTIVE)
    person_id = (await db.execute(question)).scalar_one_or_none()
    end_at = (now() + CODE_LASTS).replace(microsecond=0)
    asked = SignInCode(id=new_id(), person_id=person_id, expires_at=end_at, tries=0)
    db.add(asked)
    await db.flush()
    about = str(person_id) if person_id else None
    record(db, VISITOR, "sign_in_code.asked", asked, audience=Audience.ADMINISTRATOR, person=about)
    return asked.id


async def enter_code(
    read: Reader, db: AsyncSession, settings: Settings, asked: UUID, digits: str, device: Device
) -> UUID:
    """Who signs in with these digits. Five tries end a code, and the try is counted even where it is refused."""
    await attempts.count(read, (attempts.BY_ADDRESS, f"code {device.address}"))
    await read.release()
    question = (
        update(SignInCode)
        .where(SignInCode.id == asked, SignInCode.used_at.is_(None), SignInCode.tries < CODE_TRIES)
        .values(tries=SignInCode.tries + 1)
        .returning(SignInCode.id)
    )
    counted = (await db.execute(question)).scalar_one_or_none()
    letter = await find_code(db, asked) if counted is not None else None
    if letter is None or letter.expires_at <= now() or not same(sign_in_digits(settings, letter), digits.strip()):
        raise wrong_code()
    return await _used(db, letter)


async def follow_link(read: Reader, db: AsyncSession, settings: Settings, token: str, device: Device) -> UUID:
    """Who signs in by the link of the mail: opening it showed a page, whose button is this."""
    await attempts.count(read, (attempts.BY_ADDRESS, f"link {device.address}"))
    await read.release()
    named = sign_in_named(token)
    letter = await find_code(db, named) if named is not None else None
    if letter is None or letter.expires_at <= now() or not is_sign_in_link(settings, letter, token):
        raise wrong_code()
    return await _used(db, letter)


async def _used(db: AsyncSession, letter: SignInLetter) -> UUID:
    """A code opens one login."""
    question = (
        update(SignInCode)
        .where(SignInCode.id == letter.id, SignInCode.used_at.is_(None))
        .values(used_at=now())
        .returning(SignInCode.id)
    )
    if (await db.execute(question)).scalar_one_or_none() is None:
        raise wrong_code()
    return letter.person_id


async def forget_codes_before(db: AsyncSession, instant: datetime) -> int:
    """Delete the codes that ended before `instant` (the worker calls it); how many."""
    done = await db.execute(delete(SignInCode).where(SignInCode.expires_at < instant))
    return int(getattr(done, "rowcount", 0))

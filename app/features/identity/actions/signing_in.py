"""Signing in and out: a login, its chain of refresh tokens, and the ends of both.

A refresh token serves once. Presented again, somebody has a copy, and nobody can tell which of the two is the
thief: the login ends for both, and that refusal is remembered (it commits before it answers).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Reader
from app.core.errors import Forbidden, Unauthenticated, invalid
from app.core.events import Audience, record
from app.core.model import new_id
from app.core.security.passwords import hash_password, password_problem, verify_password
from app.core.security.secrets import fingerprint, is_well_formed, new_secret
from app.core.security.tokens import TokenKeys, issue_access_token
from app.features.identity.actions import attempts
from app.features.identity.models import ApiToken, Login, Person, PersonState, RefreshToken
from app.features.identity.schemas.signing_in import PasswordChange, SignIn
from app.policy.actions import Action
from app.policy.actor import VISITOR, Actor
from app.policy.decide import require
from app.settings import Settings

REFRESH_PREFIX = "alg_ref_"
AGENT_LONGEST = 200


class SignInRefused(Unauthenticated):
    """The address or the password is wrong. The answer is the same, and takes the same time, where there is no such account."""

    title = "Adresse ou mot de passe incorrect"
    durable = True


class RefreshRefused(Unauthenticated):
    """The refresh token is unknown, or its login has ended. Sign in again."""

    title = "Connexion terminée"


class RefreshTokenReused(Unauthenticated):
    """This refresh token had already served: somebody has a copy of it, so its login was ended for good. Sign in again."""

    title = "Jeton déjà utilisé"
    durable = True


class SignInNeeded(Forbidden):
    """Personal tokens do not open other doors: passwords and tokens are changed by somebody who signed in."""

    title = "Connexion personnelle nécessaire"


@dataclass(frozen=True, slots=True)
class Device:
    """Where a sign-in comes from."""

    address: str
    agent: str

    @property
    def shown(self) -> str:
        """What the device said of itself, on one readable line."""
        return "".join(letter for letter in self.agent if letter.isprintable())[:AGENT_LONGEST]


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a sign-in or a refresh gives."""

    access_token: str
    expires_in: int
    refresh_token: str
    refresh_expires_at: datetime
    login_id: UUID
    person_id: UUID


@dataclass(frozen=True, slots=True)
class _SignInEvent:
    """What a refused sign-in is about: itself, since the account may not exist."""

    id: UUID
    __tablename__ = "sign_ins"


@dataclass(frozen=True, slots=True)
class Oneself:
    """The caller as a thing to decide about."""

    id: UUID | None


async def sign_in(
    read: Reader, db: AsyncSession, settings: Settings, keys: TokenKeys, said: SignIn, device: Device
) -> Tokens:
    """Open a login of a program. No connection is held while the password is checked."""
    person_id = await prove(read, db, said, device)
    return await _open_login(db, settings, keys, person_id, device)


async def prove(read: Reader, db: AsyncSession, said: SignIn, device: Device) -> UUID:
    """Whose address and password these are; `SignInRefused`, durably, when they are nobody's."""
    counted = await attempts.count(
        read,
        (attempts.BY_ACCOUNT_AND_ADDRESS, f"{said.email} {device.address}"),
        (attempts.BY_ACCOUNT, said.email),
        (attempts.BY_ADDRESS, device.address),
    )
    question = select(Person.id, Person.password, Person.state).where(func.lower(Person.email) == said.email)
    row = (await read.execute(question)).first()
    await read.release()
    stored = row.password if row is not None and row.state == PersonState.ACTIVE else None
    check = await verify_password(said.password, stored)
    person = await _unchanged(db, row.id, stored) if row is not None and check.valid else None
    if person is None:
        about = str(row.id) if row is not None else None
        failed = _SignInEvent(new_id())
        record(db, VISITOR, "login.failed", failed, audience=Audience.ADMINISTRATOR, person=about)
        raise SignInRefused("L’adresse ou le mot de passe est incorrect.")
    if check.new_hash is not None:
        person.password = check.new_hash
    await attempts.give_back(db, counted)
    return person.id


async def _unchanged(db: AsyncSession, person_id: UUID, password: str | None) -> Person | None:
    """The person, held until the commit, when the password just checked is still theirs."""
    person = await db.get(Person, person_id, with_for_update={"read": True})
    still = person is not None and person.password == password and person.state == PersonState.ACTIVE
    return person if still else None


async def _open_login(db: AsyncSession, settings: Settings, keys: TokenKeys, person_id: UUID, device: Device) -> Tokens:
    opened_at = now()
    login = Login(
        id=new_id(),
        person_id=person_id,
        created_at=opened_at,
        expires_at=_end_of_login(settings, opened_at),
        agent=device.shown,
    )
    db.add(login)
    await db.flush()
    record(db, Actor(person_id=person_id, login_id=login.id), "login.opened", login, audience=Audience.ADMINISTRATOR)
    return await _next_tokens(db, settings, keys, login)


def _end_of_login(settings: Settings, opened_at: datetime) -> datetime:
    """When a login that is used now ends unless it is used again, and in any case."""
    idle, most = timedelta(days=settings.login_days), timedelta(days=settings.login_days_most)
    return min(now() + idle, opened_at + most)


async def _next_tokens(db: AsyncSession, settings: Settings, keys: TokenKeys, login: Login) -> Tokens:
    """A new link of the chain, and an access token."""
    secret = new_secret(REFRESH_PREFIX)
    db.add(RefreshToken(login_id=login.id, fingerprint=fingerprint(secret)))
    await db.flush()
    access = issue_access_token(
        keys,
        person_id=login.person_id,
        login_id=login.id,
        now=now(),
        lifetime=timedelta(seconds=settings.access_token_seconds),
    )
    return Tokens(access, settings.access_token_seconds, secret, login.expires_at, login.id, login.person_id)


async def refresh(db: AsyncSession, settings: Settings, keys: TokenKeys, secret: str) -> Tokens:
    """The next tokens of a login. A token that served already ends the login, and says so durably."""
    if not (secret.startswith(REFRESH_PREFIX) and is_well_formed(secret)):
        raise RefreshRefused("Ce jeton n’est plus valable : connectez-vous de nouveau.")
    question = (
        select(RefreshToken, Login, Person.state)
        .join(Login, Login.id == RefreshToken.login_id)
        .join(Person, Person.id == Login.person_id)
        .where(RefreshToken.fingerprint == fingerprint(secret))
        .with_for_update(of=[RefreshToken, Login])
    )
    found = (await db.execute(question)).first()
    if found is None:
        raise RefreshRefused("Ce jeton n’est plus valable : connectez-vous de nouveau.")
    token, login, state = found
    if token.used_at is not None:
        if login.ended_at is None:
            end(db, Actor(person_id=login.person_id, login_id=login.id), login, "refresh_reused")
        raise RefreshTokenReused("Ce jeton avait déjà servi : cette connexion est terminée. Connectez-vous de nouveau.")
    end_now = min(login.expires_at, _end_of_login(settings, login.created_at))
    if login.ended_at is not None or end_now <= now() or state != PersonState.ACTIVE:
        raise RefreshRefused("Cette connexion est terminée : connectez-vous de nouveau.")
    token.used_at = now()
    login.expires_at = _end_of_login(settings, login.created_at)
    return await _next_tokens(db, settings, keys, login)


def end(db: AsyncSession, actor: Actor, login: Login, because: str) -> None:
    """End one login; its access tokens are refused from the commit on."""
    login.ended_at, login.ended_because = now(), because
    record(db, actor, "login.ended", login, audience=Audience.ADMINISTRATOR, because=because)


async def own_login(db: AsyncSession, actor: Actor) -> Login:
    """The login that carries this request, held until the commit; `SignInNeeded` for a personal token."""
    require(actor, Action.PERSON_EDIT, Oneself(actor.person_id))
    question = select(Login).where(
        Login.id == actor.login_id, Login.person_id == actor.person_id, Login.ended_at.is_(None)
    )
    login = (await db.execute(question.with_for_update())).scalar_one_or_none()
    if login is None:
        raise SignInNeeded("Un jeton personnel ne permet pas cela : connectez-vous avec votre mot de passe.")
    return login


async def sign_out(db: AsyncSession, actor: Actor) -> None:
    """End the login that carries this request."""
    end(db, actor, await own_login(db, actor), "signed_out")


async def sign_out_everywhere(db: AsyncSession, actor: Actor) -> tuple[int, int]:
    """End every login and every personal token of the caller; how many of each."""
    require(actor, Action.PERSON_EDIT, Oneself(actor.person_id))
    assert actor.person_id is not None
    return await end_everything(db, actor, actor.person_id, "signed_out_everywhere")


async def end_everything(db: AsyncSession, actor: Actor, person_id: UUID, because: str) -> tuple[int, int]:
    """End somebody's logins and revoke their personal tokens; how many of each."""
    logins = await end_logins(db, actor, person_id, because)
    tokens = await db.scalars(
        update(ApiToken)
        .where(ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now())
        .returning(ApiToken)
    )
    ended = tokens.all()
    for token in ended:
        record(db, actor, "token.revoked", token, audience=Audience.ADMINISTRATOR, because=because)
    return logins, len(ended)


async def end_logins(db: AsyncSession, actor: Actor, person_id: UUID, because: str, *, but: UUID | None = None) -> int:
    """End somebody's logins, all or all but one; how many."""
    question = select(Login).where(Login.person_id == person_id, Login.ended_at.is_(None))
    if but is not None:
        question = question.where(Login.id != but)
    logins = (await db.scalars(question.order_by(Login.id).with_for_update())).all()
    for login in logins:
        end(db, actor, login, because)
    return len(logins)


async def change_password(read: Reader, db: AsyncSession, actor: Actor, said: PasswordChange) -> int:
    """Store a new password and end the caller's other logins; how many. Nothing is held while Argon2 works."""
    require(actor, Action.PERSON_EDIT, Oneself(actor.person_id))
    assert actor.person_id is not None
    counted = await attempts.count(read, (attempts.PASSWORD_CHANGES, str(actor.person_id)))
    row = (
        await read.execute(select(Person.password, Person.email, Person.name).where(Person.id == actor.person_id))
    ).one()
    await read.release()
    if not (await verify_password(said.current_password, row.password)).valid:
        raise invalid("/current_password", "Ce n’est pas votre mot de passe actuel.")
    if problem := password_problem(said.new_password, email=row.email or "", name=row.name or ""):
        raise invalid("/new_password", problem)
    hashed = await hash_password(said.new_password)
    person = await db.get(Person, actor.person_id, with_for_update=True)
    if person is None or person.password != row.password or person.state != PersonState.ACTIVE:
        raise invalid("/current_password", "Ce n’est plus votre mot de passe : il vient de changer.")
    login = await own_login(db, actor)  # after the person, in the order in which an account is disabled
    person.password = hashed
    person.version += 1
    await attempts.give_back(db, counted)
    record(db, actor, "password.changed", person, audience=Audience.ADMINISTRATOR)
    return await end_logins(db, actor, person.id, "password_changed", but=login.id)

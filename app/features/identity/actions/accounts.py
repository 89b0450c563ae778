"""Accounts: made by the command line or by an invitation, described by their owners, disabled by administrators."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.changes import alter, asked
from app.core.errors import Conflict, NotFound, Unauthenticated, WrongState, invalid
from app.core.events import Audience, record
from app.core.model import new_id
from app.core.security.passwords import hash_password, password_problem
from app.core.versions import Expected
from app.features.identity.actions.signing_in import Oneself, end, end_everything
from app.features.identity.models import Login, Person, PersonState
from app.features.identity.queries.people import UNKNOWN
from app.features.identity.schemas.people import PersonChange
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import allowed, require


class LastAdministrator(Conflict):
    """Nobody would administer the platform any more. Name another administrator first."""

    title = "Dernier administrateur"


async def create_account(
    db: AsyncSession,
    actor: Actor,
    *,
    email: str,
    name: str,
    password: str,
    is_admin: bool = False,
    demonstration: bool = False,
) -> Person:
    """An account with a password, for commands; an address that has one already is a 409, a weak password a 422.

    `email` and `name` are as `EmailAddress` and `Name` of `app.core.text` give them.
    """
    if problem := password_problem(password, email=email, name=name):
        raise invalid("/password", problem)
    known = await db.execute(select(Person.id).where(func.lower(Person.email) == email.lower()))
    if known.first() is not None:
        raise Conflict("Cette adresse a déjà un compte.")
    person = Person(
        id=new_id(),
        name=name,
        email=email.lower(),
        password=await hash_password(password),
        state=PersonState.ACTIVE,
        is_admin=is_admin,
        demonstration=demonstration,
        version=1,
    )
    db.add(person)
    await db.flush()
    record(db, actor, "account.created", person, audience=Audience.ADMINISTRATOR, is_admin=is_admin)
    return person


async def create_admin(db: AsyncSession, email: str, name: str, password: str) -> Person:
    """A platform administrator, from the command line: nobody is signed in there."""
    return await create_account(db, Actor(), email=email, name=name, password=password, is_admin=True)


async def edit_oneself(db: AsyncSession, actor: Actor, expected: Expected, said: PersonChange) -> Person:
    """Change one's own name or language."""
    require(actor, Action.PERSON_EDIT, Oneself(actor.person_id))
    person = await db.get(Person, actor.person_id, with_for_update={"key_share": True})
    if person is None:
        raise Unauthenticated("Connectez-vous pour continuer.")
    expected.check(person.version)
    if changed := alter(person, asked(said)):
        await db.flush()
        record(db, actor, "person.edited", person, audience=Audience.PERSON, fields=changed)
    return person


async def end_login(db: AsyncSession, actor: Actor, login_id: UUID) -> None:
    """End one of one's own logins: a telephone that was lost."""
    question = select(Login).where(Login.id == login_id, Login.person_id == actor.person_id, Login.ended_at.is_(None))
    login = None if actor.person_id is None else (await db.execute(question.with_for_update())).scalar_one_or_none()
    if login is None:
        raise NotFound("Cette connexion n’existe pas, ou elle est déjà terminée.")
    require(actor, Action.PERSON_EDIT, Oneself(login.person_id))
    end(db, actor, login, "ended_by_owner")


async def disable(db: AsyncSession, actor: Actor, person_id: UUID, expected: Expected) -> Person:
    """Close an account: nobody signs in to it, and what was signed in is out at once, tokens included."""
    _check_administrator(actor, person_id)
    # Administrators in one line, before the account: two who disable each other leave one, and do not wait in a ring.
    question = select(Person.id).where(Person.is_admin, Person.state == PersonState.ACTIVE).order_by(Person.id)
    admins = (await db.scalars(question.with_for_update())).all()
    if actor.person_id not in admins:
        raise NotFound(UNKNOWN)
    person = await _load(db, person_id, expected, PersonState.ACTIVE)
    if admins == [person.id]:
        raise LastAdministrator("Nommez d’abord un autre administrateur.")
    person.state = PersonState.DISABLED
    person.version += 1
    await db.flush()
    logins, tokens = await end_everything(db, actor, person.id, "account_disabled")
    record(db, actor, "account.disabled", person, audience=Audience.ADMINISTRATOR, logins=logins, tokens=tokens)
    return person


async def enable(db: AsyncSession, actor: Actor, person_id: UUID, expected: Expected) -> Person:
    """Open a disabled account again; its logins and tokens stay ended."""
    _check_administrator(actor, person_id)
    person = await _load(db, person_id, expected, PersonState.DISABLED)
    person.state = PersonState.ACTIVE
    person.version += 1
    await db.flush()
    record(db, actor, "account.enabled", person, audience=Audience.ADMINISTRATOR)
    return person


def _check_administrator(actor: Actor, person_id: UUID) -> None:
    """For who is no administrator there are no accounts: 404, whether this one exists or not."""
    if not allowed(actor, Action.ACCOUNT_MANAGE, Oneself(person_id)):
        raise NotFound(UNKNOWN)


async def _load(db: AsyncSession, person_id: UUID, expected: Expected, state: PersonState) -> Person:
    """The account in the expected state, held until the commit."""
    person = await db.get(Person, person_id, with_for_update=True)
    if person is None or person.state == PersonState.IMPORTED:
        raise NotFound(UNKNOWN)
    expected.check(person.version)
    if person.state != state:
        raise WrongState.of(person.state)
    return person

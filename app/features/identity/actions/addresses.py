"""A changed address: asked for with the password, taken when the new mailbox has proved itself, told to the old one.

Nothing tells whether the new address has an account already: the question is not even asked before the mail is
written, and its owner then reads that somebody tried. The code serves whoever is signed in to the account that asked,
and nobody else: an address with a typing error must not give the account to the stranger who reads that mailbox.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Reader
from app.core.errors import invalid
from app.core.events import Audience, record
from app.core.model import new_id
from app.core.security.passwords import verify_password
from app.features.identity.actions import attempts
from app.features.identity.actions.forgotten import code_over
from app.features.identity.actions.signing_in import Oneself, own_login
from app.features.identity.links import address_named, is_address_token
from app.features.identity.models import AddressChange, Person, PersonState
from app.features.identity.queries.addresses import find_change
from app.features.identity.schemas.signing_in import AddressWish
from app.policy.actions import Action
from app.policy.actor import Actor
from app.policy.decide import require
from app.settings import Settings


async def ask(read: Reader, db: AsyncSession, settings: Settings, actor: Actor, said: AddressWish) -> None:
    """Record the address that the caller wants; the worker mails a code to it. Nothing is held while Argon2 works."""
    require(actor, Action.PERSON_EDIT, Oneself(actor.person_id))
    assert actor.person_id is not None
    counted = await attempts.count(read, (attempts.PASSWORD_CHANGES, str(actor.person_id)))
    await attempts.count(read, (attempts.ADDRESS_CHANGES, str(actor.person_id)))
    row = (await read.execute(select(Person.password, Person.email).where(Person.id == actor.person_id))).one()
    await read.release()
    if not (await verify_password(said.password, row.password)).valid:
        raise invalid("/password", "Ce n’est pas votre mot de passe actuel.")
    if said.email == row.email:
        raise invalid("/email", "C’est déjà l’adresse de votre compte.")
    person = await db.get(Person, actor.person_id, with_for_update={"read": True})
    if person is None or person.password != row.password or person.email is None or person.state != PersonState.ACTIVE:
        raise invalid("/password", "Ce n’est plus votre mot de passe : il vient de changer.")
    await own_login(db, actor)
    end = now() + timedelta(minutes=settings.address_change_minutes)
    change = AddressChange(
        id=new_id(),
        person_id=person.id,
        before=person.email,
        after=said.email,
        expires_at=end.replace(microsecond=0),
    )
    db.add(change)
    await attempts.give_back(db, counted)
    await db.flush()
    record(db, actor, "address.asked", change, audience=Audience.ADMINISTRATOR)


async def take(db: AsyncSession, settings: Settings, actor: Actor, token: str) -> Person:
    """Give the caller's account the address whose mailbox received this code."""
    require(actor, Action.PERSON_EDIT, Oneself(actor.person_id))
    person = await db.get(Person, actor.person_id, with_for_update=True)
    await own_login(db, actor)  # after the person, in the order in which an account is disabled
    named = address_named(token)
    letter = await find_change(db, named) if named is not None else None
    if (
        person is None
        or letter is None
        or letter.person_id != person.id
        or not is_address_token(settings, letter, token)
    ):
        raise code_over()
    if letter.used_at is not None or letter.expires_at <= now() or letter.taken:
        raise code_over()
    change = await db.get(AddressChange, letter.id, with_for_update=True)
    assert change is not None
    try:
        async with db.begin_nested():
            person.email = letter.after
            person.version += 1
            change.used_at = now()
    except IntegrityError:  # an invitation made an account for this mailbox at the same moment
        raise code_over() from None
    record(db, actor, "address.changed", change, audience=Audience.ADMINISTRATOR)
    return person


async def forget_changes_before(db: AsyncSession, instant: datetime) -> int:
    """Delete the changes that ended before `instant` (the worker calls it), and the addresses with them; how many."""
    done = await db.execute(delete(AddressChange).where(AddressChange.expires_at < instant))
    return int(getattr(done, "rowcount", 0))

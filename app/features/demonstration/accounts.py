"""The demonstration's accounts: one password for all, made on this machine; whether they exist; and their end.

Their password is printed, so `alliage serve` refuses to be reached from elsewhere while one of
them can sign in. `remove_demonstration_accounts` is the way to go on without them.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Handle
from app.core.events import Audience, record
from app.features.identity.actions.signing_in import end_everything
from app.features.identity.models import Person, PersonState
from app.policy.actor import Actor
from app.settings import Settings

FILE = "demonstration.json"

OPERATOR = Actor(is_admin=True)
"""Whoever may run commands on the machine: nobody's account, so the audit names no person."""

# Without accents: anybody can type them on any keyboard.
WORDS = """
    abricot acacia agrafe ajonc alouette amande ancre aquarelle ardoise argile atelier avoine balcon bambou
    barque basalte belette berger bougie boussole brioche bruyere cabane cactus caillou calanque canard cascade
    cerise chalet chameau charrue cigale citerne clairon colline comete corail cordage coton crayon cuivre
    cypres dauphin dentelle digue domino ecluse ecureuil encrier epervier erable escale etoile falaise fanfare
    fenouil figuier flocon fontaine fougere fresque galet gazelle genet girouette glacier goeland granit grelot
    grenier guitare hamac heron hibou horloge iris jardin jasmin jonquille lagune lanterne lavande lierre limace
    loutre lucarne marmite marronnier mesange miroir moulin muguet navette noisette nuage olivier orage origan
    palourde panier papyrus parasol pavot perdrix phare pivoine plage platane poirier prairie quartz quenouille
    racine radeau rivage romarin rosee ruche sable safran sapin sarrasin sentier sillage sorbier tambour tilleul
    torrent tournesol truite tuile vague vallon vanille verger violon voilier wagon zeste
    """.split()  # noqa: SIM905 - one a line would be two pages

ROLES: tuple[tuple[str, str], ...] = (
    ("agathe", "co-pilote de la démarche ; publie la synthèse"),
    ("zelie", "animatrice de l’espace 3, mandatée par une organisation participante"),
    ("gilda", "responsable de son organisation : parle en son nom et gère ses mandats"),
    ("hector", "participant : contribue pour son organisation"),
    ("xavier", "membre de l’espace 2, réservé aux investisseurs"),
    ("sacha", "deux mandats, pour deux organisations"),
    ("noe", "a changé d’organisation en juin 2020 : ses anciens écrits sont restés à la première"),
    ("norbert", "observateur : lit, n’écrit pas"),
    ("romain", "aucun mandat : ne voit que ce qui est public"),
    ("admin", "administration de la plateforme"),
)
"""Keys of content/organisations.yaml, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """An account worth trying."""

    who: str
    role: str
    """In words."""
    email: str


@dataclass(frozen=True, slots=True)
class SignIns:
    """What `make demo` prints."""

    password: str
    accounts: tuple[SignIn, ...]


def sign_ins(settings: Settings) -> SignIns:
    """The accounts to show, with the password of this installation."""
    accounts = tuple(SignIn(key, role, f"{key}@alliage.example") for key, role in ROLES)
    return SignIns(demonstration_password(settings)[0], accounts)


def demonstration_password(settings: Settings) -> tuple[str, bool]:
    """This installation's password, and whether it was made just now.

    Four words and three digits, about 40 bits: enough for accounts that only this machine
    reaches, with the limits on attempts. Kept in `settings.folder`, for its owner's eyes.
    """
    path = settings.folder / FILE
    if path.exists():
        return str(json.loads(path.read_text(encoding="utf-8"))["password"]), False
    password = "-".join([*(secrets.choice(WORDS) for _ in range(4)), f"{secrets.randbelow(1000):03}"])
    _keep(path, {"password": password})
    return password, True


def _keep(path: Path, said: dict[str, Any]) -> None:
    """Write the file whole or not at all, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    with open(draft, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        json.dump(said, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


async def has_demonstration_accounts(db: Handle) -> bool:
    """Whether somebody could sign in with a password that was printed."""
    question = select(Person.id).where(
        Person.demonstration, Person.state == PersonState.ACTIVE, Person.password.is_not(None)
    )
    return (await db.execute(question.limit(1))).first() is not None


async def set_password(db: AsyncSession, hashed: str) -> None:
    """Give a new password to the demonstration accounts that still may sign in."""
    await db.execute(
        update(Person)
        .where(Person.demonstration, Person.state == PersonState.ACTIVE, Person.password.is_not(None))
        .values(password=hashed, version=Person.version + 1)
    )


async def remove_demonstration_accounts(db: AsyncSession) -> int:
    """Disable them all and forget their password; what they said stays. How many there were."""
    rows = await db.scalars(
        update(Person)
        .where(Person.demonstration, (Person.state == PersonState.ACTIVE) | Person.password.is_not(None))
        .values(state=PersonState.DISABLED, password=None, version=Person.version + 1)
        .returning(Person)
    )
    people = rows.all()
    for person in people:
        logins, tokens = await end_everything(db, OPERATOR, person.id, "account_disabled")
        record(db, OPERATOR, "account.disabled", person, audience=Audience.ADMINISTRATOR, logins=logins, tokens=tokens)
    return len(people)

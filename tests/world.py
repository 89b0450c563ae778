"""A small world for one test: an initiative, two spaces, and everybody on the ladder of callers.

space        "restricted" (members) and "shared" (initiative)
visitor      nobody signed in
stranger     signed in, no mandate here (a mandate in an organisation of another initiative)
observer     of an observer organisation that is a member of the restricted space
participant  contributes for `organisation`, a member of both spaces
colleague    contributes for `organisation` too
lead         speaks for and manages `organisation`
outsider     contributes for `other`, a member of the shared space only
facilitator  facilitates the restricted space (contributes for `organisation`)
copilot      contributes for the co-pilot organisation
admin        platform administrator, no mandate
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Database, fetch
from app.core.security.tokens import issue_access_token
from app.features.identity.models import Login, Mandate, Organisation, Person
from app.features.initiatives.models import Initiative, Participation
from app.features.spaces.models import Facilitator, Space, SpaceMember
from app.policy.actor import VISITOR, Actor
from app.policy.standing import actor_from

LADDER = (
    "visitor",
    "stranger",
    "observer",
    "outsider",
    "participant",
    "colleague",
    "lead",
    "facilitator",
    "copilot",
    "admin",
)


@dataclass
class World:
    """What was made, and clients for those who live in it."""

    app: FastAPI
    database: Database
    initiative: Initiative
    elsewhere: Initiative
    restricted: Space
    shared: Space
    organisation: Organisation
    other: Organisation
    watching: Organisation
    piloting: Organisation
    foreign: Organisation
    persons: dict[str, Person] = field(default_factory=dict)
    logins: dict[str, Login] = field(default_factory=dict)
    mandates: dict[str, Mandate] = field(default_factory=dict)
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    def token(self, who: str) -> str:
        """An access token for `who`."""
        login = self.logins[who]
        return issue_access_token(
            self.app.state.token_keys,
            person_id=login.person_id,
            login_id=login.id,
            now=now(),
            lifetime=timedelta(minutes=10),
        )

    async def client(self, who: str) -> httpx.AsyncClient:
        """An HTTP client signed in as `who` (a visitor has no token)."""
        if who not in self._clients:
            transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
            client = httpx.AsyncClient(transport=transport, base_url="http://test")
            self._clients[who] = await self.stack.enter_async_context(client)
        if who != "visitor":  # anew each time: a world may outlive the ten minutes of a token
            self._clients[who].headers["Authorization"] = f"Bearer {self.token(who)}"
        return self._clients[who]

    async def actor(self, who: str) -> Actor:
        """The actor that the database gives for `who` now."""
        from app.web.auth import LOGIN  # noqa: PLC0415 - the application's own statement

        if who == "visitor":
            return VISITOR
        login = self.logins[who]
        async with self.database.reading() as connection:
            [found] = await fetch(connection, LOGIN, {"login": login.id, "person": login.person_id})
            return actor_from(found.standing)

    async def post(self, who: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """POST with a new idempotency key."""
        client = await self.client(who)
        return await client.post(path, json=body, headers={"Idempotency-Key": str(uuid4()), **headers})


def from_now() -> Range[Any]:
    """Since an hour ago, without end."""
    return Range(now() - timedelta(hours=1), None)


def organisation(label: str, profile: str = "association") -> Organisation:
    """An organisation with a name of its own."""
    return Organisation(name=f"{label} {uuid4().hex[:8]}", profile=profile, family="field_actor", scale="national")


def person(label: str, *, is_admin: bool = False) -> Person:
    """A person with an address of their own."""
    return Person(name=f"{label} de test", email=f"{label}-{uuid4().hex[:8]}@alliage.example", is_admin=is_admin)


def login(person_id: UUID) -> Login:
    """A signed-in device."""
    return Login(person_id=person_id, expires_at=now() + timedelta(days=1), agent="tests")


def mandate(person_id: UUID, organisation_id: UUID, powers: Sequence[str]) -> Mandate:
    """A mandate in every initiative of the organisation."""
    return Mandate(person_id=person_id, organisation_id=organisation_id, powers=list(powers), during=from_now())


def _initiative(label: str) -> Initiative:
    return Initiative(slug=f"{label}-{uuid4().hex[:8]}", title=f"Démarche {label}", languages=["fr"], state="open")


def _space(initiative: Initiative, number: int, visibility: str) -> Space:
    return Space(
        initiative_id=initiative.id,
        number=number,
        title=f"Espace {number}",
        question="Comment ?",
        visibility=visibility,
    )


async def _settle(db: AsyncSession, world: World) -> None:
    """Who takes part where."""
    for initiative, held, role in (
        (world.initiative, world.organisation, "participant"),
        (world.initiative, world.other, "participant"),
        (world.initiative, world.watching, "observer"),
        (world.initiative, world.piloting, "copilot"),
        (world.elsewhere, world.foreign, "copilot"),
    ):
        db.add(Participation(initiative_id=initiative.id, organisation_id=held.id, role=role, during=from_now()))
    for space, held in (
        (world.restricted, world.organisation),
        (world.restricted, world.watching),
        (world.shared, world.organisation),
        (world.shared, world.other),
    ):
        db.add(
            SpaceMember(
                initiative_id=space.initiative_id,
                space_id=space.id,
                organisation_id=held.id,
                during=from_now(),
            )
        )


async def _people(db: AsyncSession, world: World) -> None:
    """Everybody of the ladder but the visitor."""
    for who, held, powers in (
        ("stranger", world.foreign, ["contributes"]),
        ("observer", world.watching, ["observes"]),
        ("outsider", world.other, ["contributes"]),
        ("participant", world.organisation, ["contributes"]),
        ("colleague", world.organisation, ["contributes"]),
        ("lead", world.organisation, ["speaks", "manages"]),
        ("facilitator", world.organisation, ["contributes"]),
        ("copilot", world.piloting, ["contributes"]),
        ("admin", None, []),
    ):
        world.persons[who] = person(who, is_admin=who == "admin")
        db.add(world.persons[who])
        await db.flush()
        world.logins[who] = login(world.persons[who].id)
        db.add(world.logins[who])
        if held is not None:
            world.mandates[who] = mandate(world.persons[who].id, held.id, powers)
            db.add(world.mandates[who])


@asynccontextmanager
async def make_world(app: FastAPI, database: Database) -> AsyncIterator[World]:
    """Write a world, as rows: what tests exercise is the application, not this."""
    initiative, elsewhere = _initiative("ici"), _initiative("ailleurs")
    async with database.sessions() as db:
        db.add_all([initiative, elsewhere])
        await db.flush()
        world = World(
            app=app,
            database=database,
            initiative=initiative,
            elsewhere=elsewhere,
            restricted=_space(initiative, 1, "members"),
            shared=_space(initiative, 2, "initiative"),
            organisation=organisation("Association"),
            other=organisation("Fondation", "foundation"),
            watching=organisation("Institution", "state_body"),
            piloting=organisation("Copilote", "state_body"),
            foreign=organisation("Étrangère", "company"),
        )
        db.add_all([world.restricted, world.shared, world.organisation, world.other, world.watching, world.piloting])
        db.add(world.foreign)
        await db.flush()
        await _settle(db, world)
        await _people(db, world)
        await db.flush()
        db.add(
            Facilitator(
                initiative_id=initiative.id,
                space_id=world.restricted.id,
                person_id=world.persons["facilitator"].id,
                during=from_now(),
            )
        )
        await db.commit()
    async with world.stack:
        yield world


async def second_copilot(world: World) -> UUID:
    """Another co-pilot organisation, which mandates the co-pilot too; its id."""
    other = organisation("Seconde copilote")
    async with world.database.sessions() as db:
        db.add(other)
        await db.flush()
        db.add(
            Participation(
                initiative_id=world.initiative.id, organisation_id=other.id, role="copilot", during=from_now()
            )
        )
        db.add(mandate(world.persons["copilot"].id, other.id, ["speaks"]))
        await db.commit()
        return other.id

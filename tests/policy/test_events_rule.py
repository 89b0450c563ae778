"""Who may know that something happened: audience and place together, the same for one event and for a list."""

from __future__ import annotations

import random
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from app.core.db import Database
from app.core.events import Audience, Event
from app.policy.actions import Action
from app.policy.actor import VISITOR, Actor
from app.policy.decide import allowed, visible
from tests.world import World


@dataclass(frozen=True)
class Happened:
    """What the rule looks at."""

    audience: str
    initiative_id: UUID | None = None
    space_id: UUID | None = None
    organisation_id: UUID | None = None
    person_id: UUID | None = None


HERE, ROOM, HOUSE, ME = uuid4(), uuid4(), uuid4(), uuid4()
INSIDE = Actor(person_id=uuid4(), initiatives=frozenset({HERE}), inner_spaces=frozenset({ROOM}))
OUTSIDE = Actor(person_id=uuid4(), initiatives=frozenset({HERE}), outer_spaces=frozenset({ROOM}))
PILOT = Actor(
    person_id=uuid4(), initiatives=frozenset({HERE}), piloted=frozenset({HERE}), inner_spaces=frozenset({ROOM})
)
COLLEAGUE = Actor(person_id=uuid4(), organisations=frozenset({HOUSE}), initiatives=frozenset({HERE}))
ELSEWHERE = Actor(person_id=uuid4(), organisations=frozenset({HOUSE}), initiatives=frozenset({uuid4()}))
"""Of the same organisation, for another initiative."""
ADMIN = Actor(person_id=uuid4(), is_admin=True)
AUTHOR = Actor(person_id=ME, initiatives=frozenset({HERE}), inner_spaces=frozenset({ROOM}))
GONE = Actor(person_id=ME)
"""The same person, once their mandate has ended."""

READERS = {
    Audience.SPACE: {"inside", "pilot", "admin", "author"},
    Audience.INITIATIVE: {"inside", "outside", "pilot", "admin", "author"},
    Audience.PILOTS: {"pilot", "admin", "author"},
    Audience.ORGANISATION: {"colleague", "admin", "author"},
    Audience.PERSON: {"admin", "author"},
    Audience.ADMINISTRATOR: {"admin", "author"},
    Audience.EVERYBODY: {"inside", "outside", "pilot", "colleague", "elsewhere", "admin", "author", "gone", "visitor"},
}
CALLERS = {
    "inside": INSIDE,
    "outside": OUTSIDE,
    "pilot": PILOT,
    "colleague": COLLEAGUE,
    "elsewhere": ELSEWHERE,
    "admin": ADMIN,
    "author": AUTHOR,
    "gone": GONE,
    "visitor": VISITOR,
}


@pytest.mark.parametrize("audience", list(Audience))
@pytest.mark.parametrize("who", list(CALLERS))
def test_who_reads_an_event_of_a_space(audience: Audience, who: str) -> None:
    event = Happened(audience, HERE, ROOM, HOUSE, ME)
    assert allowed(CALLERS[who], Action.EVENT_READ, event) == (who in READERS[audience])


async def test_the_list_and_the_one_agree_on_every_combination(world: World, database: Database) -> None:
    chance = random.Random(20200320)
    places: list[tuple[UUID | None, UUID | None]] = [
        (None, None),
        (world.initiative.id, None),
        (world.elsewhere.id, None),
    ]
    places += [(world.initiative.id, world.restricted.id), (world.initiative.id, world.shared.id)]
    houses = [None, world.organisation.id, world.other.id, world.foreign.id]
    people = [None, *(person.id for person in world.persons.values())]
    thing = uuid4()
    async with database.sessions() as db:
        for _ in range(400):
            initiative, space = chance.choice(places)
            db.add(
                Event(
                    verb="tried.out",
                    object_type="try",
                    object_id=thing,
                    initiative_id=initiative,
                    space_id=space,
                    audience=chance.choice(list(Audience)),
                    organisation_id=chance.choice(houses),
                    person_id=chance.choice(people),
                )
            )
        await db.commit()
    for who in ("visitor", *world.persons):
        actor = await world.actor(who)
        async with database.reading() as connection:
            table = Event.__table__
            mine = table.c.object_id == thing
            rows = (await connection.execute(select(table).where(mine))).all()
            listed = await connection.execute(select(table.c.id).where(mine, visible(actor, Event, Action.EVENT_READ)))
            assert {row.id for row in rows if allowed(actor, Action.EVENT_READ, row)} == set(listed.scalars()), who
        client = await world.client(who)
        read: list[int] = []
        cursor = ""
        while True:
            page = (await client.get(f"/api/v1/events?object_id={thing}&limit=37{cursor}")).json()
            read += [item["id"] for item in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert read == sorted((row.id for row in rows if allowed(actor, Action.EVENT_READ, row)), reverse=True), who

"""A world whose restricted space is full of markers: in rows, and through every route that writes there."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import Range

from app.core.clock import now
from app.core.log import configure_logging
from app.features.identity.models import Invitation, Person
from app.features.spaces.models import Space
from tests.policy import things_of_people  # noqa: F401 - registers its things
from tests.policy.asks import API, Ask, ask
from tests.policy.ladder import read_table, send
from tests.policy.meetings import meeting
from tests.policy.rows import Ids, Rows
from tests.policy.things import THINGS, everything
from tests.world import World, login, mandate, person

WRITTEN = {"title", "markdown", "text", "reason", "note", "summary", "sentence", "rule", "label", "question", "place"}
"""Fields of bodies that hold people's words."""
NOUNS = (
    "attachments",
    "contributions",
    "replies",
    "sessions",
    "decisions",
    "agenda-items",
    "notes",
    "amendments",
    "themes",
    "extracts",
    "deliverables",
    "sections",
    "passages",
    "citations",
    "treatments",
    "waivers",
)
ELSEWHERE = {"espace ouvert à la démarche", "séance plénière"}
"""Things that others may read: no marker goes there."""


@dataclass
class Aviary:
    """The world, the marker, what was made, and what was written in the log meanwhile."""

    world: World
    mark: str
    things: list[Ids]
    log: str
    written_through: int


async def _former(world: World) -> None:
    """Somebody who contributed until an hour ago, and is still signed in."""
    somebody = world.persons["former"] = person("former")
    async with world.database.sessions() as db:
        db.add(somebody)
        await db.flush()
        world.logins["former"] = login(somebody.id)
        ended = mandate(somebody.id, world.organisation.id, ["contributes"])
        ended.during = Range(now() - timedelta(days=2), now() - timedelta(hours=1))
        db.add_all([world.logins["former"], ended])
        await db.commit()


async def _name(world: World, mark: str) -> None:
    """Markers in the space itself, and in the names of people who are only known inside."""
    async with world.database.sessions() as db:
        words = {name: f"Texte {mark}-space-{name}" for name in ("title", "question", "summary")}
        await db.execute(update(Space).where(Space.id == world.restricted.id).values(words))
        for who in ("participant", "colleague", "facilitator", "lead", "observer"):
            theirs = Person.id == world.persons[who].id
            await db.execute(update(Person).where(theirs).values(name=f"Nom {mark}-person"))
        await db.commit()


async def _invite(world: World, mark: str) -> UUID:
    sent = Invitation(
        email=f"{mark}-invitation@alliage.example",
        organisation_id=world.organisation.id,
        powers=["contributes"],
        invited_by=world.persons["lead"].id,
        expires_at=now() + timedelta(days=3),
    )
    async with world.database.sessions() as db:
        db.add(sent)
        await db.commit()
    return sent.id


async def _rows(world: World, mark: str) -> list[Ids]:
    """Published, draft, moderated, gone; a plenary is no secret of the space, and bears no marker."""
    space = world.restricted
    states = ("published", "draft", "moderated", "withdrawn")
    made = [await everything(world, space, mark=mark, state=state) for state in states]
    made.append(await everything(world, space, mark=mark, consent="internal", meeting="locked", deliverable="closed"))
    rows = Rows(world, space)
    plenary = meeting(rows, "held", plenary=True, who="outsider")
    await rows.save()
    return [*made, made[0] | plenary, made[0] | {"contribution_id": made[0]["other_id"]}]


def _marked(sent: Ask, mark: str) -> Ask:
    body = sent.body
    if isinstance(body, dict):
        body = {
            key: f"{value} {mark}-api" if key in WRITTEN and _is_words(value) else value for key, value in body.items()
        }
    return Ask(sent.method, sent.path, sent.query, body)


def _is_words(value: object) -> bool:
    return isinstance(value, str) and (" " in value or value[:1].isupper())


async def _write_through(world: World, mark: str) -> list[Ids]:
    """Every route that writes in the space, with the marker in its texts; where it went, as things to be read."""
    made = []
    for line in read_table():
        noun = line.path.removeprefix(f"{API}/").split("/")[0]
        thing = THINGS[line.on]
        if line.method == "GET" or noun not in NOUNS or thing.apart or line.on in ELSEWHERE:
            continue
        if "oui" not in line.cells.values():
            continue
        who = next(who for who, cell in line.cells.items() if cell == "oui" and who not in ("outsider", "admin"))
        ids = await thing.make(world, who)
        answer = await send(world, who, _marked(ask(line.method, line.path, ids), mark))
        assert answer.status_code < 300, (line.name, answer.text)
        made.append(ids)
    return made


async def fill(world: World) -> Aviary:
    """Put the markers everywhere, with the log listening at its loudest."""
    mark, heard = f"kanari{uuid4().hex[:10]}", io.StringIO()
    await _former(world)
    await _name(world, mark)
    invitation = await _invite(world, mark)
    things = [ids | {"invitation_id": invitation} for ids in await _rows(world, mark)]
    configure_logging("debug", json=True, stream=heard)
    try:
        through = await _write_through(world, mark)
    finally:
        configure_logging("warning", json=True)
    return Aviary(world, mark, [*things, through[0]], heard.getvalue(), len(through))

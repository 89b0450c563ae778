"""What the tests of editions do again and again: a text that is ready, published, and its files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy import update

from app.features.spaces.models import Space
from app.features.statements.models import Statement
from tests.factories import make_contribution
from tests.features.deliverables.desk import Desk
from tests.world import World

FILES = ("LISEZMOI.txt", "citations.csv", "edition.html", "edition.json", "edition.md", "manifest.json")


@dataclass
class Ready:
    """A deliverable whose gate is open: one contribution, cited in one passage."""

    desk: Desk
    deliverable: Any
    section: Any
    statement: Statement
    citation: Any
    passage: Any


async def ready(world: World, markdown: str | None = None, *, space: Space | None = None, **said: Any) -> Ready:
    """A deliverable with a cited contribution, and nothing that waits."""
    desk = Desk(world)
    quote = "Il manque deux mois de trésorerie"
    statement = await make_contribution(world, markdown or f"Avant. {quote} partout. Après.", space=space, **said)
    deliverable = await desk.deliverable()
    section = await desk.section(deliverable, "Ce que nous avons entendu")
    citation = await desk.cite(deliverable, statement, quote)
    passage = await desk.passage(section, f"La trésorerie inquiète **tout le monde** {marker(citation)}, à raison.")
    return Ready(desk, deliverable, section, statement, citation, passage)


async def open_to_all(world: World, space: Space) -> None:
    """Let visitors read the space."""
    async with world.database.sessions() as db:
        await db.execute(update(Space).where(Space.id == space.id).values(visibility="public"))
        await db.commit()


def marker(citation: Any) -> str:
    """How a text names a citation."""
    return f"[@c{citation['number']}]"


async def publish(desk: Desk, deliverable: Any, label: str = "Mise à jour d’essai") -> Any:
    """An edition, which must go through."""
    return await desk.ok("POST", f"/deliverables/{deliverable['id']}/editions", {"label": label})


async def files_of(world: World, edition: Any, who: str = "visitor") -> dict[str, bytes]:
    """The bytes of every file, as they are served."""
    client = await world.client(who)
    found = {}
    for each in edition["files"]:
        answer = await client.get(each["url"])
        assert answer.status_code == 200, answer.text
        found[each["name"]] = answer.content
    return found


async def payload_of(world: World, edition: Any) -> Any:
    """The payload, as it is served."""
    return json.loads((await files_of(world, edition))["edition.json"])


def canary(label: str) -> str:
    """A word that stands nowhere else."""
    return f"{label}{uuid4().hex[:12]}"

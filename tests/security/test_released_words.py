"""The one release: an edition shows the words that an accepted citation quoted, and not one more (R4, promise 8)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from fastapi import FastAPI

from app.core.db import Database
from tests.factories import make_contribution
from tests.features.deliverables.desk import Desk
from tests.features.editions.shelf import FILES, marker, publish
from tests.policy.rows import Ids
from tests.policy.things import known
from tests.security.crawl import addresses, answers, mentions
from tests.world import World, make_world

OUTSIDE = ("visitor", "outsider", "admin")


async def _published(world: World, mark: str) -> list[Ids]:
    """A contribution of the restricted space, cited once in an edition: the quote is released, the rest is not."""
    quote = f"Il manque {mark}-quote deux mois de trésorerie"
    desk = Desk(world)
    said = await make_contribution(
        world, f"Avant {mark}-before. {quote} partout {mark}-after.", title=f"T {mark}-title"
    )
    deliverable = await desk.deliverable(title=f"Synthèse {mark}-public")
    section = await desk.section(deliverable)
    citation = await desk.cite(deliverable, said, quote)
    await desk.passage(section, f"La trésorerie inquiète {marker(citation)}.")
    proposed = await desk.ok(
        "POST",
        "/passages",
        {"section_id": section["id"], "markdown": f"Peut-être {mark}-proposed.", "proposed": True},
    )
    edition = await publish(desk, deliverable)
    ids = known(world, world.restricted) | {"deliverable_id": deliverable["id"], "edition_id": edition["id"]}
    ids |= {"contribution_id": said.id, "revision_id": said.head_id, "citation_id": citation["id"]}
    ids |= {"section_id": section["id"], "passage_id": proposed["id"], "since": edition["id"]}
    return [ids | {"name": name} for name in FILES]


@dataclass
class Released:
    """A world with an edition, its markers, and what there is to ask about."""

    world: World
    mark: str
    things: list[Ids]


@pytest.fixture(scope="module")
async def released(app: FastAPI, database: Database) -> AsyncIterator[Released]:
    """An edition is out."""
    async with make_world(app, database) as world:
        mark = f"kanari{uuid4().hex[:10]}"
        yield Released(world, mark, await _published(world, mark))


KEPT = ("before", "after", "title", "proposed")
"""What stands around the quote, and in the text that nobody accepted."""


@pytest.mark.parametrize("who", OUTSIDE)
async def test_an_edition_releases_the_quote_and_nothing_else(released: Released, who: str) -> None:
    asked = list(addresses(released.world.app, released.things))
    found = await answers(released.world, who, asked)
    for part in KEPT:
        leaks = [str(answer.request.url) for answer in found if mentions(answer, f"{released.mark}-{part}")]
        assert not leaks, part
    quoting = {answer.request.url.path for answer in found if mentions(answer, f"{released.mark}-quote")}
    assert any(path.endswith("edition.html") for path in quoting)
    assert all(path.startswith("/api/v1/editions/") for path in quoting), quoting


async def test_inside_the_rest_is_read(released: Released) -> None:
    """The control: the same crawl by a co-pilot meets every part."""
    asked = list(addresses(released.world.app, released.things, filters=False))
    found = await answers(released.world, "copilot", asked)
    for part in (*KEPT, "quote"):
        assert any(mentions(answer, f"{released.mark}-{part}") for answer in found), part

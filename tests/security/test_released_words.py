"""The one release: an edition shows the words that an accepted citation quoted, and not one more (R4, promise 8)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import update

from app.core.db import Database
from app.features.spaces.models import Space
from tests.factories import make_contribution
from tests.features.deliverables.desk import Desk
from tests.features.editions.shelf import FILES, marker, publish
from tests.policy.rows import Ids
from tests.policy.things import known
from tests.security.crawl import addresses, answers, mentions
from tests.world import World, make_world

OUTSIDE = {"members": ("visitor", "stranger", "outsider", "admin"), "initiative": ("visitor", "stranger", "admin")}
"""Who does not read the space, by its visibility."""


async def _published(world: World, mark: str) -> list[Ids]:
    """A contribution of the restricted space, cited once in an edition: the quote is released, the rest is not."""
    async with world.database.sessions() as db:
        await db.execute(update(Space).where(Space.id == world.restricted.id).values(title=f"Espace {mark}-space"))
        await db.commit()
    quote = f"Il manque {mark}-quote deux mois de trésorerie"
    desk = Desk(world)
    said = await make_contribution(
        world, f"Avant {mark}-before. {quote} partout {mark}-after.", title=f"T {mark}-title"
    )
    beside = await make_contribution(world, who="lead", title=f"T {mark}-uncited")
    deliverable = await desk.deliverable(title=f"Synthèse {mark}-public")
    await desk.treat(deliverable, beside, "merged", target_id=str(said.id), sentence=f"Avec {mark}-sentence.")
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


@pytest.fixture(scope="module", params=sorted(OUTSIDE))
async def released(request: pytest.FixtureRequest, app: FastAPI, database: Database) -> AsyncIterator[Released]:
    """An edition is out, that quotes a space of this visibility."""
    async with make_world(app, database) as world:
        async with database.sessions() as db:
            shown = update(Space).where(Space.id == world.restricted.id).values(visibility=request.param)
            await db.execute(shown)
            await db.commit()
        world.restricted.visibility = request.param
        mark = f"kanari{uuid4().hex[:10]}"
        yield Released(world, mark, await _published(world, mark))


KEPT = ("before", "after", "title", "uncited", "sentence", "space", "proposed")
"""What stands around the quote and beside it, and in the text that nobody accepted."""


async def test_an_edition_releases_the_quote_and_nothing_else(released: Released) -> None:
    asked = list(addresses(released.world.app, released.things))
    for number, who in enumerate(OUTSIDE[released.world.restricted.visibility]):
        await _reads_the_quote_alone(released, who, asked if number == 0 else _unfiltered(released))


async def _reads_the_quote_alone(released: Released, who: str, asked: list[tuple[str, dict[str, str]]]) -> None:
    found = await answers(released.world, who, asked)
    for part in KEPT:
        leaks = [str(answer.request.url) for answer in found if mentions(answer, f"{released.mark}-{part}")]
        assert not leaks, (who, part)
    quoting = {answer.request.url.path for answer in found if mentions(answer, f"{released.mark}-quote")}
    assert any(path.endswith("edition.html") for path in quoting)
    assert all(path.startswith(("/api/v1/editions/", "/editions/")) for path in quoting), quoting


def _unfiltered(released: Released) -> list[tuple[str, dict[str, str]]]:
    return list(addresses(released.world.app, released.things, filters=False))


async def test_inside_the_rest_is_read(released: Released) -> None:
    """The control: the same crawl by a co-pilot meets every part."""
    found = await answers(released.world, "copilot", _unfiltered(released))
    for part in (*KEPT, "quote"):
        assert any(mentions(answer, f"{released.mark}-{part}") for answer in found), part

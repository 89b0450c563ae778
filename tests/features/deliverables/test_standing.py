"""Large scopes: what pages show was lately counted, says when, and decides nothing; a page of one fate is looked for in pieces."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.core.clock import now
from app.core.db import Database
from app.features.deliverables.actions.count import count_scope, keep_count
from app.features.deliverables.queries import queue, standing
from app.features.deliverables.queries.standing import STALE, get_standing, list_to_count
from app.features.statements.models import Statement
from tests.browser import browser, signed_in
from tests.factories import make_contribution, make_organisation, revise
from tests.features.deliverables.desk import Desk
from tests.world import World

QUOTE = "Il manque deux mois de trésorerie"


@pytest.fixture
def _large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every scope counts as a large one."""
    monkeypatch.setattr(standing, "LARGE", 0)


async def count(database: Database, deliverable_id: UUID) -> None:
    """What the worker does."""
    async with database.reading() as read:
        counted = await count_scope(read, deliverable_id, now())
    async with database.sessions.begin() as db:
        await keep_count(db, counted)


async def stands(world: World, database: Database, deliverable_id: UUID) -> standing.Standing:
    async with database.reading() as read:
        return await get_standing(read, await world.actor("copilot"), deliverable_id)


async def written(desk: Desk) -> Any:
    """A deliverable whose contributions met every kind of fate."""
    world = desk.world
    await make_organisation(world, "Abeille", "company", speaks_as="Abeille")
    await make_organisation(world, "Muette", "research", speaks_as="muette")
    said = [await make_contribution(world, who=who) for who in ("participant", "Abeille") for _ in range(3)]
    said.append(await make_contribution(world, capacity="personal"))
    deliverable = await desk.deliverable()
    section = await desk.section(deliverable)
    citation = await desk.cite(deliverable, said[0], QUOTE)
    await desk.passage(section, f"Vu [@{citation['key']}].")
    await desk.treat(deliverable, said[1], "merged", target_id=str(said[0].id))
    await desk.treat(deliverable, said[3], "set_aside", reason_code="too_vague")
    return deliverable


@pytest.mark.usefixtures("_large")
async def test_what_was_just_counted_is_what_would_be_counted_now(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliverable = UUID((await written(Desk(world)))["id"])
    await count(database, deliverable)
    kept = await stands(world, database, deliverable)
    assert kept.counted_at is not None
    monkeypatch.setattr(standing, "LARGE", 5_000)
    live = await stands(world, database, deliverable)
    assert live.counted_at is None
    assert kept.coverage == live.coverage
    assert kept.gate == live.gate
    counts = {str(fate): n for fate, n in live.gate.counts.items() if n}
    assert counts == {"cited": 1, "merged": 1, "set_aside": 1, "untreated": 4}


@pytest.mark.usefixtures("_large")
async def test_the_page_says_when_it_was_counted_and_publishing_counts_again(
    app: FastAPI, world: World, database: Database
) -> None:
    desk = Desk(world)
    deliverable = await written(desk)
    here = f"/livrables/{deliverable['id']}"
    async with signed_in(app, world, "copilot") as one:
        assert "Contributions comptées à" not in (await one.open(here)).text, "nobody counted yet: counted now"
        await count(database, UUID(deliverable["id"]))
        page = await one.open(here)
        assert "Contributions comptées à" in page.text
        assert "Contributions pas encore traitées (4)" in page.text
        desked = await one.open(f"{here}/redaction")
        assert "4 contributions attendent une décision</a> (à" in desked.text
        waiting = (await desk.gate(deliverable))["untreated"]
        for it in waiting:
            await desk.treat(deliverable, UUID(it["statement_id"]))
        page = await one.open(here)
        assert "Contributions pas encore traitées (4)" in page.text, "as counted, a moment ago"
        assert all(it["statement_id"] not in page.text for it in waiting), "what was treated since is not listed"
        assert (await desk.gate(deliverable))["untreated_count"] == 0, "the gate counts now"
        await count(database, UUID(deliverable["id"]))
        assert "Rien ne bloque." in (await one.open(here)).text
        async with database.sessions() as db:
            late = await db.get_one(Statement, UUID(waiting[0]["statement_id"]))
        await revise(world, late, "D’autres mots, depuis.")
        assert "Rien ne bloque." in (await one.open(here)).text, "as counted"
        await one.open(f"{here}?publier=1")
        refused = await one.submit(f"{here}/publier", label="Première édition")
        assert refused.status_code == 409, refused.text
    async with browser(app) as visitor:
        assert (await visitor.open(here)).status_code == 404


async def test_a_scope_is_counted_when_something_happened_and_never_for_nothing(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(world)
    deliverable = UUID((await written(desk))["id"])

    async def due(after: timedelta = timedelta()) -> bool:
        async with database.reading() as read:
            return deliverable in await list_to_count(read, now() + after)

    assert await due(), "never counted"
    await count(database, deliverable)
    assert not await due(), "small, and counted within the hour"
    assert await due(STALE), "something happened around the count: it may have grown"
    monkeypatch.setattr(standing, "LARGE", 0)
    assert await due(), "large, and something happened around the count"
    async with database.sessions.begin() as db:
        await db.execute(text("UPDATE scope_counts SET counted_at = now() + interval '2 minutes'"))
    assert not await due(STALE), "nothing happened since"


async def test_an_older_count_never_takes_the_place_of_a_newer_one(world: World, database: Database) -> None:
    deliverable = UUID((await written(Desk(world)))["id"])
    at = now()
    for when, said in ((at, 7), (at - timedelta(seconds=5), 3)):
        row = {"deliverable_id": deliverable, "counted_at": when, "in_scope": said, "by_speaker": [], "waiting": []}
        async with database.sessions.begin() as db:
            await keep_count(db, row)
    async with database.reading() as read:
        question = text("SELECT in_scope FROM scope_counts WHERE deliverable_id = :id")
        assert (await read.execute(question, {"id": deliverable})).scalar() == 7


@pytest.mark.parametrize("looked_at", [2, 3, 2_000])
async def test_a_page_of_one_fate_is_short_and_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch, looked_at: int
) -> None:
    monkeypatch.setattr(queue, "LOOKED_AT", looked_at)
    desk = Desk(world)
    deliverable = await written(desk)
    queue_of = f"/deliverables/{deliverable['id']}/treatments"
    every = (await desk.ok("GET", queue_of))["items"]
    assert len(every) == 7
    for asked, wanted in (
        ("status=untreated", [it for it in every if it["status"] == "untreated"]),
        ("cited=true", [it for it in every if it["citations"]]),
        ("status=answered", []),
    ):
        found, cursor, pages = [], "", 0
        while cursor is not None:
            more = f"&cursor={cursor}" if cursor else ""
            page = await desk.ok("GET", f"{queue_of}?limit=2&{asked}{more}")
            found += page["items"]
            cursor, pages = page["next_cursor"], pages + 1
        assert found == wanted, asked
        assert pages <= 4 + 7 // looked_at

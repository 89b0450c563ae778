"""The page of a deliverable: what blocks, what is let through, publishing in two clicks, closing and reopening."""

from __future__ import annotations

from fastapi import FastAPI

from tests.browser import browser, signed_in
from tests.factories import make_contribution
from tests.features.editions.shelf import ready
from tests.world import World


async def test_publishing_is_open_then_publish_then_confirm(app: FastAPI, world: World, asked: list[str]) -> None:
    done = await ready(world)
    here = f"/livrables/{done.deliverable['id']}"
    async with signed_in(app, world, "copilot") as one, browser(app) as visitor:
        assert (await visitor.open(here)).status_code == 404, "nothing is published yet"
        asked.clear()
        page = await one.open(here)
        assert page.status_code == 200
        assert 2 < len(asked) <= 12, asked
        assert "Rien ne bloque." in page.text
        assert f'href="{here}?publier=1"' in page.text
        page = await one.open(f"{here}?publier=1")
        page = await one.submit(f"{here}/publier", label="Première édition")
        assert page.status_code in (200, 404), "the page of the edition is another's"
        editions = (await done.desk.ok("GET", f"/editions?deliverable_id={done.deliverable['id']}"))["items"]
        assert [it["label"] for it in editions] == ["Première édition"]
        page = await visitor.open(here)
        assert page.status_code == 200
        assert "Première édition" in page.text
        assert "Qui est entendu" not in page.text, "a visitor reads what is published, and nothing of the text"


async def test_what_blocks_is_listed_and_let_through_with_a_reason(app: FastAPI, world: World) -> None:
    done = await ready(world)
    other = await make_contribution(world, "Personne ne l’a lue.")
    await done.desk.ok(
        "PUT",
        f"/deliverables/{done.deliverable['id']}/scope",
        {"space_ids": done.deliverable["scope"]["space_ids"], "cutoff_at": "2099-01-01T00:00:00Z"},
    )
    here = f"/livrables/{done.deliverable['id']}"
    async with signed_in(app, world, "copilot") as one:
        page = await one.open(here)
        assert f"/redaction?contribution={other.id}" in page.text
        assert f'href="{here}?publier=1"' not in page.text
        page = await one.submit(f"{here}/dispenses", reason="court")
        page = await one.submit(f"{here}/dispenses", reason="Arrivée la veille de la clôture.")
        assert "La dispense est donnée" in page.text
        assert "Rien ne bloque." in page.text


async def test_closed_nothing_is_written_and_it_reopens(app: FastAPI, world: World) -> None:
    done = await ready(world)
    here = f"/livrables/{done.deliverable['id']}"
    async with signed_in(app, world, "copilot") as one:
        await one.open(here)
        page = await one.submit(f"{here}/clore")
        assert "L’écriture est close" in page.text
        page = await one.open(f"{here}/redaction")
        assert page.url.path == here, "the desk leads back to where it reopens"
        page = await one.submit(f"{here}/rouvrir")
        assert "L’écriture est rouverte." in page.text

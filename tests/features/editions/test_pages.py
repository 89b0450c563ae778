"""The pages of an edition: what was frozen, less what consent has taken back since, and the way back to the words."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from sqlalchemy import update

from app.features.statements.models import Statement
from tests.browser import browser
from tests.features.editions.shelf import Ready, marker, publish, ready
from tests.world import World

QUOTE = "Il manque deux mois de trésorerie"


async def _published(world: World, **said: Any) -> tuple[Ready, dict[str, Any]]:
    text = await ready(world, **said)
    await text.desk.passage(text.section, marker(text.citation), "quotation")
    return text, await publish(text.desk, text.deliverable)


async def _set(world: World, statement: Statement, **values: Any) -> None:
    async with world.database.sessions() as db:
        await db.execute(update(Statement).where(Statement.id == statement.id).values(**values))
        await db.commit()


async def test_an_edition_is_read_by_anybody(app: FastAPI, world: World) -> None:
    _text, edition = await _published(world)
    async with browser(app) as visitor:
        page = await visitor.open(f"/editions/{edition['id']}")
    assert page.status_code == 200, page.text
    assert page.text.count(QUOTE) >= 2

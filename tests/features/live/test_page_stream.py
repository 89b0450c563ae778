"""What a page that is open in a browser is told: `/direct`, known by its cookie; and saying that one writes there."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from app.core.clock import now
from app.features.identity.models import Login
from app.settings import Settings
from tests.browser import FROM_OUR_PAGES
from tests.features.deliverables.desk import Desk
from tests.features.identity.doors import PASSWORD, give_password
from tests.features.live.listening import Heard, read_stream, served
from tests.world import World

Serving = tuple[FastAPI, str]


@pytest.fixture(scope="module")
async def serving(settings: Settings) -> AsyncIterator[Serving]:
    async with served(settings) as it:
        yield it


async def _cookie(world: World, base: str, who: str) -> dict[str, str]:
    """The cookies of a browser where `who` signed in."""
    async with httpx.AsyncClient(base_url=base) as client:
        sent = {"email": await give_password(world, who), "password": PASSWORD, "vers": "/"}
        answer = await client.post("/connexion", data=sent, headers=FROM_OUR_PAGES)
        assert answer.status_code == 303, answer.text
        return dict(client.cookies)


async def test_an_open_page_hears_within_a_second_and_a_half(world: World, serving: Serving) -> None:
    desk, base = Desk(world), serving[1]
    deliverable = await desk.deliverable()
    heard = Heard()
    async with httpx.AsyncClient(timeout=None, cookies=await _cookie(world, base, "copilot")) as client:
        heard.reading = asyncio.create_task(
            read_stream(client, f"{base}/direct?livrable={deliverable['id']}", heard, {})
        )
        try:
            await heard.wait("ready")
            await desk.section(deliverable)
            await heard.wait("changed", 1.5, verb="section.added", mine=True)
        finally:
            heard.reading.cancel()
            await asyncio.gather(heard.reading, return_exceptions=True)


async def test_a_page_says_where_one_writes_with_its_token(world: World, serving: Serving) -> None:
    desk, base = Desk(world), serving[1]
    deliverable = await desk.deliverable()
    passage = await desk.passage(await desk.section(deliverable), "Un texte.")
    async with httpx.AsyncClient(base_url=base, cookies=await _cookie(world, base, "copilot")) as client:
        page = await client.get("/recherche", headers={"Accept": "text/html"})
        token = re.search(r'name="csrf" content="([^"]+)"', page.text)
        assert token
        said = {"kind": "passage", "id": passage["id"]}
        refused = await client.post("/direct/presence", data=said, headers=FROM_OUR_PAGES)
        assert refused.status_code == 403
        here = await client.post("/direct/presence", data=said | {"csrf": token[1]}, headers=FROM_OUR_PAGES)
        assert [who["mine"] for who in here.json()["items"]] == [True]
        gone = await client.post(
            "/direct/presence", data=said | {"csrf": token[1], "left": "1"}, headers=FROM_OUR_PAGES
        )
        assert gone.status_code == 204
    assert (await desk.ok("GET", f"/deliverables/{deliverable['id']}/presence"))["items"] == []


async def test_a_page_that_nobody_looks_at_keeps_no_login_alive(world: World, serving: Serving) -> None:
    desk, base = Desk(world), serving[1]
    deliverable = await desk.deliverable()
    passage = await desk.passage(await desk.section(deliverable), "Un texte.")
    cookies = await _cookie(world, base, "copilot")
    mine = Login.person_id == world.persons["copilot"].id
    long_ago = now() - timedelta(minutes=100)

    async def seen() -> datetime:
        async with world.database.sessions() as db:
            question = select(Login.seen_at).where(mine, Login.browser_fingerprint.is_not(None))
            at = (await db.scalars(question.order_by(Login.created_at.desc()).limit(1))).one()
            assert at is not None
            return at

    heard = Heard()
    async with httpx.AsyncClient(base_url=base, timeout=None, cookies=cookies) as client:
        page = await client.get("/recherche", headers={"Accept": "text/html"})
        token = re.search(r'name="csrf" content="([^"]+)"', page.text)
        assert token
        async with world.database.sessions() as db:
            await db.execute(update(Login).where(mine).values(seen_at=long_ago))
            await db.commit()
        heard.reading = asyncio.create_task(
            read_stream(client, f"{base}/direct?livrable={deliverable['id']}", heard, {})
        )
        try:
            await heard.wait("ready")
        finally:
            heard.reading.cancel()
            await asyncio.gather(heard.reading, return_exceptions=True)
        said = {"kind": "passage", "id": passage["id"], "csrf": token[1]}
        assert (await client.post("/direct/presence", data=said, headers=FROM_OUR_PAGES)).status_code == 200
        assert await seen() == long_ago, "a page that is open asks by itself"
        read_again = await client.get("/recherche", headers={"Accept": "text/html", "Alliage-By-Itself": "1"})
        assert 'name="csrf" content=""' not in read_again.text, "it is known all the same"
        assert await seen() == long_ago, "a block that reads itself again for an event is nobody"
        await client.get("/recherche", headers={"Accept": "text/html"})
        assert await seen() > long_ago, "control: somebody who opens a page is there"

"""Reading, and saying one thing more, on a real consultation: some hundreds of contributions, thousands of votes.

Its folder is `ALLIAGE_CONSULTATION` (docs/import.md says which files): without it these tests are left out.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.core.db import Database
from app.core.migrations import upgrade
from app.core.postgres.cluster import Cluster
from app.core.versions import ANY_VERSION
from app.features.demonstration.accounts import demonstration_password
from app.features.demonstration.consultation import consult
from app.features.demonstration.consultation.pilot import EMAIL
from app.features.demonstration.synthesis import load_actor
from app.features.identity.models import Person
from app.features.initiatives import actions as initiatives
from app.features.spaces import actions as spaces
from app.settings import Settings
from tests.e2e.browsing import Hands
from tests.e2e.conftest import NewPage
from tests.e2e.demonstration import new_database
from tests.e2e.legible import assert_legible
from tests.e2e.serving import Served, serve

DATA = os.environ.get("ALLIAGE_CONSULTATION", "")
pytestmark = [
    pytest.mark.skipif(not DATA, reason="ALLIAGE_CONSULTATION names no folder of a consultation"),
    pytest.mark.timeout(900),
]


@pytest.fixture(scope="module")
def served(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of its own, on the consultation imported and its synthesis published."""
    folder, name = tmp_path_factory.mktemp("consultation"), "e2e_consultation"
    urls = new_database(cluster, name)
    upgrade(urls.owner, urls.app)
    settings = Settings(_env_file=None, DATABASE_URL=urls.app, DATABASE_OWNER_URL=urls.owner, folder=folder)

    async def bring_in() -> None:
        database = Database(urls.app, pool_size=4)
        await consult(database, settings, Path(DATA), folder / "edition", lambda _what: None)
        await database.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, bring_in()).result()
    with serve(urls, folder, demonstration_password(settings)[0], log=folder / "server.log") as server:
        yield server
    cluster.drop_database(name)


@pytest.fixture
def hands(new_page: NewPage) -> Hands:
    """Its co-pilot opens home."""
    page: Page = new_page(who=EMAIL.partition("@")[0])
    page.goto("/")
    return Hands(page)


def test_see_what_changed(hands: Hands) -> None:
    expect(hands.page.get_by_role("heading", name="Ce qui a changé")).to_be_visible()
    assert_legible(hands.page)
    assert hands.clicks == 0


@pytest.fixture
def reopened(served: Served) -> None:
    """The consultation ended in 2015 and takes nothing more: its co-pilot opens it again, and one of its spaces."""

    async def open_again() -> None:
        database = Database(served.urls.app, pool_size=2)
        async with database.sessions.begin() as db:
            person_id = (await db.execute(select(Person.id).where(Person.email == EMAIL))).scalar_one()
            actor = await load_actor(db, person_id)
            [initiative_id] = actor.piloted
            space_id = min(actor.speaking_spaces)
            await initiatives.reopen(db, actor, str(initiative_id), ANY_VERSION)
            await spaces.reopen(db, actor, space_id, ANY_VERSION)
        await database.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, open_again()).result()


def test_nothing_is_offered_that_would_be_refused(hands: Hands) -> None:
    expect(hands.page.get_by_role("link", name="Contribuer")).to_have_count(0)
    expect(hands.page.get_by_text("La démarche ne reçoit pas de contribution")).to_be_visible()
    assert_legible(hands.page)


@pytest.mark.usefixtures("reopened")
def test_contribute(hands: Hands) -> None:
    page = hands.page
    page.reload()
    hands.click(page.get_by_role("main").get_by_role("link", name="Contribuer").first)
    hands.click(page.locator('[name="kind"]').first.locator("xpath=ancestor::label"))
    page.locator("#title").focus()
    hands.write("Ce que nous en disons onze ans après")
    page.locator("#markdown").focus()
    hands.write("Les jeux ouverts en 2016 sont tenus à jour quand quelqu’un en répond.")
    hands.click(page.get_by_role("button", name="Publier au nom de"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Ce que nous en disons onze ans après")
    expect(page.locator("#texte")).to_contain_text("quand quelqu’un en répond")
    assert_legible(page)
    assert hands.clicks == 3


def test_find(hands: Hands) -> None:
    hands.click(hands.page.locator("#q"))
    hands.write("données")
    hands.press("Enter")
    expect(hands.page.locator("mark").first).to_be_visible()
    assert_legible(hands.page)
    assert hands.clicks == 1


def test_download_with_sources(new_page: NewPage) -> None:
    hands = Hands(new_page())
    hands.page.goto("/")
    hands.click(hands.page.get_by_role("main").locator('a[href^="/editions/"]').first)
    with hands.page.expect_download() as download:
        hands.click(hands.page.locator("#telecharger").locator("xpath=ancestor::section").get_by_role("link").first)
    assert download.value.path().stat().st_size > 1000
    assert hands.clicks == 2

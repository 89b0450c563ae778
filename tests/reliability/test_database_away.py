"""The database stops, or is of another version: a page says so in both languages, and what was being sent is sent again from it."""

from __future__ import annotations

import asyncio

import httpx
import psycopg
import pytest

from app.core.db import Database, driver_address
from app.main import create_app
from app.settings import Settings
from tests.browser import FROM_OUR_PAGES, browser, signed_in
from tests.chaos.run import own_cluster
from tests.world import World, make_world

WORDS = "Une avance de trois mois suffit à garder l’équipe."


def _assert_away(answer: httpx.Response, language: str = "fr") -> None:
    said = {"fr": "Alliage revient bientôt", "en": "Alliage will be back soon"}[language]
    assert answer.status_code == 503, answer.text
    assert f'<h1 data-focus tabindex="-1">{said}</h1>' in answer.text
    assert f'<html lang="{language}"' in answer.text
    assert int(answer.headers["retry-after"]) >= 10
    assert answer.headers["cache-control"] == "no-store"
    assert "style-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["x-request-id"] in answer.text


@pytest.mark.timeout(120)
async def test_while_postgresql_is_stopped_pages_say_so_and_hold_what_was_sent() -> None:
    with own_cluster() as (cluster, folder):
        urls = cluster.urls
        app = create_app(
            Settings(_env_file=None, DATABASE_URL=urls.app, DATABASE_OWNER_URL=urls.owner, folder=folder, pool_size=4)
        )
        database: Database = app.state.database
        async with make_world(app, database) as world, signed_in(app, world, "participant") as person:
            space = f"/espaces/{world.restricted.id}"
            await person.open(f"{space}/contributions/nouvelle")
            composer = person.page
            await asyncio.to_thread(cluster.stop)

            for address in ("/", "/lire", space, "/recherche?q=avance"):
                answer = await person.client.get(address)
                _assert_away(answer)
                assert f'href="{address}"' in answer.text  # try again
            async with browser(app) as visitor:
                _assert_away(await visitor.client.get("/demarches", headers={"Accept-Language": "en"}), "en")
                program = await visitor.client.get("/api/v1/editions", headers={"Accept": "application/json"})
                assert (program.status_code, program.headers["content-type"]) == (503, "application/problem+json")
                refused = await visitor.client.post(
                    "/connexion", data={"email": "a@b.fr", "password": "romarin-palourde"}, headers=FROM_OUR_PAGES
                )
                _assert_away(refused)
                assert "romarin-palourde" not in refused.text

            person.page = composer
            sent = await person.submit(f"{space}/contributions", kind="need", title="Trois mois", markdown=WORDS)
            _assert_away(sent)
            assert f">{WORDS}</blockquote>" in sent.text

            await asyncio.to_thread(cluster.start)
            for _ in range(2):  # twice is once
                person.page = sent
                answer = await person.submit(f"{space}/contributions")
                assert (answer.status_code, WORDS in answer.text) == (200, True)
            [found] = await _rows(world, "SELECT count(*) FROM statements WHERE type = 'contribution'")
            assert found == (1,)
        await database.close()


async def _rows(world: World, statement: str) -> list[tuple[int]]:
    async with world.database.reading() as read:
        return [tuple(row) for row in await read.exec_driver_sql(statement)]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("version", ["9999", "0001"], ids=["ahead", "behind"])
async def test_a_schema_that_is_ahead_or_behind_is_maintenance_and_our_own_fault_is_not(version: str) -> None:
    with own_cluster() as (cluster, folder):
        urls = cluster.urls
        app = create_app(Settings(_env_file=None, DATABASE_URL=urls.app, DATABASE_OWNER_URL=urls.owner, folder=folder))
        with psycopg.connect(driver_address(urls.owner), autocommit=True) as owner:
            owner.execute("ALTER TABLE editions RENAME COLUMN label TO named")
            async with browser(app) as visitor:
                ours = await visitor.open("/lire")
                assert ours.status_code == 500
                known = owner.execute("UPDATE alembic_version SET version_num = %s RETURNING version_num", (version,))
                assert known.fetchone() == (version,)
                _assert_away(await visitor.open("/lire"))
                _assert_away(await visitor.open("/lire", **{"Accept-Language": "en"}), "en")
                ready = await visitor.client.get("/readyz", headers={"Accept": "application/json"})
                assert (ready.status_code, ready.json()["type"]) == (503, "/problems/schema-behind")
        await app.state.database.close()

"""Whoever reads the card of a space from outside asks to be let in; those who run it are told, and answer."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from fastapi import FastAPI
from sqlalchemy import select

from app.features.spaces.jobs import mail_access_request
from app.features.spaces.models import AccessRequest
from app.settings import Settings
from tests.browser import browser, signed_in
from tests.features.identity import letters
from tests.world import World


async def _ask(world: World, app: FastAPI, who: str, reason: str = "Pour lire <tout>.") -> int:
    async with signed_in(app, world, who) as one:
        await one.open("/connexion")
        fields = {"csrf": one.csrf, "idempotency_key": str(uuid4()), "space_id": str(world.shared.id), "reason": reason}
        return (await one.post("/demandes-acces", fields)).status_code


async def test_it_is_asked_once_a_day_and_told_to_those_who_run_it(
    app: FastAPI, world: World, settings: Settings, tmp_path: Path, asked: list[str]
) -> None:
    assert await _ask(world, app, "observer") != 409
    assert await _ask(world, app, "observer") == 409
    async with world.database.reading() as connection:
        question = select(AccessRequest.id).where(AccessRequest.space_id == world.shared.id)
        [request_id] = (await connection.execute(question)).scalars().all()
    work = letters.work(world.database, settings, tmp_path)
    for _ in range(2):
        await mail_access_request(work, object_id=str(request_id))
    mails = letters.read(tmp_path)
    assert [to for to, _ in mails] == [world.persons["copilot"].email]
    assert f"/espaces/{world.shared.id}/demandes" in mails[0][1]
    assert "tout" not in mails[0][1]
    here = f"/espaces/{world.shared.id}/demandes"
    async with signed_in(app, world, "copilot") as pilot:
        asked.clear()
        page = await pilot.open(here)
        assert 2 < len(asked) <= 12, asked
        assert "Pour lire &lt;tout&gt;." in page.text
        assert (world.persons["observer"].name or "?") in page.text
        await pilot.submit(f"{here}/{request_id}", organisation_id=str(world.watching.id))
        assert pilot.page.url.params["dit"] == "access-granted"
        again = await pilot.post(f"{here}/{request_id}", {"csrf": pilot.csrf})
        assert again.status_code == 409
    seen = await (await world.client("observer")).get(f"/api/v1/spaces/{world.shared.id}")
    assert seen.json()["read_from"] == "inside"


async def test_a_space_that_one_may_not_see_is_not_there(app: FastAPI, world: World) -> None:
    async with signed_in(app, world, "stranger") as one:
        await one.open("/connexion")
        for space_id in (world.restricted.id, uuid4()):
            fields = {"csrf": one.csrf, "idempotency_key": str(uuid4()), "space_id": str(space_id)}
            assert (await one.post("/demandes-acces", fields)).status_code == 404
    async with browser(app) as nobody:
        assert "/connexion" in str((await nobody.open(f"/espaces/{world.shared.id}/demandes")).url)


async def test_the_page_of_a_refusal_asks(app: FastAPI, world: World) -> None:
    async with signed_in(app, world, "observer") as one:
        page = await one.open(f"/espaces/{world.shared.id}/demandes")
        assert page.status_code == 403
        assert f'value="{world.shared.id}"' in page.text
        await one.submit("/demandes-acces", reason="Pour lire.")
        assert one.page.url.params["dit"] == "access-asked"
        inside = await one.open(f"/espaces/{world.restricted.id}/demandes")
        assert inside.status_code == 403
        assert "/demandes-acces" not in inside.text, "whoever is inside asks for nothing"

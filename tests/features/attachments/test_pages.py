"""Files in a browser: joined where they belong, refused on the page they were sent from, taken off; history of who did."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.features.attachments import receiving
from app.features.attachments.models import Attachment, AttachmentState
from app.settings import Settings
from tests.browser import FROM_OUR_PAGES, Browser, browser, signed_in
from tests.factories import make_contribution
from tests.features.attachments.files import PDF
from tests.policy.things import everything
from tests.world import World


async def _send(
    one: Browser, path: str, content: bytes, name: str = "budget.pdf", *, csrf: str | None = None, key: str = ""
) -> httpx.Response:
    """The form of the page, with this file in it."""
    fields = {
        "csrf": one.csrf if csrf is None else csrf,
        "idempotency_key": key or str(uuid4()),
        "formulaire": "fichier",
        "ask": "fichier",
    }
    return await one.client.post(
        f"{path}/fichiers", data=fields, files={"file": (name, content)}, headers=FROM_OUR_PAGES
    )


async def _states(world: World, **owner: object) -> list[str]:
    async with world.database.reading() as connection:
        table = Attachment.__table__
        found = await connection.execute(
            select(table.c.state).where(*(table.c[name] == value for name, value in owner.items()))
        )
        return sorted(row[0] for row in found)


async def test_a_file_is_joined_once_read_and_taken_off(app: FastAPI, world: World, asked: list[str]) -> None:
    words = await make_contribution(world)
    here = f"/contributions/{words.id}"
    async with signed_in(app, world, "participant") as one:
        assert f'href="{here}#fichiers"' in (await one.open(f"{here}/modifier")).text
        page = await one.open(here)
        assert f'action="{here}/fichiers"' in page.text
        key = str(uuid4())
        for _ in range(2):
            sent = await _send(one, here, PDF, key=key)
            assert (sent.status_code, sent.headers["location"]) == (303, f"{here}?dit=file-joined#fichiers"), sent.text
        assert await _states(world, statement_id=words.id) == [AttachmentState.STORED]
        asked.clear()
        page = await one.open(f"{here}?dit=file-joined")
        assert 2 < len(asked) <= 12, len(asked)
        assert "Le fichier est joint." in page.text
        assert "budget.pdf" in page.text
        assert "PDF, 1" in page.text
        found = re.search(r'href="(/fichiers/[^"]+)"', page.text)
        assert found
        assert (await one.client.get(found[1])).content == PDF
        taken_off = f"{here}{found[1]}/retirer"
        page = await one.submit(taken_off)
        assert "personne ne peut plus le télécharger" in page.text
        assert (await one.client.get(found[1])).status_code == 404
    assert await _states(world, statement_id=words.id) == [AttachmentState.REMOVED]


@contextmanager
def _allowing(app: FastAPI, **changed: int) -> Iterator[None]:
    """The application with other bounds, for a while."""
    before: Settings = app.state.settings
    app.state.settings = before.model_copy(update=changed)
    try:
        yield
    finally:
        app.state.settings = before


async def test_what_is_refused_shows_the_page_again(app: FastAPI, world: World) -> None:
    words = await make_contribution(world)
    here = f"/contributions/{words.id}"
    async with signed_in(app, world, "participant") as one:
        await one.open(here)
        refused = await _send(one, here, b"MZ\x90\x00", "programme.exe")
        assert refused.status_code == 422
        assert "Sont acceptés" in refused.text
        assert f'action="{here}/fichiers"' in refused.text
        assert 'aria-invalid="true"' in refused.text
        assert "est gardé" not in refused.text  # a file is not: it is chosen again
        with _allowing(app, attachment_bytes=2048):
            refused = await _send(one, here, PDF + b"%" * 4096)
        assert refused.status_code == 413
        assert "trop lourd" in refused.text
        assert f'action="{here}/fichiers"' in refused.text
        with _allowing(app, attachment_quota_bytes=10):
            refused = await _send(one, here, PDF)
        assert refused.status_code == 409
        assert "Votre organisation a joint" in refused.text
        assert f'action="{here}/fichiers"' in refused.text
        # What a sign-in on the way brings back has no file in it.
        back = await one.client.post(f"{here}/fichiers", data={"csrf": one.csrf}, headers=FROM_OUR_PAGES)
        assert back.status_code == 422
        assert "Choisissez de nouveau le fichier" in back.text
    assert await _states(world, statement_id=words.id) == []


async def test_a_form_of_elsewhere_is_refused_before_its_file(
    app: FastAPI, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = await make_contribution(world)
    here = f"/contributions/{words.id}"
    asked: list[str] = []
    monkeypatch.setattr(receiving, "reserve", lambda *_args, **_named: asked.append("room"))
    async with signed_in(app, world, "participant") as one:
        await one.open(here)
        for token in ("", "AAAA"):
            assert (await _send(one, here, PDF, csrf=token)).status_code == 403
        elsewhere = await one.client.post(
            f"{here}/fichiers",
            data={"csrf": one.csrf},
            files={"file": ("a.pdf", PDF)},
            headers={"Sec-Fetch-Site": "cross-site"},
        )
        assert elsewhere.status_code == 403
    assert not asked


async def test_readers_see_files_and_no_form(app: FastAPI, world: World) -> None:
    ids = await everything(world, world.restricted)
    here = f"/contributions/{ids['contribution_id']}"
    bare = await make_contribution(world)
    async with signed_in(app, world, "observer") as one:
        page = await one.open(here)
        assert "Fichiers joints" in page.text
        assert f"{here}/fichiers" not in page.text
        assert "Fichiers joints" not in (await one.open(f"/contributions/{bare.id}")).text
    async with browser(app) as one:
        assert (await one.open(here)).status_code == 404


async def test_planners_join_papers_to_a_session(app: FastAPI, world: World, asked: list[str]) -> None:
    ids = await everything(world, world.restricted)
    here = f"/seances/{ids['session_id']}"
    async with signed_in(app, world, "facilitator") as one:
        await one.open(here)
        sent = await _send(one, here, PDF, "convocation.pdf")
        assert sent.status_code == 303, sent.text
        asked.clear()
        page = await one.open(sent.headers["location"])
        assert len(asked) <= 12, len(asked)
        assert "convocation.pdf" in page.text
        refused = await _send(one, here, b"MZ\x90\x00", "programme.exe")
        assert refused.status_code == 422
        assert "Sont acceptés" in refused.text
        assert f'action="{here}/fichiers"' in refused.text
        await one.open(here)
        forms = re.findall(rf'action="({here}/fichiers/[^"]+/retirer)"', one.page.text)
        page = await one.submit(forms[-1])
        assert "convocation.pdf" not in page.text
        other = forms[0].replace(here, f"/contributions/{ids['contribution_id']}")
        wrong = await one.post(other, {"csrf": one.csrf, "version": "1"})
        assert wrong.status_code == 404
    async with signed_in(app, world, "participant") as one:
        assert f"{here}/fichiers" not in (await one.open(here)).text

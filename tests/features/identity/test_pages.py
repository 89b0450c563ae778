"""The addresses that mails carry open a page that says what to do, and whose commands do it."""

from __future__ import annotations

import json
import re
import shlex
from html import unescape
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from app.features.identity.jobs import mail_invitation
from app.settings import Settings
from tests.features.identity import letters
from tests.features.identity.doors import visitor
from tests.world import World

COMMAND = re.compile(r"<pre><code>(curl .*?)</code></pre>", re.DOTALL)


async def _run(client: httpx.AsyncClient, settings: Settings, command: str) -> httpx.Response:
    """What curl would send."""
    words = shlex.split(unescape(command).replace("\\\n", " "))
    address = next(word for word in words if word.startswith("http"))
    headers = dict(words[n + 1].split(": ", 1) for n, word in enumerate(words) if word == "-H")
    body = json.loads(words[words.index("-d") + 1])
    if "password" in body:
        body |= {"name": "Camille Nouvelle", "password": "une phrase dont je me souviens"}
    return await client.post(address.removeprefix(settings.base_url), json=body, headers=headers)


async def test_the_link_of_an_invitation_explains_and_its_commands_work(
    app: FastAPI, world: World, settings: Settings, tmp_path: Path
) -> None:
    wish = {
        "email": f"{uuid4().hex}@exemple.org",
        "organisation_id": str(world.organisation.id),
        "powers": ["contributes"],
    }
    made = await world.post("lead", "/api/v1/invitations", wish)
    assert made.status_code == 201, made.text
    await mail_invitation(letters.work(world.database, settings, tmp_path), object_id=made.json()["id"])
    ((_, content),) = letters.read(tmp_path)
    (link,) = re.findall(rf"{settings.base_url}(/invitation/\S+)", content)
    async with visitor(app) as client:
        for _ in range(2):  # as often as one likes: nothing was accepted
            opened = await client.get(link)
            assert opened.status_code == 200
        assert opened.headers["referrer-policy"] == "no-referrer"
        assert opened.headers["cache-control"] == "no-store"
        look, accept, *_ = COMMAND.findall(opened.text)
        seen = await _run(client, settings, look)
        assert seen.json()["account_exists"] is False
        done = await _run(client, settings, accept)
        assert done.status_code == 200, done.text
        assert UUID(done.json()["mandate_id"])


@pytest.mark.parametrize(("path", "kind"), [("mot-de-passe", "pwd"), ("adresse", "adr"), ("invitation", "inv")])
async def test_a_code_is_shown_on_its_own_page_only(app: FastAPI, path: str, kind: str) -> None:
    code = f"alg_{kind}_{'0' * 32}_{'a' * 43}"
    async with visitor(app) as client:
        opened = await client.get(f"/{path}/{code}")
        assert opened.status_code == 200
        assert code in opened.text
        assert (await client.get(f"/{path}/{code}x")).status_code == 404
        assert (await client.get(f"/{path}/{code.replace(kind, 'pat')}")).status_code == 404

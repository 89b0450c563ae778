"""A long thread: its replies come by pages, and each keeps an address that finds it."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI

from app.features.statements.queries import thread
from tests.browser import browser, signed_in
from tests.factories import make_contribution, make_reply
from tests.world import World


def shown(page: str) -> list[str]:
    return re.findall(r'<li id="r-([0-9a-f-]+)"', page)


async def test_each_reply_is_found_by_its_address_on_whichever_page_it_stands(
    app: FastAPI, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thread, "REPLIES", 2)
    monkeypatch.setattr(thread.list_whole_replies, "__defaults__", (None, 2))
    said = await make_contribution(world)
    replies = [str((await make_reply(world, said, f"Réponse numéro {n}, assez longue.")).id) for n in range(5)]
    async with signed_in(app, world, "participant") as one:
        first = await one.open(f"/contributions/{said.id}")
        assert shown(first.text) == replies[:2]
        assert "Depuis la première réponse" not in first.text
        onwards = re.search(r'href="([^"]+suite=[^"]+)#reponses"', first.text)
        assert onwards
        assert shown((await one.open(onwards[1])).text) == replies[2:4]
        for n, reply in enumerate(replies):
            found = await one.open(f"/reponses/{reply}")
            assert found.status_code == 200
            assert reply in shown(found.text), n
            assert f'href="/reponses/{reply}"' in found.text
        assert "Depuis la première réponse" in found.text
        made = await one.submit(f"/contributions/{said.id}/reponses", markdown="La sixième réponse.", side="for")
        assert "La sixième réponse." in made.text, "one is led to what one has just published"
        assert "Votre réponse est publiée" in made.text
    async with signed_in(app, world, "outsider") as other, browser(app) as visitor:
        absent = f"/reponses/{said.id}"
        for reader in (other, visitor):
            assert (await reader.open(f"/reponses/{replies[4]}")).status_code == 404
            assert (await reader.open(absent)).status_code == 404, "a contribution is no reply"

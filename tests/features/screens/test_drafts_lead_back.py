"""What one did not send is on home, whatever the form, and leads back to the form with its words in it."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from fastapi import FastAPI

from app.features.drafts.keys import DraftForm, read_key
from app.features.screens.drafts import FORMS
from tests.browser import signed_in
from tests.policy.things import everything
from tests.world import World

APP = Path(__file__).parents[3] / "app"
IDS = {
    DraftForm.CONTRIBUTION_NEW: ("participant", "space_id"),
    DraftForm.CONTRIBUTION_EDIT: ("participant", "contribution_id"),
    DraftForm.REPLY_NEW: ("participant", "contribution_id"),
    DraftForm.REPLY_EDIT: ("participant", "reply_id"),
    DraftForm.NOTE_NEW: ("participant", "session_id"),
    DraftForm.MINUTES_EDIT: ("facilitator", "session_id"),
    DraftForm.PASSAGE_EDIT: ("copilot", "deliverable_id", "passage_id"),
}


@pytest.mark.parametrize("form", DraftForm)
async def test_a_draft_leads_from_home_to_its_form(app: FastAPI, world: World, form: DraftForm) -> None:
    who, *names = IDS[form]
    ids = await everything(world, world.restricted)
    key = form.key(*(ids[name] for name in names))
    words = f"Quelques mots pour {form}, pas encore envoyés"
    kept = await (await world.client(who)).put(
        f"/api/v1/drafts/{key}",
        json={"body": {"markdown": words, "version": "1"}, "initiative_id": str(world.initiative.id)},
        headers={"If-Match": '"v0"'},
    )
    assert kept.status_code == 200, kept.text
    async with signed_in(app, world, who) as one:
        home = (await one.open("/")).text
        link = re.search(r'href="([^"]+)"[^>]*>(?:<[^>]+>)*Quelques mots pour', home)
        assert link, "home names the draft, and leads to it"
        page = await one.open(unescape(link[1]))
        assert page.status_code == 200
        assert f'data-server="/brouillons/{key}"' in page.text
        assert words in unescape(page.text)
        near = f'name="draft_initiative_id" value="{world.initiative.id}"'
        assert near in page.text, "what is kept from there is on the home of its initiative"
        if anchor := unescape(link[1]).partition("#")[2]:
            assert f'id="{anchor}"' in page.text


def test_every_kind_of_draft_has_its_page() -> None:
    assert set(FORMS) == set(DraftForm)
    assert read_key("note:new:1") == (DraftForm.NOTE_NEW, ["1"])
    assert read_key("mine:own") is None


def test_nobody_else_writes_the_name_of_a_draft() -> None:
    named = re.compile(r"""(?:f["']|/brouillons/)[a-z{}]+:(?:new|edit):""")
    found = [str(path) for path in (*APP.rglob("*.py"), *APP.rglob("*.html"), *APP.glob("islands/*/*.ts"))]
    assert not [path for path in found if named.search(Path(path).read_text(encoding="utf-8"))]

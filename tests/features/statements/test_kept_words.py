"""What is typed in a reply or a revision is kept on the server until it is published, and comes back meanwhile."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from html import unescape

import pytest
from fastapi import FastAPI

from app.features.statements.pages.revise import together
from tests.browser import Browser, signed_in
from tests.features.statements.test_pages import publish
from tests.world import World

JETER = 'form="jeter"'
"""The button beside words that came back from the server."""


@pytest.fixture
async def writer(app: FastAPI, world: World) -> AsyncIterator[Browser]:
    """The browser of the participant."""
    async with signed_in(app, world, "participant") as made:
        yield made


async def kept(writer: Browser, key: str, **said: str) -> None:
    """Keep the form, for the first time."""
    form = {"csrf": writer.csrf, "draft_version": "0", **said}
    answer = await writer.post(f"/brouillons/{key}", form, Accept="application/json")
    assert answer.status_code == 200, answer.text


async def test_a_reply_comes_back_until_it_is_published(app: FastAPI, writer: Browser, world: World) -> None:
    path = await publish(writer, world)
    await writer.open(path)
    key = f"reply:new:{path.rsplit('/', 1)[1]}"
    assert f'data-server="/brouillons/{key}"' in writer.page.text
    await kept(writer, key, markdown="Chez nous, tro", side="for")
    async with signed_in(app, world, "participant") as elsewhere:  # another browser of the same person
        back = await elsewhere.open(path)
        assert JETER in back.text
        assert "Chez nous, tro" in back.text
        assert re.search(r'name="side" value="for" checked', back.text)
        assert 'name="draft_version" value="1"' in back.text
    async with signed_in(app, world, "colleague") as other:
        assert "Chez nous, tro" not in (await other.open(path)).text
    await writer.open(path)
    assert "Votre réponse est publiée." in (await writer.submit(f"{path}/reponses")).text
    assert JETER not in (await writer.open(path)).text


async def test_a_reply_to_a_reply_comes_back_as_one(writer: Browser, world: World) -> None:
    path = await publish(writer, world)
    await writer.open(path)
    await writer.submit(f"{path}/reponses", markdown="Trois mois.")
    [reply] = re.findall(r'<li id="r-([0-9a-f-]+)"', writer.page.text)
    contribution = path.rsplit("/", 1)[1]
    await kept(writer, f"reply:new:{contribution}", markdown="Ou quatre.", parent_id=reply)
    assert f'name="parent_id" value="{reply}"' in (await writer.open(path)).text
    assert 'name="parent_id"' not in (await writer.open(f"{path}?a={contribution}")).text


async def test_words_that_are_quoted_join_those_that_were_kept(writer: Browser, world: World) -> None:
    path = await publish(writer, world)
    await writer.open(path)
    await kept(writer, f"reply:new:{path.rsplit('/', 1)[1]}", markdown="Nous le voyons aussi.")
    quoting = unescape((await writer.open(f"{path}?mots=deux mois")).text)
    assert "Nous le voyons aussi.\n\n> deux mois" in quoting


@pytest.mark.parametrize("way_out", ["enregistrer", "garder-la-sienne"])
async def test_a_revision_comes_back_until_it_is_published(writer: Browser, world: World, way_out: str) -> None:
    path = await publish(writer, world)
    await writer.open(f"{path}/modifier")
    key = f"contribution:edit:{path.rsplit('/', 1)[1]}"
    assert f'data-server="/brouillons/{key}"' in writer.page.text
    version = re.findall(r'name="version" value="(\d+)"', writer.page.text)[0]
    await kept(writer, key, markdown="Il manque trois mois.", title="Relu", kind="need", version=version)
    back = await writer.open(f"{path}/modifier")
    assert "Il manque trois mois." in back.text
    assert "Repartir de la version enregistrée" in back.text
    await writer.submit(f"{path}/modifier", geste=way_out)
    assert JETER not in (await writer.open(f"{path}/modifier")).text


async def test_a_revision_that_was_kept_knows_what_it_was_written_on(writer: Browser, world: World) -> None:
    path = await publish(writer, world)
    await writer.open(f"{path}/modifier")
    version = re.findall(r'name="version" value="(\d+)"', writer.page.text)[0]
    key = f"contribution:edit:{path.rsplit('/', 1)[1]}"
    stale = {"markdown": "Mes mots.", "title": "Relu", "kind": "need", "version": version}
    await writer.submit(f"{path}/modifier", markdown="D’autres mots, publiés d’abord.", geste="enregistrer")
    await writer.open(f"{path}/modifier")
    await kept(writer, key, **stale)
    await writer.open(f"{path}/modifier")
    both = await writer.submit(f"{path}/modifier", geste="enregistrer")
    assert both.status_code == 412
    assert "Garder la mienne" in both.text


async def test_the_revision_of_a_reply_comes_back(writer: Browser, world: World) -> None:
    path = await publish(writer, world)
    await writer.open(path)
    await writer.submit(f"{path}/reponses", markdown="Trois mois.")
    [reply] = re.findall(r'<li id="r-([0-9a-f-]+)"', writer.page.text)
    await writer.open(f"/reponses/{reply}/modifier")
    version = re.findall(r'name="version" value="(\d+)"', writer.page.text)[0]
    await kept(writer, f"reply:edit:{reply}", markdown="Quatre mois.", side="for", version=version)
    assert "Quatre mois." in (await writer.open(f"/reponses/{reply}/modifier")).text
    await writer.submit(f"/reponses/{reply}/modifier", geste="enregistrer")
    assert JETER not in (await writer.open(f"/reponses/{reply}/modifier")).text


def test_two_versions_in_one_text_hold_what_they_share_once() -> None:
    theirs, mine = "Un.\n\nDeux.\n\nTrois.", "Un.\n\nAutre.\n\nTrois.\n\nFin."
    assert together(theirs, mine) == "Un.\n\nDeux.\n\nAutre.\n\nTrois.\n\nFin."
    assert together("", mine) == f"\n\n{mine}"


def test_a_line_that_comes_back_a_thousand_times_keeps_nobody_waiting() -> None:
    """Paragraphs that are all alike took a plain comparison ten seconds at 3 kB, and hours at the longest text."""
    begun = time.process_time()
    together("\n\n".join(["a"] * 1_000), "\n\n".join(["a", "b"] * 500))
    assert time.process_time() - begun < 1

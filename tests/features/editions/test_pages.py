"""The pages of an edition: what was frozen, less what consent has taken back since, and the way back to the words."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import update

from app.features.editions.pages import reader
from app.features.statements.models import Statement
from tests.browser import browser, signed_in
from tests.features.deliverables.desk import Desk
from tests.features.deliverables.test_tables_and_figures import TABLE, TOLD, picture, send_image
from tests.features.editions.shelf import Ready, canary, files_of, marker, open_to_all, payload_of, publish, ready
from tests.world import World

QUOTE = "Il manque deux mois de trésorerie"


async def published(world: World, **said: Any) -> tuple[Ready, Any]:
    """A text that cites one contribution, also to the letter, and its edition."""
    text = await ready(world, **said)
    await text.desk.passage(text.section, marker(text.citation), "quotation")
    await text.desk.passage(text.section, "Les co-pilotes le disent sans source.")
    return text, await publish(text.desk, text.deliverable)


async def becomes(world: World, statement: Statement, **values: Any) -> None:
    """Whatever path led there: consent that was tightened, a withdrawal, a moderation."""
    async with world.database.sessions() as db:
        await db.execute(update(Statement).where(Statement.id == statement.id).values(**values))
        await db.commit()


async def page(app: FastAPI, path: str, status: int = 200) -> str:
    """What a visitor is shown."""
    async with browser(app) as visitor:
        answer = await visitor.open(path)
    assert answer.status_code == status, answer.text
    assert not re.search(r'\sid="([^"]+)"(?=.*\sid="\1")', answer.text, re.DOTALL), "an id stands twice"
    return answer.text


async def test_anybody_reads_an_edition_at_the_price_of_twelve_statements(
    app: FastAPI, world: World, statements: list[str]
) -> None:
    _text, edition = await published(world)
    statements.clear()
    shown = await page(app, f"/editions/{edition['id']}")
    assert len(statements) <= 12, statements
    assert shown.count(QUOTE) == 2  # the quotation and its note
    assert 'id="p1"' in shown
    assert 'href="?note=1#n1"' in shown
    assert "Passage éditorial" in shown
    assert edition["fingerprint"] in shown
    for file in edition["files"]:
        assert file["url"] in shown
    assert "Lire en entier" not in shown  # a visitor does not read the space


async def test_a_note_opens_by_its_address_and_leads_who_may_to_the_whole_text(app: FastAPI, world: World) -> None:
    text, edition = await published(world)
    path = f"/editions/{edition['id']}"
    assert 'id="n1"' in await page(app, f"{path}?note=1")
    for junk in ("2", "0", "un", "1" * 30, "-1", "²"):
        assert 'class="snote' not in (await page(app, f"{path}?note={junk}")).split("<template")[0]
    async with signed_in(app, world, "participant") as member:
        shown = (await member.open(f"{path}?note=1")).text
    assert f'href="/contributions/{text.statement.id}"' in shown
    assert "révision 1" in shown


@pytest.mark.parametrize("consent", ["paraphrase", "internal"])
async def test_words_that_consent_takes_back_leave_the_pages_and_no_file(
    app: FastAPI, world: World, consent: str
) -> None:
    text, first = await published(world)
    await text.desk.passage(text.section, f"Ils disent : {QUOTE}, tous {marker(text.citation)}.")
    edition = await publish(text.desk, text.deliverable, "Suite")
    assert "<mark" in await page(app, f"/editions/{edition['id']}")  # the exact words, in the passage that types them
    before = await files_of(world, edition)
    await becomes(world, text.statement, consent=consent)
    for path in ("", "?note=1", "/changements", "/contributions"):
        assert QUOTE not in await page(app, f"/editions/{edition['id']}{path}"), path
    told = await (await world.client("visitor")).get(
        f"/api/v1/editions/{edition['id']}/differences", params={"since": first["id"]}
    )
    assert QUOTE not in told.text
    assert any(it["veiled"] for it in told.json()["passages"])
    assert await files_of(world, edition) == before
    assert QUOTE in before["edition.html"].decode()


DRESSED = {
    "emphasis": "Ils disent : Il **manque** deux mois de *trésorerie*, tous {}.",
    "wrapped": "Ils disent : Il manque deux mois\nde trésorerie, tous {}.",
    "called": "Ils disent : Il manque {} deux mois de trésorerie, tous.",
    "code": "Ils disent {} :\n\n```\nIl manque deux mois de trésorerie\n```",
    "table": "Ils disent {} :\n\n| quoi |\n|---|\n| Il manque **deux** mois de trésorerie |",
}


@pytest.mark.parametrize("dressed", DRESSED)
async def test_words_that_are_taken_back_leave_however_they_are_dressed(
    app: FastAPI, world: World, dressed: str
) -> None:
    """A page looked for the quote in one run of letters at a time: a word in bold was enough to keep the whole."""
    text, first = await published(world)
    await text.desk.passage(text.section, DRESSED[dressed].format(marker(text.citation)))
    edition = await publish(text.desk, text.deliverable, "Suite")
    for taken_back in (False, True):
        if taken_back:
            await becomes(world, text.statement, consent="paraphrase")
        for path in ("", f"/changements?depuis={first['id']}"):
            shown = await page(app, f"/editions/{edition['id']}{path}")
            words = " ".join(unescape(re.sub(r"<a class=\"cite.*?</a>|<[^>]+>", "", shown, flags=re.DOTALL)).split())
            assert (QUOTE in words) is not taken_back, path
            assert ("[…]" in words) is taken_back, path


async def test_words_that_come_back_a_thousand_times_are_marked(app: FastAPI, world: World) -> None:
    text = await ready(world)
    await text.desk.passage(text.section, f"Ils le disent {marker(text.citation)} : " + f"{QUOTE} ; " * 1_100)
    edition = await publish(text.desk, text.deliverable)
    assert (await page(app, f"/editions/{edition['id']}")).count("<mark") >= 1_100


async def test_a_name_that_consent_takes_back_leaves_the_pages(app: FastAPI, world: World) -> None:
    text, edition = await published(world)
    whole = (await payload_of(world, edition))["citations"][0]["attribution"]["name"]
    name = whole.split()[-1]  # the hallmark holds on to the first word
    assert name in await page(app, f"/editions/{edition['id']}")
    await becomes(world, text.statement, consent="profile")
    shown = await page(app, f"/editions/{edition['id']}?note=1")
    assert name not in shown
    assert str(text.statement.organisation_id) not in shown
    assert QUOTE in shown
    assert "une organisation participante" in shown
    assert "ne sont plus montrés ici" in shown


async def test_who_chose_a_profile_is_known_by_no_family(app: FastAPI, world: World) -> None:
    text, edition = await published(world, consent="profile")
    shown = await page(app, f"/editions/{edition['id']}?note=1")
    assert str(text.statement.organisation_id) not in shown
    assert 'class="cite fam-x' in shown
    assert not re.search(r'class="cite fam-[tgsn]', shown)


async def test_what_became_of_the_source_since_is_said(app: FastAPI, world: World) -> None:
    text, edition = await published(world)
    path = f"/editions/{edition['id']}?note=1"
    await becomes(world, text.statement, state="withdrawn", state_reason="other")
    shown = await page(app, path)
    assert "La source a été retirée depuis" in shown
    assert QUOTE in shown
    await becomes(world, text.statement, state="moderated", state_reason="offensive")
    shown = await page(app, path)
    assert "La source a été masquée depuis" in shown
    assert QUOTE not in shown


async def test_a_withdrawn_edition_says_why_and_only_its_co_pilots_read_on(app: FastAPI, world: World) -> None:
    text, edition = await published(world)
    await text.desk.ok("POST", f"/editions/{edition['id']}/withdraw", {"reason": "mistake"})
    for path in ("", "/contributions", "/changements"):
        shown = await page(app, f"/editions/{edition['id']}{path}", 410)
        assert "une erreur dans le texte" in shown
        assert QUOTE not in shown
    async with signed_in(app, world, "copilot") as pilot:
        shown = (await pilot.open(f"/editions/{edition['id']}")).text
    assert QUOTE in shown
    assert "Seuls les co-pilotes la lisent encore" in shown


async def test_the_report_names_what_anybody_may_still_read(app: FastAPI, world: World) -> None:
    title = canary("titre")
    await open_to_all(world, world.restricted)
    text, edition = await published(world, title=title)
    path = f"/editions/{edition['id']}/contributions"
    shown = await page(app, f"{path}?devenir=cited")
    assert title in shown
    assert f'href="/editions/{edition["id"]}?note=1#n1"' in shown
    assert title not in await page(app, f"{path}?devenir=merged")
    for junk in ("?devenir=rien&apres=x", "?apres=99999999999", "?apres=5000"):
        await page(app, f"{path}{junk}")
    await becomes(world, text.statement, consent="profile")
    shown = await page(app, path)
    assert title in shown
    assert str(text.statement.organisation_id) not in shown
    await becomes(world, text.statement, consent="internal")
    assert title not in await page(app, path)


async def test_what_is_no_edition_is_not_found(app: FastAPI, world: World) -> None:
    nothing = UUID(int=7)
    for path in ("", "/changements", "/contributions", "/figures/1"):
        await page(app, f"/editions/{nothing}{path}", 404)
    _text, edition = await published(world)
    await page(app, f"/editions/{edition['id']}/changements", 404)  # there is no other edition yet
    await page(app, f"/editions/{edition['id']}/figures/1", 404)


async def test_tables_and_images_are_shown_with_what_they_show(app: FastAPI, world: World) -> None:
    desk = Desk(world)
    deliverable = await desk.deliverable()
    section = await desk.section(deliverable)
    made = (await send_image(world, deliverable, picture())).json()
    await desk.passage(section, TABLE, "table", **TOLD)
    await desk.passage(section, "Source : nos comptes.", "figure", figure_id=made["id"], **TOLD)
    edition = await publish(desk, deliverable)
    path = f"/editions/{edition['id']}"
    shown = await page(app, path)
    image = f'<img src="{path}/figures/1" alt="{TOLD["alt"]}" width="40" height="20"'
    assert image in shown
    assert "Tableau 1. Besoins &lt;par&gt; mois" in shown
    client = await world.client("visitor")
    sent = await client.get(f"{path}/figures/1")
    assert (sent.status_code, sent.headers["content-type"]) == (200, "image/png")
    assert (await client.get(f"{path}/figures/1", headers={"If-None-Match": sent.headers["etag"]})).status_code == 304
    assert (await client.get(f"{path}/figures/2")).status_code == 404
    await desk.ok("POST", f"/editions/{edition['id']}/withdraw", {"reason": "mistake"})
    assert (await client.get(f"{path}/figures/1")).status_code == 410


async def test_many_notes_have_pages_of_their_own(
    app: FastAPI, world: World, monkeypatch: pytest.MonkeyPatch, statements: list[str]
) -> None:
    monkeypatch.setattr(reader, "NOTES_HERE", 0)
    _text, edition = await published(world)
    here = f"/editions/{edition['id']}"
    text = await page(app, here)
    assert 'id="note-1"' not in text
    assert f'href="{here}/notes"' in text
    assert "par une citation" in text, "they are counted where they are not listed"
    assert 'href="?note=1#n1"' in text
    assert QUOTE in await page(app, f"{here}?note=1")
    statements.clear()
    for path in (f"{here}/notes", f"{here}/notes/1", f"{here}/notes?apres=0"):
        shown = await page(app, path)
        assert 'id="note-1"' in shown
        assert f'href="{here}#p1"' in shown, "the way back leads to the text"
        assert 'href="#o' not in shown, "names lead to organisations, which are not listed here"
        assert QUOTE in shown
    assert len(statements) <= 12 * 3, statements
    await page(app, f"{here}/notes/2", 404)
    await page(app, f"{here}/notes?apres=x", 422)
    assert 'id="note-1"' in await page(app, f"{here}/notes?apres=999"), "beyond the end stands the last page"

"""The composer and the page of a contribution, used by a browser without a script."""

from __future__ import annotations

import itertools
import re
from collections.abc import AsyncIterator, Iterator
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import event, func, select

from app.core.db import Database, Reader
from app.features.harvest.models import Extract
from app.features.screens.pages import compose
from app.features.statements.models import Position, Statement
from app.features.statements.pages import revise
from tests.browser import Browser, browser, signed_in
from tests.policy.rows import QUOTE
from tests.policy.things import everything
from tests.world import World

WORDS = "Il manque **deux mois** de trésorerie : le loyer court."


@pytest.fixture
async def writer(app: FastAPI, world: World) -> AsyncIterator[Browser]:
    """The browser of the participant."""
    async with signed_in(app, world, "participant") as made:
        yield made


@pytest.fixture
def asked(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every statement that is sent, on both ways to the database."""
    sent: list[str] = []
    fetch = Reader.fetch

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    async def noted(self: Reader, question: Any, parameters: Any) -> Any:
        sent.append(question.sql)
        return await fetch(self, question, parameters)

    event.listen(database.writer.sync_engine, "before_cursor_execute", note)
    monkeypatch.setattr(Reader, "fetch", noted)
    yield sent
    event.remove(database.writer.sync_engine, "before_cursor_execute", note)


def composer(world: World) -> str:
    return f"/espaces/{world.restricted.id}/contributions/nouvelle"


def action(world: World) -> str:
    return f"/espaces/{world.restricted.id}/contributions"


async def publish(writer: Browser, world: World, **changed: Any) -> str:
    """Publish through the page; the address where one comes out."""
    await writer.open(composer(world))
    answer = await writer.submit(action(world), kind="need", title="Trésorerie", markdown=WORDS, **changed)
    assert answer.status_code == 200, answer.text
    return answer.url.path


async def test_a_contribution_is_published_in_the_name_of_the_organisation(writer: Browser, world: World) -> None:
    path = await publish(writer, world)
    page = writer.page.text
    assert "Votre contribution est publiée." in page
    assert "<strong>deux mois</strong>" in page
    assert world.organisation.name in page
    assert "citable avec le nom" in page.lower()
    async with world.database.sessions() as db:
        made = await db.get(Statement, UUID(path.rsplit("/", 1)[1]))
    assert made is not None
    assert (made.state, made.capacity, made.consent) == ("published", "organisation", "name")


async def test_the_button_says_in_whose_name(writer: Browser, world: World) -> None:
    await writer.open(composer(world))
    assert f"Publier au nom de {world.organisation.name}" in unescape(writer.page.text)
    assert writer.page.text.count('class="btn main"') == 1


async def test_sent_twice_it_is_published_once(writer: Browser, world: World) -> None:
    await writer.open(composer(world))
    form = writer.page
    first = await writer.submit(action(world), kind="need", title="Trésorerie", markdown=WORDS)
    writer.page = form
    again = await writer.submit(action(world), kind="need", title="Trésorerie", markdown=WORDS)
    assert first.url.path == again.url.path
    async with world.database.sessions() as db:
        count = await db.scalar(select(func.count()).where(Statement.space_id == world.restricted.id))
    assert count == 1


async def test_what_is_refused_is_shown_again_with_every_word(writer: Browser, world: World) -> None:
    await writer.open(composer(world))
    refused = await writer.submit(
        action(world), kind="solution", title="", markdown=WORDS, consent="profile", organisation_id="personal:x"
    )
    assert refused.status_code == 422
    assert WORDS in unescape(refused.text)
    assert 'value="solution" checked' in refused.text
    assert 'value="profile" checked' in refused.text
    assert "Ce que vous avez écrit est gardé." in refused.text
    fixed = await writer.submit(action(world), title="Trésorerie", organisation_id=f"personal:{world.organisation.id}")
    assert "Votre contribution est publiée." in fixed.text
    assert "à titre personnel" in fixed.text


async def test_a_preview_writes_nothing(writer: Browser, world: World) -> None:
    await writer.open(composer(world))
    [key] = re.findall(r'name="idempotency_key" value="([^"]+)"', writer.page.text)
    said = {"csrf": writer.csrf, "title": "Titre", "markdown": WORDS, "idempotency_key": key, "kind": "need"}
    shown = await writer.post(composer(world), said)
    assert "<strong>deux mois</strong>" in shown.text
    assert WORDS in unescape(shown.text)
    async with world.database.sessions() as db:
        assert not await db.scalar(select(func.count()).where(Statement.space_id == world.restricted.id))
    # The key is left for the sending.
    said |= {"csrf": writer.csrf, "organisation_id": f"organisation:{world.organisation.id}"}
    assert "Votre contribution est publiée." in (await writer.post(action(world), said)).text


async def test_what_is_typed_is_kept_and_comes_back_until_it_is_published(
    app: FastAPI, writer: Browser, world: World
) -> None:
    address = f"/brouillons/contribution:new:{world.restricted.id}"
    await writer.open(composer(world))
    said = {"csrf": writer.csrf, "title": "Trésor", "markdown": "Il manq", "kind": "question", "draft_version": "0"}
    first = await writer.post(address, said, Accept="application/json")
    assert first.json()["version"] == 1
    other_page = await writer.post(address, said | {"markdown": "Autre"}, Accept="application/json")
    assert other_page.status_code == 412
    assert other_page.json()["saved"]["body"] == {"title": "Trésor", "markdown": "Il manq", "kind": "question"}
    back = await writer.open(composer(world))
    assert 'form="jeter"' in back.text
    assert 'value="question" checked' in back.text
    assert 'name="draft_version" value="1"' in back.text
    async with signed_in(app, world, "colleague") as other:
        assert "Il manq" not in (await other.open(composer(world))).text
    await writer.open(composer(world))
    await writer.submit(action(world))
    assert "Votre contribution est publiée." in writer.page.text
    assert "Il manq" not in (await writer.open(composer(world))).text


async def test_one_may_begin_again_from_nothing(writer: Browser, world: World) -> None:
    address = f"/brouillons/contribution:new:{world.restricted.id}"
    await writer.open(composer(world))
    await writer.post(address, {"csrf": writer.csrf, "markdown": "Il manq", "draft_version": "0"})
    await writer.open(composer(world))
    emptied = await writer.submit(f"{address}/jeter")
    assert emptied.url.path == composer(world)
    assert "Il manq" not in emptied.text


async def test_what_was_already_said_can_be_joined(app: FastAPI, writer: Browser, world: World) -> None:
    async with signed_in(app, world, "copilot") as pilot:
        said = "Les associations employeuses attendent leurs subventions, la trésorerie manque depuis septembre."
        path = await publish(pilot, world)
        await pilot.open(f"{path}/modifier")
        await pilot.submit(f"{path}/modifier", markdown=said, geste="enregistrer")
    await writer.open(composer(world))
    typed = {"csrf": writer.csrf, "geste": "proches", "title": "Subventions", "markdown": said, "kind": "need"}
    shown = await writer.post(composer(world), typed)
    assert "Déjà dit" in shown.text
    assert f'formaction="{path}/rejoindre"' in shown.text
    assert said in unescape(shown.text)
    part = await writer.post(composer(world), typed, **{"HX-Request": "true", "HX-Target": "near"})
    assert part.text.lstrip().startswith('<div id="near"')
    await writer.open(composer(world))
    key = re.findall(r'name="idempotency_key" value="([^"]+)"', writer.page.text)[0]
    voice = f"organisation:{world.organisation.id}"
    joined = await writer.post(
        f"{path}/rejoindre", {"csrf": writer.csrf, "idempotency_key": key, "organisation_id": voice, "markdown": said}
    )
    assert "La position de votre organisation est enregistrée." in joined.text


async def test_a_draft_is_kept_for_its_author_and_published_later(app: FastAPI, writer: Browser, world: World) -> None:
    path = await publish(writer, world, geste="garder")
    assert path.endswith("/modifier")
    assert "Vous seul pouvez le lire." in writer.page.text
    async with signed_in(app, world, "colleague") as other:
        assert (await other.open(path)).status_code == 404
    done = await writer.submit(path, geste="publier", title="Trésorerie, relue")
    assert "Votre contribution est publiée." in done.text
    assert "Trésorerie, relue" in done.text


async def test_two_who_change_the_same_words_see_both(writer: Browser, world: World) -> None:
    path = await publish(writer, world)
    await writer.open(f"{path}/modifier")
    old = writer.page
    await writer.submit(f"{path}/modifier", markdown="La première main.", geste="enregistrer")
    writer.page = old
    conflict = await writer.submit(f"{path}/modifier", markdown="La seconde main.", geste="enregistrer")
    assert conflict.status_code == 412
    for said in ("première", "seconde", "Garder la mienne", "Garder la sienne", "Réunir les deux"):
        assert said in re.sub("<[^>]+>", "", conflict.text), said
    kept = conflict
    await writer.submit(f"{path}/modifier", geste="garder-la-sienne")
    assert "La première main." in writer.page.text
    writer.page = kept
    both = await writer.post(
        f"{path}/modifier/apercu",
        {"csrf": writer.csrf, "geste": "reunir", "markdown": "La seconde main.", "read_version": "2", "kind": "need"},
    )
    assert "La première main.\n\nLa seconde main." in unescape(both.text)
    writer.page = kept
    mine = await writer.submit(f"{path}/modifier", geste="garder-la-mienne")
    assert mine.status_code == 200
    assert "La seconde main." in mine.text


async def test_silence_is_shown_as_no_answer(app: FastAPI, writer: Browser, world: World) -> None:
    async with signed_in(app, world, "copilot") as pilot:
        path = await publish(pilot, world)
    await writer.open(path)
    assert re.search(r"sans réponse\s*, dont la vôtre", writer.page.text)
    taken = await writer.submit(f"{path}/positions", stance="objects", reason="Un report coûterait moins.")
    assert "Un report coûterait moins." in taken.text
    assert ", dont la vôtre" not in taken.text
    back = await writer.submit(f"{path}/positions/retirer")
    assert ", dont la vôtre" in back.text
    async with world.database.sessions() as db:
        rows = (await db.scalars(select(Position).where(Position.space_id == world.restricted.id))).all()
        statement = await db.get(Statement, UUID(path.rsplit("/", 1)[1]))
    assert [row.superseded_at is None for row in rows] == [False]
    assert statement is not None
    assert statement.positions_objects == 0


async def test_a_reply_has_its_side_and_its_own_address(writer: Browser, world: World) -> None:
    path = await publish(writer, world)
    await writer.open(path)
    assert 'id="repondre"' in writer.page.text
    answered = await writer.submit(f"{path}/reponses", markdown="Chez nous, *trois* mois.", side="for")
    [reply] = re.findall(r'<li id="r-([0-9a-f-]+)"', answered.text)
    assert "<em>trois</em>" in answered.text
    under = await writer.open(f"{path}?a={reply}")
    assert f'name="parent_id" value="{reply}"' in under.text
    await writer.open(f"/reponses/{reply}/modifier")
    changed = await writer.submit(
        f"/reponses/{reply}/modifier", markdown="Chez nous, quatre mois.", geste="enregistrer"
    )
    assert "quatre mois" in changed.text
    gone = await writer.submit(f"/reponses/{reply}/retirer", reason="mistake")
    assert "Cette réponse a été retirée." in gone.text
    assert "écrite par erreur" in gone.text
    assert "quatre mois" not in gone.text


async def test_a_refused_reply_keeps_its_words_and_not_those_of_the_other_forms(writer: Browser, world: World) -> None:
    path = await publish(writer, world)
    await writer.open(path)
    refused = await writer.submit(f"{path}/sources", category="law", title="Loi du 1er juillet", url="pas une adresse")
    assert refused.status_code == 422
    assert "Loi du 1er juillet" in refused.text
    assert 'href="#source-url"' in refused.text
    added = await writer.submit(f"{path}/sources", url="https://exemple.org/loi")
    assert 'href="https://exemple.org/loi"' in added.text
    [source] = re.findall(rf"{path}/sources/([0-9a-f-]+)/retirer", added.text)
    assert "La source est retirée." in (await writer.submit(f"{path}/sources/{source}/retirer")).text


async def test_words_are_quoted_in_a_reply_to_the_letter(writer: Browser, world: World) -> None:
    path = await publish(writer, world)
    shown = await writer.open(f"{path}?mots=deux mois de trésorerie\u00a0: le loyer")
    assert "&gt; deux mois de trésorerie : le loyer" in shown.text
    assert f"{path}#texte" in shown.text
    refused = await writer.open(f"{path}?mots=trois mois de trésorerie")
    assert "ne se trouvent pas, à la lettre" in refused.text
    assert "trois mois de trésorerie" in refused.text


async def test_an_editor_harvests_the_words(app: FastAPI, world: World) -> None:
    ids = await everything(world, world.restricted)
    async with signed_in(app, world, "facilitator") as editor:
        path = f"/contributions/{ids['other_id']}"
        await editor.open(path)
        taken = await editor.submit(f"{path}/extraits", mots=f"« {QUOTE} »", part=str(ids["other_id"]))
        assert "L’extrait est récolté." in taken.text
        refused = await editor.submit(f"{path}/extraits", mots="Il manque dix mois")
        assert refused.status_code == 422
        assert "Il manque dix mois" in refused.text
    async with world.database.sessions() as db:
        quotes = (await db.scalars(select(Extract.quote).where(Extract.statement_id == ids["other_id"]))).all()
    assert list(quotes) == [QUOTE]


async def test_moderated_words_say_why_and_can_come_back(app: FastAPI, writer: Browser, world: World) -> None:
    path = await publish(writer, world)
    async with signed_in(app, world, "facilitator") as moderator, signed_in(app, world, "colleague") as reader:
        await moderator.open(path)
        await moderator.submit(f"{path}/moderer", reason="personal_data")
        seen = await reader.open(path)
        assert "données personnelles" in seen.text
        assert "le loyer court" not in seen.text
        assert "le loyer court" in (await moderator.open(path)).text
        await moderator.submit(f"{path}/retablir")
        assert "le loyer court" in (await reader.open(path)).text


async def test_withdrawn_words_leave_a_tombstone_with_the_class_of_its_reason(writer: Browser, world: World) -> None:
    path = await publish(writer, world)
    await writer.open(path)
    gone = await writer.submit(f"{path}/retirer", reason="not_agreed")
    assert "Ces mots ont été retirés." in gone.text
    assert "l’organisation ne s’y reconnaît pas" in gone.text


async def test_htmx_gets_the_block_alone(writer: Browser, world: World) -> None:
    path = await publish(writer, world)
    for block in ("replies", "positions", "sources"):
        part = await writer.open(path, **{"HX-Request": "true", "HX-Target": block})
        assert part.text.lstrip().startswith("<section"), part.text[:200]
        assert f'id="{block}"' in part.text
    await writer.open(path)
    answered = await writer.post(
        f"{path}/reponses",
        {"csrf": writer.csrf, "markdown": " ", "formulaire": "reponse", "idempotency_key": str(UUID(int=7))},
        **{"HX-Request": "true", "HX-Target": "replies"},
    )
    assert answered.status_code == 422
    assert answered.text.lstrip().startswith("<section")
    assert 'class="errsum' in answered.text


async def test_the_pages_cost_at_most_twelve_statements(
    app: FastAPI, writer: Browser, world: World, asked: list[str]
) -> None:
    ids = await everything(world, world.restricted)
    pages = [
        composer(world),
        *(f"/contributions/{ids['contribution_id']}{end}" for end in ("", "/versions", "/modifier")),
    ]
    for page in pages:
        asked.clear()
        assert (await writer.open(page)).status_code == 200
        assert 2 <= len(asked) <= 12, (page, len(asked))


async def test_ids_are_unique_and_headings_in_order(app: FastAPI, world: World) -> None:
    ids = await everything(world, world.restricted)
    for who in ("participant", "facilitator", "observer"):
        async with signed_in(app, world, who) as reader:
            shown = await reader.open(f"/contributions/{ids['contribution_id']}")
            found = re.findall(r'\sid="([^"]+)"', shown.text)
            assert len(found) == len(set(found)), (who, sorted(one for one in found if found.count(one) > 1))
            levels = [int(level) for level in re.findall(r"<h([1-6])", shown.text)]
            assert levels[0] == 1
            assert all(after - before <= 1 for before, after in itertools.pairwise(levels)), levels


async def test_nobody_has_a_text_read_that_could_not_be_published(
    app: FastAPI, writer: Browser, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading 300,000 letters of markup takes seconds during which nobody is served."""
    read: list[int] = []

    def noted(text: str) -> str:
        read.append(len(text))
        return ""

    for page in (compose, revise):
        monkeypatch.setattr(page, "to_html", noted)
    path = await publish(writer, world)
    for address in (composer(world), f"{path}/modifier/apercu"):
        async with browser(app) as one:
            answer = await one.post(address, {"markdown": "court"})
            assert answer.status_code in (401, 404)
        async with signed_in(app, world, "observer") as one:
            await one.open(f"/espaces/{world.restricted.id}")
            answer = await one.post(address, {"csrf": one.csrf, "markdown": "court"})
            assert answer.status_code in (403, 404)
        assert not read, "who may not write has nothing read"
        await writer.open(composer(world))
        sent = {"csrf": writer.csrf, "markdown": "*a_ " * 10_001}
        answer = await writer.post(address, sent)
        assert answer.status_code == 422
        assert "*a_ *a_ " in answer.text, "nothing of it is lost"
        assert not read
        assert (await writer.post(address, sent | {"markdown": "court"})).status_code == 200
        assert read.pop() == 5, "control: what is short is shown"

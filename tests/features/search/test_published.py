"""Published passages are found by readers: in the words that pages show, of the latest edition that is on the shelf."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import psycopg
import pytest
from alembic.script import ScriptDirectory
from fastapi import FastAPI
from sqlalchemy import select, update

from app.core.db import driver_address
from app.core.migrations import config
from app.core.postgres.cluster import Urls
from app.features.editions.models import Edition
from app.features.editions.queries.blocks import words_in
from app.features.search.models import PublishedPassage
from app.features.search.queries.candidates import compiled
from app.features.statements.models import Statement
from app.policy import rules
from app.policy.actions import Action
from app.policy.predicates import pilots
from tests.browser import browser
from tests.features.deliverables.desk import Desk
from tests.features.editions.shelf import Ready, publish, ready
from tests.features.search.test_search_api import ask, found, look, rare
from tests.world import World

API = "/api/v1"
READERS = ("visitor", "stranger", "outsider", "observer", "participant", "copilot")


async def said_in(done: Ready, words: str) -> Any:
    """An editorial passage, published."""
    await done.desk.passage(done.section, words)
    return await publish(done.desk, done.deliverable)


async def test_everybody_finds_what_is_published_with_its_words_marked(world: World) -> None:
    word = rare()
    done = await ready(world)
    await done.desk.passage(done.section, f"Les **écoles** {word} <ferment>.")
    assert await found(world, "copilot", word) == [], "the text that is being written is not published"
    edition = await publish(done.desk, done.deliverable)
    for who in READERS:
        [item] = (await look(world, who, f"ecole {word}"))["items"]
        assert (item["type"], item["statement"], item["organisation"]) == ("passage", None, None)
        assert {"text": "écoles", "hit": True} in item["excerpt"]
        assert f"écoles {word} <ferment" in "".join(piece["text"] for piece in item["excerpt"])
        assert "".join(piece["text"] for piece in item["title"]) == "Ce que nous avons entendu"
        told = item["passage"]
        assert told["url"] == f"/editions/{edition['id']}#p2"
        assert (told["edition_id"], told["n"], told["edition_n"]) == (edition["id"], 2, 1)
        assert told["title"] == done.deliverable["title"]
    initiative, elsewhere = world.initiative.id, world.elsewhere.id
    assert await found(world, "visitor", word, type="passage", initiative_id=initiative) == [item["id"]]
    assert await found(world, "visitor", word, since="2020-03-20T00:00:00Z") == [item["id"]]
    for none in (
        {"type": "contribution"},
        {"type": "organisation"},
        {"initiative_id": elsewhere},
        {"until": "2020-03-20T00:00:00Z"},
        {"kind": "need"},
        {"profile": "association"},
        {"organisation_id": world.organisation.id},
        {"space_id": world.restricted.id},
    ):
        assert await found(world, "copilot", word, **none) == [], none


async def test_only_the_latest_edition_on_the_shelf_is_found(world: World) -> None:
    first, second = rare(), rare()
    done = await ready(world)
    passage = await done.desk.passage(done.section, f"Premiers mots {first}.")
    one = await publish(done.desk, done.deliverable)
    await done.desk.ok("PUT", f"/passages/{passage['id']}/text", {"markdown": f"Mots suivants {second}."})
    assert await found(world, "visitor", second) == [], "rewritten, and not published"
    two = await publish(done.desk, done.deliverable)
    assert await found(world, "visitor", first) == []
    assert len(await found(world, "visitor", second)) == 1
    await done.desk.ok("POST", f"/editions/{two['id']}/withdraw", {"reason": "mistake"})
    assert len(await found(world, "visitor", first)) == 1, "the one before is on the shelf again"
    await done.desk.ok("POST", f"/editions/{one['id']}/withdraw", {"reason": "mistake"})
    for who in READERS:
        for word in (first, second):
            gone, never = await ask(world, who, word), await ask(world, who, rare())
            assert gone.content == never.content, "withdrawn: byte for byte as what was never written"


async def test_the_rule_of_editions_decides_and_a_hidden_one_is_as_absent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    word = rare()
    await said_in(await ready(world), f"Réservé {word}.")
    monkeypatch.setitem(rules.RULES, Action.EDITION_READ, ((pilots,),))
    compiled.cache_clear()
    try:
        assert len(await found(world, "copilot", word)) == 1
        for who in ("visitor", "stranger", "participant"):
            for more in ({}, {"type": "passage"}, {"sort": "newest"}, {"initiative_id": world.initiative.id}):
                hidden, absent = await ask(world, who, word, **more), await ask(world, who, rare(), **more)
                assert hidden.content == absent.content, (who, more)
    finally:
        compiled.cache_clear()


@pytest.mark.parametrize("how", ["paraphrase", "internal", "moderated", "erased"])
async def test_words_that_are_kept_back_since_are_found_no_more(world: World, how: str) -> None:
    word, editorial = rare(), rare()
    done = await ready(world, f"Avant. Il manque deux mois de trésorerie {word} partout. Après.")
    citation = await done.desk.cite(done.deliverable, done.statement, f"trésorerie {word}")
    await done.desk.passage(done.section, f"[@c{citation['number']}]", kind="quotation")
    await done.desk.passage(done.section, f"Ils disent « trésorerie {word} » {editorial} [@c{citation['number']}].")
    await publish(done.desk, done.deliverable)
    assert len(await found(world, "visitor", word)) == 2
    await _keep_back(world, done, how)
    for who in READERS:
        assert [it for it in (await look(world, who, word))["items"] if it["type"] == "passage"] == [], who
        [item] = (await look(world, who, editorial))["items"]
        assert "[…]" in "".join(piece["text"] for piece in item["excerpt"])
    if how in ("paraphrase", "internal"):  # a consent that is wider again does not reach back
        await _consents(world, done, "name")
        assert [it for it in (await look(world, "visitor", word))["items"] if it["type"] == "passage"] == []


@pytest.mark.parametrize("typed", ["trésorerie **{}**", "trésorerie\n{}", "{} [@c{}] trésorerie"])
async def test_words_that_are_kept_back_are_found_in_no_other_dress(world: World, typed: str) -> None:
    word = rare()
    quote = f"{word} trésorerie" if typed.startswith("{}") else f"trésorerie {word}"
    done = await ready(world, f"Avant. Il manque deux mois de trésorerie. Reste : {quote} partout. Après.")
    citation = await done.desk.cite(done.deliverable, done.statement, quote)
    await done.desk.passage(
        done.section, f"Ils disent {typed.format(word, citation['number'])} [@c{citation['number']}]."
    )
    await publish(done.desk, done.deliverable)
    assert len([it for it in (await look(world, "visitor", word))["items"] if it["type"] == "passage"]) == 1
    await _keep_back(world, done, "paraphrase")
    assert [it for it in (await look(world, "visitor", word))["items"] if it["type"] == "passage"] == []


async def _keep_back(world: World, done: Ready, how: str) -> None:
    if how == "erased":
        body = {"statement_id": str(done.statement.id), "reason": "Demande de la personne concernée."}
        answer = await world.post("admin", f"{API}/erasures", body)
    elif how == "moderated":
        path = f"{API}/contributions/{done.statement.id}/moderate"
        answer = await world.post("facilitator", path, {"reason": "off_topic"}, **{"If-Match": "*"})
    else:
        await _consents(world, done, how)
        return
    assert answer.status_code < 300, answer.text


async def _consents(world: World, done: Ready, consent: str) -> None:
    await Desk(world, "participant").ok("PATCH", f"/contributions/{done.statement.id}", {"consent": consent})


async def test_a_moderated_source_that_is_restored_is_found_again(world: World) -> None:
    word = rare()
    done = await ready(world, f"Avant. Il manque deux mois de trésorerie {word} partout. Après.")
    citation = await done.desk.cite(done.deliverable, done.statement, f"trésorerie {word}")
    await done.desk.passage(done.section, f"[@c{citation['number']}]", kind="quotation")
    await publish(done.desk, done.deliverable)
    await _keep_back(world, done, "moderated")
    assert await found(world, "visitor", word) == []
    await world.post("facilitator", f"{API}/contributions/{done.statement.id}/restore", None, **{"If-Match": "*"})
    assert len(await found(world, "visitor", word)) == 1


WRITTEN = """Un **gras** et un [lien](https://exemple.fr), une
ligne, du `code`.

- premier
- deuxième

  > cité

1. un
2. deux

```
bloc de code
```
"""


async def test_the_database_reads_the_payload_as_pages_do(world: World) -> None:
    done = await ready(world)
    inner = await done.desk.section(done.deliverable, "Dedans", parent_id=done.section["id"])
    after = await done.desk.section(done.deliverable, "Ensuite")
    await done.desk.passage(after, "En dernier.")
    await done.desk.passage(inner, WRITTEN + f"\nFin [@c{done.citation['number']}] .")
    table = {"caption": "Besoins", "alt": "Douze en avril."}
    await done.desk.passage(
        done.section, "| Mois | Besoin |\n| --- | ---: |\n| Avril | **12** |", kind="table", **table
    )
    edition = await publish(done.desk, done.deliverable)
    async with world.database.reading() as connection:
        rows = (
            await connection.execute(
                select(PublishedPassage.n, PublishedPassage.section, PublishedPassage.body)
                .where(PublishedPassage.edition_id == UUID(edition["id"]))
                .order_by(PublishedPassage.n)
            )
        ).all()
        payload = json.loads(
            (await connection.execute(select(Edition.payload).where(Edition.id == UUID(edition["id"])))).scalar_one()
        )
    expected = list(_in_order(payload["sections"]))
    assert len(expected) == 4
    assert [tuple(row) for row in rows] == [(n, *each) for n, each in enumerate(expected, 1)]


def _in_order(sections: list[Any]) -> Any:
    for section in sections:
        for passage in section["passages"]:
            yield section["title"], words_in(passage["blocks"])
        yield from _in_order(section["sections"])


async def test_what_was_published_before_is_filled_in(world: World, urls: Urls) -> None:
    word = rare()
    done = await ready(world)
    await said_in(done, f"Déjà publié {word}.")
    with psycopg.connect(driver_address(urls.owner)) as db:
        db.execute("DELETE FROM published_passages")
        db.commit()
        assert await found(world, "visitor", word) == []
        db.execute(ScriptDirectory.from_config(config("", "")).get_revision("0031").module.FILL)
    assert len(await found(world, "visitor", word)) == 1


async def test_a_change_that_is_undone_leaves_what_is_found(world: World) -> None:
    word = rare()
    done = await ready(world)
    await said_in(done, f"Publié {word}.")
    async with world.database.sessions() as db:
        await db.execute(update(Statement).where(Statement.id == done.statement.id).values(consent="internal"))
        await db.rollback()
    assert len(await found(world, "visitor", word)) == 1


async def test_pages_of_answers_go_on_through_passages(world: World) -> None:
    word = rare()
    done = await ready(world)
    for n in range(7):
        await done.desk.passage(done.section, f"Passage {word} {'mot ' * n}.")
    await publish(done.desk, done.deliverable)
    for sort in ("best", "newest"):
        seen: list[str] = []
        cursor: dict[str, Any] = {}
        while True:
            body = await look(world, "visitor", word, sort=sort, limit=3, **cursor)
            seen += [item["id"] for item in body["items"]]
            if body["next_cursor"] is None:
                break
            cursor = {"cursor": body["next_cursor"]}
        assert len(seen) == len(set(seen)) == 7, sort


async def test_the_page_of_the_search_leads_to_the_passage(app: FastAPI, world: World) -> None:
    word = rare()
    edition = await said_in(await ready(world), f"Les écoles {word}.")
    async with browser(app) as one:
        for address in (f"/recherche?q={word}", f"/recherche?q={word}&type=passage"):
            page = (await one.open(address)).text
            assert f'href="/editions/{edition["id"]}#p2"' in page
            assert f'<mark class="hit">{word}</mark>' in page
            assert "passage publié" in page
        page = (await one.open(f"/recherche?q={word}&kind=need")).text
        assert "passage publié" not in page
        assert f'href="/recherche?q={word}&amp;type=passage"' in page, "whose speakers no filter narrows"
        there = (await one.open(f"/editions/{edition['id']}")).text
        assert 'id="p2"' in there

"""An erasure leaves no copy of the words, but in what is frozen, and says what it could not reach."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from app.core.db import driver_address
from app.core.postgres.cluster import Urls
from tests.features.deliverables.desk import Desk
from tests.features.editions.shelf import canary, files_of, marker, publish
from tests.world import World

REASON = "Demande de la personne concernée, reçue ce jour."
FROZEN = {"editions", "edition_files"}


def _tables_with(urls: Urls, word: str) -> set[str]:
    """Every table of the database that holds the word, in a text or in bytes."""
    with psycopg.connect(driver_address(urls.owner)) as db:
        names = [row[0] for row in db.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        found = set()
        for name in names:
            question = sql.SQL("SELECT count(*) FROM {t} WHERE {t}::text ILIKE {w} OR {t}::text ILIKE {h}").format(
                t=sql.Identifier(name),
                w=sql.Literal(f"%{word}%"),
                h=sql.Literal(f"%{word.encode().hex()}%"),
            )
            row = db.execute(question).fetchone()
            if row and row[0]:
                found.add(name)
    return found


async def _said(world: World, word: str, **more: Any) -> Any:
    body = {
        "space_id": str(world.shared.id),
        "kind": "need",
        "title": f"Trésorerie {word} à bout",
        "markdown": f"Avant tout. Il manque deux mois de {word} partout. Après.",
    }
    return await Desk(world, "participant").ok("POST", "/contributions", body | more)


async def _used(world: World, word: str) -> tuple[Any, Any]:
    """A contribution revised, harvested, cited, drafted, published, put aside and moderated; and its edition."""
    said = await _said(world, word)
    author, desk = Desk(world, "participant"), Desk(world)
    await author.ok("POST", f"/contributions/{said['id']}/replies", {"side": "for", "markdown": "Ici aussi."})
    quote = f"Il manque deux mois de {word} partout."
    deliverable = await desk.deliverable()
    section = await desk.section(deliverable, "Ce que nous avons entendu")
    extract = await desk.ok("POST", "/extracts", {"revision_id": said["revision_id"], "quote": quote})
    body = {"deliverable_id": deliverable["id"], "extract_id": extract["id"], "relation": "quotes"}
    citation = await desk.ok("POST", "/citations", body)
    await desk.passage(section, marker(citation), "quotation")
    edition = await publish(desk, deliverable)
    changed = await author.ok("PATCH", f"/contributions/{said['id']}", {"markdown": f"Deux mois de {word}, donc."})
    await desk.ok("POST", f"/deliverables/{deliverable['id']}/draft", {"per_theme": 3})
    seen = {"choice": "kept", "note": "La phrase décrit le mois d’avril.", "seen_revision_id": changed["revision_id"]}
    await desk.ok("POST", f"/citations/{citation['id']}/acknowledge", seen)
    await desk.ok("POST", f"/contributions/{said['id']}/moderate", {"reason": "off_topic"})
    await desk.ok("POST", f"/contributions/{said['id']}/restore")
    return said, edition


async def test_nothing_holds_the_words_but_what_is_frozen(world: World, urls: Urls) -> None:
    word = canary("effaçable").replace("ç", "c")
    said, edition = await _used(world, word)
    before = _tables_with(urls, word)
    assert {"revisions", "extracts", "findables", "idempotency", "editions", "edition_files"} <= before, before
    files = await files_of(world, edition)
    answer = await world.post("admin", "/api/v1/erasures", {"statement_id": said["id"], "reason": REASON})
    assert answer.status_code == 201, answer.text
    assert _tables_with(urls, word) == FROZEN
    body = answer.json()
    assert word not in str({name: value for name, value in body.items() if name != "editions"})
    assert (body["revisions"], [each["id"] for each in body["editions"]]) == ([1, 2], [edition["id"]])
    assert body["retyped"] == []
    assert await files_of(world, edition) == files, "an edition moved"


async def test_the_statement_is_another_version(world: World) -> None:
    """A browser that kept the page must not be told that it is still the present one."""
    said = await _said(world, canary("mot"))
    client = await world.client("colleague")
    path = f"/api/v1/contributions/{said['id']}"
    kept = (await client.get(path)).headers["etag"]
    assert (await client.get(path, headers={"If-None-Match": kept})).status_code == 304
    await Desk(world, "admin").ok("POST", "/erasures", {"statement_id": said["id"], "reason": REASON})
    again = await client.get(path, headers={"If-None-Match": kept})
    assert (again.status_code, again.json()["markdown"]) == (200, "")
    events = (await client.get("/api/v1/events", params={"object_id": said["id"]})).json()["items"]
    assert "contribution.erased" in {event["verb"] for event in events}


async def test_the_same_request_sent_again_does_not_write_the_words_again(world: World, urls: Urls) -> None:
    word, key = canary("mot"), str(uuid4())
    client = await world.client("participant")
    draft = {
        "space_id": str(world.shared.id),
        "kind": "need",
        "title": f"Titre {word}",
        "markdown": f"Il manque {word}.",
    }
    first = await client.post("/api/v1/contributions", json=draft, headers={"Idempotency-Key": key})
    await Desk(world, "admin").ok("POST", "/erasures", {"statement_id": first.json()["id"], "reason": REASON})
    again = await client.post("/api/v1/contributions", json=draft, headers={"Idempotency-Key": key})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/answer-erased")
    assert _tables_with(urls, word) == set()


async def test_the_answers_to_others_stay(world: World) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    client = await world.client("participant")
    draft = {"space_id": str(world.shared.id), "kind": "need", "title": "Autre", "markdown": "Autre chose, à garder."}
    kept = await client.post("/api/v1/contributions", json=draft, headers=key)
    said = await _said(world, canary("mot"))
    await Desk(world, "admin").ok("POST", "/erasures", {"statement_id": said["id"], "reason": REASON})
    again = await client.post("/api/v1/contributions", json=draft, headers=key)
    assert again.content == kept.content


async def test_one_revision_is_erased_and_then_nothing_is_left_of_it(world: World) -> None:
    said = await _said(world, canary("mot"))
    await Desk(world, "participant").ok("PATCH", f"/contributions/{said['id']}", {"markdown": "Des mots à garder."})
    admin = Desk(world, "admin")
    one = {"statement_id": said["id"], "reason": REASON, "revision": 1}
    assert (await admin.ok("POST", "/erasures", one))["revisions"] == [1]
    assert (await Desk(world, "colleague").ok("GET", f"/contributions/{said['id']}"))["plain"] == "Des mots à garder."
    assert (await admin.refused(409, "POST", "/erasures", one))["type"] == "/problems/already-erased"
    await admin.refused(422, "POST", "/erasures", one | {"revision": 9})
    await admin.refused(422, "POST", "/erasures", one | {"reason": "court"})


async def test_what_others_typed_again_is_named(world: World) -> None:
    word = canary("mot")
    said = await _said(world, word)
    copied = f"Comme on l’a dit : Il manque deux mois de {word} partout. Nous aussi."
    reply = await Desk(world, "outsider").ok(
        "POST", f"/contributions/{said['id']}/replies", {"side": "for", "markdown": copied}
    )
    desk = Desk(world)
    passage = await desk.passage(await desk.section(await desk.deliverable()), copied)
    body = await Desk(world, "admin").ok("POST", "/erasures", {"statement_id": said["id"], "reason": REASON})
    assert {(each["type"], each["id"]) for each in body["retyped"]} == {
        ("passage", passage["id"]),
        ("reply", reply["id"]),
    }


@pytest.mark.parametrize("who", ["participant", "lead", "copilot"])
async def test_only_an_administrator_erases(world: World, who: str) -> None:
    said = await _said(world, canary("mot"))
    await Desk(world, who).refused(403, "POST", "/erasures", {"statement_id": said["id"], "reason": REASON})

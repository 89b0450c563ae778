"""Deliverables and their sections: created, moved, emptied, closed; the page costs three statements."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from app.core.db import Database, Reader
from app.features.deliverables.queries.passages import get_document
from app.features.deliverables.schemas.citing import CitationOut
from app.features.deliverables.schemas.writing import DocumentOut, DocumentPassage
from tests.factories import make_contribution
from tests.features.deliverables.desk import Desk
from tests.world import World

QUOTE = "Il manque deux mois de trésorerie"


async def _outline(desk: Desk, deliverable: Any) -> list[tuple[str, str]]:
    body = await desk.ok("GET", f"/deliverables/{deliverable['id']}")
    return [(section["number"], section["title"]) for section in body["sections"]]


async def test_sections_are_a_tree_in_order(world: World) -> None:
    desk = Desk(world)
    deliverable = await desk.deliverable()
    one, two = await desk.section(deliverable, "Un"), await desk.section(deliverable, "Deux")
    under = await desk.section(deliverable, "Sous un", parent_id=one["id"])
    await desk.section(deliverable, "Avant", position=0)
    assert await _outline(desk, deliverable) == [("1", "Avant"), ("2", "Un"), ("2.1", "Sous un"), ("3", "Deux")]
    moved = await desk.ok("POST", f"/sections/{two['id']}/move", {"parent_id": one["id"], "position": 0}, match=1)
    assert (moved["number"], moved["depth"], moved["version"]) == ("2.1", 1, 2)
    for parent in (one["id"], under["id"]):
        problem = await desk.refused(422, "POST", f"/sections/{one['id']}/move", {"parent_id": parent})
        assert problem["type"] == "/problems/section-in-itself"
    other = await desk.section(await desk.deliverable(), "Ailleurs")
    await desk.refused(422, "POST", f"/sections/{one['id']}/move", {"parent_id": other["id"]})
    await desk.refused(412, "POST", f"/sections/{two['id']}/move", {"position": 0}, match=1)
    renamed = await desk.ok("PATCH", f"/sections/{one['id']}", {"title": "Un, mieux dit"}, match=1)
    assert (renamed["title"], renamed["version"]) == ("Un, mieux dit", 2)


async def test_a_section_goes_with_what_is_under_it_unless_words_stand_there(world: World) -> None:
    desk = Desk(world)
    deliverable = await desk.deliverable()
    top = await desk.section(deliverable, "Haut")
    under = await desk.section(deliverable, "Dessous", parent_id=top["id"])
    other = await desk.section(deliverable, "Autre")
    passage = await desk.passage(under, "Accepté.")
    proposed = await desk.passage(under, "Proposé.", proposed=True)
    problem = await desk.refused(409, "DELETE", f"/sections/{top['id']}")
    assert (problem["type"], problem["passages"]) == ("/problems/section-not-empty", 1)
    await desk.refused(412, "POST", f"/passages/{passage['id']}/move", {"section_id": other["id"]}, match=9)
    moved = await desk.ok("POST", f"/passages/{passage['id']}/move", {"section_id": other["id"]}, match=1)
    assert moved["section_id"] == other["id"]
    await desk.ok("DELETE", f"/sections/{top['id']}", match=1)
    assert await _outline(desk, deliverable) == [("1", "Autre")]
    assert (await desk.gate(deliverable))["proposed"] == 0
    await desk.refused(409, "PUT", f"/passages/{proposed['id']}/text", {"markdown": "Trop tard."})
    await desk.refused(409, "PATCH", f"/sections/{under['id']}", {"title": "Trop tard"})


async def test_passages_stand_where_they_are_put(world: World) -> None:
    desk = Desk(world)
    deliverable = await desk.deliverable()
    section = await desk.section(deliverable)
    a, b = await desk.passage(section, "A"), await desk.passage(section, "B")
    await desk.passage(section, "C", position=0)
    await desk.ok("POST", f"/passages/{a['id']}/move", {"section_id": section["id"], "position": 99}, match=1)
    await desk.ok("DELETE", f"/passages/{b['id']}", match=1)
    document = await desk.document(deliverable)
    assert [p["markdown"] for p in document["sections"][0]["passages"]] == ["C", "A"]
    assert document["counts"]["editorial"] == 2


async def test_a_closed_deliverable_takes_no_word(world: World) -> None:
    desk = Desk(world)
    deliverable = await desk.deliverable()
    section = await desk.section(deliverable)
    path = f"/deliverables/{deliverable['id']}"
    await desk.refused(428, "POST", f"{path}/close", match=None)
    closed = await desk.ok("POST", f"{path}/close", match=1)
    assert (closed["state"], closed["version"]) == ("closed", 2)
    assert "deliverable:write" not in closed["abilities"]
    body = {"section_id": section["id"], "kind": "paragraph", "markdown": "Trop tard."}
    assert (await desk.refused(409, "POST", "/passages", body))["type"] == "/problems/wrong-state"
    await desk.refused(409, "POST", f"{path}/draft", {})
    await desk.refused(409, "PATCH", path, {"title": "Trop tard"})
    await desk.refused(409, "POST", f"{path}/close", match=2)
    await desk.ok("POST", f"{path}/reopen", match=2)
    await desk.ok("POST", "/passages", body)


async def test_a_scope_is_of_the_initiative_and_hidden_is_unknown(world: World) -> None:
    desk = Desk(world)
    body = {"initiative_id": str(world.initiative.id), "title": "Synthèse", "space_ids": [str(uuid4())]}
    await desk.refused(422, "POST", "/deliverables", body)
    await desk.refused(422, "POST", "/deliverables", body | {"space_ids": []})
    await desk.refused(422, "POST", "/deliverables", body | {"initiative_id": str(world.elsewhere.id)})
    good = body | {"space_ids": [str(world.restricted.id)]}
    for who in ("participant", "lead", "facilitator", "observer"):
        await Desk(world, who).refused(403, "POST", "/deliverables", good)
    for who in ("stranger", "outsider"):
        answer = await Desk(world, who).send("POST", "/deliverables", good)
        assert answer.status_code in (403, 422), who


async def test_the_etag_tells_of_what_stands_under_the_deliverable(world: World) -> None:
    desk = Desk(world)
    deliverable = await desk.deliverable()
    client = await world.client("copilot")
    path = f"/api/v1/deliverables/{deliverable['id']}"
    first = await client.get(path)
    assert (await client.get(path, headers={"If-None-Match": first.headers["etag"]})).status_code == 304
    await desk.section(deliverable)
    assert (await client.get(path, headers={"If-None-Match": first.headers["etag"]})).status_code == 200
    patched = await client.patch(path, json={"title": "Autre"}, headers={"If-Match": first.headers["etag"]})
    assert patched.status_code == 200


async def test_the_whole_page_is_three_statements_whatever_its_length(world: World, database: Database) -> None:
    desk = Desk(world)
    deliverable = await desk.deliverable(template="standard")
    section = await desk.section(deliverable)
    actor = await world.actor("copilot")
    counts = []
    for _ in range(2):
        for _ in range(3):
            citation = await desk.cite(deliverable, await make_contribution(world), QUOTE)
            await desk.passage(section, f"Vu [@{citation['key']}].")
        reader = Reader(database)
        document = await get_document(reader, actor, UUID(deliverable["id"]))
        counts.append(reader.statements)
        await reader.release()
    assert counts == [3, 3]
    assert len(document["citations"]) == 6
    answered = await desk.document(deliverable)
    DocumentOut.model_validate(answered, extra="forbid")
    assert set(answered["citations"][0]) == set(CitationOut.model_fields)
    assert set(answered["sections"][-1]["passages"][0]) == set(DocumentPassage.model_fields)

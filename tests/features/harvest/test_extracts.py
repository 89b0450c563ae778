"""Extracts: literal spans of what the caller may read, and of nothing else."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from app.core.db import Database
from app.features.harvest.models import Extract
from tests.factories import change, make_contribution, make_reply, make_theme, plain_of, revise
from tests.features.deliverables.desk import Desk
from tests.world import World

TEXT = "Première **phrase**, soulignée.\n\n- un point : 🌱 vert\n- deux points\n\nCafé, thé. Café, thé. Voilà tout ce qu’il y a."


async def test_offsets_are_code_points_of_the_plain_text(world: World) -> None:
    desk = Desk(world)
    said = await make_contribution(world, TEXT)
    plain = await plain_of(world, said.head_id)
    random = Random(3)
    for _ in range(25):
        start = random.randrange(len(plain) - 12)
        end = random.randint(start + 10, len(plain))
        body = {"revision_id": str(said.head_id), "start": start, "end": end}
        answer = await desk.send("POST", "/extracts", body)
        quote = plain[start:end]
        if answer.status_code == 201:
            extract = answer.json()
            assert extract["quote"] == quote
            assert extract["before"] == plain[max(0, start - 60) : start]
            assert extract["after"] == plain[end : end + 60]
        else:
            assert (answer.status_code, len(quote.split())) == (422, 1), (quote, answer.text)


async def test_words_are_found_to_the_letter_at_the_occurrence_asked(world: World) -> None:
    desk = Desk(world)
    said = await make_contribution(world, TEXT)
    plain = await plain_of(world, said.head_id)
    first = await desk.extract(said, "Café, thé.")
    second = await desk.extract(said, "Café, thé.", occurrence=2)
    assert (first["start"], second["start"]) == (plain.index("Café, thé."), plain.rindex("Café, thé."))
    decomposed = await desk.extract(said, "Cafe\u0301, the\u0301. Voila\u0300 tout")
    assert decomposed["quote"] == "Café, thé. Voilà tout"
    body = {"revision_id": str(said.head_id)}
    for wrong, pointer in (
        ({"quote": "Première **phrase**"}, "/quote"),
        ({"quote": "café, thé. voilà"}, "/quote"),
        ({"quote": "Café, thé.", "occurrence": 3}, "/occurrence"),
        ({"start": 5, "end": 10_000}, "/end"),
        ({"start": 20, "end": 20}, "/end"),
    ):
        problem = await desk.refused(422, "POST", "/extracts", body | wrong)
        assert problem["errors"][0]["pointer"] == pointer, wrong
    await desk.refused(422, "POST", "/extracts", body)
    await desk.refused(422, "POST", "/extracts", body | {"quote": "Café, thé.", "start": 1, "end": 20})
    await desk.refused(422, "POST", "/extracts", body | {"start": 1})


@pytest.mark.parametrize("quote", ["Première", "un point", "deux"])
async def test_the_database_itself_asks_for_ten_characters_and_two_words(world: World, quote: str) -> None:
    desk = Desk(world)
    said = await make_contribution(world, TEXT)
    problem = await desk.refused(422, "POST", "/extracts", {"revision_id": str(said.head_id), "quote": quote})
    assert problem["detail"] == "Une citation compte au moins dix caractères et deux mots."
    short = await make_contribution(world, "D’accord.")
    assert (await desk.extract(short, "D’accord."))["quote"] == "D’accord."


async def test_the_database_refuses_words_that_are_not_there(world: World, database: Database) -> None:
    desk = Desk(world)
    extract = await desk.extract(await make_contribution(world, TEXT), "Voilà tout ce qu’il y a")
    values = {f'"{column.name}"': f'"{column.name}"' for column in Extract.__table__.c}
    values |= {'"id"': ":new", '"quote"': "'Voilà tout ce qu’on veut'"}
    forged = (
        f"INSERT INTO extracts ({', '.join(values)}) SELECT {', '.join(values.values())} FROM extracts WHERE id = :id"
    )
    async with database.sessions() as db:
        with pytest.raises(Exception, match="the quote is not what the revision says there"):
            await db.execute(text(forged), {"new": uuid4(), "id": UUID(extract["id"])})


async def test_an_old_revision_can_be_quoted_but_never_a_draft(world: World) -> None:
    desk = Desk(world)
    said = await make_contribution(world, TEXT)
    old = said.head_id
    await revise(world, said, "Tout autre chose, désormais, et bien mieux dit.")
    extract = await desk.ok("POST", "/extracts", {"revision_id": str(old), "quote": "Voilà tout ce qu’il y a"})
    assert (extract["revision"], extract["is_head"]) == (1, False)
    await change(world, said, first_n=2)
    body = {"revision_id": str(old), "quote": "Première phrase, soulignée."}
    assert (await desk.refused(422, "POST", "/extracts", body))["errors"][0]["pointer"] == "/revision_id"


async def test_only_those_who_harvest_do_and_hidden_is_unknown(world: World) -> None:
    said = await make_contribution(world, TEXT)
    reply = await make_reply(world, said)
    shared = await make_contribution(world, TEXT, space=world.shared, who="outsider")
    body: dict[str, Any] = {"revision_id": str(said.head_id), "quote": "Voilà tout ce qu’il y a"}
    for who, status in (("copilot", 201), ("facilitator", 201), ("participant", 403), ("observer", 403), ("lead", 403)):
        assert (await Desk(world, who).send("POST", "/extracts", body)).status_code == status, who
    for who in ("outsider", "stranger", "admin"):
        desk = Desk(world, who)
        hidden = await desk.refused(422, "POST", "/extracts", body)
        unknown = await desk.refused(422, "POST", "/extracts", body | {"revision_id": str(uuid4())})
        assert {**hidden, "request_id": ""} == {**unknown, "request_id": ""}
    facilitator = Desk(world, "facilitator")
    await facilitator.refused(403, "POST", "/extracts", body | {"revision_id": str(shared.head_id)})
    await facilitator.extract(reply, "exactement la même chose")
    await change(world, said, state="moderated", state_reason="off_topic")
    assert (await facilitator.refused(409, "POST", "/extracts", body))["type"] == "/problems/wrong-state"


async def test_erased_words_cannot_be_harvested(world: World, database: Database) -> None:
    said = await make_contribution(world, TEXT)
    async with database.sessions() as db:
        await db.execute(
            text("SELECT erase_revision(:revision, :admin, 'demande de la personne')"),
            {"revision": said.head_id, "admin": world.persons["admin"].id},
        )
        await db.commit()
    body = {"revision_id": str(said.head_id), "quote": "Voilà tout ce qu’il y a"}
    assert (await Desk(world).refused(409, "POST", "/extracts", body))["type"] == "/problems/words-erased"


async def test_the_list_tells_what_is_cited_to_those_who_may_know(world: World) -> None:
    desk = Desk(world)
    said = await make_contribution(world, TEXT)
    theme = await make_theme(world, "Un thème")
    filed = await desk.extract(said, "Voilà tout ce qu’il y a", theme_id=str(theme.id))
    plain = await desk.extract(said, "Première phrase, soulignée.")
    deliverable = await desk.deliverable()
    body = {"deliverable_id": deliverable["id"], "extract_id": plain["id"], "relation": "quotes"}
    citation = await desk.ok("POST", "/citations", body)

    async def ids(who: str, query: str) -> list[str]:
        listed = await Desk(world, who).ok("GET", f"/extracts?statement_id={said.id}{query}")
        return [item["id"] for item in listed["items"]]

    assert await ids("copilot", "") == [plain["id"], filed["id"]]
    assert await ids("copilot", "&cited=true") == [plain["id"]]
    assert await ids("copilot", "&cited=false") == [filed["id"]]
    assert await ids("copilot", f"&theme_id={theme.id}") == [filed["id"]]
    assert await ids("copilot", f"&space_id={world.shared.id}") == []
    assert await ids("facilitator", "&cited=true") == []
    assert len(await ids("facilitator", "")) == 2
    for who in ("participant", "outsider", "admin", "visitor"):
        assert await ids(who, "") == []
    uses = (await desk.ok("GET", f"/extracts?statement_id={said.id}&cited=true"))["items"][0]["uses"]
    assert uses == [
        {"deliverable_id": deliverable["id"], "citation_id": citation["id"], "number": 1, "relation": "quotes"}
    ]
    await Desk(world, "participant").refused(404, "GET", f"/extracts/{plain['id']}")
    page = await desk.ok("GET", f"/extracts?statement_id={said.id}&limit=1")
    second = await desk.ok("GET", f"/extracts?statement_id={said.id}&limit=1&cursor={page['next_cursor']}")
    assert [page["items"][0]["id"], second["items"][0]["id"]] == [plain["id"], filed["id"]]


async def test_an_extract_keeps_who_took_it(world: World, database: Database) -> None:
    extract = await Desk(world, "facilitator").extract(await make_contribution(world, TEXT), "Voilà tout ce qu’il y a")
    async with database.reading() as connection:
        found = await connection.execute(select(Extract.person_id).where(Extract.id == UUID(extract["id"])))
        assert found.scalar_one() == world.persons["facilitator"].id


async def test_the_same_span_taken_at_once_is_one_extract(world: World) -> None:
    said = await make_contribution(world, TEXT)
    body = {"revision_id": str(said.head_id), "quote": "deux points"}
    answers = await asyncio.gather(
        *(Desk(world, who).send("POST", "/extracts", body) for who in ("copilot", "facilitator") * 6)
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1

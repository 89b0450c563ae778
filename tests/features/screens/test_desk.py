"""The desk: one passage is written at a time, words are cited without a script, and two who write the same lose nothing."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any
from uuid import uuid4

from fastapi import FastAPI
from PIL import Image

from tests.browser import FROM_OUR_PAGES, Browser, Fields, signed_in
from tests.features.deliverables.desk import Desk
from tests.features.editions.shelf import Ready, ready
from tests.world import World


def desk_of(done: Ready) -> str:
    """The address of the desk."""
    return f"/livrables/{done.deliverable['id']}/redaction"


async def text_of(done: Ready, passage: Any = None) -> str:
    """The words of a passage in force."""
    found = await done.desk.ok("GET", f"/passages/{(passage or done.passage)['id']}")
    return str(found["head"]["markdown"])


async def test_a_passage_is_opened_in_place_and_written(app: FastAPI, world: World, asked: list[str]) -> None:
    done = await ready(world)
    write = f"{desk_of(done)}/passages/{done.passage['id']}"
    async with signed_in(app, world, "copilot") as one:
        asked.clear()
        page = await one.open(desk_of(done))
        assert page.status_code == 200
        assert 2 < len(asked) <= 12, asked
        assert f'action="{write}"' not in page.text
        assert 'class="cite' in page.text, "the marker is shown as the call of a note"
        assert "[@c1]" not in page.text
        asked.clear()
        await one.open(f"{desk_of(done)}?passage={done.passage['id']}&contribution={done.statement.id}")
        assert 2 < len(asked) <= 12, asked
        page = await one.submit(write, markdown="La trésorerie manque [@c1], partout.")
        assert page.status_code == 200
        assert "Le passage est enregistré." in page.text
    assert await text_of(done) == "La trésorerie manque [@c1], partout."


async def test_two_who_write_the_same_see_both_versions(app: FastAPI, world: World) -> None:
    done = await ready(world)
    write = f"{desk_of(done)}/passages/{done.passage['id']}"
    async with signed_in(app, world, "copilot") as one:
        await one.open(f"{desk_of(done)}?passage={done.passage['id']}")
        await done.desk.ok("PUT", f"/passages/{done.passage['id']}/text", {"markdown": "Ce que l’autre a écrit [@c1]."})
        page = await one.submit(write, markdown="Ce que j’ai écrit [@c1].")
        assert page.status_code == 412
        assert "Ce que l’autre a écrit" in page.text
        assert "Ce que j’ai écrit [@c1]." in page.text
        assert await text_of(done) == "Ce que l’autre a écrit [@c1].", "nothing is written over"
        page = await one.submit(write)
        assert page.status_code == 200, "what is sent from there was written with both in view"
    assert await text_of(done) == "Ce que j’ai écrit [@c1]."


async def test_a_refused_text_keeps_the_version_it_was_written_on(app: FastAPI, world: World) -> None:
    done = await ready(world)
    write = f"{desk_of(done)}/passages/{done.passage['id']}"
    async with signed_in(app, world, "copilot") as one:
        await one.open(f"{desk_of(done)}?passage={done.passage['id']}")
        page = await one.submit(write, markdown="Un repère inconnu [@c99].")
        assert page.status_code == 422
        assert "Un repère inconnu [@c99]." in page.text
        await done.desk.ok("PUT", f"/passages/{done.passage['id']}/text", {"markdown": "L’autre [@c1]."})
        page = await one.submit(write, markdown="Un repère connu [@c1].")
        assert page.status_code == 412


async def test_words_are_cited_without_a_script(app: FastAPI, world: World) -> None:
    done = await ready(world, "Avant. Il manque deux mois de trésorerie partout. Après l’été, trois.")
    cite = f"{desk_of(done)}/contributions/{done.statement.id}/citer"
    async with signed_in(app, world, "copilot") as one:
        page = await one.open(f"{desk_of(done)}?contribution={done.statement.id}")
        assert "Après l’été, trois." in page.text
        page = await one.submit(cite, quote="Après l’été, trois", relation="nuances", start="", end="")
        assert page.status_code == 200, page.text
        assert "La citation est dans le texte" in page.text
        assert (await text_of(done)).endswith("à raison [@c2].")
        page = await one.open(f"{desk_of(done)}?contribution={done.statement.id}")
        page = await one.submit(cite, quote="des mots jamais écrits")
        assert page.status_code == 422
        assert "des mots jamais écrits" in page.text
        await one.open(f"{desk_of(done)}?contribution={done.statement.id}")
        page = await one.submit(cite, quote="Après l’été, trois", relation="nuances", target="", start="", end="")
    assert page.status_code == 422, "a quotation of its own quotes"


async def test_citing_while_one_writes_saves_what_was_being_written(app: FastAPI, world: World) -> None:
    done = await ready(world, "Il manque deux mois de trésorerie partout. Deux mois, vraiment.")
    cite = f"{desk_of(done)}/contributions/{done.statement.id}/citer"
    async with signed_in(app, world, "copilot") as one:
        await one.open(f"{desk_of(done)}?passage={done.passage['id']}&contribution={done.statement.id}")
        more = {"start": "43", "end": "62", "markdown": "Deux mois [@c1]. Vraiment.", "at": "9", "version": "1"}
        page = await one.submit(cite, **more)
        assert page.status_code == 200, page.text
        assert await text_of(done) == "Deux mois [@c2] [@c1]. Vraiment."
        assert f'data-write="{done.passage["id"]}"' in page.text, "the passage is still open"
        page = await one.submit(cite, **more)
    assert page.status_code == 412, "on a version that is no longer in force, nothing is written"


async def test_words_are_cited_in_their_own_name_and_in_this_text_alone(app: FastAPI, world: World) -> None:
    done, elsewhere = await ready(world), await ready(world)
    cite = f"{desk_of(done)}/contributions/{done.statement.id}/citer"
    wrong = [
        (cite, {"target": f"{elsewhere.passage['id']}:1"}, 422, "/target"),
        (cite, {"target": "", "section_id": elsewhere.section["id"]}, 422, "/section_id"),
        (cite.replace(str(done.statement.id), str(elsewhere.statement.id)), {}, 422, "/revision_id"),
        (cite, {"target": f"{done.passage['id']}:", "version": ""}, 428, "la version lue"),
    ]
    async with signed_in(app, world, "copilot") as one:
        await one.open(f"{desk_of(done)}?contribution={done.statement.id}")
        fields = dict(Fields(one.page.text).forms[cite]) | {"quote": "deux mois de trésorerie", "start": "", "end": ""}
        for address, changed, status, named in wrong:
            said = fields | changed | {"idempotency_key": str(uuid4())}
            answer = await one.post(address, said, Accept="application/json")
            assert (answer.status_code, named in answer.text) == (status, True), answer.text
            assert "If-Match" not in answer.text
    assert "[@c2]" not in await text_of(done) + await text_of(elsewhere)


async def test_passages_of_every_kind_are_added_moved_and_removed(app: FastAPI, world: World) -> None:
    done = await ready(world)
    add = f"{desk_of(done)}/parties/{done.section['id']}/passages"
    async with signed_in(app, world, "copilot") as one:
        await one.open(desk_of(done))
        page = await one.submit(add, kind="table", markdown="| Mois | Besoin |\n| --- | --- |\n| Avril | 12 |")
        assert page.status_code == 422
        assert "| Avril | 12 |" in page.text, "the words are kept"
        page = await one.submit(add, caption="Besoins par mois", alt="Douze besoins en avril.")
        assert page.status_code == 200, page.text
        assert "<caption>Besoins par mois</caption>" in page.text
        await one.submit(add, kind="heading", markdown="Ce qui suit")
        assert (await _figure(one, add)).status_code == 303
        document = await done.desk.document(done.deliverable)
        kinds = [it["kind"] for it in document["sections"][0]["passages"]]
        assert kinds == ["paragraph", "table", "heading", "figure"]
        first = f"{desk_of(done)}/passages/{done.passage['id']}"
        page = await one.open(desk_of(done))
        image = re.search(r'<img src="(/livrables/[^"]+)" alt="Une courbe qui monte."', page.text)
        assert image
        assert (await one.client.get(image[1])).headers["content-type"] == "image/png"
        await one.post(f"{first}/deplacer", _fields(one, section_id=done.section["id"], position="1"))
        await one.post(f"{first}/deplacer", _fields(one, version="2", section_id=done.section["id"], position="0"))
        answer = await one.post(f"{first}/retirer", _fields(one, version="3", section_id="n'importe quoi"))
        assert answer.status_code == 200, "where one goes back to is no reason to fail"
    document = await done.desk.document(done.deliverable)
    assert [it["kind"] for it in document["sections"][0]["passages"]] == ["table", "heading", "figure"]


def _fields(one: Browser, **fields: str) -> dict[str, str]:
    return {"csrf": one.csrf, "version": "1", **fields}


async def _figure(one: Browser, add: str) -> Any:
    image = BytesIO()
    Image.new("RGB", (4, 4), "white").save(image, "PNG")
    fields = {"csrf": one.csrf, "idempotency_key": str(uuid4()), "kind": "figure", "caption": "Une courbe"}
    fields["alt"] = "Une courbe qui monte."
    sent = {"image": ("courbe.png", image.getvalue(), "image/png")}
    return await one.client.post(add, data=fields, files=sent, headers=FROM_OUR_PAGES)


async def test_what_is_proposed_is_accepted_refused_or_taken_by_a_rule(app: FastAPI, world: World) -> None:
    done = await ready(world)
    first = await done.desk.passage(done.section, "Proposé d’abord.", proposed=True)
    second = await done.desk.passage(done.section, "Proposé ensuite.", proposed=True)
    root = f"{desk_of(done)}/passages"
    async with signed_in(app, world, "copilot") as one:
        page = await one.open(desk_of(done))
        assert "Proposé d’abord." in page.text
        refuse = f"{root}/{first['id']}/suggestions/1/refuser"
        page = await one.submit(refuse, reason=" ")
        assert page.status_code == 422
        assert "Proposé d’abord." in page.text
        page = await one.submit(refuse, reason="Le chiffre est celui de 2019.")
        assert "La proposition est refusée" in page.text
        assert refuse not in page.text
        assert "Vos propositions refusées" in page.text
        assert "Le chiffre est celui de 2019." in page.text
        assert "Le chiffre est celui de 2019." in (await one.open(f"{root}/{first['id']}/historique")).text
        await one.open(desk_of(done))
        page = await one.submit(f"{root}/{second['id']}/suggestions/1/accepter")
        assert "Le passage proposé est dans le texte." in page.text
        await done.desk.passage(done.section, "Un autre.", proposed=True)
        await done.desk.passage(done.section, "Et un autre.", proposed=True)
        await one.open(desk_of(done))
        page = await one.submit(
            f"{desk_of(done)}/parties/{done.section['id']}/accepter", rule="Relu ensemble le 3 septembre"
        )
        assert "avec votre règle" in page.text
        page = await one.open(f"{root}/{second['id']}/historique")
    assert page.status_code == 200
    assert "version 1" in page.text
    counts = (await done.desk.document(done.deliverable))["counts"]
    assert (counts["proposed"], counts["accepted_by_rule"]) == (0, 2)


async def test_a_citation_whose_source_moved_has_its_ways_out(app: FastAPI, world: World) -> None:
    done = await ready(world)
    revised = {"markdown": "Avant. Il manque quatre mois de trésorerie partout. Après."}
    await Desk(world, "participant").ok("PATCH", f"/contributions/{done.statement.id}", revised)
    settle = f"{desk_of(done)}/citations/{done.citation['id']}"
    async with signed_in(app, world, "copilot") as one:
        page = await one.open(desk_of(done))
        assert "À revoir" in page.text
        assert "<del>" in page.text
        page = await one.submit(settle, choice="kept", note="La phrase décrit le mois d’avril.")
        assert "C’est tranché" in page.text
    assert not (await done.desk.citation(done.citation))["outdated"]


async def test_a_draft_is_kept_and_taken_up_and_dropped(app: FastAPI, world: World) -> None:
    done = await ready(world)
    write = f"{desk_of(done)}/passages/{done.passage['id']}"
    async with signed_in(app, world, "copilot") as one:
        await one.open(f"{desk_of(done)}?passage={done.passage['id']}")
        fields = _fields(one, markdown="À moitié [@c1]", draft_version="0", what="write")
        key = f"passage:edit:{done.deliverable['id']}:{done.passage['id']}"
        kept = await one.client.post(f"/brouillons/{key}", data=fields, headers=FROM_OUR_PAGES)
        assert kept.status_code == 200, kept.text
        page = await one.open(f"{desk_of(done)}?passage={done.passage['id']}")
        assert "À moitié [@c1]" in page.text
        assert "Votre brouillon est repris." in page.text
        await one.submit(write)
        page = await one.open(f"{desk_of(done)}?passage={done.passage['id']}")
        assert "Votre brouillon est repris." not in page.text
    assert await text_of(done) == "À moitié [@c1]"


async def test_parts_are_added_named_moved_and_removed(app: FastAPI, world: World) -> None:
    done = await ready(world)
    async with signed_in(app, world, "copilot") as one:
        await one.open(desk_of(done))
        page = await one.submit(f"{desk_of(done)}/parties", title="Ce que nous demandons")
        assert "Cette partie est encore vide" in page.text
        [made] = re.findall(rf'action="{desk_of(done)}/parties/([0-9a-f-]{{36}})"', page.text)
        page = await one.submit(f"{desk_of(done)}/parties/{made}", title="Nos demandes")
        assert "Nos demandes" in page.text
        page = await one.submit(f"{desk_of(done)}/parties/{made}/deplacer", position="0")
        assert "1. Nos demandes" in page.text
        page = await one.submit(f"{desk_of(done)}/parties/{made}/retirer")
        assert "La partie est retirée." in page.text
        await one.open(desk_of(done))
        page = await one.submit(f"{desk_of(done)}/parties/{done.section['id']}/retirer")
    assert page.status_code == 409, "it holds an accepted passage"

"""Tables and figures are passages that also say in words what they show."""

from __future__ import annotations

import io
from typing import Any
from uuid import uuid4

import httpx
import pytest
from PIL import Image

from tests.features.deliverables.desk import Desk
from tests.world import World

TABLE = "| Mois | Besoins |\n| --- | ---: |\n| Avril | 12 |\n| Mai | 6 |"
TOLD = {"caption": "Besoins <par> mois", "alt": "Douze besoins en avril, six en mai."}


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 20), **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "navy").save(out, kind, **more)
    return out.getvalue()


async def send_image(world: World, deliverable: Any, raw: bytes, who: str = "copilot") -> httpx.Response:
    client = await world.client(who)
    headers = {"Idempotency-Key": str(uuid4()), "Content-Type": "image/png"}
    return await client.post(f"/api/v1/deliverables/{deliverable['id']}/figures", content=raw, headers=headers)


async def test_a_table_has_a_caption_headings_and_says_what_it_shows(world: World) -> None:
    desk = Desk(world)
    section = await desk.section(await desk.deliverable())
    passage = await desk.passage(section, TABLE, "table", **TOLD)
    head = passage["head"]
    assert (head["caption"], head["alt"], head["markdown"]) == (TOLD["caption"], TOLD["alt"], TABLE)
    assert head["html"].startswith("<table><caption>Besoins &lt;par&gt; mois</caption>")
    assert head["html"].count('<th scope="col"') == 2
    changed = await desk.ok(
        "PUT", f"/passages/{passage['id']}/text", {"markdown": TABLE, **TOLD, "caption": "Autre"}, 1
    )
    assert changed["head"]["caption"] == "Autre"


@pytest.mark.parametrize(
    ("kind", "body", "pointer"),
    [
        ("table", {"markdown": TABLE, "alt": "Dit."}, "/caption"),
        ("table", {"markdown": TABLE, "caption": "Nommé"}, "/alt"),
        ("table", {"markdown": "Un paragraphe.", **TOLD}, "/markdown"),
        ("table", {"markdown": f"Avant.\n\n{TABLE}", **TOLD}, "/markdown"),
        ("table", {"markdown": f"{TABLE}\n\nAprès.", **TOLD}, "/markdown"),
        ("table", {"markdown": "| Mois | |\n| --- | --- |\n| a | b |", **TOLD}, "/markdown"),
        ("table", {"markdown": "| Mois | B |\n| --- | --- |", **TOLD}, "/markdown"),
        ("figure", {**TOLD}, "/figure_id"),
        ("figure", {**TOLD, "figure_id": str(uuid4())}, "/figure_id"),
        ("paragraph", {"markdown": "Un texte.", **TOLD}, "/caption"),
        ("paragraph", {"markdown": ""}, "/markdown"),
        ("paragraph", {}, "/markdown"),
        ("paragraph", {"markdown": "Un texte.", "figure_id": str(uuid4())}, "/figure_id"),
    ],
)
async def test_what_does_not_say_what_it_is_is_refused(
    world: World, kind: str, body: dict[str, Any], pointer: str
) -> None:
    desk = Desk(world)
    section = await desk.section(await desk.deliverable())
    problem = await desk.refused(422, "POST", "/passages", {"section_id": section["id"], "kind": kind, **body})
    assert pointer in {error["pointer"] for error in problem["errors"]}


async def test_an_image_is_kept_as_its_pixels(world: World) -> None:
    desk = Desk(world)
    deliverable = await desk.deliverable()
    section = await desk.section(deliverable)
    exif = Image.Exif()
    exif[0x010E] = "secret description"
    exif[0x0112] = 6
    sent = await send_image(world, deliverable, picture("JPEG", exif=exif))
    assert sent.status_code == 201, sent.text
    made = sent.json()
    assert (made["width"], made["height"], made["media_type"]) == (20, 40, "image/jpeg")
    shown = await (await world.client("copilot")).get(made["url"])
    assert shown.headers["content-type"] == "image/jpeg"
    assert b"secret" not in shown.content
    passage = await desk.passage(section, "", "figure", figure_id=made["id"], **TOLD)
    assert passage["head"]["figure_id"] == made["id"]
    assert (await (await world.client("participant")).get(made["url"])).status_code == 404
    elsewhere = await desk.section(await desk.deliverable())
    body = {"section_id": elsewhere["id"], "kind": "figure", "figure_id": made["id"], **TOLD}
    await desk.refused(422, "POST", "/passages", body)


@pytest.mark.parametrize(
    "raw", [b"", b"GIF89a", b"<svg/>", picture()[:-30], picture("GIF"), picture(size=(9000, 3000))]
)
async def test_what_is_no_image_is_refused(world: World, raw: bytes) -> None:
    deliverable = await Desk(world).deliverable()
    refused = await send_image(world, deliverable, raw)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/not-an-image")


async def test_a_note_under_a_figure_names_citations_that_exist(world: World) -> None:
    desk = Desk(world)
    deliverable = await desk.deliverable()
    section = await desk.section(deliverable)
    made = (await send_image(world, deliverable, picture())).json()
    body = {"section_id": section["id"], "kind": "figure", "markdown": "[@c9]", "figure_id": made["id"], **TOLD}
    await desk.refused(422, "POST", "/passages", body)


async def test_an_edition_holds_its_tables_and_images(world: World) -> None:
    desk = Desk(world)
    deliverable = await desk.deliverable()
    section = await desk.section(deliverable)
    made = (await send_image(world, deliverable, picture())).json()
    await desk.passage(section, TABLE, "table", **TOLD)
    await desk.passage(section, "Source : nos comptes.", "figure", figure_id=made["id"], **TOLD)
    edition = await desk.ok("POST", f"/deliverables/{deliverable['id']}/editions", {"label": "Première"})
    client = await world.client("visitor")
    files = {file["name"]: (await client.get(file["url"])) for file in edition["files"]}
    assert 'src="data:image/png;base64,' in files["edition.html"].text
    assert "img-src data:" in files["edition.html"].headers["content-security-policy"]
    assert files["edition.html"].text.count("Douze besoins en avril, six en mai.") == 2
    assert "**Tableau. Besoins" in files["edition.md"].text
    frozen = files["edition.json"].json()["sections"][0]["passages"]
    assert [passage["kind"] for passage in frozen] == ["table", "figure"]
    assert frozen[0]["blocks"][0]["caption"] == frozen[1]["blocks"][0]["caption"] == TOLD["caption"]

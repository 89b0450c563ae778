"""Editions on the shelf: who reads what, the exact bytes, withdrawal, differences, and the ways back to the words."""

from __future__ import annotations

import hashlib
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from app.core.errors import NotFound
from app.core.postgres.cluster import Urls
from app.features.editions.actions.export import FolderNotEmpty, export_edition
from app.features.editions.trace import trace
from app.features.editions.verify import verify
from tests.factories import make_contribution
from tests.features.editions.shelf import FILES, files_of, marker, publish, ready
from tests.world import LADDER, World

NOBODY = "01930d2e-7c00-7000-8000-00000000dead"


@pytest.mark.parametrize("who", LADDER)
async def test_everybody_reads_what_is_published(world: World, who: str) -> None:
    text_ = await ready(world)
    edition = await publish(text_.desk, text_.deliverable)
    client = await world.client(who)
    card = (await client.get(f"/api/v1/editions/{edition['id']}")).json()
    assert card["fingerprint"] == edition["fingerprint"]
    assert card["abilities"] == (["edition:withdraw"] if who == "copilot" else [])
    for narrowed in ({"initiative_id": str(world.initiative.id)}, {"deliverable_id": text_.deliverable["id"]}):
        listed = (await client.get("/api/v1/editions", params=narrowed)).json()
        assert [one["id"] for one in listed["items"]] == [edition["id"]]
    assert sorted(await files_of(world, edition, who)) == sorted(FILES)


async def test_files_are_the_stored_bytes_and_are_asked_for_again(world: World) -> None:
    text_ = await ready(world)
    edition = await publish(text_.desk, text_.deliverable)
    client = await world.client("visitor")
    for each in edition["files"]:
        answer = await client.get(each["url"])
        assert hashlib.sha256(answer.content).hexdigest() == each["sha256"]
        assert answer.headers["etag"] == f'"{each["sha256"]}"'
        assert answer.headers["cache-control"] == "public, no-cache"
        page = each["name"] == "edition.html"
        disposition = "inline" if page else "attachment"
        assert answer.headers["content-disposition"] == f'{disposition}; filename="{each["name"]}"'
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert ("style-src 'sha256-" in policy) == page
        assert "unsafe" not in policy
        again = await client.get(each["url"], headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    manifest = next(each for each in edition["files"] if each["name"] == "manifest.json")
    payload = next(each for each in edition["files"] if each["name"] == "edition.json")
    assert (edition["fingerprint"], edition["sha256"]) == (manifest["sha256"], payload["sha256"])


@pytest.mark.parametrize(
    "path", ["", "/files/edition.html", "/files/..%2fsecret", "/files/nothing", f"/differences?since={NOBODY}"]
)
async def test_what_is_not_there_is_not_found(world: World, path: str) -> None:
    client = await world.client("visitor")
    assert (await client.get(f"/api/v1/editions/{uuid4()}{path}")).status_code == 404


async def test_a_withdrawn_edition_keeps_its_card_and_its_bytes_stay_for_co_pilots(world: World) -> None:
    text_ = await ready(world)
    edition = await publish(text_.desk, text_.deliverable)
    other = await publish(text_.desk, text_.deliverable, "La suivante")
    before = await files_of(world, edition)
    path = f"/editions/{edition['id']}"
    await text_.desk.refused(428, "POST", f"{path}/withdraw", {"reason": "consent"}, match=None)
    await text_.desk.refused(422, "POST", f"{path}/withdraw", {"reason": "parce que"})
    withdrawn = await text_.desk.ok("POST", f"{path}/withdraw", {"reason": "consent"}, match=1)
    assert (withdrawn["withdrawn"]["reason"], withdrawn["version"]) == ("consent", 2)
    await text_.desk.refused(412, "POST", f"{path}/withdraw", {"reason": "mistake"}, match=1)
    again = await text_.desk.refused(409, "POST", f"{path}/withdraw", {"reason": "mistake"})
    assert again["type"] == "/problems/already-withdrawn"
    assert await files_of(world, edition, "copilot") == before
    for who in ("visitor", "participant", "stranger", "admin"):
        client = await world.client(who)
        card = (await client.get(f"/api/v1{path}")).json()
        assert card["withdrawn"]["reason"] == "consent"
        assert card["files"] == []
        for gone in (edition["files"][0]["url"], f"/api/v1/editions/{other['id']}/differences?since={edition['id']}"):
            answer = await client.get(gone)
            assert (answer.status_code, answer.json()["reason"]) == (410, "consent")
            assert answer.json()["type"] == "/problems/edition-withdrawn"
    kept = await (await world.client("copilot")).get(edition["files"][0]["url"])
    assert kept.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize(
    ("who", "status"), [(who, 200 if who == "copilot" else 401 if who == "visitor" else 403) for who in LADDER]
)
async def test_who_may_withdraw(world: World, who: str, status: int) -> None:
    text_ = await ready(world)
    edition = await publish(text_.desk, text_.deliverable)
    answer = await world.post(
        who, f"/api/v1/editions/{edition['id']}/withdraw", {"reason": "mistake"}, **{"If-Match": "*"}
    )
    assert answer.status_code == status, answer.text


async def test_publishing_and_withdrawing_are_told_to_everybody(world: World) -> None:
    text_ = await ready(world)
    edition = await publish(text_.desk, text_.deliverable)
    await text_.desk.ok("POST", f"/editions/{edition['id']}/withdraw", {"reason": "mistake"})
    async with world.database.reading() as connection:
        rows = (
            await connection.execute(
                text("SELECT verb, audience, initiative_id, data FROM events WHERE object_id = :id ORDER BY id"),
                {"id": edition["id"]},
            )
        ).all()
    assert [(row.verb, row.audience, row.initiative_id) for row in rows] == [
        ("edition.published", "everybody", world.initiative.id),
        ("edition.withdrawn", "everybody", world.initiative.id),
    ]
    assert [row.data.get("n", row.data.get("reason")) for row in rows] == [1, "mistake"]


async def test_differences_between_two_editions(world: World) -> None:
    text_ = await ready(world)
    desk, section = text_.desk, text_.section
    moved = await desk.passage(section, "Ce passage va ailleurs.")
    removed = await desk.passage(section, "Ce passage s’en va.")
    await desk.passage(section, "Celui-ci reste.")
    first = await publish(desk, text_.deliverable, "Première")
    elsewhere = await desk.section(text_.deliverable, "Ailleurs")
    await desk.ok("POST", f"/passages/{moved['id']}/move", {"section_id": elsewhere["id"]})
    await desk.ok("DELETE", f"/passages/{removed['id']}")
    words = f"La trésorerie rassure **tout le monde** {marker(text_.citation)}, à raison."
    await desk.ok("PUT", f"/passages/{text_.passage['id']}/text", {"markdown": words})
    quoted = await desk.passage(section, marker(text_.citation), "quotation")
    second = await publish(desk, text_.deliverable, "Deuxième")
    client = await world.client("visitor")
    found = (await client.get(f"/api/v1/editions/{second['id']}/differences?since={first['id']}")).json()
    counts = {name: found[name] for name in ("added", "removed", "changed", "moved", "same")}
    assert counts == {"added": 1, "removed": 1, "changed": 1, "moved": 1, "same": 1}
    by_change = {each["change"]: each for each in found["passages"]}
    assert [(one["op"], one["text"]) for one in by_change["changed"]["changes"]][1:3] == [
        ("removed", "inquiète"),
        ("added", "rassure"),
    ]
    assert (by_change["moved"]["section"], by_change["moved"]["section_before"]) == ("Ailleurs", section["title"])
    assert by_change["added"]["changes"] == [{"op": "added", "text": "Il manque deux mois de trésorerie"}]
    assert quoted["id"] not in str(found)
    same = (await client.get(f"/api/v1/editions/{first['id']}/differences?since={first['id']}")).json()
    assert (same["passages"], same["same"]) == ([], 4)


async def test_editions_of_two_deliverables_are_not_compared(world: World) -> None:
    one, other = await ready(world), await ready(world)
    await other.desk.treat(other.deliverable, one.statement)
    first, second = await publish(one.desk, one.deliverable), await publish(other.desk, other.deliverable)
    client = await world.client("visitor")
    refusals = []
    for since in (first["id"], uuid4()):
        answer = await client.get(f"/api/v1/editions/{second['id']}/differences?since={since}")
        assert answer.status_code == 422
        refusals.append({name: value for name, value in answer.json().items() if name != "request_id"})
    assert refusals[0] == refusals[1]


async def test_a_contribution_says_where_it_is_cited(world: World) -> None:
    uncited = await make_contribution(world)
    text_ = await ready(world)
    await text_.desk.treat(text_.deliverable, uncited)
    edition = await publish(text_.desk, text_.deliverable)
    path = f"/api/v1/contributions/{text_.statement.id}/citations"
    for who in ("participant", "copilot", "observer"):
        (found,) = (await (await world.client(who)).get(path)).json()["items"]
        assert (found["edition_id"], found["notes"], found["relations"]) == (edition["id"], [1], ["quotes"])
    for who in ("visitor", "stranger", "outsider"):
        assert (await (await world.client(who)).get(path)).status_code == 404
    client = await world.client("participant")
    assert (await client.get(f"/api/v1/contributions/{uncited.id}/citations")).json()["items"] == []
    await text_.desk.ok("POST", f"/editions/{edition['id']}/withdraw", {"reason": "mistake"})
    assert (await client.get(path)).json()["items"] == []
    (kept,) = (await (await world.client("copilot")).get(path)).json()["items"]
    assert kept["withdrawn"] is True


async def test_a_list_of_editions_is_read_page_by_page(world: World) -> None:
    text_ = await ready(world)
    made = [(await publish(text_.desk, text_.deliverable, f"La {n}e"))["id"] for n in range(3)]
    client = await world.client("visitor")
    seen, cursor = [], None
    while True:
        asked = {"deliverable_id": text_.deliverable["id"], "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/api/v1/editions", params=asked)).json()
        seen += [one["id"] for one in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == made[::-1]


async def test_an_exported_edition_verifies(world: World, tmp_path: Path) -> None:
    text_ = await ready(world)
    await text_.desk.passage(text_.section, marker(text_.citation), "quotation")
    edition = await publish(text_.desk, text_.deliverable)
    async with world.database.reading() as connection:
        written = await export_edition(connection, UUID(edition["id"]), tmp_path / "edition")
        assert sorted(path.name for path in written) == sorted(FILES)
        verdict = verify(tmp_path / "edition", edition["fingerprint"])
        assert (verdict.findings, verdict.quotes) == ((), 1)
        with pytest.raises(FolderNotEmpty):
            await export_edition(connection, UUID(edition["id"]), tmp_path / "edition")
        with pytest.raises(NotFound):
            await export_edition(connection, uuid4(), tmp_path / "other")


async def test_every_quote_leads_back_to_its_revision(world: World, urls: Urls) -> None:
    text_ = await ready(world, "Avant 👩‍🚀 l’été. Il manque deux mois de trésorerie partout, é́.")
    desk = text_.desk
    paraphrased = await make_contribution(world, consent="paraphrase")
    later = await desk.deliverable()
    section = await desk.section(later)
    citations = [
        await desk.cite(later, text_.statement, "Il manque deux mois de trésorerie"),
        await desk.cite(later, paraphrased, "Les subventions attendues", "supports"),
    ]
    await desk.passage(section, f"Un texte {' '.join(map(marker, citations))}.")
    edition = await publish(desk, later)
    async with world.database.reading() as connection:
        found = await trace(connection, UUID(edition["id"]))
    assert (found.quotes, found.found, found.paraphrases, found.not_found, found.whole) == (1, 1, 1, (), True)


async def test_a_quote_that_leads_nowhere_is_said(world: World) -> None:
    """The control: the text is blanked by the one recorded way, then put back otherwise by its owner with triggers off."""
    text_ = await ready(world)
    edition = await publish(text_.desk, text_.deliverable)
    owner = world.app.state.settings.database_owner_url
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415

    engine = create_async_engine(str(owner))
    forge = "UPDATE revisions SET plain = 'X' || plain, plain_length = plain_length + 1, plain_sha256 = "
    forge += "sha256(convert_to('X' || plain, 'UTF8')) WHERE id = :id"
    async with engine.connect() as connection:
        await connection.execute(text("ALTER TABLE revisions DISABLE TRIGGER frozen"))
        await connection.execute(text(forge), {"id": text_.statement.head_id})
        moved = await trace(connection, UUID(edition["id"]))
        await connection.rollback()
    await engine.dispose()
    assert (moved.found, moved.not_found, moved.whole) == (0, (1,), False)


async def test_an_erased_text_is_said_to_be_erased(world: World) -> None:
    text_ = await ready(world)
    edition = await publish(text_.desk, text_.deliverable)
    async with world.database.sessions() as db:
        await db.execute(
            text("SELECT erase_revision(:revision, :admin, 'Demande de la personne concernée.')"),
            {"revision": text_.statement.head_id, "admin": world.persons["admin"].id},
        )
        await db.commit()
    async with world.database.reading() as connection:
        found = await trace(connection, UUID(edition["id"]))
    assert (found.erased, found.not_found, found.found) == ((1,), (), 0)


async def test_a_browser_finds_the_editions_and_their_fingerprints_on_a_page(world: World) -> None:
    text_ = await ready(world)
    edition = await publish(text_.desk, text_.deliverable)
    client = await world.client("visitor")
    shelf = await client.get("/lire")
    assert shelf.headers["content-type"].startswith("text/html")
    assert f"<code>{edition['fingerprint']}</code>" in shelf.text
    address = f"/api/v1/editions/{edition['id']}/files/edition.html"
    assert f'<a href="{address}">' in shelf.text
    assert (await client.get(address)).headers["content-type"].startswith("text/html")
    assert '<a href="/lire">' in (await client.get("/")).text
    await text_.desk.ok("POST", f"/editions/{edition['id']}/withdraw", {"reason": "consent"}, match=1)
    withdrawn = await client.get("/lire")
    assert address not in withdrawn.text
    assert "retirée depuis par les co-pilotes" in withdrawn.text

"""Organisations: read by everybody, written by those who manage them."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.dialects.postgresql import Range

from app.core.clock import now
from app.features.identity.models import Organisation
from app.features.identity.territories import NAMES, REGION_OF, within
from tests.features.identity.doors import events_of, new_key, without_id
from tests.world import World

DATA = Path(os.environ.get("ALLIAGE_DATA", "../shared/data")) / "ref"
URL = "/api/v1/organisations"


async def _listed(client: httpx.AsyncClient, **filters: Any) -> list[str]:
    """Every name that these filters keep, page by page."""
    names: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await client.get(URL, params=filters | cursor | {"limit": 2})
        assert answer.status_code == 200, answer.text
        names += [item["name"] for item in answer.json()["items"]]
        if answer.json()["next_cursor"] is None:
            return names
        assert 'rel="next"' in answer.headers["link"]
        cursor = {"cursor": answer.json()["next_cursor"]}


async def test_organisations_are_sorted_without_case_or_accents(world: World, client: httpx.AsyncClient) -> None:
    mark = uuid4().hex[:8]
    made = [f"{mark} {name}" for name in ("Zèbre", "école", "Eclair", "abeille", "Écluse")]
    async with world.database.sessions() as db:
        db.add_all(Organisation(name=name, profile="association") for name in made)
        await db.commit()
    expected = [f"{mark} {name}" for name in ("abeille", "Eclair", "Écluse", "école", "Zèbre")]
    assert await _listed(client, q=mark) == expected
    assert await _listed(client, q=f"{mark.upper()} EC") == expected[1:4]
    assert await _listed(client, q="%") == []


async def test_each_filter_keeps_its_own(world: World, client: httpx.AsyncClient) -> None:
    mark = uuid4().hex[:8]
    async with world.database.sessions() as db:
        db.add_all(
            [
                Organisation(
                    name=f"{mark} a",
                    acronym=f"zq{mark}",
                    profile="association",
                    family="field_actor",
                    scale="territorial",
                    territories=["DEP-69"],
                    sdgs=[1, 17],
                ),
                Organisation(name=f"{mark} b", profile="company", scale="national", territories=["FRA"], sdgs=[3]),
                Organisation(name=f"{mark} c", profile="company", scale="national", territories=["REG-84"]),
            ]
        )
        await db.commit()
    cases: tuple[tuple[dict[str, Any], str], ...] = (
        ({}, "abc"),
        ({"profile": "company"}, "bc"),
        ({"family": "field_actor"}, "a"),
        ({"scale": "national"}, "bc"),
        ({"sdg": 17}, "a"),
        ({"territory": "DEP-69"}, "a"),
        ({"territory": "REG-84"}, "ac"),
        ({"territory": "FRA"}, "abc"),
        ({"profile": "company", "sdg": 3}, "b"),
    )
    for filters, kept in cases:
        assert await _listed(client, q=mark, **filters) == [f"{mark} {letter}" for letter in kept], filters
    assert await _listed(client, q=f"ZQ{mark}") == [f"{mark} a"]


@pytest.mark.parametrize(
    "query",
    ["profile=club", "sdg=0", "sdg=18", "sdg=x", "territory=REG-99", "territory=dep-69", "initiative=1", "cursor=x"],
)
async def test_a_filter_that_means_nothing_is_refused(client: httpx.AsyncClient, query: str) -> None:
    assert (await client.get(f"{URL}?{query}")).status_code in {400, 422}


async def test_the_initiative_filter_tells_nothing_of_hidden_ones(world: World) -> None:
    inside, outside = await world.client("participant"), await world.client("stranger")
    seen = await inside.get(URL, params={"initiative_id": str(world.initiative.id)})
    assert {item["id"] for item in seen.json()["items"]} == {
        str(held.id) for held in (world.organisation, world.other, world.watching, world.piloting)
    }
    hidden = await outside.get(URL, params={"initiative_id": str(world.initiative.id)})
    unknown = await outside.get(URL, params={"initiative_id": str(uuid4())})
    assert hidden.content == unknown.content


async def test_the_page_of_an_organisation_shows_the_initiatives_one_sees(world: World) -> None:
    path = f"{URL}/{world.organisation.id}"
    for who, titles in (("participant", [world.initiative.title]), ("stranger", []), ("visitor", [])):
        answer = await (await world.client(who)).get(path)
        assert [p["initiative"]["title"] for p in answer.json()["participations"]] == titles, who
        again = await (await world.client(who)).get(path, headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304


@pytest.mark.parametrize(
    ("who", "created", "edited"),
    [
        ("visitor", 401, 401),
        ("stranger", 403, 403),
        ("observer", 403, 403),
        ("outsider", 403, 403),
        ("participant", 403, 403),
        ("facilitator", 403, 403),
        ("copilot", 403, 403),
        ("lead", 403, 200),
        ("admin", 201, 200),
    ],
)
async def test_who_writes_an_organisation(world: World, who: str, created: int, edited: int) -> None:
    client = await world.client(who)
    body = {"name": f"Association {uuid4().hex}", "profile": "association"}
    made = await client.post(URL, json=body, headers=new_key())
    assert made.status_code == created, made.text
    path = f"{URL}/{world.organisation.id}"
    version = (await client.get(path)).headers["etag"]
    change = {"website": f"https://{uuid4().hex}.alliage.example"}
    answer = await client.patch(path, json=change, headers={"If-Match": version})
    assert answer.status_code == edited, answer.text
    if edited == 200:
        assert answer.json()["website"] == change["website"]
        assert (await client.patch(path, json=change, headers={"If-Match": version})).status_code == 412
        assert (await client.patch(path, json=change)).status_code == 428
        assert (await events_of(world.database, world.organisation.id))[-1] == "organisation.edited"


async def test_what_an_organisation_is_made_of_is_checked(world: World) -> None:
    admin = await world.client("admin")
    good = {"name": f"Association {uuid4().hex}", "profile": "association"}
    for wrong, pointer in (
        ({"territories": ["REG-00"]}, "/territories/0"),
        ({"sdgs": [18]}, "/sdgs/0"),
        ({"profile": "club"}, "/profile"),
        ({"name": "\u202eassociation"}, "/name"),
        ({"website": "javascript:alert(1)"}, "/website"),
        ({"rank": 1}, "/rank"),
    ):
        answer = await admin.post(URL, json=good | wrong, headers=new_key())
        assert answer.status_code == 422, answer.text
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    made = await admin.post(
        URL, json=good | {"territories": ["REG-84", "DEP-69", "REG-84"], "sdgs": [17, 1]}, headers=new_key()
    )
    assert made.json()["territories"] == ["DEP-69", "REG-84"]
    assert made.json()["sdgs"] == [1, 17]
    assert (await admin.get(made.headers["location"])).status_code == 200
    twin = await admin.post(URL, json=good | {"name": good["name"].upper()}, headers=new_key())
    assert twin.status_code == 409
    emptied = await admin.patch(made.headers["location"], json={"name": None}, headers={"If-Match": "*"})
    assert emptied.status_code == 422


async def test_what_is_counted_by_is_changed_by_administrators(world: World) -> None:
    """A lead who took a small profile would make it three, and another's words be named by it."""
    path, any_version = f"{URL}/{world.organisation.id}", {"If-Match": "*"}
    lead, admin = await world.client("lead"), await world.client("admin")
    for said in ({"profile": "research"}, {"family": "engineering_body"}, {"family": None}):
        refused = await lead.patch(path, json=said, headers=any_version)
        assert refused.status_code == 403, refused.text
        assert refused.json()["type"] == "/problems/for-administrators"
    card = (await lead.get(path)).json()
    assert (card["profile"], card["family"]) == ("association", "field_actor")
    same = {"profile": "association", "family": "field_actor", "acronym": "ADT"}
    assert (await lead.patch(path, json=same, headers=any_version)).status_code == 200, "a whole card may come back"
    changed = await admin.patch(path, json={"profile": "research", "family": None}, headers=any_version)
    assert (changed.status_code, changed.json()["profile"], changed.json()["family"]) == (200, "research", None)


async def test_an_unknown_organisation_is_not_found(world: World) -> None:
    for who in ("visitor", "lead", "admin"):
        client = await world.client(who)
        assert (await client.get(f"{URL}/{uuid4()}")).status_code == 404
        assert (await client.patch(f"{URL}/{uuid4()}", json={})).status_code == 404
        junk = await client.get(f"{URL}/moi")
        assert junk.status_code == 404
        assert "errors" not in without_id(junk)


async def test_a_past_participation_is_not_shown(world: World, app: FastAPI) -> None:
    from app.features.initiatives.models import Participation  # noqa: PLC0415 - only this test writes one

    ended = Organisation(name=f"Partie {uuid4().hex}", profile="association")
    async with world.database.sessions() as db:
        db.add(ended)
        await db.flush()
        db.add(
            Participation(
                initiative_id=world.initiative.id,
                organisation_id=ended.id,
                role="participant",
                during=Range(now().replace(year=2020), now().replace(year=2021)),
            )
        )
        await db.commit()
    answer = await (await world.client("participant")).get(f"{URL}/{ended.id}")
    assert answer.json()["participations"] == []


def test_territories_are_those_of_the_insee() -> None:
    assert len(NAMES) == 1 + 18 + 101
    assert within("REG-94") == ["REG-94", "DEP-2A", "DEP-2B"]
    assert within("DEP-69") == ["DEP-69"]
    assert within("REG-00") == []
    if not DATA.is_dir():
        pytest.skip(f"the published code files are not at {DATA}")
    with (DATA / "regions.csv").open(encoding="utf-8") as file:
        regions = {f"REG-{row['REG']}": row["LIBELLE"] for row in csv.DictReader(file)}
    with (DATA / "departements.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    departments = {f"DEP-{row['DEP']}": row["LIBELLE"] for row in rows}
    assert dict(NAMES) == {"FRA": NAMES["FRA"]} | regions | departments
    assert dict(REGION_OF) == {f"DEP-{row['DEP']}": f"REG-{row['REG']}" for row in rows}

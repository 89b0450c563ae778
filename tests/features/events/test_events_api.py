"""The audit through the API."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.features.statements.test_contributions_api import contribute
from tests.world import World

API = "/api/v1"


async def events(world: World, who: str, **filters: Any) -> list[dict[str, Any]]:
    """The items of a first page."""
    client = await world.client(who)
    answer = await client.get(f"{API}/events", params={k: str(v) for k, v in filters.items()})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_a_contribution_is_told_to_those_who_read_its_space(world: World) -> None:
    body = await contribute(world)
    for who in ("participant", "colleague", "observer", "copilot", "admin"):
        items = await events(world, who, object_id=body["id"])
        assert [item["verb"] for item in items] == ["contribution.submitted"], who
    (item,) = await events(world, "colleague", object_id=body["id"])
    assert item["person_id"] == str(world.persons["participant"].id)
    assert item["organisation_id"] == str(world.organisation.id)
    assert item["capacity"] == "organisation"
    assert item["login_id"] is None
    assert (await events(world, "admin", object_id=body["id"]))[0]["login_id"] == str(world.logins["participant"].id)
    for who in ("visitor", "stranger", "outsider"):
        assert await events(world, who, object_id=body["id"]) == [], who


async def test_a_draft_is_told_to_nobody_but_its_author_and_the_administrator(world: World) -> None:
    body = await contribute(world, draft=True)
    for who in ("colleague", "lead", "facilitator", "copilot"):
        assert await events(world, who, object_id=body["id"]) == [], who
    for who in ("participant", "admin"):
        assert len(await events(world, who, object_id=body["id"])) == 1


async def test_a_source_is_told_as_its_statement_is(world: World) -> None:
    source = {"category": "report", "title": "Rapport", "url": "https://exemple.org/rapport"}
    for draft, audience in ((True, ["participant", "admin"]), (False, ["participant", "admin", "colleague"])):
        body = await contribute(world, capacity="personal", draft=draft)
        added = await world.post("participant", f"{API}/contributions/{body['id']}/sources", source)
        assert added.status_code == 201, added.text
        path = f"{API}/contributions/{body['id']}/sources/{added.json()['id']}"
        gone = await (await world.client("participant")).delete(path, headers={"If-Match": "*"})
        assert gone.status_code == 204, gone.text
        for who in ("participant", "admin", "colleague"):
            found = [e for e in await events(world, who, object_id=body["id"]) if e["verb"].startswith("source.")]
            assert len(found) == (2 if who in audience else 0), who
            assert {event["capacity"] for event in found} <= {"personal"}


async def test_no_event_holds_words(world: World) -> None:
    marker = f"canari{uuid4().hex}"
    body = await contribute(world, title=marker, markdown=f"Texte {marker}")
    client = await world.client("admin")
    assert marker not in (await client.get(f"{API}/events?object_id={body['id']}")).text


async def test_every_filter_narrows(world: World) -> None:
    body = await contribute(world)
    one = {"object_id": body["id"]}
    matching: dict[str, Any] = {
        "object_type": "statement",
        "verb": "contribution.submitted",
        "person_id": world.persons["participant"].id,
        "organisation_id": world.organisation.id,
        "initiative_id": world.initiative.id,
        "space_id": world.restricted.id,
        "since": "2020-03-20T00:00:00Z",
    }
    other = {name: uuid4() for name in ("person_id", "organisation_id", "initiative_id", "space_id")}
    for who in ("copilot", "admin"):
        for name, value in matching.items():
            assert len(await events(world, who, **one, **{name: value})) == 1, name
        for name, value in {**other, "verb": "x.y", "object_type": "x", "until": "2020-03-20T00:00:00Z"}.items():
            assert await events(world, who, **one, **{name: value}) == [], name


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("verb=a'b", 422),
        ("verb=" + "x" * 65, 422),
        ("object_id=1", 422),
        ("unknown=1", 422),
        ("limit=201", 422),
        ("since=hier", 422),
        ("cursor=zzz", 400),
        ("cursor=WyJ2IiwgOTk5OTk5OTk5OTk5OTk5OTk5OTk5LCAiMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAiXQ", 400),
    ],
)
async def test_junk_is_refused(world: World, query: str, status: int) -> None:
    client = await world.client("admin")
    assert (await client.get(f"{API}/events?{query}")).status_code == status

"""An organisation's own audit: everything done in its name or to what is its own, and nothing personal."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from app.core.db import Database
from tests.features.statements.test_contributions_api import contribute
from tests.world import World, login, mandate, person

API = "/api/v1"


async def audit(world: World, who: str, organisation: Any = None, **query: Any) -> list[dict[str, Any]]:
    """The items, all pages."""
    client = await world.client(who)
    path = f"{API}/organisations/{organisation or world.organisation.id}/audit"
    found: list[dict[str, Any]] = []
    while True:
        answer = await client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        found += body["items"]
        if body["next_cursor"] is None:
            return found
        query["cursor"] = body["next_cursor"]


async def test_its_lead_reads_what_was_done_for_it(world: World) -> None:
    said = await contribute(world)
    own = await contribute(world, capacity="personal")
    drafted = await contribute(world, draft=True)
    await world.post("lead", f"{API}/contributions/{said['id']}/positions", {"stance": "supports"})
    invited = await world.post(
        "lead",
        f"{API}/invitations",
        {
            "email": f"x-{uuid4().hex[:8]}@alliage.example",
            "organisation_id": str(world.organisation.id),
            "powers": ["contributes"],
        },
    )
    assert invited.status_code == 201, invited.text
    items = await audit(world, "lead", limit=2)
    told = [(item["verb"], item["object_id"]) for item in items]
    assert len(set(told)) == len(told)
    assert {verb for verb, _ in told} == {"contribution.submitted", "position.taken", "invitation.sent"}
    assert ("contribution.submitted", said["id"]) in told
    assert not {own["id"], drafted["id"]} & {object_id for _, object_id in told}
    assert [item["id"] for item in items] == sorted((item["id"] for item in items), reverse=True)


async def test_what_others_did_to_its_words_and_its_places_is_there(world: World) -> None:
    said, own = await contribute(world), await contribute(world, capacity="personal")
    for each in (said, own):
        path = f"{API}/contributions/{each['id']}/moderate"
        done = await world.post("copilot", path, {"reason": "off_topic"}, **{"If-Match": "*"})
        assert done.status_code == 200, done.text
    grants = f"{API}/initiatives/{world.initiative.id}/access-grants"
    assert (await world.post("admin", grants, {"reason": "Signalement d’un membre."})).status_code == 201
    path = f"{API}/spaces/{world.restricted.id}/members/{world.organisation.id}/end"
    assert (await world.post("copilot", path)).status_code == 200
    found = {item["verb"]: item for item in await audit(world, "lead")}
    assert found["access_grant.opened"]["person_id"] == str(world.persons["admin"].id)
    assert found["space_member.ended"]["organisation_id"] == str(world.piloting.id)
    assert "Signalement" not in str(found)
    assert "contribution.moderated" not in found, "it has left the space: what goes on there is not its business"
    assert own["id"] not in str(found)


async def test_its_moderated_words_are_told_while_it_is_there(world: World) -> None:
    said, own = await contribute(world), await contribute(world, capacity="personal")
    for each in (said, own):
        path = f"{API}/contributions/{each['id']}/moderate"
        await world.post("copilot", path, {"reason": "off_topic"}, **{"If-Match": "*"})
    found = [item["object_id"] for item in await audit(world, "lead") if item["verb"] == "contribution.moderated"]
    assert found == [said["id"]]


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("visitor", 401),
        *((who, 403) for who in ("stranger", "observer", "outsider", "participant", "colleague")),
        *((who, 403) for who in ("facilitator", "copilot", "admin")),
        ("lead", 200),
    ],
)
async def test_nobody_else_reads_it(world: World, who: str, status: int) -> None:
    client = await world.client(who)
    assert (await client.get(f"{API}/organisations/{world.organisation.id}/audit")).status_code == status
    assert (await client.get(f"{API}/organisations/{uuid4()}/audit")).status_code == 404


async def test_whoever_manages_it_in_one_initiative_reads_that_one(world: World, database: Database) -> None:
    said = await contribute(world)
    await world.post(
        "lead",
        f"{API}/invitations",
        {
            "email": f"x-{uuid4().hex[:8]}@alliage.example",
            "organisation_id": str(world.organisation.id),
            "powers": ["contributes"],
        },
    )
    manager = person("responsable-ici")
    async with database.sessions() as db:
        db.add(manager)
        await db.flush()
        held = mandate(manager.id, world.organisation.id, ["manages"])
        held.initiative_id = world.initiative.id
        device = login(manager.id)
        db.add_all([held, device])
        await db.commit()
    world.persons["manager"], world.logins["manager"] = manager, device
    assert [item["object_id"] for item in await audit(world, "manager")] == [said["id"]]
    assert len(await audit(world, "lead")) == 2

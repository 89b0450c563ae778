"""Whoever administers the platform acts for no organisation, and lets nobody in unseen (ADR 10)."""

from __future__ import annotations

from uuid import uuid4

import pytest
from fastapi import FastAPI

from app.features.identity.models import Mandate
from tests.features.identity.doors import api_token, visitor
from tests.features.identity.test_mandates import URL, body_of, end_mandate, former_colleague
from tests.world import World, mandate


async def _old_mandate_of_the_administrator(world: World) -> Mandate:
    """One that was written before the rule, by any way."""
    async with world.database.sessions() as db:
        old = mandate(world.persons["admin"].id, world.organisation.id, ["speaks", "manages"])
        db.add(old)
        await db.commit()
    return old


async def test_an_administrator_takes_no_mandate(world: World) -> None:
    """It would open what an access grant opens, for ever and unseen."""
    for powers in (["observes"], ["speaks"]):
        taken = await world.post("admin", URL, body_of(world, "admin", powers=powers))
        assert taken.status_code == 409, taken.text
        assert taken.json()["type"] == "/problems/administrator-without-mandate"
    old = await _old_mandate_of_the_administrator(world)
    change = await world.post("lead", f"{URL}/{old.id}/change", {"powers": ["observes"]}, **{"If-Match": "*"})
    assert change.json()["type"] == "/problems/administrator-without-mandate"
    assert (await end_mandate(world, "admin", old.id)).status_code == 200


@pytest.mark.parametrize("scope", ["login", "write", "read"])
async def test_a_mandate_gives_an_administrator_nothing(world: World, app: FastAPI, scope: str) -> None:
    await _old_mandate_of_the_administrator(world)
    token = world.token("admin") if scope == "login" else await api_token(world, "admin", scope)
    async with visitor(app, token=token) as client:
        assert (await client.get(f"/api/v1/spaces/{world.restricted.id}")).status_code == 404
        words = {"space_id": str(world.restricted.id), "kind": "need", "title": "T", "markdown": "Deux mois."}
        said = await client.post("/api/v1/contributions", json=words, headers={"Idempotency-Key": str(uuid4())})
        assert said.status_code in {403, 404}, said.text
    # Nor does it make them the one who stays to manage.
    assert (await end_mandate(world, "lead", world.mandates["lead"].id)).status_code == 409


async def test_copilots_see_whom_an_administrator_lets_in(world: World) -> None:
    left = await former_colleague(world)
    given = await world.post("admin", URL, body_of(world, "lead", person_id=str(left.id)))
    assert given.status_code == 201, given.text
    seen = {"object_id": given.json()["id"]}
    [told] = (await (await world.client("copilot")).get("/api/v1/events", params=seen)).json()["items"]
    assert told["verb"] == "mandate.given_by_administrator"
    assert told["person_id"] == str(world.persons["admin"].id)
    assert told["organisation_id"] is told["capacity"] is None, "an administrator acts for no organisation"
    organisation = str(world.organisation.id)
    assert told["data"] == {"organisation": organisation, "person": str(left.id), "powers": ["contributes"]}
    assert (await (await world.client("outsider")).get("/api/v1/events", params=seen)).json()["items"] == []

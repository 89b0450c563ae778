"""Somebody whom two co-pilot organisations mandated says, in the request, for which one they act (docs/adr/0011)."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from app.core.events import Event
from tests.climbing import call
from tests.world import World, second_copilot


@pytest.fixture
async def second(world: World) -> UUID:
    """Another co-pilot organisation, which mandates the co-pilot too."""
    return await second_copilot(world)


async def test_nobody_guesses_for_which_co_pilot_somebody_acts(world: World, second: UUID) -> None:
    body = {"initiative_id": str(world.initiative.id), "title": "Nouvel espace"}
    refused = await call(world, "copilot", "POST", "/spaces", body)
    assert refused.status_code == 422, refused.text
    assert refused.json()["errors"][0]["pointer"] == "header:Acting-For"
    for organisation_id in (world.piloting.id, second):
        made = await call(world, "copilot", "POST", "/spaces", body, **{"Acting-For": str(organisation_id)})
        assert made.status_code == 201, made.text
        async with world.database.reading() as connection:
            signed = await connection.execute(
                select(Event.organisation_id).where(Event.object_id == UUID(made.json()["id"]))
            )
            assert set(signed.scalars()) == {organisation_id}
    for other in (world.organisation.id, uuid4()):
        answer = await call(world, "copilot", "POST", "/spaces", body, **{"Acting-For": str(other)})
        assert answer.status_code == 403, answer.text
        assert answer.json()["type"] == "/problems/no-mandate-here"
    malformed = await call(world, "copilot", "POST", "/spaces", body, **{"Acting-For": "Le RAMEAU"})
    assert malformed.status_code == 422


async def test_the_same_request_for_another_organisation_is_another_request(world: World, second: UUID) -> None:
    body = {"initiative_id": str(world.initiative.id), "title": "Nouvel espace"}
    key = {"Idempotency-Key": str(uuid4())}
    first = await call(world, "copilot", "POST", "/spaces", body, **key, **{"Acting-For": str(second)})
    assert first.status_code == 201, first.text
    again = await call(world, "copilot", "POST", "/spaces", body, **key, **{"Acting-For": str(world.piloting.id)})
    assert again.status_code == 422, again.text
    assert again.json()["type"] == "/problems/idempotency-key-reused"

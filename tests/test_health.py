"""The service says whether it works."""

from __future__ import annotations

import httpx
import pytest

from app.web import assets
from tests.world import LADDER, World


async def test_the_process_and_the_database_answer(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    assert (await client.get("/readyz")).json() == {"status": "ready"}


async def test_an_unknown_address_is_a_problem_document(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/not-found"


@pytest.mark.parametrize("who", LADDER)
async def test_everybody_of_the_ladder_is_known(world: World, who: str) -> None:
    actor = await world.actor(who)
    assert actor.signed_in == (who != "visitor")
    assert (world.restricted.id in actor.inner_spaces) == (
        who in {"observer", "participant", "colleague", "lead", "facilitator", "copilot"}
    )
    assert (world.initiative.id in actor.piloted) == (who == "copilot")


@pytest.mark.parametrize(
    "address", ["/", "/healthz", "/api/v1/editions", assets.asset("alliage.css"), "/api/v1/nothing"]
)
async def test_a_head_is_answered_as_a_get_without_its_body(client: httpx.AsyncClient, address: str) -> None:
    got, asked = await client.get(address), await client.head(address)
    assert asked.status_code == got.status_code
    assert asked.content == b""
    for name in ("content-type", "content-length", "etag", "cache-control"):
        assert asked.headers.get(name) == got.headers.get(name), name

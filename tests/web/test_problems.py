"""What a refusal says, in French, and of what."""

from __future__ import annotations

import httpx

from tests.world import World

HEADERS = {"Content-Type": "application/json"}


async def test_a_body_that_is_no_json_points_nowhere_in_it(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/auth/sign-in", content=b"{pas du json", headers=HEADERS)
    assert answer.status_code == 400
    assert answer.json()["detail"] == "Le corps n’est pas du JSON lisible."
    assert "errors" not in answer.json()


async def test_the_values_that_are_possible_are_listed_in_french(world: World) -> None:
    body = {"space_id": str(world.restricted.id), "kind": "avis", "title": "Un titre", "markdown": "Un texte."}
    answer = await world.post("participant", "/api/v1/contributions", body)
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "/kind"
    assert " ou 'example'." in error["detail"]

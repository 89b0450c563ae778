"""Every filter of the list of contributions is a question that the database understands."""

from __future__ import annotations

import httpx
import pytest

from tests.features.statements.test_contributions_api import contribute
from tests.world import World


@pytest.mark.parametrize(
    ("path", "query", "wrong"),
    [
        ("contributions", "organisation=x", "organisation"),
        ("spaces", "initiative=x&limit=2", "initiative"),
        ("sessions", "space_id=0d44add7-8388-4e0b-a325-9a4689149b4c&from=2020-01-01", "from"),
        ("mandates", "person=me", "person"),
        ("organisations", "limt=2", "limt"),
    ],
)
async def test_an_unknown_filter_is_refused_and_never_answers_the_whole_list(
    client: httpx.AsyncClient, path: str, query: str, wrong: str
) -> None:
    answer = await client.get(f"/api/v1/{path}?{query}")
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"] == [{"pointer": f"query:{wrong}", "detail": "Ce champ n’existe pas ici."}]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("tag=urgence", False),
        ("kind=need", True),
        ("kind=question", False),
        ("mine=true", True),
        ("since=2020-01-01T00:00:00Z", True),
        ("until=2020-01-01T00:00:00Z", False),
        ("session_id=0d44add7-8388-4e0b-a325-9a4689149b4c", False),
    ],
)
async def test_a_filter_narrows_the_list(world: World, query: str, found: bool) -> None:
    body = await contribute(world)
    client = await world.client("participant")
    answer = await client.get(f"/api/v1/contributions?space_id={world.restricted.id}&{query}")
    assert answer.status_code == 200, answer.text
    assert [item["id"] for item in answer.json()["items"]] == ([body["id"]] if found else [])

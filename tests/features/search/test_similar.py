"""Already said? What others wrote of the same is found while one types."""

from __future__ import annotations

from typing import Any

import pytest

from app.features.search.queries.similar import telling
from tests.factories import make_contribution, make_reply
from tests.world import World

API = "/api/v1/search/similar"
SAID = "Les centres d’hébergement manquent de blanchisserie industrielle pour laver les draps chaque semaine."


async def similar(world: World, who: str, text: str, **over: Any) -> list[str]:
    """The ids found."""
    client = await world.client(who)
    answer = await client.post(API, json={"space_id": str(world.restricted.id), "text": text} | over)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def test_the_same_idea_in_other_words_is_found_and_another_is_not(world: World) -> None:
    same = await make_contribution(world, SAID, title="Blanchisserie")
    await make_contribution(world, "La trésorerie manque.", title="Trésorerie")
    await make_contribution(world, SAID, space=world.shared)
    await make_contribution(world, SAID, state="withdrawn")
    await make_reply(world, same, SAID)
    typed = "Nous n’avons plus de blanchisseries pour les draps de nos hébergements"
    assert await similar(world, "colleague", typed) == [str(same.id)]
    assert await similar(world, "colleague", "Un potager partagé au pied des immeubles") == []
    assert await similar(world, "colleague", "draps") == [], "one word is not an idea"
    for text in ("", "les de la pour nous", "' & | ! <-> :* \\ \x7f", "a" * 40_000):
        assert await similar(world, "colleague", text) == []


async def test_what_is_hidden_is_not_found(world: World) -> None:
    kept = await make_contribution(world, SAID, space=world.shared, consent="internal")
    out = await make_contribution(world, SAID, space=world.shared)
    place = {"space_id": str(world.shared.id)}
    assert set(await similar(world, "colleague", SAID, **place)) == {str(kept.id), str(out.id)}
    assert await similar(world, "observer", SAID, **place) == [str(out.id)]
    for who, status in (("visitor", 401), ("outsider", 404), ("stranger", 404), ("admin", 404)):
        client = await world.client(who)
        answer = await client.post(API, json={"space_id": str(world.restricted.id), "text": SAID})
        assert answer.status_code == status, who


class Row:
    """A stem and how common it is."""

    def __init__(self, stem: str, frequency: float, total: float = 100_000) -> None:
        self.stem, self.frequency, self.total = stem, frequency, total


@pytest.mark.parametrize(
    ("rows", "chosen"),
    [
        ([Row("drap", 0.0), Row("associ", 0.5), Row("linge", 0.001)], ["drap", "linge", "associ"]),
        ([Row("le", 0.9), Row("plus", 0.3), Row("drap", 0.0)], ["drap"]),
        ([Row(f"mot{n}", 0.001 * n) for n in range(1, 30)], [f"mot{n}" for n in range(1, 5)]),
    ],
)
def test_the_rarest_stems_are_looked_for_as_far_as_the_candidates_go(rows: list[Any], chosen: list[str]) -> None:
    assert list(telling(rows)) == chosen

"""Each contribution says where it went: to its author and to those inside, once an edition has printed it."""

from __future__ import annotations

from typing import Any

from tests.factories import make_contribution
from tests.features.editions.shelf import publish, ready
from tests.world import World


async def became(world: World, who: str, statement: Any, **query: Any) -> list[dict[str, Any]]:
    """The items of the first page."""
    client = await world.client(who)
    answer = await client.get(f"/api/v1/contributions/{statement.id}/treatments", params=query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_the_author_reads_what_editions_made_of_it_and_nothing_of_the_draft(world: World) -> None:
    merged, aside = [await make_contribution(world, title=f"Autre {n}") for n in range(2)]
    text = await ready(world)
    await text.desk.treat(text.deliverable, merged, "answered")
    await text.desk.treat(text.deliverable, merged, "merged", target_id=str(text.statement.id))
    await text.desk.treat(text.deliverable, aside, "set_aside", reason_code="out_of_mandate")
    path = f"/treatments?deliverable_id={text.deliverable['id']}&statement_id={merged.id}&limit=1"
    page = await text.desk.ok("GET", path)
    rest = await text.desk.ok("GET", f"{path}&cursor={page['next_cursor']}")
    assert [each["outcome"] for each in (*page["items"], *rest["items"])] == ["merged", "answered"]
    assert rest["next_cursor"] is None
    assert await became(world, "participant", merged) == []
    assert [each["outcome"] for each in await became(world, "copilot", merged)] == ["merged"]
    first = await publish(text.desk, text.deliverable, "Première")
    [cited] = await became(world, "participant", text.statement)
    assert (cited["outcome"], cited["edition"]["id"], cited["sentence"]) == ("cited", first["id"], None)
    [passage] = cited["passages"]
    assert passage == {
        "ordinal": 1,
        "note": 1,
        "relation": "quotes",
        "markdown": "La trésorerie inquiète **tout le monde**, à raison.",
    }
    [into] = await became(world, "participant", merged)
    assert (into["outcome"], into["target_id"], into["target"]) == ("merged", str(text.statement.id), "Trésorerie")
    assert into["sentence"]
    assert into["deliverable"] == first["title"]
    # Judged anew: members still read what is printed, until the next edition is.
    await text.desk.treat(text.deliverable, aside, "answered")
    for who, outcomes in (("colleague", ["set_aside"]), ("copilot", ["answered", "set_aside"])):
        assert [each["outcome"] for each in await became(world, who, aside)] == outcomes, who
    await publish(text.desk, text.deliverable, "Seconde")
    for who in ("observer", "copilot"):
        assert [each["outcome"] for each in await became(world, who, aside)] == ["answered", "set_aside"], who
    client = await world.client("participant")
    path = f"/api/v1/contributions/{aside.id}/treatments"
    page = (await client.get(path, params={"limit": 1})).json()
    rest = (await client.get(path, params={"limit": 1, "cursor": page["next_cursor"]})).json()
    assert [each["outcome"] for each in (*page["items"], *rest["items"])] == ["answered", "set_aside"]
    assert rest["next_cursor"] is None


async def test_what_it_was_merged_into_is_named_to_those_who_may_read_it(world: World) -> None:
    merged = await make_contribution(world, space=world.shared, title="Ailleurs")
    text = await ready(world)
    await text.desk.treat(text.deliverable, merged, "merged", target_id=str(text.statement.id))
    await publish(text.desk, text.deliverable)
    for who, target in (("participant", str(text.statement.id)), ("outsider", None)):
        [into] = await became(world, who, merged)
        assert (into["outcome"], into["target_id"]) == ("merged", target), who
    # An institution that reads the space from outside reads the contribution, and the editions.
    outside = await world.client("observer")
    path = f"/api/v1/contributions/{merged.id}"
    assert [(await outside.get(path + end)).status_code for end in ("", "/treatments")] == [200, 404]

"""Who may do what with a space, route by route."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from app.features.spaces.models import Space
from tests.climbing import assert_hidden_like_unknown, call, climb
from tests.world import LADDER, World

HIDDEN = dict.fromkeys(("visitor", "stranger", "outsider", "admin"), 404)
"""The restricted space does not exist for them: the administrator has opened no access."""
READERS_ONLY = HIDDEN | dict.fromkeys(("observer", "participant", "colleague", "lead"), 403)
NO_PILOT = dict.fromkeys(("observer", "outsider", "participant", "colleague", "lead", "facilitator", "admin"), 403)


async def show(world: World, space: Space, visibility: str) -> None:
    """Change who may read a space, as a row."""
    async with world.database.sessions() as db:
        db.add(space)
        space.visibility = visibility
        await db.commit()


async def test_the_list_shows_each_the_spaces_that_they_read(world: World) -> None:
    restricted, shared = str(world.restricted.id), str(world.shared.id)
    for who in LADDER:
        answer = await call(world, who, "GET", f"/spaces?initiative_id={world.initiative.id}")
        seen = {item["id"]: item["read_from"] for item in answer.json()["items"]}
        expected = {} if who in HIDDEN else {restricted: "inside", shared: "inside"}
        if who == "outsider":
            expected = {shared: "inside"}
        if who == "observer":
            expected[shared] = "outside"
        assert seen == expected, who


async def test_hidden_and_unknown_initiatives_filter_alike(world: World) -> None:
    hidden = await call(world, "stranger", "GET", f"/spaces?initiative_id={world.initiative.id}")
    unknown = await call(world, "stranger", "GET", f"/spaces?initiative_id={uuid4()}")
    assert hidden.content == unknown.content
    assert hidden.json() == {"items": [], "next_cursor": None}


@pytest.mark.parametrize("tail", ["", "/members", "/facilitators"])
async def test_reading(world: World, tail: str) -> None:
    await climb(world, "GET", f"/spaces/{world.restricted.id}{tail}", HIDDEN)
    for who in HIDDEN:
        await assert_hidden_like_unknown(
            world, who, "GET", f"/spaces/{world.restricted.id}{tail}", f"/spaces/{uuid4()}{tail}"
        )


async def test_facilitators_are_named_inside_and_counted_outside(world: World) -> None:
    await show(world, world.restricted, "public")
    path = f"/spaces/{world.restricted.id}"
    await climb(world, "GET", path, {})
    name = str(world.persons["facilitator"].name)
    for who in LADDER:
        body = (await call(world, who, "GET", path)).json()
        inside = who not in HIDDEN
        assert body["read_from"] == ("inside" if inside else "outside"), who
        assert [one["person_name"] for one in body["facilitators"]] == ([name] if inside else []), who
        assert body["facilitators_count"] == 1
        assert body["members_count"] == 2
    refused = dict.fromkeys(("stranger", "outsider", "admin"), 403) | {"visitor": 401}
    answers = await climb(world, "GET", f"{path}/facilitators", refused)
    assert all(name not in answers[who].text for who in refused)
    await climb(world, "GET", f"{path}/members", {})


async def test_creating(world: World) -> None:
    body = {"initiative_id": str(world.initiative.id), "title": "Nouvel espace"}
    answers = await climb(world, "POST", "/spaces", NO_PILOT | {"visitor": 401, "stranger": 422}, body)
    made = answers["copilot"].json()
    assert made["number"] == 3
    assert made["visibility"] == "members"
    assert made["read_from"] == "inside"
    hidden, unknown = (
        answers["stranger"],
        await call(world, "stranger", "POST", "/spaces", body | {"initiative_id": str(uuid4())}),
    )
    assert hidden.content == unknown.content
    read = await call(world, "copilot", "GET", f"/spaces/{made['id']}")
    assert read.status_code == 200
    assert (await call(world, "lead", "GET", f"/spaces/{made['id']}")).status_code == 404


async def test_editing(world: World) -> None:
    await climb(world, "PATCH", f"/spaces/{world.restricted.id}", READERS_ONLY, {"title": "Autre"})
    await climb(world, "POST", f"/spaces/{world.restricted.id}/close", READERS_ONLY)
    await climb(world, "POST", f"/spaces/{world.restricted.id}/reopen", READERS_ONLY)
    for method, tail in (("PATCH", ""), ("POST", "/close"), ("POST", "/reopen")):
        body = {"title": "x"} if method == "PATCH" else None
        await assert_hidden_like_unknown(
            world, "outsider", method, f"/spaces/{world.restricted.id}{tail}", f"/spaces/{uuid4()}{tail}", body
        )


async def test_members(world: World) -> None:
    path = f"/spaces/{world.restricted.id}/members"
    body = {"organisation_id": str(world.other.id)}
    await climb(world, "POST", path, READERS_ONLY, body)
    assert (await call(world, "outsider", "GET", f"/spaces/{world.restricted.id}")).status_code == 200
    # A member now, the outsider is refused instead of finding nothing.
    refused = READERS_ONLY | {"outsider": 403}
    await climb(world, "POST", f"{path}/{world.other.id}/end", refused)
    assert (await call(world, "outsider", "GET", f"/spaces/{world.restricted.id}")).status_code == 404
    await assert_hidden_like_unknown(
        world, "outsider", "POST", f"{path}/{world.organisation.id}/end", f"/spaces/{uuid4()}/members/{uuid4()}/end"
    )


async def test_facilitators(world: World) -> None:
    path = f"/spaces/{world.restricted.id}/facilitators"
    outsider = world.persons["outsider"].id
    await climb(world, "POST", path, READERS_ONLY, {"person_id": str(outsider)})
    body = (await call(world, "outsider", "GET", f"/spaces/{world.restricted.id}")).json()
    assert "space:edit" in body["abilities"]
    refused = {who: status for who, status in READERS_ONLY.items() if who != "outsider"}
    refused |= {"facilitator": 403}  # the outsider, first on the ladder, ends them
    answers = await climb(world, "POST", f"{path}/{world.persons['facilitator'].id}/end", refused)
    assert answers["outsider"].json()["until"] is not None
    assert (
        await call(world, "facilitator", "PATCH", f"/spaces/{world.restricted.id}", {"title": "x"})
    ).status_code == 403


@pytest.mark.parametrize(("kind", "field"), [("members", "organisation_id"), ("facilitators", "person_id")])
async def test_who_does_not_take_part_answers_like_who_does_not_exist(world: World, kind: str, field: str) -> None:
    known: dict[str, UUID] = {"members": world.foreign.id, "facilitators": world.persons["stranger"].id}
    path = f"/spaces/{world.restricted.id}/{kind}"
    hidden = await call(world, "copilot", "POST", path, {field: str(known[kind])})
    unknown = await call(world, "copilot", "POST", path, {field: str(uuid4())})
    assert hidden.status_code == unknown.status_code == 422
    assert hidden.content == unknown.content
    assert hidden.json()["errors"][0]["pointer"] == f"/{field}"


async def test_an_access_grant_lets_the_administrator_in_for_its_hour(world: World) -> None:
    path = f"/spaces/{world.restricted.id}"
    assert (await call(world, "admin", "GET", path)).status_code == 404
    opened = await call(
        world, "admin", "POST", f"/initiatives/{world.initiative.slug}/access-grants", {"reason": "Signalement reçu."}
    )
    body = (await call(world, "admin", "GET", path)).json()
    assert body["read_from"] == "inside"
    assert body["abilities"] == []
    assert (await call(world, "admin", "PATCH", path, {"title": "x"})).status_code == 403
    await call(world, "admin", "POST", f"/access-grants/{opened.json()['id']}/end")
    assert (await call(world, "admin", "GET", path)).status_code == 404

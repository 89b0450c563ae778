"""What a space keeps, refuses and tells."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from app.core.events import Event
from app.core.versions import Expected
from app.features.initiatives import actions as initiatives
from app.features.initiatives.models import Participation
from app.features.spaces.models import Facilitator
from tests.climbing import call
from tests.world import World, from_now, mandate


async def events_of(world: World, space_id: UUID | str) -> list[Any]:
    """What happened in the space, in order."""
    question = select(Event).where(Event.space_id == UUID(str(space_id))).order_by(Event.id)
    async with world.database.sessions() as db:
        return list((await db.execute(question)).scalars())


async def test_stale_edits_are_refused(world: World) -> None:
    path = f"/spaces/{world.restricted.id}"
    etag = (await call(world, "facilitator", "GET", path)).headers["etag"]
    assert (await call(world, "copilot", "PATCH", path, {"title": "Un"}, **{"If-Match": etag})).status_code == 200
    for tail, method in (("", "PATCH"), ("/close", "POST")):
        body = {"title": "Deux"} if method == "PATCH" else None
        stale = await call(world, "facilitator", method, f"{path}{tail}", body, **{"If-Match": etag})
        assert (stale.status_code, stale.json()["current_version"]) == (412, 2)
        assert (await call(world, "facilitator", method, f"{path}{tail}", body, **{"If-Match": ""})).status_code == 428
    shown = (await call(world, "facilitator", "GET", path)).json()
    assert (shown["title"], shown["state"]) == ("Un", "open")


async def test_who_may_read_a_space_is_for_co_pilots_to_say(world: World) -> None:
    path = f"/spaces/{world.restricted.id}"
    refused = await call(world, "facilitator", "PATCH", path, {"title": "Autre", "visibility": "initiative"})
    assert refused.status_code == 403, refused.text
    same = await call(world, "facilitator", "PATCH", path, {"title": "Autre", "visibility": "members"})
    assert same.status_code == 200, same.text
    assert "space:show" not in same.json()["abilities"]
    assert "space:show" in (await call(world, "copilot", "GET", path)).json()["abilities"]


async def test_an_observer_runs_no_space(world: World) -> None:
    """Neither named, nor by an assignment that was made before they only observed."""
    path, observer = f"/spaces/{world.restricted.id}", world.persons["observer"].id
    refused = await call(world, "copilot", "POST", f"{path}/facilitators", {"person_id": str(observer)})
    assert refused.status_code == 422, refused.text
    row = {"initiative_id": world.initiative.id, "space_id": world.restricted.id, "person_id": observer}
    async with world.database.sessions() as db:
        db.add(Facilitator(**row, during=from_now()))
        contribution = mandate(observer, world.watching.id, ["contributes"])
        contribution.initiative_id = world.initiative.id
        db.add(contribution)  # an observer organisation has no voice, whatever it gives its people
        await db.commit()
    assert (await call(world, "observer", "PATCH", path, {"title": "Autre"})).status_code == 403
    assert not (await world.actor("observer")).facilitated


async def test_a_change_of_readers_is_told_apart_to_the_members(world: World) -> None:
    path = f"/spaces/{world.restricted.id}"
    await call(world, "copilot", "PATCH", path, {"visibility": "public", "question": "Et après ?"})
    told = await events_of(world, world.restricted.id)
    assert [(one.verb, one.audience, one.data) for one in told] == [
        ("space.edited", "space", {"fields": ["question"]}),
        ("space.visibility_changed", "space", {"before": "members", "after": "public"}),
    ]
    assert {(one.person_id, one.organisation_id, one.capacity) for one in told} == {
        (world.persons["copilot"].id, world.piloting.id, "organisation")
    }
    assert (await call(world, "visitor", "GET", path)).json()["question"] == "Et après ?"


async def test_closing_and_opening_again(world: World) -> None:
    path = f"/spaces/{world.restricted.id}"
    assert (await call(world, "copilot", "POST", f"{path}/reopen")).status_code == 409
    closed = await call(world, "copilot", "POST", f"{path}/close")
    assert closed.json()["state"] == "closed"
    assert "contribution:submit" not in closed.json()["abilities"]
    assert (await call(world, "copilot", "POST", f"{path}/close")).json()["allowed"] == ["reopen"]
    assert (await call(world, "copilot", "PATCH", path, {"title": "Bilan"})).status_code == 200
    assert (await call(world, "copilot", "POST", f"{path}/reopen")).json()["state"] == "open"
    assert [one.verb for one in await events_of(world, world.restricted.id)] == [
        "space.closed",
        "space.edited",
        "space.reopened",
    ]


async def test_two_new_spaces_never_take_the_same_number(world: World) -> None:
    body = {"initiative_id": str(world.initiative.id), "title": "Nouveau"}
    made = await asyncio.gather(*(call(world, "copilot", "POST", "/spaces", body) for _ in range(6)))
    assert [answer.status_code for answer in made] == [201] * 6
    assert sorted(answer.json()["number"] for answer in made) == [3, 4, 5, 6, 7, 8]
    taken = await call(world, "copilot", "POST", "/spaces", body | {"number": 3})
    assert taken.status_code == 409


async def test_an_archived_initiative_keeps_its_spaces_as_they_are(world: World) -> None:
    async with world.database.sessions() as db:
        actor, reference = await world.actor("copilot"), str(world.initiative.id)
        await initiatives.close(db, actor, reference, Expected(any_version=True))
        await initiatives.archive(db, actor, reference, Expected(any_version=True))
        await db.commit()
    for method, tail, body in (
        ("PATCH", "", {"title": "x"}),
        ("POST", "/close", None),
        ("POST", "/members", {"organisation_id": str(world.other.id)}),
    ):
        answer = await call(world, "copilot", method, f"/spaces/{world.restricted.id}{tail}", body)
        assert answer.json()["type"] == "/problems/initiative-archived", tail
    assert (await call(world, "lead", "GET", f"/spaces/{world.restricted.id}")).status_code == 200


async def test_an_organisation_is_a_member_once_at_a_time(world: World) -> None:
    path = f"/spaces/{world.restricted.id}/members"
    body = {"organisation_id": str(world.organisation.id)}
    assert (await call(world, "copilot", "POST", path, body)).status_code == 409
    assert (await call(world, "copilot", "POST", f"{path}/{uuid4()}/end")).status_code == 404
    ended = await call(world, "copilot", "POST", f"{path}/{world.organisation.id}/end")
    assert ended.json()["until"] is not None
    assert (await call(world, "copilot", "POST", f"{path}/{world.organisation.id}/end")).status_code == 409
    assert (await call(world, "copilot", "POST", path, body)).status_code == 201
    listed = await call(world, "observer", "GET", path)
    assert {item["organisation_id"] for item in listed.json()["items"]} == {
        str(world.organisation.id),
        str(world.watching.id),
    }
    everybody = await call(world, "observer", "GET", f"{path}?running=false")
    assert len(everybody.json()["items"]) == 3
    assert [one.verb for one in await events_of(world, world.restricted.id)] == [
        "space_member.ended",
        "space_member.added",
    ]


async def test_a_facilitator_who_ended_reads_by_membership_alone(world: World) -> None:
    path = f"/spaces/{world.restricted.id}"
    person = world.persons["facilitator"].id
    assert (await call(world, "copilot", "POST", f"{path}/facilitators", {"person_id": str(person)})).status_code == 409
    await call(world, "copilot", "POST", f"{path}/facilitators/{person}/end")
    shown = (await call(world, "facilitator", "GET", path)).json()
    assert (shown["read_from"], "space:edit" in shown["abilities"]) == ("inside", False)
    assert shown["facilitators"] == []
    listed = await call(world, "lead", "GET", f"{path}/facilitators?running=false")
    assert [item["person_id"] for item in listed.json()["items"]] == [str(person)]


async def test_spaces_and_members_are_read_page_by_page(world: World) -> None:
    body = {"initiative_id": str(world.initiative.id), "title": "Nouveau"}
    for _ in range(3):
        await call(world, "copilot", "POST", "/spaces", body)
    for path, total in (
        (f"/spaces?initiative_id={world.initiative.id}&limit=2", 5),
        (f"/spaces/{world.restricted.id}/members?limit=1", 2),
        (f"/spaces/{world.restricted.id}/facilitators?limit=1", 1),
    ):
        seen: list[Any] = []
        address = path
        while address:
            answer = await call(world, "copilot", "GET", address)
            seen += answer.json()["items"]
            address = answer.headers.get("link", "").split(">")[0].removeprefix("</api/v1")
        assert len(seen) == len({str(item) for item in seen}) == total, path
        assert (await call(world, "copilot", "GET", f"{path}&cursor=abc")).status_code == 400


async def test_an_organisation_that_leaves_the_initiative_leaves_its_spaces(world: World) -> None:
    question = select(Participation).where(
        Participation.initiative_id == world.initiative.id, Participation.organisation_id == world.organisation.id
    )
    async with world.database.sessions() as db:
        participation = (await db.execute(question)).scalar_one()
    ended = await call(world, "copilot", "POST", f"/participations/{participation.id}/end")
    assert ended.status_code == 200, ended.text
    for space in (world.restricted, world.shared):
        shown = (await call(world, "copilot", "GET", f"/spaces/{space.id}")).json()
        assert shown["members_count"] == 1
        left = [one for one in await events_of(world, space.id) if one.verb == "space_member.ended"]
        assert [(one.data, one.organisation_id, one.audience) for one in left] == [
            ({"member": str(world.organisation.id)}, world.piloting.id, "space")
        ]
    body = {"organisation_id": str(world.organisation.id), "role": "participant"}
    back = await call(world, "copilot", "POST", f"/initiatives/{world.initiative.id}/participations", body)
    assert back.status_code == 201, back.text
    assert (await call(world, "participant", "GET", f"/spaces/{world.restricted.id}")).status_code == 404
    again = await call(
        world, "copilot", "POST", f"/spaces/{world.restricted.id}/members", {"organisation_id": body["organisation_id"]}
    )
    assert again.status_code == 201, again.text
    assert (await call(world, "participant", "GET", f"/spaces/{world.restricted.id}")).status_code == 200


async def test_nobody_enters_a_space_while_they_leave_the_initiative(world: World) -> None:
    question = select(Participation).where(
        Participation.initiative_id == world.initiative.id, Participation.organisation_id == world.other.id
    )
    body = {"organisation_id": str(world.other.id)}
    async with world.database.sessions() as db:
        participation = (await db.execute(question)).scalar_one()
        await initiatives.end_participation(db, await world.actor("copilot"), participation.id)
        path = f"/spaces/{world.restricted.id}/members"
        entering = asyncio.create_task(call(world, "facilitator", "POST", path, body))
        await asyncio.sleep(0.3)
        assert not entering.done(), "it must wait to know whether the organisation still takes part"
        await db.commit()
    assert (await entering).status_code == 422

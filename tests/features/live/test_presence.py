"""Who is writing where: said to those who may write there, for as long as they go on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, text, update

from app.core.clock import now
from app.features.live.actions import forget_presences_before
from app.features.live.models import Presence
from app.settings import Settings
from tests.features.deliverables.desk import Desk
from tests.features.live.listening import following, served
from tests.world import World, login, mandate, person

Serving = tuple[FastAPI, str]


@pytest.fixture(scope="module")
async def serving(settings: Settings) -> AsyncIterator[Serving]:
    async with served(settings) as it:
        yield it


async def _second_copilot(world: World) -> None:
    async with world.database.sessions() as db:
        world.persons["second"] = person("Seconde")
        db.add(world.persons["second"])
        await db.flush()
        world.logins["second"] = login(world.persons["second"].id)
        db.add_all([world.logins["second"], mandate(world.persons["second"].id, world.piloting.id, ["contributes"])])
        await db.commit()


async def _passage(world: World) -> tuple[str, str]:
    desk = Desk(world)
    deliverable = await desk.deliverable()
    passage = await desk.passage(await desk.section(deliverable), "Un texte.")
    return deliverable["id"], passage["id"]


async def test_two_who_write_there_know_of_each_other(world: World) -> None:
    await _second_copilot(world)
    deliverable, passage = await _passage(world)
    one, two = Desk(world), Desk(world, "second")
    alone = await one.ok("PUT", f"/passages/{passage}/presence")
    assert [(who["person"], who["mine"]) for who in alone["items"]] == [(world.persons["copilot"].name, True)]
    both = await two.ok("PUT", f"/passages/{passage}/presence")
    assert [who["mine"] for who in both["items"]] == [False, True]
    again = await one.ok("PUT", f"/passages/{passage}/presence")
    assert again["items"][0]["since"] == alone["items"][0]["since"]
    assert again["items"][0]["until"] > alone["items"][0]["until"]
    listed = await two.ok("GET", f"/deliverables/{deliverable}/presence")
    assert {who["place"] for who in listed["items"]} == {f"passage:{passage}"}
    await one.ok("DELETE", f"/passages/{passage}/presence")
    await one.ok("DELETE", f"/passages/{passage}/presence")
    left = await two.ok("GET", f"/deliverables/{deliverable}/presence")
    assert [who["mine"] for who in left["items"]] == [True]


async def test_it_ends_when_nobody_says_it_again(world: World) -> None:
    deliverable, passage = await _passage(world)
    desk = Desk(world)
    first = (await desk.ok("PUT", f"/passages/{passage}/presence"))["items"][0]
    async with world.database.sessions() as db:
        over = {"since": now() - timedelta(minutes=2), "until": now() - timedelta(seconds=1)}
        await db.execute(update(Presence).where(Presence.place == f"passage:{passage}").values(**over))
        await db.commit()
    assert (await desk.ok("GET", f"/deliverables/{deliverable}/presence"))["items"] == []
    second = (await desk.ok("PUT", f"/passages/{passage}/presence"))["items"][0]
    assert second["since"] > first["since"], "who comes back begins anew"
    async with world.database.sessions() as db:
        assert await forget_presences_before(db, now() + timedelta(minutes=1)) >= 1
        await db.commit()


async def test_it_locks_nothing_and_the_version_decides(world: World) -> None:
    await _second_copilot(world)
    _, passage = await _passage(world)
    await Desk(world).ok("PUT", f"/passages/{passage}/presence")
    await Desk(world, "second").ok("PUT", f"/passages/{passage}/text", {"markdown": "Autre texte."}, match=1)
    await Desk(world).refused(412, "PUT", f"/passages/{passage}/text", {"markdown": "Trop tard."}, match=1)


async def _session(world: World) -> str:
    wish = {"initiative_id": str(world.initiative.id), "space_id": str(world.restricted.id), "title": "Séance"}
    times = {"starts_at": "2026-04-07T14:00", "ends_at": "2026-04-07T16:00"}
    return str((await Desk(world, "facilitator").ok("POST", "/sessions", wish | times))["id"])


async def test_those_who_may_not_write_are_told_no_name(world: World, serving: Serving) -> None:
    session = await _session(world)
    query, base, path = f"session_id={session}", serving[1], f"/sessions/{session}"
    async with (
        following(base, world.token("observer"), query) as reader,
        following(base, world.token("copilot"), query) as writer,
    ):
        await Desk(world, "facilitator").ok("PUT", f"{path}/minutes/presence")
        told = await writer.wait("presence", 1.5, verb="presence.came", place=f"minutes:{session}")
        assert (told["mine"], UUID(told["person_id"])) == (False, world.persons["facilitator"].id)
        await Desk(world, "facilitator").ok("DELETE", f"{path}/minutes/presence")
        await writer.wait("presence", 1.5, verb="presence.left")
        assert not reader.events
    await Desk(world, "observer").refused(403, "PUT", f"{path}/notes/presence")
    await Desk(world, "observer").refused(403, "GET", f"{path}/presence")
    await Desk(world, "outsider").refused(404, "GET", f"{path}/presence")


async def test_those_who_take_notes_know_of_each_other(world: World, serving: Serving) -> None:
    session = await _session(world)
    path = f"/sessions/{session}"
    async with following(serving[1], world.token("participant"), f"session_id={session}") as other:
        alone = await Desk(world, "colleague").ok("PUT", f"{path}/notes/presence")
        assert [who["place"] for who in alone["items"]] == [f"notes:{session}"]
        await other.wait("presence", 1.5, verb="presence.came", place=f"notes:{session}")
        found = await Desk(world, "participant").ok("GET", f"{path}/presence")
        assert [who["person"] for who in found["items"]] == [world.persons["colleague"].name]
    await Desk(world, "participant").refused(403, "PUT", f"{path}/minutes/presence")


async def test_it_costs_no_write_ahead_log(world: World) -> None:
    _, passage = await _passage(world)
    async with world.database.reading() as connection:
        kind = await connection.execute(text("SELECT relpersistence FROM pg_class WHERE relname = 'presences'"))
        assert kind.scalar_one() == "u"
    await Desk(world).ok("PUT", f"/passages/{passage}/presence")
    async with world.database.reading() as connection:
        found = await connection.execute(select(func.count()).where(Presence.place == f"passage:{passage}"))
        assert found.scalar_one() == 1


async def test_nobody_writes_in_an_archived_initiative(world: World) -> None:
    _, passage = await _passage(world)
    async with world.database.sessions() as db:
        await db.execute(text("UPDATE initiatives SET state = 'archived' WHERE id = :id"), {"id": world.initiative.id})
        await db.commit()
    await Desk(world).refused(409, "PUT", f"/passages/{passage}/presence")

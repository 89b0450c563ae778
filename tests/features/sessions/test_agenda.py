"""The agenda: points in an order, hours that follow from it, and what each may be about."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from app.features.sessions.models import SessionState
from tests.climbing import call
from tests.features.sessions.conftest import Plan, items, made
from tests.world import World


async def add(world: World, session: UUID, title: str, minutes: int, **more: Any) -> Any:
    return await made(world, "facilitator", f"/sessions/{session}/agenda", {"title": title, "minutes": minutes, **more})


async def hours(world: World, session: UUID) -> list[tuple[str, str, str]]:
    found = await items(world, "participant", f"/sessions/{session}/agenda")
    assert [item["position"] for item in found] == sorted(item["position"] for item in found)
    return [(item["title"], item["starts_at"][11:16], item["ends_at"][11:16]) for item in found]


async def test_hours_follow_from_the_order_and_from_how_long_each_point_takes(world: World, plan: Plan) -> None:
    session = await plan()
    await add(world, session, "Accueil", 10)
    last = await add(world, session, "Suites", 20)
    middle = await add(world, session, "Tour de table", 75, position=1, presenter_organisation_id=str(world.other.id))
    assert (middle["presenter_name"], middle["starts_at"]) == (world.other.name, "2026-04-07T12:10:00Z")
    assert await hours(world, session) == [
        ("Accueil", "12:00", "12:10"),
        ("Tour de table", "12:10", "13:25"),
        ("Suites", "13:25", "13:45"),
    ]
    path = f"/agenda-items/{last['id']}"
    assert (await call(world, "facilitator", "POST", f"{path}/move", {"position": 0})).json()["position"] == 0
    assert (await call(world, "facilitator", "PATCH", path, {"minutes": 30})).json()["ends_at"][11:16] == "12:30"
    assert [title for title, *_ in await hours(world, session)] == ["Suites", "Accueil", "Tour de table"]
    assert (await call(world, "facilitator", "DELETE", path)).status_code == 204
    assert await hours(world, session) == [("Accueil", "12:00", "12:10"), ("Tour de table", "12:10", "13:25")]
    for method, tail, body in (("GET", "", None), ("PATCH", "", {"minutes": 5}), ("DELETE", "", None)):
        assert (await call(world, "facilitator", method, f"{path}{tail}", body)).status_code == 404


async def test_a_session_that_moves_takes_its_agenda_along(world: World, plan: Plan) -> None:
    session = await plan()
    item = await add(world, session, "Accueil", 10)
    moved = {"starts_at": "2026-04-07T12:30Z", "ends_at": "2026-04-07T15:00Z"}
    await call(world, "facilitator", "PATCH", f"/sessions/{session}", moved)
    found = (await call(world, "participant", "GET", f"/agenda-items/{item['id']}")).json()
    assert (found["starts_at"], found["ends_at"]) == ("2026-04-07T12:30:00Z", "2026-04-07T12:40:00Z")


async def test_what_is_refused(world: World, plan: Plan) -> None:
    session = await plan()
    path = f"/sessions/{session}/agenda"
    for body in (
        {"title": "Sans durée"},
        {"title": "Trop court", "minutes": 0},
        {"title": "Trop long", "minutes": 1441},
        {"title": "Par une autre", "minutes": 5, "presenter_organisation_id": str(world.foreign.id)},
        {"title": "Par personne", "minutes": 5, "presenter_organisation_id": str(uuid4())},
    ):
        assert (await call(world, "facilitator", "POST", path, body)).status_code == 422, body
    item = await add(world, session, "Accueil", 10)
    etag = (await call(world, "copilot", "GET", f"/agenda-items/{item['id']}")).headers["etag"]
    await call(world, "copilot", "PATCH", f"/agenda-items/{item['id']}", {"minutes": 15})
    stale = await call(world, "copilot", "PATCH", f"/agenda-items/{item['id']}", {"minutes": 20}, **{"If-Match": etag})
    assert stale.status_code == 412
    assert await hours(world, session) == [("Accueil", "12:00", "12:15")]


async def test_a_point_is_about_a_contribution_of_the_sessions_own_space(world: World, plan: Plan) -> None:
    session, plenary = await plan(), await plan(plenary=True)
    item = await add(world, session, "Trésorerie", 30)
    of_all = await made(world, "copilot", f"/sessions/{plenary}/agenda", {"title": "Bilan", "minutes": 30})
    words = {"kind": "need", "title": "Trésorerie", "markdown": "Il manque deux mois."}
    here = await made(world, "participant", "/contributions", {**words, "space_id": str(world.restricted.id)})
    there = await made(world, "participant", "/contributions", {**words, "space_id": str(world.shared.id)})
    draft = {**words, "space_id": str(world.restricted.id), "draft": True}
    kept = await made(world, "participant", "/contributions", draft)
    path = f"/agenda-items/{item['id']}/contribution"
    for wrong in (there["id"], kept["id"], str(uuid4())):
        refused = await call(world, "facilitator", "PUT", path, {"contribution_id": wrong})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/contribution_id")
    linked = await call(world, "facilitator", "PUT", path, {"contribution_id": here["id"]})
    assert linked.json()["contribution_id"] == here["id"]
    assert (await call(world, "facilitator", "PUT", path, {"contribution_id": None})).json()["contribution_id"] is None
    everybodys = f"/agenda-items/{of_all['id']}/contribution"
    assert (await call(world, "copilot", "PUT", everybodys, {"contribution_id": here["id"]})).status_code == 422


async def test_a_locked_agenda_does_not_change(world: World, plan: Plan) -> None:
    session = await plan(SessionState.LOCKED)
    refused = await call(world, "copilot", "POST", f"/sessions/{session}/agenda", {"title": "Encore", "minutes": 5})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/session-locked")

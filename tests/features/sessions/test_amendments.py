"""The window in which those who came amend or validate the minutes; actions, which outlive the lock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from app.core.clock import now
from app.features.sessions.models import Session, SessionState
from tests.climbing import call
from tests.features.sessions.conftest import Plan, items, made, move_to
from tests.world import World


async def open_minutes(world: World, plan: Plan, *, present: bool = True) -> UUID:
    """A session with minutes, put to those who came."""
    session = await plan(SessionState.HELD)
    status = "present" if present else "excused"
    sheet = {"entries": [{"organisation_id": str(world.organisation.id), "status": status}]}
    assert (await call(world, "facilitator", "PUT", f"/sessions/{session}/attendance", sheet)).status_code == 200
    await call(world, "facilitator", "PUT", f"/sessions/{session}/minutes", {"markdown": "Douze présents."})
    opened = await call(world, "facilitator", "POST", f"/sessions/{session}/open-minutes")
    assert opened.status_code == 200, opened.text
    return session


async def test_minutes_are_open_for_two_weeks_unless_said_otherwise(world: World, plan: Plan) -> None:
    session = await open_minutes(world, plan)
    async with world.database.sessions() as db:
        until = (await db.get_one(Session, session)).minutes_until
    assert until is not None
    assert timedelta(days=13) < until - now() < timedelta(days=15)
    other = await plan(SessionState.HELD)
    past = await call(world, "copilot", "POST", f"/sessions/{other}/open-minutes", {"until": "2026-04-08T18:00"})
    assert past.status_code == 422
    body = {"until": "2199-04-08T18:00"}
    opened = await call(world, "copilot", "POST", f"/sessions/{other}/open-minutes", body)
    assert opened.json()["minutes_until"] == "2199-04-08T16:00:00Z"
    later = await call(world, "copilot", "PATCH", f"/sessions/{other}", {"minutes_until": "2199-05-08T18:00"})
    assert later.json()["minutes_until"] == "2199-05-08T16:00:00Z"
    planned = await plan()
    refused = await call(world, "copilot", "PATCH", f"/sessions/{planned}", {"minutes_until": "2199-05-08T18:00"})
    assert refused.status_code == 422


async def test_an_amendment_is_answered_before_the_session_is_locked(world: World, plan: Plan) -> None:
    session = await open_minutes(world, plan)
    path, text = f"/sessions/{session}/amendments", {"text": "Treize présents."}
    first = await made(world, "participant", path, text)
    assert (first["state"], first["minutes_n"], first["abilities"]) == ("proposed", 1, ["amendment:withdraw"])
    locked = await call(world, "copilot", "POST", f"/sessions/{session}/lock")
    assert (locked.status_code, locked.json()["type"]) == (409, "/problems/amendments-waiting")
    refusing = f"/amendments/{first['id']}/refuse"
    assert (await call(world, "copilot", "POST", refusing, {})).status_code == 422  # without a reason
    refused = await call(world, "copilot", "POST", refusing, {"reason": "Douze ont signé."})
    assert (refused.json()["state"], refused.json()["reason"]) == ("refused", "Douze ont signé.")
    for verb, body in (("accept", {}), ("refuse", {"reason": "Encore."}), ("withdraw", None)):
        who = "lead" if verb == "withdraw" else "copilot"
        again = await call(world, who, "POST", f"/amendments/{first['id']}/{verb}", body)
        assert again.status_code == 409, verb
    second, third = await made(world, "lead", path, text), await made(world, "colleague", path, text)
    accepted = await call(world, "facilitator", "POST", f"/amendments/{second['id']}/accept", {})
    assert accepted.json()["decided_by"] == str(world.persons["facilitator"].id)
    assert (await call(world, "lead", "POST", f"/amendments/{third['id']}/withdraw")).json()["state"] == "withdrawn"
    assert (await call(world, "copilot", "POST", f"/sessions/{session}/lock")).status_code == 200
    late = await call(world, "participant", "POST", path, text)
    assert (late.status_code, late.json()["type"]) == (409, "/problems/session-locked")
    assert [row["state"] for row in await items(world, "observer", path)] == ["refused", "accepted", "withdrawn"]


async def test_only_organisations_that_came_say_something_before_the_window_ends(world: World, plan: Plan) -> None:
    absent = await open_minutes(world, plan, present=False)
    validate = {"n": 1}
    for tail, body in (("amendments", {"text": "Non."}), ("minutes/validate", validate)):
        refused = await call(world, "participant", "POST", f"/sessions/{absent}/{tail}", body)
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-present")
    assert await items(world, "participant", "/me/sessions/awaited") == []
    session = await open_minutes(world, plan)
    async with world.database.sessions() as db:
        (await db.get_one(Session, session)).minutes_until = now() - timedelta(seconds=1)
        await db.commit()
    for tail, body in (("amendments", {"text": "Non."}), ("minutes/validate", validate)):
        refused = await call(world, "participant", "POST", f"/sessions/{session}/{tail}", body)
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/window-closed")
    assert await items(world, "participant", "/me/sessions/awaited") == []


async def test_what_was_read_is_what_is_validated_and_silence_is_shown(world: World, plan: Plan) -> None:
    session = await open_minutes(world, plan)
    reading = f"/sessions/{session}/minutes/readings"
    [awaited] = await items(world, "participant", "/me/sessions/awaited")
    assert (awaited["what"], awaited["session"]["id"]) == ("minutes", str(session))
    assert [row["validated_n"] for row in await items(world, "participant", reading)] == [None]
    await call(world, "copilot", "PUT", f"/sessions/{session}/minutes", {"markdown": "Treize présents."})
    path = f"/sessions/{session}/minutes/validate"
    older = await call(world, "participant", "POST", path, {"n": 1})
    assert (older.status_code, older.json()["type"]) == (409, "/problems/older-minutes")
    assert (await call(world, "participant", "POST", path, {"n": 3})).status_code == 422
    for who in ("participant", "lead"):  # a second one is no second validation
        assert (await call(world, who, "POST", path, {"n": 2})).status_code == 200
    assert [row["validated_n"] for row in await items(world, "observer", reading)] == [2]
    assert await items(world, "participant", "/me/sessions/awaited") == []


async def record(world: World, session: UUID, **more: Any) -> Any:
    body = {"text": "Remonter les besoins.", "kind": "action", **more}
    return await made(world, "copilot", f"/sessions/{session}/decisions", body)


async def test_an_action_has_an_owner_who_says_that_it_is_done_also_after_the_lock(world: World, plan: Plan) -> None:
    session = await plan(plenary=True)
    action = await record(world, session, owner_organisation_id=str(world.other.id), due_on="2026-04-15")
    assert (action["state"], action["owner_name"], action["due_on"]) == ("open", world.other.name, "2026-04-15")
    counts = (await call(world, "lead", "GET", f"/sessions/{session}")).json()
    assert (counts["decisions_count"], counts["open_actions_count"]) == (0, 1)
    decision = await made(world, "copilot", f"/sessions/{session}/decisions", {"text": "Se revoir."})
    assert (decision["kind"], decision["state"]) == ("decision", None)
    path = f"/decisions/{action['id']}"
    changed = await call(world, "copilot", "PATCH", path, {"due_on": None, "owner_organisation_id": None})
    assert (changed.json()["due_on"], changed.json()["owner_name"]) == (None, None)
    assert (await call(world, "outsider", "POST", f"{path}/finish")).status_code == 403
    await call(world, "copilot", "PATCH", path, {"owner_organisation_id": str(world.other.id)})
    stranger = await call(world, "copilot", "PATCH", path, {"owner_organisation_id": str(world.foreign.id)})
    assert stranger.status_code == 422
    await move_to(world, session, SessionState.LOCKED)
    assert (await call(world, "lead", "POST", f"{path}/finish")).status_code == 403
    done = await call(world, "outsider", "POST", f"{path}/finish")
    assert (done.json()["state"], done.json()["done_at"] is not None) == ("done", True)
    assert (await call(world, "outsider", "POST", f"{path}/finish")).status_code == 409
    reopened = await call(world, "outsider", "POST", f"{path}/reopen")
    assert (reopened.json()["state"], reopened.json()["done_at"]) == ("open", None)
    settled = await call(world, "copilot", "POST", f"/decisions/{decision['id']}/finish")
    assert (settled.status_code, settled.json()["type"]) == (409, "/problems/not-an-action")
    assert (await call(world, "copilot", "PATCH", path, {"text": "Non."})).status_code == 409

"""Who may do what with a session, route by route."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from app.features.sessions.models import SessionState
from tests.climbing import assert_hidden_like_unknown, call, climb
from tests.features.sessions.conftest import Plan
from tests.world import LADDER, World

HIDDEN = dict.fromkeys(("visitor", "stranger", "outsider", "admin"), 404)
RUNNERS_ONLY = HIDDEN | dict.fromkeys(("observer", "participant", "colleague", "lead"), 403)
"""In the restricted space, the facilitator and the co-pilot."""
AWAY = dict.fromkeys(("visitor", "stranger", "admin"), 404)
PILOTS_ONLY = AWAY | dict.fromkeys(("observer", "outsider", "participant", "colleague", "lead", "facilitator"), 403)
"""A plenary is read by whoever takes part, and run by co-pilots."""
READ = ["", "/attendance", "/minutes", "/minutes/revisions", "/minutes/differences?before=0&after=0", "/decisions"]
TIMES = {"starts_at": "2026-04-07T14:00", "ends_at": "2026-04-07T16:00"}


@pytest.mark.parametrize("tail", READ)
async def test_reading(world: World, plan: Plan, tail: str) -> None:
    session, plenary = await plan(), await plan(plenary=True)
    await climb(world, "GET", f"/sessions/{session}{tail}", HIDDEN)
    await climb(world, "GET", f"/sessions/{plenary}{tail}", AWAY)
    for who in HIDDEN:
        await assert_hidden_like_unknown(world, who, "GET", f"/sessions/{session}{tail}", f"/sessions/{uuid4()}{tail}")


async def test_the_list_shows_each_the_sessions_that_they_read(world: World, plan: Plan) -> None:
    session, plenary = str(await plan()), str(await plan(plenary=True))
    for who in LADDER:
        answer = await call(world, who, "GET", f"/sessions?initiative_id={world.initiative.id}")
        expected = {plenary} if who == "outsider" else set() if who in AWAY else {session, plenary}
        assert {item["id"] for item in answer.json()["items"]} == expected, who


async def test_a_session_is_not_seen_from_outside_its_space(world: World, plan: Plan) -> None:
    async with world.database.sessions() as db:
        db.add(world.restricted)
        world.restricted.visibility = "public"
        await db.commit()
    session = await plan()
    await climb(world, "GET", f"/sessions/{session}", HIDDEN)


def draft(world: World, space_id: UUID | None) -> dict[str, Any]:
    """The body that plans a session there."""
    return {
        "initiative_id": str(world.initiative.id),
        "space_id": str(space_id) if space_id else None,
        "title": "Séance",
        **TIMES,
    }


async def test_planning(world: World) -> None:
    refused = dict.fromkeys(("stranger", "outsider", "admin"), 422) | {"visitor": 401}
    refused |= dict.fromkeys(("observer", "participant", "colleague", "lead"), 403)
    answers = await climb(world, "POST", "/sessions", refused, draft(world, world.restricted.id))
    assert [answers[who].json()["number"] for who in ("facilitator", "copilot")] == [1, 2]
    unknown = await call(world, "outsider", "POST", "/sessions", draft(world, uuid4()))
    assert answers["outsider"].content == unknown.content
    assert unknown.json()["errors"][0]["pointer"] == "/space_id"
    elsewhere = draft(world, world.restricted.id) | {"initiative_id": str(uuid4())}
    unknown = await call(world, "stranger", "POST", "/sessions", elsewhere)
    assert answers["stranger"].content == unknown.content


async def test_planning_a_plenary(world: World) -> None:
    refused = {who: 422 if status == 404 else status for who, status in PILOTS_ONLY.items()}
    refused |= {"admin": 403, "visitor": 401}
    answers = await climb(world, "POST", "/sessions", refused, draft(world, None))
    assert answers["copilot"].json()["number"] == 1
    assert answers["copilot"].json()["space_id"] is None


@pytest.mark.parametrize(("state", "verb"), [("planned", "hold"), ("held", "open-minutes"), ("minutes_open", "lock")])
async def test_moving(world: World, plan: Plan, state: str, verb: str) -> None:
    session = await plan(SessionState(state))
    await climb(world, "POST", f"/sessions/{session}/{verb}", RUNNERS_ONLY)
    plenary = await plan(SessionState(state), plenary=True)
    await climb(world, "POST", f"/sessions/{plenary}/{verb}", PILOTS_ONLY)
    await assert_hidden_like_unknown(
        world, "outsider", "POST", f"/sessions/{session}/{verb}", f"/sessions/{uuid4()}/{verb}"
    )


def writings(world: World) -> list[tuple[str, str, Any]]:
    """Every way to change a session that is not a verb of its state."""
    entry = {"organisation_id": str(world.organisation.id), "status": "present"}
    return [
        ("PATCH", "", {"title": "Autre"}),
        ("PUT", "/attendance", {"entries": [entry]}),
        ("PUT", "/minutes", {"markdown": "Compte rendu."}),
        ("POST", "/decisions", {"text": "Se revoir en mai."}),
    ]


async def test_writing(world: World, plan: Plan) -> None:
    session, plenary = await plan(SessionState.HELD), await plan(SessionState.HELD, plenary=True)
    for method, tail, body in writings(world):
        await climb(world, method, f"/sessions/{session}{tail}", RUNNERS_ONLY, body)
        await climb(world, method, f"/sessions/{plenary}{tail}", PILOTS_ONLY, body)
        await assert_hidden_like_unknown(
            world, "outsider", method, f"/sessions/{session}{tail}", f"/sessions/{uuid4()}{tail}", body
        )


async def test_decisions(world: World, plan: Plan) -> None:
    session = await plan(SessionState.HELD)
    made = await call(world, "copilot", "POST", f"/sessions/{session}/decisions", {"text": "Se revoir en mai."})
    path = made.headers["location"].removeprefix("/api/v1")
    await climb(world, "GET", path, HIDDEN)
    await climb(world, "PATCH", path, RUNNERS_ONLY, {"text": "Se revoir en juin."})
    for method, body in (("GET", None), ("PATCH", {"text": "x"}), ("DELETE", None)):
        await assert_hidden_like_unknown(world, "outsider", method, path, f"/decisions/{uuid4()}", body)
    answers = {who: (await call(world, who, "DELETE", path)).status_code for who in LADDER}
    assert answers == RUNNERS_ONLY | {"facilitator": 204, "copilot": 409}


async def test_after_the_lock_everything_is_409(world: World, plan: Plan) -> None:
    session = await plan(SessionState.MINUTES_OPEN)
    made = await call(world, "copilot", "POST", f"/sessions/{session}/decisions", {"text": "Se revoir en mai."})
    assert (await call(world, "copilot", "POST", f"/sessions/{session}/lock")).status_code == 200
    decision = made.headers["location"].removeprefix("/api/v1")
    tries = [(method, f"/sessions/{session}{tail}", body) for method, tail, body in writings(world)]
    tries += [("POST", f"/sessions/{session}/{verb}", None) for verb in ("hold", "open-minutes", "lock")]
    tries += [("PATCH", decision, {"text": "x"}), ("DELETE", decision, None)]
    for method, path, body in tries:
        answer = await call(world, "copilot", method, path, body)
        assert answer.status_code == 409, (method, path, answer.text)
        # Whoever may not see it learns nothing of its state; who may not act is told so first.
        assert (await call(world, "outsider", method, path, body)).status_code == 404
        assert (await call(world, "participant", method, path, body)).status_code == 403
    body = (await call(world, "copilot", "GET", f"/sessions/{session}")).json()
    assert body["abilities"] == []
    assert body["state"] == "locked"

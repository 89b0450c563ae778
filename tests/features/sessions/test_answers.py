"""Who says that they come: one answer for each organisation, and silence shown as silence."""

from __future__ import annotations

import asyncio

from sqlalchemy import select

from app.core.events import Event
from app.features.sessions.models import SessionState
from tests.climbing import call
from tests.features.sessions.conftest import TOMORROW, Plan, items, move_to
from tests.world import World


async def test_silence_is_shown_and_is_no_answer(world: World, plan: Plan) -> None:
    session, plenary = await plan(days=TOMORROW), await plan(plenary=True, days=TOMORROW)
    found = await items(world, "observer", f"/sessions/{session}/answers")
    assert [(row["organisation_id"], row["answer"], row["version"]) for row in found] == [
        (str(world.organisation.id), None, 0)
    ]  # those who observe are not expected, those of another space neither
    expected = {str(organisation.id) for organisation in (world.organisation, world.other, world.piloting)}
    found = await items(world, "outsider", f"/sessions/{plenary}/answers")
    assert {row["organisation_id"] for row in found} == expected
    assert {row["answer"] for row in found} == {None}


async def test_an_organisation_answers_by_whoever_speaks_for_it_and_may_change_its_mind(
    world: World, plan: Plan
) -> None:
    session = await plan(days=TOMORROW)
    path = f"/sessions/{session}/answers/{world.organisation.id}"
    first = await call(world, "participant", "PUT", path, {"answer": "comes"}, **{"If-Match": '"v0-0"'})
    assert (first.status_code, first.json()["answer"], first.json()["version"]) == (200, "comes", 1)
    assert first.json()["person_id"] == str(world.persons["participant"].id)
    stale = await call(world, "lead", "PUT", path, {"answer": "does_not"}, **{"If-Match": '"v0-0"'})
    assert stale.status_code == 412
    body = {"answer": "sends", "sent_person_id": str(world.persons["colleague"].id)}
    sent = await call(world, "lead", "PUT", path, body, **{"If-Match": first.headers["etag"]})
    assert (sent.json()["sent_person_name"], sent.json()["version"]) == (world.persons["colleague"].name, 2)
    named = await call(world, "lead", "PUT", path, {"answer": "sends", "sent_name": "Camille Durand"})
    assert (named.json()["sent_name"], named.json()["sent_person_id"]) == ("Camille Durand", None)
    assert (await call(world, "lead", "PUT", path, {"answer": "does_not"})).json()["sent_name"] is None
    async with world.database.reading() as read:
        told = (
            await read.execute(
                select(Event.person_id, Event.capacity, Event.data)
                .where(Event.verb == "session.answered", Event.initiative_id == world.initiative.id)
                .order_by(Event.id)
            )
        ).all()
    assert [row.data["answer"] for row in told] == ["comes", "sends", "sends", "does_not"]
    assert [row.person_id for row in told][:2] == [world.persons["participant"].id, world.persons["lead"].id]
    assert {row.capacity for row in told} == {"organisation"}
    assert not any("Camille" in str(row.data) for row in told)


async def test_nobody_answers_for_another_organisation_nor_sends_its_people(world: World, plan: Plan) -> None:
    session = await plan(plenary=True, days=TOMORROW)
    other = f"/sessions/{session}/answers/{world.other.id}"
    assert (await call(world, "participant", "PUT", other, {"answer": "comes"})).status_code == 403
    assert (await call(world, "observer", "PUT", other, {"answer": "comes"})).status_code == 403
    own = f"/sessions/{session}/answers/{world.organisation.id}"
    for body in (
        {"answer": "sends", "sent_person_id": str(world.persons["outsider"].id)},
        {"answer": "sends"},
        {"answer": "comes", "sent_name": "Camille Durand"},
        {"answer": "sends", "sent_name": "Camille", "sent_person_id": str(world.persons["colleague"].id)},
        {"answer": "perhaps"},
    ):
        assert (await call(world, "participant", "PUT", own, body)).status_code == 422, body


async def test_an_answer_stands_once_the_session_is_held(world: World, plan: Plan) -> None:
    session = await plan(days=TOMORROW)
    path = f"/sessions/{session}/answers/{world.organisation.id}"
    await call(world, "participant", "PUT", path, {"answer": "comes"})
    for state in (SessionState.HELD, SessionState.MINUTES_OPEN, SessionState.LOCKED):
        await move_to(world, session, state)
        refused = await call(world, "participant", "PUT", path, {"answer": "does_not"})
        assert refused.status_code == 409, state
    assert (await call(world, "participant", "GET", path)).json()["answer"] == "comes"


async def test_two_first_answers_at_once_make_one(world: World, plan: Plan) -> None:
    session = await plan(days=TOMORROW)
    path = f"/sessions/{session}/answers/{world.organisation.id}"
    first = {"If-Match": '"v0-0"'}
    answers = await asyncio.gather(
        call(world, "participant", "PUT", path, {"answer": "comes"}, **first),
        call(world, "colleague", "PUT", path, {"answer": "does_not"}, **first),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]


async def test_what_sessions_await_goes_once_it_is_given(world: World, plan: Plan) -> None:
    session, plenary = await plan(days=TOMORROW), await plan(plenary=True, days=TOMORROW + 1)
    await plan(days=-1)  # over
    for who, expected in {
        "participant": [session, plenary],
        "outsider": [plenary],
        "copilot": [plenary],
        "observer": [],
        "stranger": [],
        "visitor": [],
        "admin": [],
    }.items():
        found = await items(world, who, "/me/sessions/awaited")
        assert [row["session"]["id"] for row in found] == [str(one) for one in expected], who
        assert all(row["what"] == "answer" and row["due_at"] == row["session"]["starts_at"] for row in found)
    await call(world, "lead", "PUT", f"/sessions/{session}/answers/{world.organisation.id}", {"answer": "does_not"})
    assert [row["session"]["id"] for row in await items(world, "participant", "/me/sessions/awaited")] == [str(plenary)]
    upcoming = await items(world, "participant", "/me/sessions")
    assert [row["answers"] for row in upcoming] == [{str(world.organisation.id): "does_not"}, {}]

"""Notes taken by many at once: none is lost, none is written over, and none makes anybody say anything."""

from __future__ import annotations

import asyncio
from uuid import UUID

import psycopg
import pytest
from psycopg import errors

from app.core.db import driver_address
from app.core.postgres.cluster import Urls
from app.features.sessions.models import SessionState
from tests.climbing import call
from tests.features.sessions.conftest import Plan, items, made, move_to
from tests.world import World

WRITERS = ("participant", "colleague", "lead", "facilitator", "copilot")


async def write(world: World, who: str, session: UUID, markdown: str, **more: str) -> dict[str, str]:
    found: dict[str, str] = await made(world, who, f"/sessions/{session}/notes", {"markdown": markdown, **more})
    return found


async def test_twenty_people_who_write_at_once_lose_nothing(world: World, plan: Plan) -> None:
    session = await plan(SessionState.HELD)
    words = [f"Note {n}" for n in range(20)]
    await asyncio.gather(*(write(world, WRITERS[n % 5], session, said) for n, said in enumerate(words)))
    found = await items(world, "observer", f"/sessions/{session}/notes?limit=100")
    assert sorted(note["markdown"] for note in found) == sorted(words)
    mine = [note for note in found if note["person_id"] == str(world.persons["participant"].id)]
    assert len(mine) == 4

    async def edit(note: dict[str, str], n: int) -> int:
        body, version = {"markdown": f"{note['markdown']}, corrigée {n}"}, {"If-Match": f'"v{note["version"]}-0"'}
        return (await call(world, "copilot", "PATCH", f"/notes/{note['id']}", body, **version)).status_code

    # Every note corrected by two at once: one of the two is told that it is late, on every one
    told = await asyncio.gather(*(edit(note, n) for note in found for n in (1, 2)))
    assert sorted(told) == [200] * 20 + [412] * 20
    after = await items(world, "observer", f"/sessions/{session}/notes?limit=100")
    assert all(note["version"] == 2 and note["markdown"][:-1].endswith(", corrigée ") for note in after)


async def test_every_wording_stays_with_who_wrote_it(world: World, plan: Plan, urls: Urls) -> None:
    session = await plan()
    note = await write(world, "participant", session, "Deux mois.")
    path = f"/notes/{note['id']}"
    edited = (await call(world, "facilitator", "PATCH", path, {"markdown": "**Trois** mois."})).json()
    assert edited["person_id"] == str(world.persons["participant"].id)
    assert (edited["edited_by"], edited["html"]) == (
        str(world.persons["facilitator"].id),
        "<p><strong>Trois</strong> mois.</p>\n",
    )
    found = await items(world, "colleague", f"{path}/revisions")
    assert [(row["n"], row["markdown"], row["person_id"]) for row in found] == [
        (2, "**Trois** mois.", str(world.persons["facilitator"].id)),
        (1, "Deux mois.", str(world.persons["participant"].id)),
    ]
    for role in (urls.app, urls.owner):
        for statement in (
            "UPDATE session_note_revisions SET markdown = 'Autre.'",
            "DELETE FROM session_note_revisions",
            "DELETE FROM session_notes",
        ):
            with (
                psycopg.connect(driver_address(role)) as connection,
                pytest.raises((errors.InsufficientPrivilege, errors.RestrictViolation)),
            ):
                connection.execute(statement)


async def test_a_note_is_corrected_by_its_author_and_by_those_who_run_the_session(world: World, plan: Plan) -> None:
    session = await plan()
    note = await write(world, "participant", session, "Deux mois.")
    path = f"/notes/{note['id']}"
    assert (await call(world, "colleague", "PATCH", path, {"markdown": "Non."})).status_code == 403
    assert (await call(world, "outsider", "PATCH", path, {"markdown": "Non."})).status_code == 404
    assert list(note["abilities"]) == ["note:edit"]
    shown = (await call(world, "colleague", "GET", path)).json()
    assert shown["abilities"] == []
    assert (await call(world, "participant", "DELETE", path)).status_code == 204
    assert (await call(world, "participant", "GET", path)).status_code == 404
    assert (await call(world, "copilot", "PATCH", path, {"markdown": "Si."})).status_code == 404
    assert await items(world, "participant", f"/sessions/{session}/notes") == []


async def test_notes_come_in_the_order_of_the_agenda(world: World, plan: Plan) -> None:
    session = await plan()
    agenda = f"/sessions/{session}/agenda"
    first = await made(world, "copilot", agenda, {"title": "Un", "minutes": 5})
    second = await made(world, "copilot", agenda, {"title": "Deux", "minutes": 5})
    await write(world, "participant", session, "Hors")
    await write(world, "participant", session, "Deux A", agenda_item_id=second["id"])
    await write(world, "participant", session, "Un", agenda_item_id=first["id"])
    await write(world, "participant", session, "Deux B", agenda_item_id=second["id"])
    path = f"/sessions/{session}/notes"
    read: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = (await call(world, "participant", "GET", f"{path}?limit=2{cursor}")).json()
        read += [note["markdown"] for note in answer["items"]]
        cursor = f"&cursor={answer['next_cursor']}" if answer["next_cursor"] else None
    assert read == ["Un", "Deux A", "Deux B", "Hors"]
    of_two = await items(world, "participant", f"{path}?agenda_item_id={second['id']}")
    assert [note["markdown"] for note in of_two] == ["Deux A", "Deux B"]
    elsewhere = await made(world, "copilot", f"/sessions/{await plan()}/agenda", {"title": "Là", "minutes": 5})
    body = {"markdown": "Ailleurs", "agenda_item_id": elsewhere["id"]}
    assert (await call(world, "participant", "POST", path, body)).status_code == 422


async def test_nothing_is_noted_once_the_session_is_locked(world: World, plan: Plan) -> None:
    session = await plan()
    note = await write(world, "participant", session, "Deux mois.", speaker_organisation_id=str(world.organisation.id))
    for state in (SessionState.HELD, SessionState.MINUTES_OPEN):
        await move_to(world, session, state)
        await write(world, "colleague", session, state)
    await move_to(world, session, SessionState.LOCKED)
    contribution = {"kind": "need", "title": "Trésorerie", "markdown": "Deux mois."}
    for method, path, body in (
        ("POST", f"/sessions/{session}/notes", {"markdown": "Tard"}),
        ("PATCH", f"/notes/{note['id']}", {"markdown": "Tard"}),
        ("DELETE", f"/notes/{note['id']}", None),
        ("POST", f"/notes/{note['id']}/contribution", contribution),
    ):
        refused = await call(world, "participant", method, path, body)
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/session-locked"), path


TAKEN = {"kind": "need", "title": "Trésorerie", "markdown": "Il nous manque deux mois de trésorerie."}


async def test_what_an_organisation_was_heard_saying_is_taken_up_by_its_own_people_alone(
    world: World, plan: Plan
) -> None:
    session = await plan(plenary=True)
    note = await write(world, "outsider", session, "Deux mois.", speaker_organisation_id=str(world.organisation.id))
    path = f"/notes/{note['id']}/contribution"
    body = {**TAKEN, "space_id": str(world.restricted.id)}
    for who in ("outsider", "copilot", "observer"):
        assert (await call(world, who, "POST", path, body)).status_code == 403, who
    waiting = f"/sessions/{session}/notes?to_take_up_by={world.organisation.id}"
    assert [one["id"] for one in await items(world, "lead", waiting)] == [note["id"]]
    assert (await call(world, "lead", "GET", f"/notes/{note['id']}")).json()["abilities"] == ["note:take_up"]
    assert (await call(world, "lead", "POST", path, TAKEN)).status_code == 422  # a plenary: in which space?
    said = await made(world, "lead", path, body)
    assert (said["session_id"], said["markdown"]) == (str(session), TAKEN["markdown"])
    assert said["speaker"]["organisation_id"] == str(world.organisation.id)
    assert (await call(world, "colleague", "POST", path, body)).status_code == 409
    assert await items(world, "lead", waiting) == []
    inside = (await call(world, "colleague", "GET", f"/notes/{note['id']}")).json()
    outside = (await call(world, "outsider", "GET", f"/notes/{note['id']}")).json()
    assert (inside["taken_up"], inside["contribution_id"]) == (True, said["id"])
    assert (outside["taken_up"], outside["contribution_id"]) == (True, None)
    assert said["id"] not in (await call(world, "outsider", "GET", f"/sessions/{session}/notes")).text
    words = await call(world, "outsider", "PATCH", f"/notes/{note['id']}", {"markdown": "Autre chose."})
    assert (words.status_code, words.json()["type"]) == (409, "/problems/note-taken-up")

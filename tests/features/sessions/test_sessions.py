"""What a session keeps, refuses and tells: times in a zone, attendance, minutes, decisions, the lock."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from app.core.clock import now
from app.core.events import Event
from app.core.versions import Expected
from app.features.sessions import actions, queries
from app.features.sessions.models import SessionState
from tests.climbing import call
from tests.features.sessions.conftest import START, Plan
from tests.world import World, mandate

TOMORROW = (now() - START).days + 2
"""Days after START: the mandates of the world run then."""


async def planned(world: World, starts_at: str, ends_at: str, timezone: str = "Europe/Paris") -> Any:
    """The answer to planning a session then."""
    body = {
        "initiative_id": str(world.initiative.id),
        "space_id": str(world.restricted.id),
        "title": "Séance",
        "starts_at": starts_at,
        "ends_at": ends_at,
        "timezone": timezone,
    }
    return await call(world, "facilitator", "POST", "/sessions", body)


def pointers(answer: Any) -> list[str]:
    """Where a 422 points."""
    assert answer.status_code == 422, answer.text
    return [error["pointer"] for error in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("starts_at", "zone", "utc", "local"),
    [
        ("2026-03-28T14:00", "Europe/Paris", "2026-03-28T13:00:00Z", "2026-03-28T14:00:00+01:00"),
        ("2026-03-29T14:00", "Europe/Paris", "2026-03-29T12:00:00Z", "2026-03-29T14:00:00+02:00"),
        ("2026-10-25T02:30:00+02:00", "Europe/Paris", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00+02:00"),
        ("2026-10-25T02:30:00+01:00", "Europe/Paris", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00+01:00"),
        ("2026-07-01T09:00", "Indian/Reunion", "2026-07-01T05:00:00Z", "2026-07-01T09:00:00+04:00"),
        ("2026-07-01T09:00:00Z", "America/Cayenne", "2026-07-01T09:00:00Z", "2026-07-01T06:00:00-03:00"),
    ],
)
async def test_times_are_answered_in_utc_and_in_the_zone(
    world: World, starts_at: str, zone: str, utc: str, local: str
) -> None:
    answer = await planned(world, starts_at, "2026-12-31T23:00", zone)
    assert (answer.status_code, answer.json()["starts_at"], answer.json()["starts_local"]) == (201, utc, local)


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "zone", "pointer"),
    [
        ("2026-03-29T02:30", "2026-03-29T04:00", "Europe/Paris", "/starts_at"),  # skipped
        ("2026-10-25T02:30", "2026-10-25T04:00", "Europe/Paris", "/starts_at"),  # shown twice
        ("2026-10-25T01:00", "2026-10-25T02:30", "Europe/Paris", "/ends_at"),
        ("2026-04-07T14:00", "2026-04-07T14:00", "Europe/Paris", "/ends_at"),
        ("2026-04-07T14:00", "2026-04-07T16:00", "Europe/Paname", "/timezone"),
        ("2026-04-07T14:00", "2026-04-07T16:00", "../../etc/passwd", "/timezone"),
        ("2026-04-07T14:00", "2026-04-07T16:00", "Europe", "/timezone"),
        ("demain", "2026-04-07T16:00", "Europe/Paris", "/starts_at"),
        ("0001-01-01T00:00", "2026-04-07T16:00", "Europe/Paris", "/starts_at"),
        ("2026-04-07T14:00", "9999-12-31T23:59", "Europe/Paris", "/ends_at"),
    ],
)
async def test_times_that_do_not_exist_are_refused(
    world: World, starts_at: str, ends_at: str, zone: str, pointer: str
) -> None:
    assert pointers(await planned(world, starts_at, ends_at, zone)) == [pointer]


async def test_a_meeting_across_the_change_of_clocks_lasts_what_it_lasts(world: World) -> None:
    body = (await planned(world, "2026-10-25T01:30", "2026-10-25T03:30")).json()
    assert (body["starts_at"], body["ends_at"]) == ("2026-10-24T23:30:00Z", "2026-10-25T02:30:00Z")
    assert (body["starts_local"][-6:], body["ends_local"][-6:]) == ("+02:00", "+01:00")


async def test_editing_times_reads_them_in_the_zone(world: World) -> None:
    made = (await planned(world, "2026-04-07T14:00", "2026-04-07T16:00")).json()
    path = f"/sessions/{made['id']}"
    edited = await call(world, "facilitator", "PATCH", path, {"ends_at": "2026-04-07T17:00", "place": "Lyon"})
    assert (edited.json()["ends_at"], edited.json()["place"]) == ("2026-04-07T15:00:00Z", "Lyon")
    moved = await call(world, "facilitator", "PATCH", path, {"timezone": "Indian/Reunion"})
    assert (moved.json()["starts_at"], moved.json()["starts_local"]) == (
        "2026-04-07T12:00:00Z",
        "2026-04-07T16:00:00+04:00",
    )
    refused = await call(world, "facilitator", "PATCH", path, {"ends_at": "2026-04-07T15:00"})
    assert pointers(refused) == ["/ends_at"]
    for body in (
        {"starts_at": None},
        {"title": None},
        {"timezone": None},
        {"url": "javascript:alert(1)"},
        {"state": "held"},
    ):
        assert (await call(world, "facilitator", "PATCH", path, body)).status_code == 422, body
    emptied = await call(world, "facilitator", "PATCH", path, {"place": None})
    assert emptied.json()["place"] == ""


async def test_stale_edits_are_refused(world: World, plan: Plan) -> None:
    path = f"/sessions/{await plan()}"
    etag = (await call(world, "copilot", "GET", path)).headers["etag"]
    assert (await call(world, "copilot", "PATCH", path, {"title": "Un"}, **{"If-Match": etag})).status_code == 200
    for method, tail, body in (
        ("PATCH", "", {"title": "Deux"}),
        ("POST", "/hold", None),
        ("PUT", "/attendance", {"entries": []}),
    ):
        assert (await call(world, "copilot", method, path + tail, body, **{"If-Match": etag})).status_code == 412, tail
        assert (await call(world, "copilot", method, path + tail, body, **{"If-Match": ""})).status_code == 428, tail


async def test_filters_and_pages(world: World, plan: Plan) -> None:
    ids = [await plan(days=n, plenary=n % 2 == 1) for n in range(6)]
    base = f"/sessions?initiative_id={world.initiative.id}"

    async def listed(query: str) -> list[int]:
        found: list[str] = []
        address = f"{base}&{query}"
        while address:
            answer = await call(world, "copilot", "GET", address)
            assert answer.status_code == 200, answer.text
            found += [item["id"] for item in answer.json()["items"]]
            address = answer.headers.get("link", "").split(">")[0].removeprefix("</api/v1")
        return [ids.index(UUID(one)) for one in found]

    assert await listed("limit=2") == [0, 1, 2, 3, 4, 5]
    assert await listed("plenary=true&limit=2") == [1, 3, 5]
    assert await listed(f"space_id={world.restricted.id}") == [0, 2, 4]
    assert await listed("since=2026-04-08T12:00:00Z&until=2026-04-10T12:00:00Z") == [1, 2]
    assert await listed("state=held") == []
    assert (await call(world, "copilot", "GET", f"{base}&since=2026-04-08")).status_code == 422
    hidden = await call(world, "outsider", "GET", f"/sessions?space_id={world.restricted.id}")
    unknown = await call(world, "outsider", "GET", f"/sessions?space_id={uuid4()}")
    assert hidden.content == unknown.content


async def test_numbers_are_taken_once_in_their_space(world: World) -> None:
    made = await asyncio.gather(*(planned(world, "2026-04-07T14:00", "2026-04-07T16:00") for _ in range(5)))
    assert sorted(answer.json()["number"] for answer in made) == [1, 2, 3, 4, 5]
    taken = {"title": "x", "starts_at": "2026-04-07T14:00", "ends_at": "2026-04-07T16:00", "number": 3}
    taken |= {"initiative_id": str(world.initiative.id), "space_id": str(world.restricted.id)}
    assert (await call(world, "copilot", "POST", "/sessions", taken)).status_code == 409
    assert (await call(world, "copilot", "POST", "/sessions", taken | {"space_id": None})).status_code == 201


async def test_attendance_is_of_persons_with_a_mandate_and_of_organisations(world: World, plan: Plan) -> None:
    path = f"/sessions/{await plan(days=TOMORROW)}"
    lead, mine = str(world.persons["lead"].id), str(world.organisation.id)
    entries = [
        {"organisation_id": mine, "person_id": lead, "status": "present"},
        {"organisation_id": str(world.other.id), "status": "excused"},
    ]
    saved = await call(world, "facilitator", "PUT", f"{path}/attendance", {"entries": entries})
    assert (saved.status_code, saved.headers["etag"][:3]) == (200, '"v2')
    shown = (await call(world, "observer", "GET", f"{path}/attendance?limit=1")).json()
    assert len(shown["items"]) == 1
    assert shown["next_cursor"]
    counted = (await call(world, "observer", "GET", path)).json()["attendance"]
    assert counted == {"expected": 0, "present": 1, "excused": 1, "absent": 0}
    wrong = [
        entries[0],
        entries[0],
        {"organisation_id": str(world.foreign.id), "status": "present"},
        {"organisation_id": mine, "person_id": str(world.persons["stranger"].id), "status": "present"},
    ]
    refused = await call(world, "facilitator", "PUT", f"{path}/attendance", {"entries": wrong})
    assert pointers(refused) == ["/entries/1", "/entries/2/organisation_id", "/entries/3/person_id"]
    for n, field in ((2, "organisation_id"), (3, "person_id")):
        one, other = dict(wrong[n]), dict(wrong[n]) | {field: str(uuid4())}
        answers = [
            await call(world, "facilitator", "PUT", f"{path}/attendance", {"entries": [entry]})
            for entry in (one, other)
        ]
        assert answers[0].content == answers[1].content
    assert len((await call(world, "observer", "GET", f"{path}/attendance")).json()["items"]) == 2
    emptied = await call(world, "facilitator", "PUT", f"{path}/attendance", {"entries": []})
    assert emptied.json()["items"] == []


@pytest.mark.parametrize("initiative", ["elsewhere", "initiative", None])
@pytest.mark.parametrize("days", [-3, 0])
async def test_a_sheet_tells_nothing_of_mandates_elsewhere(
    world: World, plan: Plan, initiative: str | None, days: int
) -> None:
    """Only a mandate that runs at the hour of the session, here, makes somebody known."""
    async with world.database.sessions() as db:
        given = mandate(world.persons["stranger"].id, world.other.id, ["contributes"])
        given.initiative_id = getattr(world, initiative).id if initiative else None
        db.add(given)
        await db.commit()
    path = f"/sessions/{await plan(days=TOMORROW + days)}/attendance"
    lines = [
        {"organisation_id": str(world.other.id), "person_id": person, "status": "present"}
        for person in (str(world.persons["stranger"].id), str(uuid4()))
    ]
    known, unknown = [await call(world, "facilitator", "PUT", path, {"entries": [line]}) for line in lines]
    if days == 0 and initiative != "elsewhere":
        assert known.status_code == 200, known.text
    else:
        assert known.status_code == 422
        assert known.content == unknown.content


async def test_minutes_are_revisions(world: World, plan: Plan) -> None:
    session = await plan(SessionState.HELD)
    path = f"/sessions/{session}/minutes"
    empty = await call(world, "participant", "GET", path)
    assert (empty.json()["n"], empty.json()["html"], empty.json()["abilities"]) == (0, "", [])
    etag = empty.headers["etag"]
    first = await call(
        world, "facilitator", "PUT", path, {"markdown": "**Douze** présents <script>x</script>"}, **{"If-Match": etag}
    )
    assert (first.status_code, first.json()["n"]) == (200, 1)
    assert "<strong>Douze</strong>" in first.json()["html"]
    assert "<script" not in first.json()["html"]
    assert first.json()["organisation_id"] == str(world.organisation.id)
    stale = await call(world, "copilot", "PUT", path, {"markdown": "Autre"}, **{"If-Match": etag})
    assert stale.status_code == 412
    assert (await call(world, "copilot", "PUT", path, {"markdown": "x"}, **{"If-Match": ""})).status_code == 428
    second = await call(
        world, "copilot", "PUT", path, {"markdown": "**Treize** présents"}, **{"If-Match": first.headers["etag"]}
    )
    assert (second.json()["n"], second.json()["organisation_id"]) == (2, str(world.piloting.id))
    listed = (await call(world, "observer", "GET", f"{path}/revisions?limit=1")).json()
    assert [item["n"] for item in listed["items"]] == [2]
    rest = (await call(world, "observer", "GET", f"{path}/revisions?cursor={listed['next_cursor']}")).json()
    assert [item["person_name"] for item in rest["items"]] == [world.persons["facilitator"].name]
    assert (await call(world, "observer", "GET", f"{path}/revisions/1")).json()["markdown"].startswith("**Douze**")
    assert (await call(world, "observer", "GET", f"{path}/revisions/3")).status_code == 404
    changes = (await call(world, "observer", "GET", f"{path}/differences?before=1&after=2")).json()["changes"]
    assert "".join(one["text"] for one in changes if one["op"] != "added").startswith("Douze présents")
    assert "".join(one["text"] for one in changes if one["op"] != "removed") == "Treize présents"
    assert (await call(world, "observer", "GET", f"{path}/differences?before=1&after=9")).status_code == 404
    assert (await call(world, "observer", "GET", f"{path}/differences?before=-1&after=9")).status_code == 422


async def test_two_savings_on_the_same_minutes_make_one_revision_and_one_refusal(world: World, plan: Plan) -> None:
    path = f"/sessions/{await plan(SessionState.HELD)}/minutes"
    answers = await asyncio.gather(
        *(
            call(world, who, "PUT", path, {"markdown": who}, **{"If-Match": '"v0"'})
            for who in ("copilot", "facilitator")
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    assert (await call(world, "copilot", "GET", path)).json()["n"] == 1


async def test_a_corrected_decision_keeps_its_earlier_words(world: World, plan: Plan) -> None:
    session = await plan(SessionState.HELD)
    made = (
        await call(world, "copilot", "POST", f"/sessions/{session}/decisions", {"text": "Se revoir en mai."})
    ).json()
    path = f"/decisions/{made['id']}"
    for text in ("Se revoir en juin.", "Se revoir en juin."):
        assert (await call(world, "facilitator", "PATCH", path, {"text": text})).status_code == 200
    wordings = (await call(world, "observer", "GET", f"{path}/revisions")).json()["items"]
    assert [(one["n"], one["text"], one["person_name"]) for one in wordings] == [
        (2, "Se revoir en juin.", world.persons["facilitator"].name),
        (1, "Se revoir en mai.", world.persons["copilot"].name),
    ]
    page = (await call(world, "observer", "GET", f"{path}/revisions?limit=1")).json()
    rest = (await call(world, "observer", "GET", f"{path}/revisions?limit=1&cursor={page['next_cursor']}")).json()
    assert [one["n"] for one in (*page["items"], *rest["items"])] == [2, 1]
    assert (await call(world, "copilot", "DELETE", path)).status_code == 204
    wordings = (await call(world, "observer", "GET", f"{path}/revisions")).json()["items"]
    assert {one["text"] for one in wordings} == {""}


async def test_a_removed_decision_keeps_its_number(world: World, plan: Plan) -> None:
    session = await plan(SessionState.HELD)
    path = f"/sessions/{session}/decisions"
    made = [(await call(world, "copilot", "POST", path, {"text": f"Décision {n}"})).json() for n in (1, 2)]
    first = f"/decisions/{made[0]['id']}"
    stale = await call(world, "copilot", "PATCH", first, {"text": "x"}, **{"If-Match": '"v9"'})
    assert stale.status_code == 412
    assert (await call(world, "copilot", "DELETE", first, **{"If-Match": ""})).status_code == 428
    assert (await call(world, "copilot", "DELETE", first)).status_code == 204
    assert (await call(world, "copilot", "PATCH", first, {"text": "x"})).json()["type"] == "/problems/decision-removed"
    listed = (await call(world, "observer", "GET", path)).json()["items"]
    assert [(one["n"], one["text"], one["removed_at"] is None) for one in listed] == [
        (1, "", False),
        (2, "Décision 2", True),
    ]
    third = await call(world, "copilot", "POST", path, {"text": "Décision 3"})
    assert third.json()["n"] == 3
    assert (await call(world, "observer", "GET", f"/sessions/{session}")).json()["decisions_count"] == 2


async def test_whoever_posts_holds_the_session_unlocked(world: World, plan: Plan) -> None:
    """Locking waits for the post that saw it unlocked; the next post finds it locked."""
    actor, session = await world.actor("copilot"), await plan(SessionState.HELD)

    async def lock() -> None:
        async with world.database.sessions() as db:
            await actions.lock(db, actor, session, Expected(any_version=True))
            await db.commit()

    async with world.database.sessions() as post:
        await queries.require_unlocked(post, session)
        locking = asyncio.create_task(lock())
        await asyncio.sleep(0.3)
        assert not locking.done()
        await post.commit()
    await asyncio.wait_for(locking, 3)
    async with world.database.sessions() as late:
        with pytest.raises(queries.SessionLocked):
            await queries.require_unlocked(late, session)


async def test_locking_while_minutes_are_saved_leaves_no_third_way(world: World, plan: Plan) -> None:
    """Each saving is acknowledged and kept, or refused with 409."""
    path = f"/sessions/{await plan(SessionState.MINUTES_OPEN)}"
    savings = [call(world, "copilot", "POST", f"{path}/decisions", {"text": f"n° {n}"}) for n in range(12)]
    answers = await asyncio.gather(*savings[:6], call(world, "facilitator", "POST", f"{path}/lock"), *savings[6:])
    statuses = [answer.status_code for answer in answers if "state" not in answer.json() or answer.status_code != 200]
    assert set(statuses) <= {201, 409}, statuses
    kept = (await call(world, "observer", "GET", f"{path}/decisions")).json()["items"]
    assert len(kept) == statuses.count(201)


async def test_events_say_what_happened_to_those_who_read_it(world: World, plan: Plan) -> None:
    session, plenary = await plan(), await plan(plenary=True)
    for one in (session, plenary):
        await call(world, "copilot", "POST", f"/sessions/{one}/hold")
        await call(world, "copilot", "PUT", f"/sessions/{one}/minutes", {"markdown": "Secret de la séance"})
    async with world.database.sessions() as db:
        question = select(Event).where(Event.initiative_id == world.initiative.id).order_by(Event.id)
        told = list((await db.execute(question)).scalars())
    assert [(one.verb, one.audience, one.space_id) for one in told] == [
        ("session.held", "space", world.restricted.id),
        ("minutes.saved", "space", world.restricted.id),
        ("session.held", "initiative", None),
        ("minutes.saved", "initiative", None),
    ]
    assert {one.organisation_id for one in told} == {world.piloting.id}
    assert not any("Secret" in str(one.data) for one in told)

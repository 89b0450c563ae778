"""What an initiative keeps, refuses and tells."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import event, select
from sqlalchemy.dialects.postgresql import Range

from app.core.clock import now
from app.core.events import Event
from app.features.initiatives.models import AccessGrant, Initiative, Participation
from tests.climbing import call
from tests.world import World, organisation


async def events_of(world: World, verb: str, object_id: str | UUID | None = None) -> list[Any]:
    """The events of this verb in the test's initiative."""
    question = select(Event).where(Event.initiative_id == world.initiative.id, Event.verb == verb)
    if object_id is not None:
        question = question.where(Event.object_id == UUID(str(object_id)))
    async with world.database.sessions() as db:
        return list((await db.execute(question.order_by(Event.id))).scalars())


async def test_stale_edits_are_refused_and_nothing_is_written(world: World) -> None:
    path = f"/initiatives/{world.initiative.id}"
    read = await call(world, "copilot", "GET", path)
    first = await call(world, "copilot", "PATCH", path, {"title": "Un"}, **{"If-Match": read.headers["etag"]})
    assert (first.status_code, first.json()["version"]) == (200, 2)
    stale = await call(world, "copilot", "PATCH", path, {"title": "Deux"}, **{"If-Match": read.headers["etag"]})
    assert (stale.status_code, stale.json()["current_version"]) == (412, 2)
    missing = await call(world, "copilot", "PATCH", path, {"title": "Deux"}, **{"If-Match": ""})
    assert missing.status_code == 428
    assert (await call(world, "copilot", "GET", path)).json()["title"] == "Un"
    assert [one.data for one in await events_of(world, "initiative.edited")] == [{"fields": ["title"]}]


async def test_a_change_that_changes_nothing_leaves_no_trace(world: World) -> None:
    path = f"/initiatives/{world.initiative.id}"
    answer = await call(world, "copilot", "PATCH", path, {"title": world.initiative.title})
    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    assert await events_of(world, "initiative.edited") == []


async def test_null_empties_a_text_and_is_refused_for_a_title(world: World) -> None:
    path = f"/initiatives/{world.initiative.id}"
    await call(world, "copilot", "PATCH", path, {"summary": "**Oui**", "starts_on": "2020-03-20"})
    emptied = await call(world, "copilot", "PATCH", path, {"summary": None, "starts_on": None})
    assert (emptied.json()["summary"], emptied.json()["starts_on"]) == ("", None)
    refused: list[dict[str, Any]] = [{"title": None}, {"title": ""}, {"title": "a\u202eb"}, {"slug": "autre"}]
    for body in [*refused, {"languages": []}]:
        assert (await call(world, "copilot", "PATCH", path, body)).status_code == 422, body


async def test_dates_come_in_order(world: World) -> None:
    path = f"/initiatives/{world.initiative.id}"
    dates = {"starts_on": "2020-03-20", "ends_on": "2020-03-19"}
    for target, method, body in (
        (path, "PATCH", dates),
        (f"{path}/phases", "POST", {"title": "x"} | dates),
    ):
        answer = await call(world, "copilot", method, target, body)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/ends_on")
    assert (await call(world, "copilot", "GET", path)).json()["starts_on"] is None


async def test_the_whole_initiative_is_read_in_one_statement(world: World) -> None:
    path = f"/initiatives/{world.initiative.slug}"
    await call(world, "copilot", "POST", f"{path}/phases", {"title": "Deux", "starts_on": "2020-06-01"})
    await call(world, "copilot", "POST", f"{path}/phases", {"title": "Un", "starts_on": "2020-03-20"})
    body = {"title": "Relance", "on_date": "2020-09-03", "url": "https://example.org/relance"}
    await call(world, "copilot", "POST", f"{path}/milestones", body)
    await call(world, "copilot", "POST", f"{path}/terms", {"taxonomy": "axe", "code": "urgence", "label": "Urgence"})
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    engine = world.database.writer.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        shown = (await call(world, "observer", "GET", path)).json()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(statements) <= 2  # the page, and perhaps who calls
    assert [phase["title"] for phase in shown["phases"]] == ["Un", "Deux"]
    assert shown["milestones"][0] | body == shown["milestones"][0]
    assert [term["code"] for term in shown["terms"]] == ["urgence"]
    assert shown["participations"] == {"copilot": 1, "participant": 2, "observer": 1}
    assert shown["copilots"] == [{"id": str(world.piloting.id), "name": world.piloting.name}]
    assert shown["abilities"] == []


async def test_a_new_phase_is_not_hidden_by_a_304(world: World) -> None:
    path = f"/initiatives/{world.initiative.id}"
    etag = (await call(world, "lead", "GET", path)).headers["etag"]
    assert (await call(world, "lead", "GET", path, **{"If-None-Match": etag})).status_code == 304
    await call(world, "copilot", "POST", f"{path}/phases", {"title": "x", "starts_on": "2020-03-20"})
    again = await call(world, "lead", "GET", path, **{"If-None-Match": etag})
    assert (again.status_code, len(again.json()["phases"])) == (200, 1)
    # ... and refuses nobody's edit, since the initiative itself is the same version.
    assert (await call(world, "copilot", "PATCH", path, {"title": "y"}, **{"If-Match": etag})).status_code == 200


async def test_states(world: World) -> None:
    path = f"/initiatives/{world.initiative.id}"
    assert (await call(world, "copilot", "POST", f"{path}/archive")).status_code == 409
    assert (await call(world, "copilot", "POST", f"{path}/close")).json()["state"] == "closed"
    again = await call(world, "copilot", "POST", f"{path}/close")
    assert (again.status_code, again.json()["allowed"]) == (409, ["open", "archive"])
    assert (await call(world, "copilot", "POST", f"{path}/close", **{"If-Match": ""})).status_code == 428
    assert (await call(world, "copilot", "POST", f"{path}/archive", **{"If-Match": '"v1"'})).status_code == 412
    assert (await call(world, "copilot", "POST", f"{path}/archive")).json()["state"] == "archived"
    for method, tail, body in (
        ("POST", "/open", None),
        ("PATCH", "", {"title": "x"}),
        ("POST", "/phases", {"title": "x", "starts_on": "2020-03-20"}),
        ("POST", "/participations", {"organisation_id": str(world.foreign.id), "role": "observer"}),
    ):
        assert (await call(world, "copilot", method, f"{path}{tail}", body)).status_code == 409, tail
    closed = await events_of(world, "initiative.closed")
    assert [(one.organisation_id, one.capacity) for one in closed] == [(world.piloting.id, "organisation")]


async def test_lists_are_read_page_by_page(world: World) -> None:
    path = f"/initiatives/{world.initiative.id}"
    async with world.database.sessions() as db:
        for _ in range(30):
            joined = organisation("Paginée")
            db.add(joined)
            await db.flush()
            db.add(
                Participation(
                    initiative_id=world.initiative.id,
                    organisation_id=joined.id,
                    role="participant",
                    during=Range(now() - timedelta(days=1), None),
                )
            )
        await db.commit()
    for n in range(5):
        await call(world, "copilot", "POST", f"{path}/phases", {"title": f"{n}", "starts_on": "2020-03-20"})
        await call(world, "copilot", "POST", f"{path}/milestones", {"title": f"{n}", "on_date": f"2020-03-2{n}"})
        await call(world, "copilot", "POST", f"{path}/terms", {"taxonomy": "axe", "code": f"c{n}", "label": f"{n}"})
    for tail, total, limit in (("/participations", 34, 10), ("/phases", 5, 2), ("/milestones", 5, 2), ("/terms", 5, 2)):
        seen: list[str] = []
        address = f"{path}{tail}?limit={limit}"
        while address:
            answer = await call(world, "lead", "GET", address)
            assert len(answer.json()["items"]) <= limit
            seen += [item["id"] for item in answer.json()["items"]]
            address = ""
            if answer.json()["next_cursor"]:
                assert 'rel="next"' in answer.headers["link"]
                address = answer.headers["link"].split(">")[0].removeprefix("</api/v1")
        assert len(seen) == len(set(seen)) == total, tail
    for cursor in ("x", "W10", "WyJ2IiwiYSIsImEiXQ"):
        for tail in ("/participations", "/phases", "/terms", "/access-grants"):
            assert (await call(world, "lead", "GET", f"{path}{tail}?cursor={cursor}")).status_code == 400
    assert (await call(world, "lead", "GET", f"{path}/terms?limit=201")).status_code == 422


async def test_a_term_keeps_its_code_and_is_retired(world: World) -> None:
    path = f"/initiatives/{world.initiative.id}/terms"
    body = {"taxonomy": "axe", "code": "urgence", "label": "Urgence"}
    term = f"/terms/{(await call(world, 'copilot', 'POST', path, body)).json()['id']}"
    assert (await call(world, "copilot", "POST", path, body | {"taxonomy": "filiere"})).status_code == 409
    assert (await call(world, "copilot", "PATCH", term, {"code": "autre"})).status_code == 422
    retired = await call(world, "copilot", "POST", f"{term}/retire")
    assert retired.json()["retired_at"] is not None
    assert (await call(world, "copilot", "GET", f"/initiatives/{world.initiative.id}")).json()["terms"] == []
    assert len((await call(world, "copilot", "GET", f"{path}?taxonomy=axe")).json()["items"]) == 1
    assert (await call(world, "copilot", "GET", f"{path}?taxonomy=autre")).json()["items"] == []
    assert (await call(world, "copilot", "POST", f"{term}/restore")).json()["retired_at"] is None


async def test_an_organisation_takes_part_once_at_a_time_and_a_co_pilot_stays(world: World) -> None:
    path = f"/initiatives/{world.initiative.id}/participations"
    again = {"organisation_id": str(world.other.id), "role": "observer"}
    assert (await call(world, "copilot", "POST", path, again)).status_code == 409
    unknown = await call(world, "copilot", "POST", path, again | {"organisation_id": str(uuid4())})
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/organisation_id")
    future = {"organisation_id": str(world.foreign.id), "role": "copilot", "since": "2199-01-01T00:00:00Z"}
    assert (await call(world, "copilot", "POST", path, future)).status_code == 422
    listed = (await call(world, "copilot", "GET", f"{path}?role=copilot")).json()["items"]
    assert [item["organisation_id"] for item in listed] == [str(world.piloting.id)]
    end = f"/participations/{listed[0]['id']}/end"
    assert (await call(world, "copilot", "POST", end)).json()["type"] == "/problems/last-copilot"
    del future["since"]
    assert (await call(world, "copilot", "POST", path, future)).status_code == 201
    ended = await call(world, "copilot", "POST", end)
    assert ended.json()["until"] is not None
    assert (await call(world, "admin", "POST", end)).json()["type"] == "/problems/already-ended"
    # The co-pilot's own organisation has left: nothing is left of the role.
    assert (await call(world, "copilot", "GET", f"/initiatives/{world.initiative.id}")).status_code == 404


async def test_an_access_grant_is_argued_short_and_told_to_co_pilots_alone(world: World) -> None:
    path = f"/initiatives/{world.initiative.id}/access-grants"
    for reason in ("court", "  neuf car.  ", ""):
        assert (await call(world, "admin", "POST", path, {"reason": reason})).status_code == 422
    reason = "Signalement d’un membre."
    grant = (await call(world, "admin", "POST", path, {"reason": reason})).json()
    assert grant["running"] is True
    async with world.database.sessions() as db:
        kept = (await db.execute(select(AccessGrant).where(AccessGrant.id == UUID(grant["id"])))).scalar_one()
    assert kept.during.upper is not None
    assert kept.during.lower is not None
    assert kept.during.upper - kept.during.lower == timedelta(hours=1)
    assert (await call(world, "admin", "POST", path, {"reason": reason})).json()[
        "type"
    ] == "/problems/access-already-open"
    told = await events_of(world, "access_grant.opened", grant["id"])
    assert [(one.audience, one.data) for one in told] == [("pilots", {})]
    assert (await call(world, "copilot", "GET", path)).json()["items"][0]["reason"] == reason


async def test_a_repeated_creation_makes_one_row(world: World) -> None:
    path = f"/initiatives/{world.initiative.id}/phases"
    key = {"Idempotency-Key": str(uuid4())}
    body = {"title": "x", "starts_on": "2020-03-20"}
    first = await call(world, "copilot", "POST", path, body, **key)
    second = await call(world, "copilot", "POST", path, body, **key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert len((await call(world, "copilot", "GET", path)).json()["items"]) == 1


async def test_a_short_name_is_taken_once_and_junk_is_nothing(world: World) -> None:
    taken = await call(world, "admin", "POST", "/initiatives", {"slug": world.initiative.slug, "title": "x"})
    assert taken.status_code == 409
    for reference in ("a%20b", "A", "é", "x" * 65, "%F0%9F%98%80"):
        assert (await call(world, "admin", "GET", f"/initiatives/{reference}")).status_code == 404, reference
    async with world.database.sessions() as db:
        found = (await db.execute(select(Initiative.slug).where(Initiative.slug == world.initiative.slug))).all()
    assert len(found) == 1

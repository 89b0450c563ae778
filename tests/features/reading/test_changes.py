"""What changed since a visit, a week, a day: exact, within what the caller may read, in one line each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from app.core.clock import now
from app.core.db import Database
from app.core.events import Audience, Event
from app.core.richtext.differences import Comparison
from app.features.reading.actions import PAUSE, touch_visit
from app.features.reading.models import Visit
from app.features.reading.queries.changes import difference
from app.features.spaces.models import Space
from tests.features.statements.test_contributions_api import contribute
from tests.world import World

API = "/api/v1"


async def changes(world: World, who: str, since: str = "visit", **query: Any) -> dict[str, Any]:
    """The answer."""
    client = await world.client(who)
    answer = await client.get(f"{API}/initiatives/{world.initiative.id}/changes", params={"since": since, **query})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def lines(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Every line of every group."""
    return [line for group in body["groups"] for line in group["items"]]


async def visit(world: World, who: str) -> dict[str, Any]:
    """One request of a visit."""
    answer = await world.post(who, f"{API}/initiatives/{world.initiative.id}/visit")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def leave(world: World, who: str) -> None:
    """Half an hour goes by without a request."""
    async with world.database.sessions() as db:
        mine = Visit.person_id == world.persons[who].id
        await db.execute(update(Visit).where(mine).values(seen_at=Visit.seen_at - PAUSE - timedelta(minutes=1)))
        await db.commit()


async def test_a_visit_ends_after_half_an_hour_and_the_next_one_shows_what_came_after_it(world: World) -> None:
    assert (await visit(world, "colleague"))["since_at"] is None
    old = await contribute(world, title="Avant")
    body = await changes(world, "colleague")
    assert body["first_visit"] is True
    assert [line["title"] for line in lines(body)] == ["Avant"]
    first = await visit(world, "colleague")
    assert (await visit(world, "colleague"))["started_at"] == first["started_at"]
    await leave(world, "colleague")
    new = await contribute(world, title="Après")
    second = await visit(world, "colleague")
    assert second["since_at"] is not None
    assert second["started_at"] != first["started_at"]
    body = await changes(world, "colleague")
    assert body["first_visit"] is False
    assert [line["object_id"] for line in lines(body)] == [new["id"]]
    assert old["id"] not in str(body)
    await visit(world, "colleague")
    assert [line["object_id"] for line in lines(await changes(world, "colleague"))] == [new["id"]], "the visit goes on"
    assert {line["object_id"] for line in lines(await changes(world, "colleague", "week"))} == {old["id"], new["id"]}


async def test_a_slow_writer_that_commits_after_the_visit_is_still_news(world: World, database: Database) -> None:
    said = await contribute(world, title="Lente")

    def event() -> Event:
        return Event(
            at=now(),
            verb="source.added",
            object_type="statement",
            object_id=UUID(said["id"]),
            initiative_id=world.initiative.id,
            space_id=world.restricted.id,
            audience=Audience.SPACE,
            person_id=world.persons["participant"].id,
            organisation_id=world.organisation.id,
            capacity="organisation",
            data={},
        )

    async with database.sessions() as slow:
        late = event()
        slow.add(late)
        await slow.flush()
        fast = await contribute(world, title="Rapide")
        await visit(world, "colleague")
        await leave(world, "colleague")
        await slow.commit()
    await visit(world, "colleague")
    found = lines(await changes(world, "colleague"))
    assert [(line["verb"], line["object_id"]) for line in found] == [("source.added", said["id"])]
    assert fast["id"] not in str(found), "the control: seen, though its event has the higher number"


async def test_after_a_restoration_in_another_cluster_hours_decide(world: World, database: Database) -> None:
    await visit(world, "colleague")
    await leave(world, "colleague")
    await visit(world, "colleague")
    said = await contribute(world)
    async with database.sessions() as db:
        mine = Visit.person_id == world.persons["colleague"].id
        await db.execute(update(Visit).where(mine).values(since="9000000000:9000000000:", since_cluster=1))
        await db.commit()
    assert [line["object_id"] for line in lines(await changes(world, "colleague"))] == [said["id"]]


async def test_ones_own_acts_and_what_one_may_not_read_are_left_out(world: World) -> None:
    said = await contribute(world)
    for who, count in (("participant", 0), ("colleague", 1), ("observer", 1), ("copilot", 1), ("outsider", 0)):
        assert len(lines(await changes(world, who))) == count, who
    drafted = await contribute(world, draft=True)
    assert drafted["id"] not in str(await changes(world, "colleague"))
    client = await world.client("stranger")
    assert (await client.get(f"{API}/initiatives/{world.initiative.id}/changes")).status_code == 404
    assert (
        await (await world.client("visitor")).get(f"{API}/initiatives/{world.initiative.id}/changes")
    ).status_code == 401
    await world.post(
        "facilitator", f"{API}/contributions/{said['id']}/moderate", {"reason": "off_topic"}, **{"If-Match": "*"}
    )
    found = {line["verb"]: line for line in lines(await changes(world, "colleague"))}
    assert set(found) == {"contribution.submitted", "contribution.moderated"}
    for line in found.values():
        assert (line["title"], line["excerpt"]) == (None, None), "its words are hidden now"
    assert found["contribution.moderated"]["by"]["organisation"] == world.organisation.name


async def test_a_revision_is_one_line_with_what_changed(world: World) -> None:
    said = await contribute(world, markdown="Il manque deux mois. Les banques attendent. Rien ne bouge.")
    client = await world.client("participant")
    path = f"{API}/contributions/{said['id']}"
    for words in ("Il manque trois mois. Les banques attendent.", "Il manque trois mois. Les banques refusent déjà."):
        answer = await client.patch(path, json={"markdown": words}, headers={"If-Match": "*"})
        assert answer.status_code == 200, answer.text
    found = {line["verb"]: line for line in lines(await changes(world, "colleague"))}
    line = found["contribution.revised"]
    assert line["times"] == 2
    assert line["sentence"] == "a modifié sa contribution"
    assert line["by"]["organisation"] == world.organisation.name
    assert line["difference"]["sentence"] == "Il manque trois mois."
    assert line["difference"]["added"] >= 3
    assert found["contribution.submitted"]["difference"] is None


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("Un deux. Trois quatre.", "Un deux. Trois quatre.", None),
        ("Un deux. Trois quatre.", "Un deux. Trois cinq quatre.", (1, 0, "Trois cinq quatre.")),
        ("Un deux. Trois quatre. Fin.", "Un deux. Fin.", (0, 2, "Fin.")),
        ("Un.", "Un. Deux.", (1, 0, "Deux.")),
        ("Un. Deux.", "Un.", (0, 1, "Un.")),
    ],
)
def test_the_difference_in_one_line(before: str, after: str, expected: tuple[int, int, str] | None) -> None:
    found = difference(Comparison(), before, after)
    assert (found and (found.added, found.removed, found.sentence)) == expected


async def test_groups_are_bounded_and_say_how_many_more_there_are(world: World) -> None:
    for n in range(4):
        await contribute(world, title=f"Titre {n}", markdown="mot " * 300)
    body = await changes(world, "colleague", limit=3)
    (group,) = body["groups"]
    assert (group["space_id"], group["title"]) == (str(world.restricted.id), world.restricted.title)
    assert [line["title"] for line in group["items"]] == ["Titre 3", "Titre 2", "Titre 1"]
    assert group["others"] == 1
    assert body["reading_minutes"] == 4


async def test_what_is_done_in_the_initiative_and_its_sessions_is_named(world: World) -> None:
    session = {
        "initiative_id": str(world.initiative.id),
        "space_id": str(world.restricted.id),
        "title": "Tour de table",
        "starts_at": "2026-04-07T14:00",
        "ends_at": "2026-04-07T16:00",
    }
    assert (await world.post("copilot", f"{API}/sessions", session)).status_code == 201
    milestone = {"on_date": "2020-09-03", "title": "Relance"}
    path = f"{API}/initiatives/{world.initiative.id}/milestones"
    assert (await world.post("copilot", path, milestone)).status_code == 201
    found = {line["verb"]: line for line in lines(await changes(world, "colleague"))}
    assert found["session.planned"]["title"] == "Tour de table"
    assert found["session.planned"]["by"]["organisation"] == world.piloting.name
    assert found["milestone.added"]["title"] == "Relance"
    body = await changes(world, "outsider")
    assert [line["verb"] for line in lines(body)] == ["milestone.added"]
    assert body["groups"][0]["space_id"] is None


async def test_outside_its_space_a_position_tells_nothing(world: World, database: Database) -> None:
    async with database.sessions() as db:
        await db.execute(update(Space).where(Space.id == world.restricted.id).values(visibility="initiative"))
        await db.commit()
    said = await contribute(world, consent="profile")
    await world.post("lead", f"{API}/contributions/{said['id']}/positions", {"stance": "objects", "reason": "Non."})
    assert lines(await changes(world, "outsider")) == []
    inside = {line["verb"]: line for line in lines(await changes(world, "colleague"))}
    assert inside["position.taken"]["data"] == {"stance": "objects"}


@pytest.mark.parametrize(
    ("since", "status"), [("hier", 422), ("2020-03-20", 200), ("2020-03-20T00:00:00Z", 200), ("0001-01-01", 422)]
)
async def test_a_day_or_an_instant_is_asked_too(world: World, since: str, status: int) -> None:
    await contribute(world)
    client = await world.client("colleague")
    answer = await client.get(f"{API}/initiatives/{world.initiative.id}/changes", params={"since": since})
    assert answer.status_code == status, answer.text
    if status == 200:
        assert answer.json()["since"] == "date"
        assert len(lines(answer.json())) == 1


async def test_statements_asked_are_few(world: World) -> None:
    from app.core.db import Reader  # noqa: PLC0415 - counts what it is asked
    from app.features.reading.queries.changes import changed_since  # noqa: PLC0415

    said = await contribute(world)
    client = await world.client("participant")
    await client.patch(
        f"{API}/contributions/{said['id']}", json={"markdown": "Tout autre chose."}, headers={"If-Match": "*"}
    )
    actor = await world.actor("colleague")
    reader = Reader(world.database)
    await touch_visit(reader, actor, world.initiative.id)
    at = reader.statements
    await changed_since(reader, actor, str(world.initiative.id))
    assert (at, reader.statements - at) == (1, 6)
    await reader.release()

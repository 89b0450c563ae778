"""What is awaited of an organisation, by deadline, and what became of what it said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import update

from app.core.clock import now
from app.core.db import Database
from app.core.model import new_id
from app.features.initiatives.models import Phase
from app.features.sessions.models import Session
from app.features.spaces.models import Space
from tests.factories import make_contribution, make_position, make_reply
from tests.features.editions import shelf
from tests.world import World

API = "/api/v1"


async def expected(world: World, who: str) -> dict[str, Any]:
    """The answer."""
    client = await world.client(who)
    answer = await client.get(f"{API}/initiatives/{world.initiative.id}/expected")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def awaited(world: World, who: str) -> list[str]:
    """The ids of the questions."""
    return [item["contribution_id"] for item in (await expected(world, who))["awaited"]]


async def test_questions_await_the_organisations_that_have_not_answered(world: World) -> None:
    shared = {"space": world.shared, "kind": "question"}
    asked = await make_contribution(world, who="outsider", **shared)  # type: ignore[arg-type]
    other = await make_contribution(world, who="outsider", **shared)  # type: ignore[arg-type]
    await make_contribution(world, who="outsider", space=world.shared, kind="need")
    await make_contribution(world, who="outsider", state="draft", **shared)  # type: ignore[arg-type]
    await make_contribution(world, who="outsider", state="withdrawn", **shared)  # type: ignore[arg-type]
    own = await make_contribution(world, who="participant", **shared)  # type: ignore[arg-type]
    for who in ("participant", "colleague", "lead"):
        assert await awaited(world, who) == [str(asked.id), str(other.id)], who
    assert await awaited(world, "outsider") == [str(own.id)], "not its own questions"
    for who in ("observer", "copilot"):
        assert await awaited(world, who) == [], f"{who}: no member organisation that speaks"
    await make_position(world, asked, who="participant")
    assert await awaited(world, "colleague") == [str(other.id)], "its organisation has taken a position"
    await make_reply(world, other, who="participant")
    assert await awaited(world, "colleague") == []


async def test_a_personal_reply_is_not_the_organisations_answer(world: World) -> None:
    asked = await make_contribution(world, who="facilitator", kind="question", space=world.shared)
    for capacity, left in (("personal", [str(asked.id)]), ("organisation", [])):
        said = {"side": "none", "markdown": "À mon avis, non.", "capacity": capacity}
        answer = await world.post("outsider", f"{API}/contributions/{asked.id}/replies", said)
        assert answer.status_code == 201, answer.text
        assert await awaited(world, "outsider") == left


async def test_nothing_is_awaited_where_nothing_can_be_said(world: World, database: Database) -> None:
    asked = await make_contribution(world, who="outsider", kind="question", space=world.shared)
    assert await awaited(world, "colleague") == [str(asked.id)]
    async with database.sessions() as db:
        await db.execute(update(Space).where(Space.id == world.shared.id).values(state="closed"))
        await db.commit()
    assert await awaited(world, "colleague") == []
    for who, status in (("visitor", 401), ("stranger", 404)):
        client = await world.client(who)
        assert (await client.get(f"{API}/initiatives/{world.initiative.id}/expected")).status_code == status


async def test_the_nearest_deadline_comes_first(world: World, database: Database) -> None:
    later = await make_contribution(world, who="outsider", kind="question", space=world.shared)
    sooner = await make_contribution(world, who="copilot", kind="question")
    assert [item["deadline"] for item in (await expected(world, "colleague"))["awaited"]] == [None, None]
    today = now().date()
    async with database.sessions() as db:
        db.add(
            Phase(
                initiative_id=world.initiative.id,
                title="Besoins",
                starts_on=today - timedelta(days=3),
                ends_on=today + timedelta(days=9),
            )
        )
        meeting = Session(
            id=new_id(),
            initiative_id=world.initiative.id,
            space_id=world.restricted.id,
            number=7,
            title="Séance",
            starts_at=now() + timedelta(days=2),
            ends_at=now() + timedelta(days=2, hours=2),
        )
        db.add(meeting)
        await db.commit()
    items = (await expected(world, "colleague"))["awaited"]
    assert [item["contribution_id"] for item in items] == [str(sooner.id), str(later.id)]
    assert [item["before_session_id"] for item in items] == [str(meeting.id), None]
    assert items[1]["deadline"] > items[0]["deadline"]


async def test_what_became_of_ones_own_contributions_is_told(world: World) -> None:
    ready = await shelf.ready(world)
    assert (await expected(world, "colleague"))["treated"] == [], "not before it is published"
    await shelf.publish(ready.desk, ready.deliverable)
    items = (await expected(world, "colleague"))["treated"]
    assert items
    for item in items:
        client = await world.client("colleague")
        (latest, *_) = (await client.get(f"{API}/contributions/{item['contribution_id']}/treatments")).json()["items"]
        assert (item["outcome"], item["edition_id"]) == (latest["outcome"], latest["edition"]["id"])
        assert item["organisation_id"] == str(world.organisation.id)
    for who in ("outsider", "observer"):
        assert {item["organisation_id"] for item in (await expected(world, who))["treated"]} <= {
            str(world.mandates[who].organisation_id)
        }

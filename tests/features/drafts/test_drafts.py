"""Drafts: nobody else's business, never lost to another page, kept for half a year."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import delete, func, select, update

from app.core.clock import now
from app.core.db import Database
from app.core.events import Event
from app.core.postgres.cluster import Urls
from app.features.drafts.actions import MOST, forget_drafts_before
from app.features.drafts.jobs import DRAFTS_KEPT
from app.features.drafts.models import Draft
from app.features.identity.models import ApiToken, Person
from app.features.spaces.models import SpaceMember
from tests.world import LADDER, World, person

API = "/api/v1/drafts"
FIRST = {"If-None-Match": "*"}


def key(world: World) -> str:
    """The draft of a contribution to the restricted space."""
    return f"contribution:new:{world.restricted.id}"


def said(world: World, markdown: str = "Il manque deux mois") -> dict[str, Any]:
    """A form half filled in."""
    return {
        "body": {"title": "Trésorerie", "markdown": markdown},
        "initiative_id": str(world.initiative.id),
        "space_id": str(world.restricted.id),
    }


async def put(world: World, who: str, name: str, body: dict[str, Any], **headers: str) -> httpx.Response:
    """One save."""
    sent = {key.replace("_", "-"): value for key, value in headers.items()}
    return await (await world.client(who)).put(f"{API}/{name}", json=body, headers=sent)


async def test_a_draft_is_saved_read_listed_and_thrown_away(world: World) -> None:
    first = await put(world, "participant", key(world), said(world), **FIRST)
    assert first.status_code == 200, first.text
    assert first.json()["version"] == 1
    second = await put(
        world, "participant", key(world), said(world, "Il manque deux mois de"), If_Match=first.headers["etag"]
    )
    assert second.json()["version"] == 2
    client = await world.client("participant")
    whole = await client.get(f"{API}/{key(world)}")
    assert whole.json()["body"]["markdown"] == "Il manque deux mois de"
    await put(world, "participant", f"reply:new:{uuid4()}", {"body": {"markdown": "Oui"}}, If_Match='"v0"')
    listed = (await client.get(API)).json()["items"]
    assert [item["excerpt"] for item in listed] == ["Oui", "Il manque deux mois de"]
    assert (listed[1]["title"], listed[1]["words"], listed[1]["space"]) == ("Trésorerie", 5, world.restricted.title)
    here = (await client.get(API, params={"space_id": str(world.restricted.id)})).json()["items"]
    assert len(here) == 1
    gone = await client.delete(f"{API}/{key(world)}", headers={"If-Match": second.headers["etag"]})
    assert gone.status_code == 204, gone.text
    assert (await client.get(f"{API}/{key(world)}")).status_code == 404


async def test_nobody_else_reads_it_by_any_path(world: World) -> None:
    marker = f"canari{uuid4().hex}"
    await put(world, "participant", key(world), said(world, marker), **FIRST)
    await world.post(
        "admin", f"/api/v1/initiatives/{world.initiative.id}/access-grants", {"reason": "Signalement reçu."}
    )
    absent = f"contribution:new:{uuid4()}"
    for who in LADDER:
        if who == "participant":
            continue
        client = await world.client(who)
        answers = [
            await client.get(f"{API}/{name}", headers={"X-Request-Id": "drafts-00000001"})
            for name in (key(world), absent)
        ]
        assert answers[0].status_code == (401 if who == "visitor" else 404), who
        assert answers[0].content == answers[1].content
        listed = await client.get(API)
        assert marker not in listed.text
        assert listed.json().get("items", []) == []
        removed = await client.delete(f"{API}/{key(world)}", headers={"If-Match": "*"})
        assert removed.status_code == (401 if who == "visitor" else 404), who
    colleague = await put(world, "colleague", key(world), said(world, "Autre chose"), **FIRST)
    assert colleague.json()["version"] == 1
    kept = await (await world.client("participant")).get(f"{API}/{key(world)}")
    assert kept.json()["body"]["markdown"] == marker


async def test_of_two_pages_that_save_at_once_exactly_one_wins_and_the_other_is_shown_both(world: World) -> None:
    texts = [f"Version {n}" for n in range(8)]
    for on in ('"v0"', '"v1"'):
        answers = await asyncio.gather(
            *(put(world, "participant", key(world), said(world, text), If_Match=on) for text in texts)
        )
        assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
        winner = texts[[answer.status_code for answer in answers].index(200)]
        for text, answer in zip(texts, answers, strict=True):
            if answer.status_code == 412:
                problem = answer.json()
                assert problem["saved"]["body"]["markdown"] == winner
                assert problem["yours"]["markdown"] == text
                assert problem["current_version"] == problem["saved"]["version"]
                assert problem["type"] == "/problems/draft-moved"


async def test_the_same_save_delivered_twice_is_one(world: World) -> None:
    for on in ('"v0"', '"v1"'):
        both = [await put(world, "participant", key(world), said(world, f"Mot {on}"), If_Match=on) for _ in range(2)]
        assert [answer.status_code for answer in both] == [200, 200]
        assert both[0].json() == both[1].json()


async def test_a_draft_sent_elsewhere_is_not_made_again_by_a_late_save(world: World) -> None:
    await put(world, "participant", key(world), said(world), **FIRST)
    client = await world.client("participant")
    stale = await client.delete(f"{API}/{key(world)}", headers={"If-Match": '"v7"'})
    assert stale.status_code == 412
    assert stale.json()["saved"]["version"] == 1
    await client.delete(f"{API}/{key(world)}", headers={"If-Match": '"v1"'})
    late = await put(world, "participant", key(world), said(world, "encore"), If_Match='"v1"')
    assert late.status_code == 412
    assert late.json()["saved"] is None
    assert late.json()["yours"]["markdown"] == "encore"
    assert (await put(world, "participant", key(world), said(world), **FIRST)).status_code == 200


async def test_a_draft_outlives_the_space_that_its_author_lost(world: World, database: Database) -> None:
    await put(world, "participant", key(world), said(world), **FIRST)
    async with database.sessions() as db:
        await db.execute(
            update(SpaceMember)
            .where(SpaceMember.space_id == world.restricted.id)
            .values(during=func.tstzrange(func.lower(SpaceMember.during), now()))
        )
        await db.commit()
    client = await world.client("participant")
    assert (await client.get(f"/api/v1/spaces/{world.restricted.id}")).status_code == 404
    (item,) = (await client.get(API)).json()["items"]
    assert (item["title"], item["space"]) == ("Trésorerie", None)
    assert (await put(world, "participant", key(world), said(world, "Suite"), If_Match='"v1"')).status_code == 200
    assert (await client.get(f"{API}/{key(world)}")).json()["body"]["markdown"] == "Suite"


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("contribution", {"body": {}}, 404),
        ("Contribution:new:1", {"body": {}}, 404),
        ("contribution:new:" + "a" * 160, {"body": {}}, 404),
        ("contribution:new:x'y", {"body": {}}, 404),
        ("note:edit:1", {"body": {"markdown": 3}}, 422),
        ("note:edit:1", {"body": {"a b": "x"}}, 422),
        ("note:edit:1", {"body": {"markdown": "é" * 131_073}}, 422),
        ("note:edit:1", {"body": {f"f{n}": "" for n in range(41)}}, 422),
        ("note:edit:1", {"body": {}, "other": 1}, 422),
        ("note:edit:1", {"body": {"markdown": "é" * 131_072}}, 200),
        ("note:edit:1", {"body": {"markdown": ""}}, 200),
        ("profile-message:new:1", {"body": {}}, 200),
    ],
)
async def test_keys_and_bodies_are_bounded(world: World, name: str, body: dict[str, Any], status: int) -> None:
    assert (await put(world, "participant", name, body, **FIRST)).status_code == status


async def test_there_are_at_most_two_hundred(world: World, database: Database) -> None:
    async with database.sessions() as db:
        db.add_all(Draft(person_id=world.persons["participant"].id, key=f"note:new:{n}", body={}) for n in range(MOST))
        await db.commit()
    refused = await put(world, "participant", key(world), said(world), **FIRST)
    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/too-many-drafts"
    assert (await put(world, "participant", "note:new:3", said(world), If_Match='"v1"')).status_code == 200


async def test_a_token_for_reading_saves_nothing(world: World, database: Database) -> None:
    from app.core.security.secrets import fingerprint, new_secret  # noqa: PLC0415 - this test alone

    secret = new_secret("alg_pat_")
    async with database.sessions() as db:
        db.add(
            ApiToken(
                person_id=world.persons["participant"].id,
                name="Lecture",
                scope="read",
                fingerprint=fingerprint(secret),
                expires_at=now() + timedelta(days=1),
            )
        )
        await db.commit()
    client = await world.client("visitor")
    headers = {"Authorization": f"Bearer {secret}", **FIRST}
    answer = await client.put(f"{API}/{key(world)}", json=said(world), headers=headers)
    assert answer.status_code == 403


async def test_saving_is_no_event(world: World, database: Database) -> None:
    async with database.reading() as connection:
        before = (await connection.execute(select(func.max(Event.id)))).scalar()
        await put(world, "participant", key(world), said(world), **FIRST)
        assert (await connection.execute(select(func.max(Event.id)))).scalar() == before


async def test_it_is_forgotten_after_half_a_year_and_goes_with_its_author(
    world: World, database: Database, urls: Urls
) -> None:
    from sqlalchemy import create_engine  # noqa: PLC0415 - the owner's own connection

    left, kept = (f"note:new:{uuid4()}" for _ in range(2))
    somebody = person("partante")
    async with database.sessions() as db:
        db.add(somebody)
        await db.flush()
        mine = world.persons["participant"].id
        db.add(Draft(person_id=mine, key=left, body={}, saved_at=now() - DRAFTS_KEPT - timedelta(minutes=1)))
        db.add(Draft(person_id=mine, key=kept, body={}, saved_at=now() - DRAFTS_KEPT + timedelta(minutes=1)))
        db.add(Draft(person_id=somebody.id, key=kept, body={}))
        await db.commit()
        assert await forget_drafts_before(db, now() - DRAFTS_KEPT) >= 1
        await db.commit()
    owner = create_engine(urls.owner)
    with owner.begin() as connection:
        connection.execute(delete(Person).where(Person.id == somebody.id))
    owner.dispose()
    async with database.reading() as connection:
        found = await connection.execute(select(Draft.person_id, Draft.key).where(Draft.key.in_((left, kept))))
        assert [tuple(row) for row in found] == [(mine, kept)]

"""Mandates: given and ended by those who manage the organisation's people, and by nobody for another organisation."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import func, select, update

from app.core.clock import now
from app.core.versions import ANY_VERSION
from app.features.identity.actions.mandates import end
from app.features.identity.models import Mandate, Organisation, Person
from tests.features.identity.doors import events_of, without_id
from tests.world import LADDER, World, mandate, person

URL = "/api/v1/mandates"


def body_of(world: World, who: str, **more: Any) -> dict[str, Any]:
    return {
        "person_id": str(world.persons[who].id),
        "organisation_id": str(world.organisation.id),
        "powers": ["contributes"],
    } | more


async def end_mandate(world: World, who: str, mandate_id: UUID, **headers: str) -> httpx.Response:
    return await world.post(who, f"{URL}/{mandate_id}/end", **({"If-Match": "*"} | headers))


async def former_colleague(world: World) -> Person:
    """Somebody whom the organisation knows and who has no mandate now."""
    async with world.database.sessions() as db:
        left = person("ancien")
        db.add(left)
        await db.flush()
        past = mandate(left.id, world.organisation.id, ["contributes"])
        db.add(past)
        await db.flush()
        await db.execute(
            update(Mandate)
            .where(Mandate.id == past.id)
            .values(during=func.tstzrange(now() - timedelta(days=9), now() - timedelta(days=8)))
        )
        await db.commit()
    return left


@pytest.mark.parametrize("who", LADDER)
async def test_who_reads_mandates(world: World, who: str) -> None:
    of_organisation = {str(world.mandates[name].id) for name in ("participant", "colleague", "lead", "facilitator")}
    client = await world.client(who)
    listed = await client.get(URL, params={"organisation_id": str(world.organisation.id)})
    seen = {item["id"] for item in listed.json()["items"]}
    assert seen == (of_organisation if who in {"participant", "colleague", "lead", "facilitator", "admin"} else set())
    one = await client.get(f"{URL}/{world.mandates['participant'].id}")
    unknown = await client.get(f"{URL}/{uuid4()}")
    assert one.status_code == (200 if seen else 404)
    if not seen:
        assert without_id(one) == without_id(unknown)


@pytest.mark.parametrize("who", LADDER)
async def test_addresses_are_for_oneself_managers_and_administrators(world: World, who: str) -> None:
    listed = await (await world.client(who)).get(URL, params={"limit": 200})
    for item in listed.json()["items"]:
        own = who in world.persons and item["person"]["id"] == str(world.persons[who].id)
        shown = own or who in {"lead", "admin"}
        assert (item["person"]["email"] is not None) == shown, (who, item)


async def test_mandates_are_filtered(world: World) -> None:
    client = await world.client("lead")
    mine = (await client.get(URL, params={"person_id": "me"})).json()["items"]
    assert [item["id"] for item in mine] == [str(world.mandates["lead"].id)]
    here = (await client.get(URL, params={"initiative_id": str(world.initiative.id)})).json()["items"]
    assert len(here) == 4
    for hidden in (world.elsewhere.id, uuid4()):
        assert (await client.get(URL, params={"initiative_id": str(hidden)})).json()["items"] == []
    assert (await client.get(URL, params={"running": "false"})).json()["items"] == []
    visitor = await world.client("visitor")
    assert (await visitor.get(URL, params={"person_id": "me"})).json()["items"] == []
    page = (await client.get(URL, params={"limit": 3})).json()
    rest = (await client.get(URL, params={"limit": 3, "cursor": page["next_cursor"]})).json()
    assert len({item["id"] for item in page["items"] + rest["items"]}) == 4


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("visitor", 401),
        ("stranger", 403),
        ("observer", 403),
        ("outsider", 403),
        ("participant", 403),
        ("facilitator", 403),
        ("copilot", 403),
        ("lead", 201),
        ("admin", 201),
    ],
)
async def test_who_gives_a_mandate(world: World, who: str, status: int) -> None:
    left = await former_colleague(world)
    answer = await world.post(who, URL, body_of(world, "lead", person_id=str(left.id)))
    assert answer.status_code == status, answer.text
    if status == 201:
        assert answer.json()["running"]
        assert answer.json()["given_by"] == str(world.persons[who].id)
        assert (await (await world.client(who)).get(answer.headers["location"])).status_code == 200
        told = ["mandate.given"] + ["mandate.given_by_administrator"] * (who == "admin")
        assert await events_of(world.database, UUID(answer.json()["id"])) == told


async def test_a_lead_gives_nothing_outside_the_organisation(world: World) -> None:
    left = await former_colleague(world)
    refusals: dict[str, list[dict[str, Any]]] = {
        "/person_id": [{"person_id": str(world.persons["stranger"].id)}, {"person_id": str(uuid4())}],
        "/initiative_id": [{"initiative_id": str(world.elsewhere.id)}, {"initiative_id": str(uuid4())}],
        "/starts_at": [{"starts_at": "2020-03-20T00:00:00Z"}],
        "/ends_at": [{"ends_at": "2020-03-20T00:00:00Z"}],
        "/powers": [{"powers": []}],
    }
    for pointer, cases in refusals.items():
        answers = [
            await world.post("lead", URL, body_of(world, "lead", **({"person_id": str(left.id)} | case)))
            for case in cases
        ]
        assert {answer.status_code for answer in answers} == {422}, answers[0].text
        assert len({str(without_id(answer)) for answer in answers}) == 1
        assert answers[0].json()["errors"][0]["pointer"] == pointer
    unknown_power = await world.post("lead", URL, body_of(world, "lead", powers=["reigns"]))
    assert unknown_power.status_code == 422
    # Another organisation, an unknown one: the same refusal.
    for other in (world.other.id, uuid4()):
        answer = await world.post("lead", URL, body_of(world, "outsider", organisation_id=str(other)))
        assert answer.status_code == 403
    twice = await world.post("lead", URL, body_of(world, "participant"))
    assert twice.status_code == 409


async def test_who_manages_one_initiative_manages_nothing_else(world: World) -> None:
    """A mandate for one initiative gives nothing in another, also when its power is to give mandates."""
    async with world.database.sessions() as db:
        await db.execute(
            update(Mandate)
            .where(Mandate.id == world.mandates["colleague"].id)
            .values(during=func.tstzrange(func.lower(Mandate.during), now()))
        )
        scoped = mandate(world.persons["colleague"].id, world.organisation.id, ["manages"])
        scoped.initiative_id = world.initiative.id
        scoped.during = type(scoped.during)(now(), None)
        db.add(scoped)
        await db.commit()
    left = await former_colleague(world)
    to_all = await world.post("colleague", URL, body_of(world, "lead", person_id=str(left.id)))
    assert to_all.status_code == 403
    assert to_all.json()["type"] == "/problems/outside-your-mandate"
    assert (await end_mandate(world, "colleague", world.mandates["lead"].id)).status_code == 403
    here = body_of(world, "lead", person_id=str(left.id), initiative_id=str(world.initiative.id))
    answer = await world.post("colleague", URL, here)
    assert answer.status_code == 201, answer.text
    assert answer.json()["initiative"]["title"] == world.initiative.title


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("visitor", 404),
        ("stranger", 404),
        ("observer", 404),
        ("outsider", 404),
        ("copilot", 404),
        ("participant", 403),
        ("facilitator", 403),
        ("lead", 200),
        ("admin", 200),
    ],
)
@pytest.mark.parametrize("verb", ["end", "change"])
async def test_who_ends_and_changes_a_mandate(world: World, who: str, status: int, verb: str) -> None:
    path = f"{URL}/{world.mandates['colleague'].id}/{verb}"
    body = {"powers": ["observes"]} if verb == "change" else None
    answer = await world.post(who, path, body, **{"If-Match": '"v1"'})
    assert answer.status_code == status, answer.text
    if status == 404:
        unknown = await world.post(who, f"{URL}/{uuid4()}/{verb}", body, **{"If-Match": '"v1"'})
        assert without_id(answer) == without_id(unknown)
    if status == 200:
        assert (await world.post(who, path, body)).status_code == 428
        assert (await world.post(who, path, body, **{"If-Match": '"v1"'})).status_code == 412
        assert (await world.post(who, path, body, **{"If-Match": "*"})).status_code == 409


async def test_an_ended_mandate_is_felt_at_the_next_request(world: World) -> None:
    client = await world.client("colleague")
    before = (await client.get("/api/v1/me")).json()
    assert [item["organisation"]["id"] for item in before["mandates"]] == [str(world.organisation.id)]
    assert {space["id"] for space in before["spaces"] if space["inside"]} == {
        str(world.restricted.id),
        str(world.shared.id),
    }
    assert (await end_mandate(world, "lead", world.mandates["colleague"].id)).status_code == 200
    after = (await client.get("/api/v1/me")).json()
    assert after["mandates"] == after["participations"] == []
    # Whatever other initiatives show everybody stays.
    assert not {space["id"] for space in after["spaces"]} & {str(world.restricted.id), str(world.shared.id)}
    assert not (await world.actor("colleague")).inner_spaces
    assert (await client.get(URL, params={"organisation_id": str(world.organisation.id)})).json()["items"] != []
    listed = (await client.get(URL)).json()["items"]
    assert [item["person"]["id"] for item in listed] == [str(world.persons["colleague"].id)]


async def test_changing_powers_keeps_the_first_mandate_as_it_was(world: World) -> None:
    first = world.mandates["colleague"].id
    path = f"{URL}/{first}/change"
    answer = await world.post("lead", path, {"powers": ["speaks", "manages"]}, **{"If-Match": "*"})
    assert answer.status_code == 200, answer.text
    after = answer.json()
    before = (await (await world.client("lead")).get(f"{URL}/{first}")).json()
    assert before["powers"] == ["contributes"]
    assert before["ends_at"] == after["starts_at"]
    assert after["powers"] == ["manages", "speaks"]
    assert before["ended_by"] == after["given_by"] == str(world.persons["lead"].id)
    assert before["abilities"] == []
    assert world.organisation.id in (await world.actor("colleague")).managed


async def test_the_last_who_manages_stays(world: World) -> None:
    lead = world.mandates["lead"].id
    refused = await end_mandate(world, "lead", lead)
    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/last-to-manage"
    less = await world.post("lead", f"{URL}/{lead}/change", {"powers": ["speaks"]}, **{"If-Match": "*"})
    assert less.status_code == 409
    assert world.organisation.id in (await world.actor("lead")).managed  # nothing half written
    soon = {"powers": ["manages"], "ends_at": (now() + timedelta(seconds=2)).isoformat()}
    sooner = await world.post("lead", f"{URL}/{lead}/change", soon, **{"If-Match": "*"})
    assert sooner.status_code == 409, "it would leave nobody in two seconds"
    more = await world.post("lead", f"{URL}/{lead}/change", {"powers": ["manages"]}, **{"If-Match": "*"})
    assert more.status_code == 200, more.text
    assert (await end_mandate(world, "admin", UUID(more.json()["id"]))).status_code == 200


async def test_who_manages_people_gives_any_power_to_themselves_too(world: World) -> None:
    """Decided: a lead speaks for the organisation and manages its people (`app.features.identity.actions.mandates`)."""
    second = await world.post(
        "lead", f"{URL}/{world.mandates['colleague'].id}/change", {"powers": ["manages"]}, **{"If-Match": "*"}
    )
    path = f"{URL}/{second.json()['id']}/change"
    taken = await world.post("colleague", path, {"powers": ["manages", "speaks"]}, **{"If-Match": "*"})
    assert taken.status_code == 200, taken.text
    assert taken.json()["given_by"] == taken.json()["person"]["id"] == str(world.persons["colleague"].id)
    # With another who stays, one may leave at a date.
    ends_at = (now() + timedelta(days=1)).isoformat()
    leaving = await world.post(
        "colleague",
        f"{URL}/{taken.json()['id']}/change",
        {"powers": ["manages"], "ends_at": ends_at},
        **{"If-Match": "*"},
    )
    assert leaving.status_code == 200, leaving.text


async def test_two_who_manage_cannot_leave_together(world: World) -> None:
    path = f"{URL}/{world.mandates['colleague'].id}/change"
    second = await world.post("lead", path, {"powers": ["manages"]}, **{"If-Match": "*"})
    assert second.status_code == 200, second.text
    async with world.database.sessions() as db:
        question = select(Organisation.id).where(Organisation.id == world.organisation.id)
        await db.execute(question.with_for_update())
        other = asyncio.create_task(end_mandate(world, "colleague", UUID(second.json()["id"])))
        await asyncio.sleep(0.3)
        assert not other.done(), "it must wait to know who is left"
        # Ended after the other's transaction began: judged by that transaction's clock it would still run.
        await end(db, await world.actor("lead"), world.mandates["lead"].id, ANY_VERSION)
        await db.commit()
    refused = await other
    assert refused.status_code == 409, refused.text
    assert refused.json()["type"] == "/problems/last-to-manage"


async def test_one_gives_back_ones_own_mandate_and_nobody_elses(world: World) -> None:
    mine, theirs = (f"{URL}/{world.mandates[who].id}" for who in ("participant", "colleague"))
    client = await world.client("participant")
    able = {path: (await client.get(path)).json()["abilities"] for path in (mine, theirs)}
    assert able == {mine: ["mandate:resign"], theirs: []}
    assert (await world.post("participant", f"{theirs}/resign", **{"If-Match": "*"})).status_code == 403
    assert (await world.post("participant", f"{mine}/resign")).status_code == 428
    given_back = await world.post("participant", f"{mine}/resign", **{"If-Match": '"v1"'})
    assert given_back.status_code == 200, given_back.text
    body = given_back.json()
    assert (body["running"], body["ended_by"]) == (False, str(world.persons["participant"].id))
    assert (await world.actor("participant")).organisations == set()
    again = await world.post("participant", f"{mine}/resign", **{"If-Match": "*"})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/mandate-ended")
    assert await events_of(world.database, world.mandates["participant"].id) == ["mandate.ended"]


async def test_the_last_who_manages_does_not_resign(world: World) -> None:
    path = f"{URL}/{world.mandates['lead'].id}/resign"
    refused = await world.post("lead", path, **{"If-Match": "*"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/last-to-manage")
    async with world.database.sessions() as db:
        await db.execute(update(Person).where(Person.id == world.persons["lead"].id).values(is_admin=True))
        await db.commit()
    refused = await world.post("lead", path, **{"If-Match": "*"})
    assert refused.status_code == 409, "an administrator who resigns leaves the organisation as anybody else would"
    change = f"{URL}/{world.mandates['colleague'].id}/change"
    assert (await world.post("lead", change, {"powers": ["manages"]}, **{"If-Match": "*"})).status_code == 200
    assert (await world.post("lead", path, **{"If-Match": "*"})).status_code == 200


async def test_two_who_manage_cannot_resign_together(world: World) -> None:
    change = f"{URL}/{world.mandates['colleague'].id}/change"
    second = await world.post("lead", change, {"powers": ["manages"]}, **{"If-Match": "*"})
    answers = await asyncio.gather(
        world.post("lead", f"{URL}/{world.mandates['lead'].id}/resign", **{"If-Match": "*"}),
        world.post("colleague", f"{URL}/{second.json()['id']}/resign", **{"If-Match": "*"}),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_a_mandate_to_come_can_be_ended_before_it_begins(world: World) -> None:
    left = await former_colleague(world)
    soon = (now() + timedelta(days=3)).isoformat()
    made = await world.post("lead", URL, body_of(world, "lead", person_id=str(left.id), starts_at=soon))
    assert made.status_code == 201, made.text
    assert not made.json()["running"]
    ended = await end_mandate(world, "lead", UUID(made.json()["id"]))
    assert ended.status_code == 200, ended.text
    assert ended.json()["starts_at"] is None
    again = await world.post("lead", URL, body_of(world, "lead", person_id=str(left.id), starts_at=soon))
    assert again.status_code == 201, again.text


async def test_a_repeated_gift_is_one_mandate(world: World) -> None:
    left = await former_colleague(world)
    key = {"Idempotency-Key": str(uuid4())}
    body = body_of(world, "lead", person_id=str(left.id))
    first, second = [await world.post("lead", URL, body, **key) for _ in "12"]
    assert first.status_code == second.status_code == 201
    assert first.content == second.content


@pytest.mark.parametrize(("who", "capacity"), [("lead", "organisation"), ("admin", None)])
async def test_the_audit_says_in_what_capacity_people_are_managed(world: World, who: str, capacity: str | None) -> None:
    left = await former_colleague(world)
    given = await world.post(who, URL, body_of(world, who, person_id=str(left.id)))
    assert (await end_mandate(world, who, UUID(given.json()["id"]))).status_code == 200
    invited = {"email": f"{uuid4().hex}@alliage.example", "organisation_id": str(world.organisation.id)}
    sent = await world.post(who, "/api/v1/invitations", invited | {"powers": ["contributes"]})
    card = f"/api/v1/organisations/{world.organisation.id}"
    client = await world.client(who)
    assert (await client.patch(card, json={"acronym": "ADT"}, headers={"If-Match": "*"})).status_code == 200
    for thing in (given.json()["id"], sent.json()["id"], str(world.organisation.id)):
        listed = await client.get("/api/v1/events", params={"object_id": thing})
        acts = [item for item in listed.json()["items"] if item["audience"] == "organisation"]
        signed = {(item["person_id"], item["organisation_id"], item["capacity"]) for item in acts}
        assert signed == {(str(world.persons[who].id), str(world.organisation.id), capacity)}, acts

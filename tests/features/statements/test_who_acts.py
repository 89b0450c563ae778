"""Who takes words back, moderates and documents them, and what the audit says of it (promise 2)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, text, update

from app.features.identity.models import Mandate
from tests.features.events.test_events_api import events
from tests.features.statements.test_contributions_api import API, contribute
from tests.world import World, mandate

ANY = {"If-Match": "*"}


async def change_organisation(world: World, who: str = "participant") -> None:
    """They leave `organisation` for `other`, a member of the shared space too."""
    async with world.database.sessions() as db:
        ended = func.tstzrange(func.lower(text("during")), func.now())
        await db.execute(update(Mandate).where(Mandate.id == world.mandates[who].id).values(during=ended))
        db.add(mandate(world.persons[who].id, world.other.id, ["contributes"]))
        await db.commit()


async def told(world: World, words: dict[str, Any]) -> tuple[str, str | None, str | None, str | None]:
    """The verb of the newest event about these words, and who acted: person, organisation, capacity."""
    event = (await events(world, "copilot" if words["state"] == "published" else "admin", object_id=words["id"]))[0]
    return event["verb"], event["person_id"], event["organisation_id"], event["capacity"]


def _shared(world: World, **over: Any) -> dict[str, Any]:
    return {"space_id": str(world.shared.id)} | over


async def test_who_has_left_takes_nothing_back_in_the_organisations_name(world: World) -> None:
    words = await contribute(world, **_shared(world))
    await change_organisation(world)
    path = f"{API}/contributions/{words['id']}"
    seen = (await (await world.client("participant")).get(path)).json()
    assert not {"statement:withdraw", "statement:edit"} & set(seen["abilities"])
    assert (await world.post("participant", f"{path}/withdraw", {"reason": "mistake"}, **ANY)).status_code == 403
    assert (await world.post("lead", f"{path}/withdraw", {"reason": "mistake"}, **ANY)).status_code == 200
    person, organisation = world.persons["lead"].id, world.organisation.id
    assert await told(world, words) == ("contribution.withdrawn", str(person), str(organisation), "organisation")


@pytest.mark.parametrize("own", [{"capacity": "personal"}, {"draft": True}])
async def test_what_is_ones_own_is_taken_back_by_the_mandate_of_today(world: World, own: dict[str, Any]) -> None:
    words = await contribute(world, **_shared(world, **own))
    await change_organisation(world)
    path = f"{API}/contributions/{words['id']}/withdraw"
    done = await world.post("participant", path, {"reason": "mistake"}, **ANY)
    assert done.status_code == 200, done.text
    assert done.json()["speaker"]["organisation_id"] == str(world.organisation.id), "what was said stays as it was said"
    person = str(world.persons["participant"].id)
    assert await told(world, words) == ("contribution.withdrawn", person, str(world.other.id), "personal")


@pytest.mark.parametrize(("who", "held"), [("copilot", "piloting"), ("facilitator", "organisation")])
async def test_the_audit_says_that_whoever_moderates_acts(world: World, who: str, held: str) -> None:
    words = await contribute(world, "copilot" if who == "facilitator" else "participant")
    for verb, body in (("moderate", {"reason": "duplicate"}), ("restore", None)):
        done = await world.post(who, f"{API}/contributions/{words['id']}/{verb}", body, **ANY)
        assert done.status_code == 200, done.text
        acted = (str(world.persons[who].id), str(getattr(world, held).id), "organisation")
        assert (await told(world, words))[1:] == acted, verb


SOURCE = {"category": "other", "title": "Rapport", "url": "https://exemple.org/rapport"}


async def test_personal_words_are_documented_by_their_author(world: World) -> None:
    words = await contribute(world, capacity="personal")
    path = f"{API}/contributions/{words['id']}"
    added = await world.post("participant", f"{path}/sources", SOURCE)
    assert added.status_code == 201, added.text
    person, organisation = str(world.persons["participant"].id), str(world.organisation.id)
    assert await told(world, words) == ("source.added", person, organisation, "personal")
    colleague = await world.client("colleague")
    assert "statement:source" not in (await colleague.get(path)).json()["abilities"]
    assert (await world.post("colleague", f"{path}/sources", SOURCE)).status_code == 403
    theirs = f"{path}/sources/{added.json()['id']}"
    assert (await colleague.delete(theirs, headers=ANY)).status_code == 403
    assert (await (await world.client("participant")).delete(theirs, headers=ANY)).status_code == 204
    assert await told(world, words) == ("source.removed", person, organisation, "personal")


async def test_who_has_left_documents_nothing_of_the_organisation(world: World) -> None:
    words = await contribute(world, **_shared(world))
    path = f"{API}/contributions/{words['id']}/sources"
    source = (await world.post("participant", path, SOURCE)).json()["id"]
    await change_organisation(world)
    assert (await world.post("participant", path, SOURCE)).status_code == 403
    client = await world.client("participant")
    assert (await client.delete(f"{path}/{source}", headers=ANY)).status_code == 403
